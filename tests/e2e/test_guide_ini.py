# SPDX-License-Identifier: MIT
"""The ini of the DNS-327L guide, unchanged, drives the suite, and its own Port is used.

The file says /dev/ttyS1, and paths of a configuration are taken as they are. So the test lives in a
mount namespace of its own, whose /dev is a scratch one: the machine's is not touched.
"""
import ctypes
import os
import pathlib
import sys
import time

import rig as desk

GUIDE = """[Serial]
Port = /dev/ttyS1
NumberOfRetries = 3

[Daemon]
ServerPort = 57367
ServerAddr = 127.0.0.1
SyncTimeOnStartup = 0
SyncTimeOnShutdown = 0

[GPIO]
SysfsGpioDir = /sys/class/gpio
PollTime = 100

[Fan]
PollTime = 10
TempLow = 25
TempHigh = 34
Hysteresis = 2
"""
INSIDE = "NASMCU_PRIVATE_DEV"
STOP, HALF, FULL = "fa 02 00 00 00 00 fb", "fa 02 00 01 00 00 fb", "fa 02 00 02 00 00 fb"


def old_rule(speed, degrees, low=25, high=34, hysteresis=2):
    """dns320l-daemon's table, written down once more: the speed (0 to 2) after a reading."""
    if degrees < low - hysteresis:
        return 0
    if degrees < low:
        return min(speed, 1)
    if degrees < high - hysteresis:
        return 1
    if degrees < high:
        return max(speed, 1)
    return 2


def enter_private_dev():
    """Runs this file again with a /dev of its own; without root, in a user namespace."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *user, sys.executable,
                          "-B", os.path.abspath(__file__)])


def make_private_dev():
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source, target, kind, flags=0, data=None):
        encode = lambda text: None if text is None else str(text).encode()
        if libc.mount(encode(source), encode(target), encode(kind), flags, encode(data)) != 0:
            raise OSError(ctypes.get_errno(), f"mount {target}")

    ms_bind, ms_move = 4096, 8192
    scratch = pathlib.Path("/mnt")
    mount("tmpfs", scratch, "tmpfs", 0, "mode=755")
    for node in ("null", "zero", "full", "random", "urandom", "tty"):
        (scratch / node).touch()
        mount(f"/dev/{node}", scratch / node, None, ms_bind)
    for folder in ("pts", "shm"):
        (scratch / folder).mkdir()
    mount("devpts", scratch / "pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620")
    (scratch / "ptmx").symlink_to("pts/ptmx")
    (scratch / "fd").symlink_to("/proc/self/fd")
    mount("tmpfs", scratch / "shm", "tmpfs")
    mount(scratch, "/dev", None, ms_move)


class GuideIni(desk.RigTest):
    board = "dlink-dns327l"

    def setUp(self):
        super().setUp()
        self.ini = self.rig.dir / "dns320l-daemon.ini"
        self.ini.write_text(GUIDE)
        self.rig.tty = pathlib.Path("/dev/ttyS1")

    def start(self, ini):
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.sim("set temp 20")
        self.rig.start_mcud("--config", ini)
        self.rig.start_fand("--config", ini)

    def test_the_unchanged_file_drives_the_fan(self):
        began = time.monotonic()
        self.start(self.ini)
        self.rig.fan_frame(lambda duty: duty == 0, began, 15, "stop at 20 °C")
        self.assertEqual(self.rig.port("GetTemperature\r\n", tcp=57367), b"20\n")
        self.rig.sim("set temp 40")
        hot = time.monotonic()
        frame = self.rig.fan_frame(lambda duty: duty == 100, hot, 15, "full at 40 °C")
        self.assertEqual(frame.hex, FULL)

    def test_each_degree_up_and_down_gives_the_frames_of_the_old_rule(self):
        quick = self.rig.dir / "quick.ini"
        quick.write_text(GUIDE.replace("PollTime = 10\n", "PollTime = 1\n"))
        began = time.monotonic()
        self.start(quick)
        self.rig.fan_frame(lambda duty: duty == 0, began, 15, "stop at 20 °C")
        since, speed, expected = time.monotonic(), 0, []
        for degrees in [*range(20, 41), *range(39, 19, -1)]:
            self.rig.sim(f"set temp {degrees}")
            seen = time.monotonic()
            self.rig.wait_until(
                lambda: self.rig.sent("fa 03 08 00 00 00 fb", seen), 5, "the next reading")
            after = old_rule(speed, degrees)
            if after != speed:
                expected.append((STOP, HALF, FULL)[after])
                self.rig.wait_until(
                    lambda: [f.hex for f in self.rig.fan_frames(since)] == expected, 5,
                    f"{expected} at {degrees} °C, got {self.rig.fan_frames(since)}")
            speed = after
        self.assertEqual([f.hex for f in self.rig.fan_frames(since)], expected)
        self.assertEqual(expected, [HALF, FULL, HALF, STOP])


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_private_dev()
    make_private_dev()
    desk.main()
