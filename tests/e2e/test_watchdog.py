# SPDX-License-Identifier: MIT
"""nas-watchdogd with real daemons, a simulated MCU and a fake watchdog device."""
import json
import signal
import subprocess
import time

import rig as desk
from watchdog_device import WatchdogDevice

IDENTITY = "Synopsys DesignWare Watchdog"
CONFIG = """[Watchdog]
Timeout = 4
Grace = 5
RestartGrace = 10
Warning = 5
Checks = fan mcu test
Test = {test}
TestEvery = 5
[Fan]
PollTime = 1
"""


class Watchdog(desk.RigTest):
    board = "qnap-ts133"

    def setUp(self):
        super().setUp()
        self.test = self.rig.dir / "well"
        self.test.write_text("#!/bin/sh\nexit 0\n")
        self.test.chmod(0o755)
        self.rig.configure(CONFIG.format(test=self.test))
        self.boot("boot-one")
        self.device = WatchdogDevice(self.rig.root, IDENTITY)
        self.addCleanup(lambda: self.device.close())
        self.rig.start_all()

    def boot(self, name):
        file = self.rig.root / "proc/sys/kernel/random/boot_id"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name + "\n")

    def start_watchdogd(self):
        return self.rig.start("nas-watchdogd", [self.rig.program("nas-watchdogd"), "--board",
                                                self.board, "--root", self.rig.root])

    def shown(self):
        code, out, error = self.rig.mcuctl("--json", "watchdog")
        self.assertEqual(code, 0, error)
        return json.loads(out)["watchdog"]

    def state(self):
        code, out, _ = self.rig.mcuctl("--json", "watchdog")
        return json.loads(out)["watchdog"]["state"] if code == 0 else ""

    def until_state(self, state, seconds=20):
        self.rig.wait_until(lambda: self.state() == state, seconds, f"the state {state}")

    def until_fed(self, seconds=10):
        now = time.monotonic()
        try:
            self.rig.wait_until(lambda: self.device.feedings_since(now), seconds, "a feeding")
        except desk.RigError as error:
            raise desk.RigError(f"{error}; at {now:.1f} s, and then: {self.device.lines[-9:]}") from None

    def note(self):
        file = self.rig.root / "var/lib/nasmcu/watchdog"
        return file.read_text() if file.exists() else ""

    def recorded(self):
        return [one["args"][0] for one in self.rig.actions() if one["action"] == "watchdog"]

    def test_a_healthy_box_is_fed_and_a_clean_stop_disarms(self):
        self.start_watchdogd()
        self.assertEqual(len(self.device.said("timeout 4")), 1)
        self.until_fed()
        self.rig.wait_until(lambda: {one["verdict"] for one in self.shown()["checks"]} == {"passes"},
                            10, "all checks to pass")
        shown = self.shown()
        self.assertEqual((shown["state"], shown["identity"], shown["timeout"], shown["feeding"]),
                         ("healthy", IDENTITY, 4, True))
        self.assertEqual([one["name"] for one in shown["checks"]], ["fan", "mcu", "test"])
        text = self.rig.mcuctl("watchdog")[1]
        for words in ("healthy", IDENTITY, "4 s", "the fan loop makes progress", "0 of 3"):
            self.assertIn(words, text)
        self.assertIn("healthy", self.rig.port("watchdog\n").decode())
        self.rig.end("nas-watchdogd")
        self.rig.wait_until(lambda: self.device.said("close"), 5, "the device to be closed")
        self.assertEqual(self.device.lines[-2][1], "V", "no magic close")
        self.assertEqual(self.recorded(), ["arm", "feed", "withhold", "disarm"])

    def test_a_frozen_fan_loop_is_warned_of_noted_and_not_fed_for(self):
        daemon = self.start_watchdogd()
        self.until_fed()
        self.until_state("healthy")
        fand = self.rig.processes["nas-fand"]
        fand.send(signal.SIGSTOP)
        self.until_state("warning")
        self.until_fed()
        self.assertIn("nas-fand does not answer", self.note())
        self.assertIn("the box will be reset", daemon.text())
        self.until_state("withheld", 15)
        withheld = time.monotonic()
        # No event can tell that nothing comes: twice the feeding's own pace.
        time.sleep(2)
        self.assertEqual(self.device.feedings_since(withheld + 0.1), [])
        fand.send(signal.SIGCONT)
        self.until_state("healthy")
        self.until_fed()
        self.rig.wait_until(lambda: "nas-fand" not in self.note(), 5, "the note to be withdrawn")

    def test_what_was_noted_is_told_after_the_reset(self):
        self.start_watchdogd()
        self.test.write_text("#!/bin/sh\nexit 3\n")
        self.until_state("withheld", 40)
        self.rig.kill("nas-watchdogd")  # what a reset does
        self.assertEqual(self.device.said("V"), [])
        self.boot("boot-two")
        self.device.close()
        self.device = WatchdogDevice(self.rig.root, IDENTITY, boot_status=0x20)
        self.test.write_text("#!/bin/sh\nexit 0\n")
        self.rig.start("nas-alertd", [self.rig.program("nas-alertd"), "--board", self.board,
                                      "--root", self.rig.root])
        daemon = self.start_watchdogd()
        self.assertIn("the box was reset by the watchdog: test: ", daemon.text())
        shown = self.shown()
        self.assertEqual(shown["resets"], 1)
        self.assertIn("ended with exit status 3", shown["last_reset"]["why"])
        self.rig.wait_until(lambda: self.alerts(), 20, "the alert")
        alert = self.alerts()[0]
        self.assertEqual(alert["severity"], "failed")
        self.assertIn("the watchdog reset the box", alert["subject"])
        self.assertIn("exit status 3", alert["subject"])
        self.assertEqual(self.rig.mcuctl("alerts", "ack", alert["id"])[0], 0)
        self.rig.wait_until(lambda: not self.alerts(), 20, "the alert to be over")

    def test_a_failing_check_is_an_alert_as_long_as_it_fails(self):
        self.rig.start("nas-alertd", [self.rig.program("nas-alertd"), "--board", self.board,
                                      "--root", self.rig.root])
        self.start_watchdogd()
        self.until_state("healthy")
        fand = self.rig.processes["nas-fand"]
        fand.send(signal.SIGSTOP)
        # Less than the pause between two looks of nas-alertd's own: it is told.
        self.rig.wait_until(lambda: self.alerts(), 30, "the alert")
        self.assertIn("nas-fand", self.alerts()[0]["subject"])
        fand.send(signal.SIGCONT)
        self.rig.wait_until(lambda: not self.alerts(), 30, "the alert to be over")
        fand.send(signal.SIGSTOP)
        self.rig.wait_until(lambda: self.alerts(), 30, "the alert again")
        self.rig.kill("nas-watchdogd")
        self.rig.wait_until(lambda: not self.alerts(), 30, "the alert to end with who found it")
        fand.send(signal.SIGCONT)

    def alerts(self):
        code, out, error = self.rig.mcuctl("--json", "alerts")
        self.assertEqual(code, 0, error)
        return [one for one in json.loads(out)["alerts"] if one["id"].startswith("watchdog.")]

    def test_three_resets_are_enough(self):
        self.test.write_text("#!/bin/sh\nexit 1\n")
        for boot in range(3):
            self.boot(f"boot-{boot}")
            self.start_watchdogd()
            self.until_state("withheld", 40)
            self.rig.kill("nas-watchdogd")
        self.boot("boot-3")
        self.start_watchdogd()
        self.until_state("alerting", 40)
        self.until_fed()
        self.assertIn("there have been 3", self.shown()["reason"])

    def test_a_restart_and_an_owner_who_stops_are_no_failures(self):
        self.start_watchdogd()
        self.until_state("healthy")
        self.rig.end("nas-fand")
        self.rig.start_fand()
        (self.rig.root / "run/nasmcu/nas-fand.stopped").touch()
        self.rig.end("nas-fand")
        self.rig.wait_until(lambda: self.shown()["checks"][0]["verdict"] == "absent", 20,
                            "nas-fand to be known as stopped")
        self.assertNotIn(self.state(), ("warning", "withheld", "alerting"))

    def test_what_was_announced_is_waited_for(self):
        self.start_watchdogd()
        self.until_state("healthy")
        code, _, error = self.rig.mcuctl("watchdog", "grace", "600")
        self.assertEqual(code, 0, error)
        self.test.write_text("#!/bin/sh\nexit 1\n")
        self.rig.wait_until(lambda: "was announced" in self.shown()["reason"], 30, "the excuse")
        self.until_fed()
        self.assertEqual(self.rig.mcuctl("watchdog", "grace", "0")[0], 0)
        self.until_state("warning")
        self.assertEqual(self.rig.mcuctl("watchdog", "grace", "9999")[0], 2)

    def test_a_device_that_another_one_has_is_left_to_it(self):
        self.device.busy = True
        self.test.write_text("#!/bin/sh\nexit 1\n")
        daemon = self.start_watchdogd()
        self.assertIn("another process has it", daemon.text())
        self.until_state("alerting", 40)
        shown = self.shown()
        self.assertFalse(shown["armed"])
        self.assertIn("systemd", shown["armed_reason"])
        self.assertEqual(self.note(), "")

    def test_a_refused_time_out_is_explained(self):
        self.rig.configure("[Watchdog]\nTimeout = 600\nPreTimeout = 5\nKeepaliveOnly = yes\n")
        daemon = self.start_watchdogd()
        self.assertIn("the time-out of 600 s was refused (Invalid argument); it takes 1 to 120 s",
                      daemon.text())
        self.assertIn("the driver has no pre-timeout", daemon.text())
        self.until_state("healthy")
        self.until_fed(40)

    def test_no_way_out_leaves_it_armed(self):
        self.rig.configure("[Watchdog]\nTimeout = 4\nNoWayOut = yes\nChecks = none\n")
        self.start_watchdogd()
        self.until_fed()
        self.rig.end("nas-watchdogd")
        self.rig.wait_until(lambda: self.device.said("close"), 5, "the device to be closed")
        self.assertEqual(self.device.said("V"), [])
        # 300 and 150 s are refused by this one.
        self.assertEqual(self.device.lines[-2][1], "feed")
        self.assertTrue(self.device.said("timeout 75"))

    def test_a_bad_configuration_ends_with_2_and_the_place(self):
        self.rig.configure("[Watchdog]\nTimeout = soon\n")
        done = subprocess.run([self.rig.program("nas-watchdogd"), "--board", self.board, "--root",
                               self.rig.root], capture_output=True, text=True, timeout=20,
                              env=self.rig.environment, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nasmcu.conf:2", done.stderr)
        self.assertIn("'soon'", done.stderr)

    def test_a_killed_one_comes_back_in_time(self):
        self.start_watchdogd()
        self.until_fed()
        self.rig.kill("nas-watchdogd")
        self.rig.wait_until(lambda: self.device.said("close"), 5, "the device to be closed")
        self.assertEqual(self.device.said("V"), [], "a crash must leave it armed")
        self.start_watchdogd()
        self.until_fed()

    def test_without_the_daemon_the_verb_says_so(self):
        code, _, error = self.rig.mcuctl("watchdog")
        self.assertEqual(code, 3)
        self.assertIn("nas-watchdogd", error)


if __name__ == "__main__":
    desk.main()
