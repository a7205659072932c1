# SPDX-License-Identifier: MIT
"""A disk that can be filled: a small tmpfs in a mount name space of our own (root alone)."""
import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNS = 0x00020000
SIZE = 1 << 20


def own_mounts():
    """From here on what this process and its children mount is seen by nobody else. False: not
    possible, as without root."""
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True,
                          check=False).returncode == 0


class SmallDisk:
    def __init__(self, folder):
        self.folder, self.filler = folder, folder / "filler"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def empty(self):
        self.filler.unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", self.folder], check=False)
