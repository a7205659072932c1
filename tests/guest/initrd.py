#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""initrd.py OUT --kernel DIR [...]: an initramfs of busybox, kernel modules and programs.

Modules come with what they depend on, unpacked (busybox does not know xz); those of --early are
listed in /early in the order in which they can be loaded. Programs come with their libraries.
Not compressed: QEMU copies it in no time, an emulated processor takes seconds to unpack it.
"""
import argparse
import lzma
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile


class Archive:
    """A cpio archive of type newc, all of it root's."""

    def __init__(self):
        self._entries = {}

    def folder(self, path):
        path = path.strip("/")
        if path and path not in self._entries:
            self.folder(os.path.dirname(path))
            self._entries[path] = (stat.S_IFDIR | 0o755, b"")

    def file(self, path, content, mode=0o644):
        self.folder(os.path.dirname(path))
        self._entries[path.strip("/")] = (stat.S_IFREG | mode, content)

    def link(self, path, target):
        self.folder(os.path.dirname(path))
        self._entries[path.strip("/")] = (stat.S_IFLNK | 0o777, target.encode())

    def copy(self, source, path):
        """A file, or all that is below a folder."""
        source = pathlib.Path(source)
        if source.is_dir():
            for item in sorted(source.rglob("*")):
                if not item.is_dir():
                    self.copy(item, f"{path}/{item.relative_to(source)}")
        else:
            self.file(path, source.read_bytes(), 0o755 if os.access(source, os.X_OK) else 0o644)

    def __contains__(self, path):
        return path.strip("/") in self._entries

    def write(self, out):
        with open(out, "wb") as stream:
            for number, (path, (mode, content)) in enumerate(self._entries.items(), 1):
                self._entry(stream, number, path, mode, content)
            self._entry(stream, 0, "TRAILER!!!", 0, b"")

    @staticmethod
    def _entry(stream, number, path, mode, content):
        name = path.encode() + b"\0"
        fields = (number, mode, 0, 0, 2 if stat.S_ISDIR(mode) else 1, 0, len(content), 0, 0, 0, 0,
                  len(name), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        stream.write(head + b"\0" * (-len(head) % 4) + content + b"\0" * (-len(content) % 4))


def module_files(kernel, version, name):
    """Files of a module and of what it needs, in the order of loading; none if it is built in."""
    said = subprocess.run(["modprobe", "-d", kernel, "-S", version, "--show-depends", name],
                          capture_output=True, text=True, check=False)
    if said.returncode != 0:
        sys.exit(f"initrd: kernel {version} has no module {name}")
    return re.findall(r"^insmod (\S+)", said.stdout, re.M)


def add_modules(archive, kernel, early, later):
    version = (kernel / "version").read_text().strip()
    order = []
    with tempfile.TemporaryDirectory() as stage:
        for name in early + later:
            for file in module_files(kernel, version, name):
                inside = "lib/modules/" + file.split("/lib/modules/")[1].removesuffix(".xz")
                staged = pathlib.Path(stage, inside)
                staged.parent.mkdir(parents=True, exist_ok=True)
                content = pathlib.Path(file).read_bytes()
                staged.write_bytes(lzma.decompress(content) if file.endswith(".xz") else content)
                if name in early and inside not in order:
                    order.append(inside)
        for table in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            shutil.copy(kernel / "lib/modules" / version / table,
                        pathlib.Path(stage, "lib/modules", version))
        # What modprobe in the guest goes by: busybox's the text, kmod's the binary tables.
        subprocess.run(["depmod", "-b", stage, version], check=True)
        archive.copy(pathlib.Path(stage, "lib/modules"), "usr/lib/modules")
    archive.file("early", "".join(f"/{file}\n" for file in order).encode())


def needed(file):
    said = subprocess.run(["readelf", "-d", "-l", file], capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]|interpreter: (\S+?)\]", said.stdout)


def add_program(archive, source, path, folders):
    """A program or library with all libraries that it needs, from the first folder that has them."""
    archive.file(path, pathlib.Path(source).read_bytes(), 0o755)
    for library, interpreter in needed(source):
        name = library or os.path.basename(interpreter)
        if f"usr/lib/{name}" in archive:
            continue
        found = next((folder / name for folder in folders if (folder / name).exists()), None)
        if found is None:
            sys.exit(f"initrd: {source} needs {name}, which is not in {' '.join(map(str, folders))}")
        add_program(archive, found, f"usr/lib/{name}", folders)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--kernel", type=pathlib.Path, required=True, help="of prepare/kernel")
    parser.add_argument("--busybox", required=True)
    parser.add_argument("--init", required=True)
    parser.add_argument("--early", default="", help="modules to load at once")
    parser.add_argument("--later", default="", help="modules for modprobe")
    parser.add_argument("--program", action="append", default=[], metavar="SOURCE:PATH")
    parser.add_argument("--libraries", action="append", default=[], type=pathlib.Path)
    parser.add_argument("--copy", action="append", default=[], metavar="SOURCE:PATH")
    arguments = parser.parse_args()

    archive = Archive()
    for folder in ("dev", "proc", "sys", "run", "tmp", "etc", "host", "root", "usr/bin", "usr/lib"):
        archive.folder(folder)
    for name in ("bin", "sbin", "lib"):
        archive.link(name, "usr/lib" if name == "lib" else "usr/bin")
    archive.link("usr/sbin", "bin")
    archive.link("var/run", "/run")
    archive.file("usr/bin/busybox", pathlib.Path(arguments.busybox).read_bytes(), 0o755)
    archive.link("usr/bin/sh", "busybox")
    archive.file("init", pathlib.Path(arguments.init).read_bytes(), 0o755)
    add_modules(archive, arguments.kernel.resolve(), arguments.early.split(),
                arguments.later.split())
    for item in arguments.program:
        source, path = item.split(":")
        if os.path.islink(source):  # to a program beside it, which comes too
            archive.link(path, os.readlink(source))
        else:
            add_program(archive, source, path, arguments.libraries)
    for item in arguments.copy:
        archive.copy(*item.split(":"))
    archive.write(arguments.out)


main()
