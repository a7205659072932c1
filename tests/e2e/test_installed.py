# SPDX-License-Identifier: MIT
"""Programs as they are installed: one executable, and links to it."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import rig as desk

DAEMONS = {"mcud", "nas-fand", "nas-alertd", "nas-watchdogd", "nas-buttond"}


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="nasmcu-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.environment = {name: value for name, value in os.environ.items() if name != "NASMCU_DATA"}
        subprocess.run(["cmake", "--install", desk.default_build() / "daemons"], check=True,
                       capture_output=True, env={**os.environ, "DESTDIR": folder.name})
        cls.suite, = cls.folder.rglob("nasmcu-suite")
        cls.links = {path.name: path for path in cls.folder.rglob("*") if path.is_symlink()}

    def run_it(self, *words, **how):
        return subprocess.run(list(map(str, words)), env=self.environment, text=True,
                              capture_output=True, timeout=30, check=False, **how)

    def test_every_link_leads_to_the_executable(self):
        self.assertEqual(set(self.links), DAEMONS | {"mcuctl", "nasmcu"})
        for path in self.links.values():
            target = os.readlink(path)
            # pathlib takes the second of two absolute paths for the whole.
            there = f"{self.folder}{target}" if target.startswith("/") else path.parent / target
            self.assertTrue(os.path.samefile(there, self.suite), f"{path} -> {target}")

    def test_every_program_starts_by_its_link(self):
        for name in DAEMONS | {"mcuctl"}:
            done = self.run_it(self.links[name], "--version")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith("nasmcu "), done.stdout)
            wrong = self.run_it(self.links[name], "--nonsense")
            self.assertEqual(wrong.returncode, 2)
            self.assertTrue(wrong.stderr.startswith(f"{name}: "), wrong.stderr)

    def test_the_late_hook_is_started_as_systemd_starts_it(self):
        done = self.run_it(self.links["nasmcu"], "no-such-verb", executable=self.suite)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nasmcu-shutdown: no verb 'no-such-verb'", done.stderr)

    def test_data_lie_beside_the_programs_wherever_these_were_moved(self):
        boards = self.suite.parents[2] / "share/nasmcu/boards"
        boards.mkdir(parents=True)
        shutil.copy(desk.SOURCE / "config/boards/qnap-ts433.ini", boards)
        root = self.folder / "root"
        root.mkdir()
        for program in ([self.links["mcuctl"]], [self.suite, "mcuctl"]):
            done = self.run_it(*program, "--root", root, "boards")
            self.assertIn("qnap-ts433", done.stdout)
            self.assertNotIn("dlink", done.stdout)


if __name__ == "__main__":
    unittest.main()
