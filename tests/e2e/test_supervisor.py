# SPDX-License-Identifier: MIT
"""nasmcu-supervise and the LSB scripts that use it, with a daemon that only writes down what happens
to it, and with mcud and a simulated MCU."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import rig as desk

# It is ready, gives signs of life as it is asked to, and says on stderr what the folder's "say" has.
DAEMON = """#!/usr/bin/python3
import os, pathlib, select, signal, socket, sys
home = pathlib.Path({dir!r})
def note(words):
    with open(home / "log", "a") as log:
        log.write(words + "\\n")
note(f"start {{os.getpid()}} {{' '.join(sys.argv[1:])}}")
address = os.environ["NOTIFY_SOCKET"]
note("socket " + address)
note("malloc " + os.environ.get("GLIBC_TUNABLES", "as glibc comes"))
if (home / "exit").exists():
    sys.exit(int((home / "exit").read_text()))
def end(*_):
    note("stop")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGHUP, lambda *_: note("reload"))
if (home / "say").exists():
    sys.stderr.write((home / "say").read_text())
    sys.stderr.flush()
assert os.environ["WATCHDOG_PID"] == str(os.getpid())
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect("\\0" + address[1:])
to.send(b"READY=1\\nSTATUS=fine")
if (home / "ask").exists():
    to.send((home / "ask").read_bytes())
while True:
    to.send(b"WATCHDOG=1")
    select.select([], [], [], int(os.environ["WATCHDOG_USEC"]) / 2e6)
"""
MCUCTL = """#!/bin/sh
echo "mcuctl $*" >>{dir}/log
"""


class Scripted(unittest.TestCase):
    """The scripts as they are installed, with programs of a folder of their own."""
    sign_of_life = 30.0
    more = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nasmcu-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.supervise = desk.default_build() / "daemons/nasmcu-supervise"
        self.write("daemon", DAEMON.format(dir=str(self.dir)))
        self.write("mcuctl", MCUCTL.format(dir=self.dir))
        self.script = self.write("mcud", (desk.SOURCE / "init.d/mcud.in").read_text())
        self.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.syslog.close)
        self.syslog.bind(str(self.dir / "syslog"))
        self.syslog.settimeout(10)
        self.pid_file = self.dir / "run/mcud.supervisor.pid"
        # USER is nobody's name: the daemon runs as the caller.
        (self.dir / "defaults").write_text(
            f"DAEMON={self.dir}/daemon SUPERVISE={self.supervise} RUN={self.dir}/run USER=.none\n"
            f"FAILSAFE='{self.dir}/mcuctl failsafe' OPTIONS='--board x'\n"
            f"SUPERVISION='--sign-of-life {self.sign_of_life} --log {self.dir}/syslog "
            f"--root {self.dir} {self.more}'\n")
        self.environment = {**os.environ, "DEFAULTS": str(self.dir / "defaults"),
                            "NASMCU_SERVICE": str(self.write(
                                "service.sh", (desk.SOURCE / "init.d/service.sh").read_text()))}
        # The folders of a real system are not a test's.
        self.script.write_text(self.script.read_text().replace('[ "$(id -u)" = 0 ]', "false"))
        self.addCleanup(self.run_script, "stop")

    def write(self, name, text):
        (self.dir / name).write_text(text)
        (self.dir / name).chmod(0o755)
        return self.dir / name

    def run_script(self, action):
        return subprocess.run([self.script, action], env=self.environment, capture_output=True,
                              timeout=30, check=False).returncode

    def log(self):
        file = self.dir / "log"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if not line.startswith(("socket", "malloc"))]

    def wait_for(self, count, begin):
        deadline = time.monotonic() + 20
        while len(found := [line for line in self.log() if line.startswith(begin)]) < count:
            self.assertLess(time.monotonic(), deadline, f"waited for {begin}: {self.log()}")
            time.sleep(0.02)
        return found[-1]

    def wait_until_stopped(self):
        deadline = time.monotonic() + 20
        while self.run_script("status") == 0:
            self.assertLess(time.monotonic(), deadline)

    def pid(self):
        return int(self.wait_for(1, "start").split()[1])

    def words(self):
        """The next line that reached the system's log: (priority, text)."""
        priority, text = self.syslog.recv(4096).decode().split(">", 1)
        return int(priority[1:]) % 8, text


class Supervisor(Scripted):
    def test_start_status_reload_stop(self):
        self.assertEqual(self.run_script("status"), 3)
        self.assertEqual(self.run_script("reload"), 3)
        self.assertEqual(self.run_script("start"), 0)
        # Ready when `start` returns.
        self.assertIn("--board x", self.log()[0])
        self.assertEqual(self.run_script("start"), 0)
        self.assertEqual(self.run_script("status"), 0)
        self.assertEqual(self.run_script("reload"), 0)
        self.wait_for(1, "reload")
        began = time.monotonic()
        self.assertEqual(self.run_script("stop"), 0)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.log()[-1], "stop")
        self.assertEqual(self.run_script("status"), 3)
        self.assertEqual(self.run_script("stop"), 0)
        self.assertEqual([line.split()[0] for line in self.log()], ["start", "reload", "stop"])
        self.assertTrue((self.dir / "run/mcud.stopped").exists())

    def test_the_daemon_has_its_units_environment(self):
        self.environment.pop("GLIBC_TUNABLES", None)
        given = desk.unit_environment("mcud")
        self.assertEqual(list(given), ["GLIBC_TUNABLES"])
        for daemon in ("nas-fand", "nas-alertd", "nas-buttond", "nas-watchdogd"):
            self.assertEqual(desk.unit_environment(daemon), given)
        self.run_script("start")
        self.assertIn("malloc " + given["GLIBC_TUNABLES"],
                      (self.dir / "log").read_text().splitlines())

    def test_restart_is_another_process(self):
        self.run_script("start")
        before = self.pid()
        self.assertEqual(self.run_script("restart"), 0)
        self.assertNotEqual(int(self.wait_for(2, "start").split()[1]), before)
        self.assertFalse((self.dir / "run/mcud.stopped").exists())

    def test_a_killed_daemon_means_failsafe_and_a_new_start(self):
        self.run_script("start")
        os.kill(self.pid(), signal.SIGKILL)
        self.wait_for(2, "start")
        self.assertEqual([line.split()[0] for line in self.log()], ["start", "mcuctl", "start"])
        self.assertIn("mcuctl failsafe", self.log())
        priority, text = self.words()
        self.assertEqual(priority, 4)
        self.assertIn("mcud: ended with signal 9; started again in 0.5 s", text)

    def test_a_wrong_configuration_is_not_tried_again(self):
        (self.dir / "exit").write_text("2")
        self.assertEqual(self.run_script("start"), 2)
        self.wait_until_stopped()
        self.assertEqual([line.split()[0] for line in self.log()], ["start", "mcuctl"])
        self.assertIn("wrong configuration", self.words()[1])
        self.syslog.setblocking(False)
        self.assertRaises(BlockingIOError, self.syslog.recv, 4096)  # told once

    def test_a_clean_end_is_meant_so(self):
        (self.dir / "exit").write_text("0")
        self.assertEqual(self.run_script("start"), 0)
        self.wait_until_stopped()
        self.assertEqual([line.split()[0] for line in self.log()], ["start"])

    def test_without_its_supervisor_the_daemon_ends_in_good_order(self):
        self.run_script("start")
        self.pid()
        os.kill(int(self.pid_file.read_text()), signal.SIGKILL)
        self.wait_for(1, "stop")
        self.assertEqual(self.run_script("status"), 3)
        # What it left does not keep the next one from starting.
        self.assertTrue(self.pid_file.exists())
        self.run_script("start")
        self.wait_for(2, "start")
        self.assertEqual(self.run_script("status"), 0)

    def test_a_number_that_is_left_over_is_nobody(self):
        with subprocess.Popen(["sleep", "60"]) as innocent:
            self.pid_file.parent.mkdir()
            self.pid_file.write_text(f"{innocent.pid}\n")
            self.assertEqual(self.run_script("status"), 3)
            self.assertEqual(self.run_script("stop"), 0)
            self.assertIsNone(innocent.poll())
            innocent.kill()

    def test_the_daemons_words_go_to_the_log_with_their_priorities(self):
        (self.dir / "say").write_text("<3>bad\n<6>good\nplain\n")
        self.run_script("start")
        told = [self.words() for _ in range(3)]
        self.assertEqual([priority for priority, _ in told], [3, 6, 6])
        self.assertEqual([text for _, text in told],
                         [f"mcud[{self.pid()}]: {word}" for word in ("bad", "good", "plain")])


    def test_a_daemon_that_was_not_allowed_to_cannot_power_off(self):
        (self.dir / "ask").write_text("NASMCU_POWEROFF=1\nRELOADING=0")
        self.run_script("start")
        self.run_script("stop")
        self.assertFalse((self.dir / "run/nasmcu/actions").exists())


class PowerOff(Scripted):
    more = "--power-off"

    def test_a_power_off_that_the_daemon_asks_for(self):
        (self.dir / "ask").write_text("NASMCU_POWEROFF=1")
        self.run_script("start")
        self.assertIn("a power-off was asked for", self.words()[1])
        self.run_script("stop")
        actions = (self.dir / "run/nasmcu/actions").read_text()
        self.assertEqual(actions.count("poweroff"), 1)


class Frozen(Scripted):
    sign_of_life = 1.0

    def test_a_frozen_daemon_is_killed_and_started_again_behind_failsafe(self):
        self.run_script("start")
        began = time.monotonic()
        os.kill(self.pid(), signal.SIGSTOP)
        self.wait_for(1, "mcuctl failsafe")
        self.assertGreater(time.monotonic() - began, 0.4)
        self.wait_for(2, "start")
        self.assertEqual([line.split()[0] for line in self.log()], ["start", "mcuctl", "start"])

    def test_nobody_else_can_speak_for_a_frozen_daemon(self):
        self.run_script("start")
        os.kill(self.pid(), signal.SIGSTOP)
        lines = (self.dir / "log").read_text().splitlines()
        address = next(line for line in lines if line.startswith("socket")).split()[1]
        deadline = time.monotonic() + 20
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as liar:
            liar.setblocking(False)
            while not any(line.startswith("mcuctl") for line in self.log()):
                self.assertLess(time.monotonic(), deadline, "it was believed")
                liar.sendto(b"WATCHDOG=1", "\0" + address[1:])
                time.sleep(0.05)

    def test_signs_of_life_keep_it_alive(self):
        self.run_script("start")
        pid = self.pid()
        time.sleep(3)  # three times what would be too long a silence
        os.kill(pid, 0)
        self.assertEqual(len(self.log()), 1)


class WithMcud(desk.RigTest):
    """mcud under a supervisor in the foreground, whose failsafe program is mcuctl --direct."""

    def setUp(self):
        super().setUp()
        rig = self.rig
        rig.start_bus()
        rig.start_sim()
        mcuctl = " ".join(map(str, [rig.program("mcuctl"), "--board", rig.board, "--root", rig.root]))
        self.process = rig.start(
            "nasmcu-supervise",
            [rig.program("nasmcu-supervise"), "--name", "mcud", "--sign-of-life", "4", "--failsafe",
             f"{mcuctl} failsafe", "--", rig.program("mcud"), "--board", rig.board, "--root",
             rig.root], ready=lambda: rig.mcuctl("status")[0] == 0)
        self.mcud = self.children()[0]

    def children(self):
        file = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in file.read_text().split()]

    def runs_anew(self):
        """mcud again, and not its failsafe program."""
        found = self.children()
        return (found and found[0] != self.mcud and self.rig.mcuctl("status")[0] == 0
                and pathlib.Path(f"/proc/{found[0]}/comm").read_text() == "mcud\n")

    def drive(self):
        """Somebody drives the fan, so that failsafe is another frame."""
        self.rig.start_fand()
        since = time.monotonic()
        self.rig.sim("set temp 30")
        self.rig.fan_frame(lambda duty: duty < 100, 0, 20, "nas-fand to drive the fan")
        return since

    def check_failsafe(self, number):
        self.drive()
        since = time.monotonic()
        os.kill(self.mcud, number)
        self.rig.fan_frame(lambda duty: duty == 100, since, 20, "the failsafe frame")
        self.rig.wait_until(self.runs_anew, 20, "mcud to be started again")

    def test_kill_9_ends_in_failsafe_and_a_new_start(self):
        self.check_failsafe(signal.SIGKILL)

    def test_a_frozen_mcud_ends_in_failsafe_and_a_new_start(self):
        self.check_failsafe(signal.SIGSTOP)

    def test_a_stop_is_clean_and_quick(self):
        began = time.monotonic()
        self.rig.end("nasmcu-supervise")  # checks the exit status
        self.assertLess(time.monotonic() - began, 3)
        self.assertFalse(os.path.exists(f"/proc/{self.mcud}"))


if __name__ == "__main__":
    desk.main()
