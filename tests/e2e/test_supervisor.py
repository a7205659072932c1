# SPDX-License-Identifier: MIT
"""The LSB scripts' supervisor, with programs that only write down that they ran."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import rig as desk

DAEMON = """#!/bin/sh
echo "start $$ $*" >>{dir}/log
trap 'echo stop >>{dir}/log; exit 0' TERM
trap 'echo reload >>{dir}/log' HUP
[ ! -e {dir}/exit ] || exit "$(cat {dir}/exit)"
while :; do sleep 0.05; done
"""
MCUCTL = """#!/bin/sh
echo "mcuctl $*" >>{dir}/log
"""


class Supervisor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nasmcu-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.write("daemon", DAEMON.format(dir=self.dir))
        self.write("mcuctl", MCUCTL.format(dir=self.dir))
        self.script = self.write("mcud", (desk.SOURCE / "init.d/mcud.in").read_text())
        (self.dir / "defaults").write_text(
            f"DAEMON={self.dir}/daemon MCUCTL={self.dir}/mcuctl RUN={self.dir}/run "
            f"PID={self.dir}/run/mcud.supervisor.pid OPTIONS='--board x'\n")
        self.environment = {**os.environ, "DEFAULTS": str(self.dir / "defaults"),
                            "NASMCU_SERVICE": str(desk.SOURCE / "init.d/service.sh")}
        self.addCleanup(self.run_script, "stop")

    def write(self, name, text):
        (self.dir / name).write_text(text)
        (self.dir / name).chmod(0o755)
        return self.dir / name

    def run_script(self, action):
        return subprocess.run([self.script, action], env=self.environment, capture_output=True,
                              timeout=20, check=False).returncode

    def log(self):
        file = self.dir / "log"
        return file.read_text().splitlines() if file.exists() else []

    def wait_for(self, count, begin):
        deadline = time.monotonic() + 10
        while len(found := [line for line in self.log() if line.startswith(begin)]) < count:
            self.assertLess(time.monotonic(), deadline, f"waited for {begin}: {self.log()}")
            time.sleep(0.02)
        return found[-1]

    def test_start_status_reload_stop(self):
        self.assertEqual(self.run_script("status"), 3)
        self.assertEqual(self.run_script("start"), 0)
        self.assertIn("--board x", self.wait_for(1, "start"))
        self.assertEqual(self.run_script("start"), 0)
        self.assertEqual(self.run_script("status"), 0)
        self.assertEqual(self.run_script("reload"), 0)
        self.wait_for(1, "reload")
        self.assertEqual(self.run_script("stop"), 0)
        self.wait_for(1, "stop")
        self.assertEqual(self.run_script("status"), 3)
        self.assertEqual(len([line for line in self.log() if line.startswith("start")]), 1)

    def test_a_killed_daemon_means_failsafe_and_a_new_start(self):
        self.run_script("start")
        pid = int(self.wait_for(1, "start").split()[1])
        os.kill(pid, signal.SIGKILL)
        self.wait_for(2, "start")
        self.assertEqual([line.split()[0] for line in self.log()], ["start", "mcuctl", "start"])
        self.assertIn("mcuctl failsafe", self.log())

    def test_a_wrong_configuration_is_not_tried_again(self):
        (self.dir / "exit").write_text("2")
        self.run_script("start")
        self.wait_for(1, "start")
        deadline = time.monotonic() + 5
        while self.run_script("status") == 0:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(len(self.log()), 1)


if __name__ == "__main__":
    desk.main()
