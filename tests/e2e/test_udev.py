# SPDX-License-Identifier: MIT
"""The helper of the udev rules: which serial port is the microcontroller's."""
import configparser
import os
import pathlib
import subprocess
import tempfile
import unittest

import rig as desk

HELPER = desk.SOURCE / "config/udev/nasmcu-mcu.in"
BOARDS = desk.SOURCE / "config/boards"


class Port(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nasmcu-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def machine(self, *names):
        self.write("proc/device-tree/compatible", "".join(name + "\0" for name in names))

    def is_port(self, tty):
        done = subprocess.run([HELPER, tty], timeout=30, check=False, capture_output=True, env={
            **os.environ, "NASMCU_ROOT": str(self.root), "NASMCU_BOARDS": str(BOARDS)})
        self.assertEqual(done.stderr, b"")
        return done.returncode == 0

    def test_every_shipped_board_is_known_by_its_device_tree(self):
        seen = 0
        for file in BOARDS.glob("*.ini"):
            ini = configparser.ConfigParser(strict=False, interpolation=None,
                                            inline_comment_prefixes=(";",))
            ini.read(file)
            port = ini.get("mcu", "port", fallback="")
            for name in ini.get("board", "match").split():
                self.machine("somebody,unknown", name, "arm,soc")
                for tty in ("ttyS0", "ttyS1", "ttyS2"):
                    self.assertEqual(self.is_port(tty), port == f"/dev/{tty}", (file.name, name, tty))
                    seen += port == f"/dev/{tty}"
        self.assertGreaterEqual(seen, 5)

    def test_the_board_that_the_owner_named_counts_more(self):
        self.machine("qnap,ts433")
        self.write("etc/nasmcu/board", "dlink-dns327l\n")
        self.assertTrue(self.is_port("ttyS1"))
        self.assertFalse(self.is_port("ttyS0"))

    def test_a_board_file_of_the_owners_counts_before_ours(self):
        self.machine("qnap,ts433")
        self.write("etc/nasmcu/boards/mine.ini",
                   "[board]\nname = Mine\nMatch = other,one qnap,ts433\n[MCU]\nport = /dev/ttyAMA4 ; new\n")
        self.assertTrue(self.is_port("ttyAMA4"))
        self.assertFalse(self.is_port("ttyS0"))

    def test_the_configured_port_counts_most(self):
        self.machine("qnap,ts433")
        self.write("etc/nasmcu/nasmcu.conf", "[serial]\r\n#Port = /dev/ttyS7\r\nport=/dev/ttyS3\r\n")
        self.write("etc/nasmcu/nasmcu.conf.d/a.conf", "[Fan]\nPort = /dev/ttyS8\n")
        self.assertTrue(self.is_port("ttyS3"))
        self.write("etc/nasmcu/nasmcu.conf.d/b.conf", "[Serial]\nPort = /dev/ttyUSB0\n")
        self.assertTrue(self.is_port("ttyUSB0"))
        self.assertFalse(self.is_port("ttyS3"))

    def test_a_machine_that_is_no_nas_has_none(self):
        self.assertFalse(self.is_port("ttyS0"))
        self.machine("acme,desktop")
        self.assertFalse(self.is_port("ttyS0"))
        self.write("etc/nasmcu/board", "no-such-board\n")
        self.assertFalse(self.is_port("ttyS0"))


if __name__ == "__main__":
    desk.main()
