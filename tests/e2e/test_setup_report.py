# SPDX-License-Identifier: MIT
"""Boxes that nobody knows: every service ends harmlessly, and mcuctl helps its owner on."""
import json
import os
import subprocess
import time

import rig as desk

DONE, FAILED, USAGE, NOT_RUNNING, NO_DEVICE, DENIED, MCU = range(7)
SECRETS = ["24:5e:be:12:34:56", "192.168.7.21", "fe80::265e:beff:fe12:3456", "WD-WCC4N0123456",
           "attic-box", "marie"]
NODES = {
    "proc/device-tree/model": "Acme NAS 2\0",
    "proc/device-tree/compatible": "acme,nas2\0marvell,armada370\0",
    "proc/sys/kernel/osrelease": "6.12.107-armmp\n",
    "proc/sys/kernel/hostname": "attic-box\n",
    "etc/os-release": 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    "home/marie/.profile": "",
    "sys/class/hwmon/hwmon2/name": "pwmfan\n",
    "sys/class/hwmon/hwmon2/pwm1": "128\n",
    "sys/class/hwmon/hwmon2/fan1_input": "1410\n",
    "sys/class/hwmon/hwmon3/name": "drivetemp\n",
    "sys/class/hwmon/hwmon3/temp1_input": "31000\n",
    "sys/class/leds/acme:red:fault/trigger": "none [timer]\n",
    "sys/class/input/event0/device/name": "acme-keys\n",
    "sys/class/input/event0/device/capabilities/key": "10000000000000 0\n",  # KEY_POWER
    "sys/class/rtc/rtc0/name": "rtc-mv d0010300.rtc\n",
    "sys/class/watchdog/watchdog0/identity": "Orion Watchdog\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/tty/ttyS0/type": "4\n",
    "sys/class/tty/ttyS1/type": "4\n",
    "sys/class/tty/console/active": "ttyS0\n",
    "var/log/syslog": "".join(f"Jan  1 00:00:00 attic-box mcud[12]: {secret} in line {i}\n"
                              for i, secret in enumerate(SECRETS))
                      + "Jan  1 00:00:00 attic-box cron[1]: not ours\n",
}


class SetupReport(desk.RigTest):
    """The rig's own board stands for nothing here: no program is told one."""

    def setUp(self):
        super().setUp()
        self.rig._options = lambda: ["--root", self.rig.root]

    def write(self, nodes):
        for name, text in nodes.items():
            file = self.rig.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def run_ok(self, *words):
        code, out, error = self.rig.mcuctl(*words)
        self.assertEqual((code, error), (DONE, ""), f"{words}: {out}")
        return out

    def tree(self):
        """Every file below the root, with what it holds."""
        return {str(path): path.read_bytes() for path in self.rig.root.rglob("*")
                if path.is_file() and not path.is_socket()}

    def service(self, name, *options):
        """(exit code, log) of a service that is expected to end by itself."""
        done = subprocess.run([str(self.rig.program(name)), "--root", str(self.rig.root), *options],
                              capture_output=True, text=True, timeout=20, check=False,
                              env=self.rig.environment)
        return done.returncode, done.stderr

    def test_services_on_an_unknown_box_end_well_and_touch_nothing(self):
        self.write(NODES)
        self.rig.start_bus()
        before = self.tree()
        for name in ("mcud", "nas-fand"):
            code, log = self.service(name)
            self.assertEqual(code, DONE, log)
            self.assertEqual(log.count("\n"), 1, log)
            for word in ("acme,nas2", "mcuctl setup", "mcuctl report", "/etc/nasmcu/boards/"):
                self.assertIn(word, log)
        self.assertEqual(self.tree(), before)

    def test_to_systemd_such_a_service_was_ready_and_ended(self):
        self.write(NODES)
        self.rig.start_bus()
        process = desk.Process(self.rig, "mcud", [self.rig.program("mcud"), *self.rig._options()])
        self.rig.wait_until(lambda: not process.running(), 20, "mcud to end")
        self.assertTrue(process.notified("READY=1"))
        self.assertEqual(process.end(), DONE)
        process.close()

    def test_a_wrong_name_or_file_is_a_mistake(self):
        self.write(NODES)
        (self.rig.dir / "bad.ini").write_text("[board]\nmatch = x,y\n")
        for board in ("no-such-board", str(self.rig.dir / "bad.ini")):
            code, log = self.service("mcud", "--board", board)
            self.assertEqual(code, USAGE, log)
        self.write({"etc/nasmcu/board": "no-such-board\n"})
        self.assertEqual(self.service("mcud")[0], USAGE)

    def test_setup_lists_boards_and_writes_one(self):
        self.write(NODES)
        text = self.run_ok("setup")
        self.assertIn("None is in force", text)
        self.assertIn("dlink-dns327l", text)
        known = json.loads(self.run_ok("--json", "setup"))
        self.assertEqual(known["schema"], 1)
        self.assertIsNone(known["in_force"])
        weights = [board["weight"] for board in known["boards"]]
        self.assertEqual(weights, sorted(weights, reverse=True))

        self.assertEqual(self.rig.mcuctl("setup", "no-such-board")[0], USAGE)
        self.assertFalse((self.rig.root / "etc/nasmcu/board").exists())
        said = self.run_ok("setup", "qnap-ts433")
        self.assertIn("rm ", said)
        self.assertEqual((self.rig.root / "etc/nasmcu/board").read_text(), "qnap-ts433\n")
        self.assertIn("In force is qnap-ts433", self.run_ok("setup"))
        self.assertIn("* qnap-ts433", self.run_ok("boards"))
        self.assertIn("mcuctl setup qnap-ts433", self.run_ok("setup", "dlink-dns327l"))

    def test_setup_puts_the_board_of_the_first_compatible_string_first(self):
        self.write({"proc/device-tree/compatible": "qnap,ts233\0rockchip,rk3568\0"})
        known = json.loads(self.run_ok("--json", "setup"))
        self.assertEqual(known["boards"][0]["id"], "qnap-ts233")
        self.assertEqual(known["boards"][0]["why"][0], "this machine is qnap,ts233")
        self.assertEqual(known["in_force"], "qnap-ts233")

    def test_a_report_tells_the_machine_without_its_owners_secrets(self):
        self.write(NODES)
        before = self.tree()
        text = self.run_ok("report")
        self.assertEqual(self.tree(), before)
        for word in ("compatible: acme,nas2", "6.12.107-armmp", "Debian GNU/Linux 13", "pwm1 128",
                     "acme:red:fault (timer)", "KEY_POWER", "rtc-mv", "Orion Watchdog",
                     "cpu-thermal", "ttyS0 (console)", "ttyS1", "none: this box is not known",
                     "in line 0", "[mac]", "[ip]", "[serial]", "[host]", "[user]"):
            self.assertIn(word, text)
        for secret in [*SECRETS, "31000", "not ours"]:
            self.assertNotIn(secret, text)

    def test_a_report_ends_in_a_draft_that_passes_the_check(self):
        self.write(NODES)
        text = self.run_ok("report")
        draft = self.rig.dir / "acme-nas2.ini"
        draft.write_text(text[text.index("[board]"):])
        self.assertEqual(self.run_ok("check", draft), f"{draft}: ok\n")
        for line in ("match = acme,nas2", "device = hwmon:pwmfan/pwm1", "device = led:acme:red:fault",
                     "device = input:acme-keys/KEY_POWER", "device = rtc:rtc-mv"):
            self.assertIn(line + "\n", draft.read_text())
        self.assertEqual(json.loads(self.run_ok("--json", "report"))["draft"], draft.read_text())
        self.run_ok("setup", draft)
        self.assertIn("Acme NAS 2", self.run_ok("--json", "report"))

    def test_a_report_of_an_empty_root_says_why_it_says_nothing(self):
        text = self.run_ok("report")
        for folder in ("/sys/class/hwmon", "/sys/class/leds", "/sys/class/tty", "/var/log"):
            self.assertIn(folder, text)
        self.assertIn("[board]", text)

    def test_a_report_of_this_machine_works_for_anybody(self):
        nobody = 65534
        for user in (None, nobody if os.geteuid() == 0 else None):
            done = subprocess.run([str(self.rig.program("mcuctl")), "report"], capture_output=True,
                                  text=True, timeout=60, check=False, user=user, cwd="/",
                                  env=self.rig.environment)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn("== Draft of a board file ==", done.stdout)
            self.assertNotRegex(done.stdout, r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b")

    def test_a_report_has_what_mcud_tells(self):
        rig = self.rig
        rig._options = lambda: ["--board", rig.board, "--root", rig.root]
        rig.start_bus()
        rig.start_sim()
        rig.start_mcud()
        rig.wait_until(lambda: rig.device("sensors", "board").get("valid"), 10, "a reading")
        text = self.run_ok("report")
        self.assertIn("qnap-ts433 (QNAP TS-433): --board qnap-ts433", text)
        self.assertIn("back end tty: no driver of the kernel holds", text)
        self.assertRegex(text, r"Fans\n +system")

    def test_only_mcuctl_has_these_verbs_and_only_here(self):
        rig = self.rig
        rig._options = lambda: ["--board", rig.board, "--root", rig.root]
        rig.start_bus()
        rig.start_sim()
        rig.start_mcud()
        self.assertEqual(rig.port("report\nsetup\nsetup qnap-ts133\n"), b"ERR\nERR\nERR\n")
        self.assertFalse((rig.root / "etc/nasmcu/board").exists())
        for verb in ("report", "setup"):
            self.assertEqual(rig.mcuctl("-H", "nas.example", verb)[0], USAGE)

    def test_the_sleep_hook_tells_mcud_and_never_keeps_the_box_awake(self):
        rig = self.rig
        rig._options = lambda: ["--board", rig.board, "--root", rig.root]
        hook = rig.dir / "90nasmcu"
        mcuctl = rig.dir / "mcuctl"
        mcuctl.write_text(f'#!/bin/sh\nexec {rig.program("mcuctl")} --board {rig.board} '
                          f'--root {rig.root} "$@"\n')
        mcuctl.chmod(0o755)
        hook.write_text((desk.SOURCE / "init.d/nasmcu-sleep.in").read_text())
        hook.chmod(0o755)

        def run_hook(word):
            done = subprocess.run([str(hook), word], capture_output=True, text=True, timeout=30,
                                  env={**rig.environment, "MCUCTL": str(mcuctl)}, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), word)

        rig.start_bus()
        run_hook("suspend")  # nobody is there
        rig.start_sim()
        rig.start_mcud()
        rig.sim("set temp 40")
        self.run_ok("fan", "system", "60")
        rig.start_fand(ready=lambda: rig.device("fans", "system").get("mode") in ("auto", "manual"))
        rig.wait_until(lambda: not rig.device("fans", "system")["in_failsafe"], 10, "nas-fand")
        for before, after in (("suspend", "resume"), ("hibernate", "thaw"), ("pre", "post")):
            since = time.monotonic()
            run_hook(before)
            rig.wait_until(lambda: rig.device("fans", "system")["in_failsafe"], 10, before)
            run_hook(after)
            rig.fan_frame(lambda duty: duty < 99, since, 10, f"the fan to be driven after {after}")
        run_hook("nonsense")


if __name__ == "__main__":
    desk.main()
