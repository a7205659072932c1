# SPDX-License-Identifier: MIT
"""nas-alertd on the fake root of a DNS-327L: synthetic disks behind a stub of smartctl, real LEDs'
files, a sendmail that only keeps what it gets."""
import json
import signal
import subprocess

import rig as desk
from rig import smart_report

CONFIG = "[Alert]\nMail = owner\nBeepEvery = 0\n"
LEDS = {1: "dns327l:amber:sata-l", 2: "dns327l:amber:sata-r"}


class Alerts(desk.RigTest):
    board = "dlink-dns327l"
    config = CONFIG

    def setUp(self):
        super().setUp()
        self.rig.log_level = "debug"
        self.rig.start_fake_root(seed=3)
        self.stub = self.rig.dir / "stub"
        self.stub.mkdir()
        self.disks = {}
        for bay in (1, 2):
            block = self.rig.node("/sys/block/{sd.disk%d}" % bay)
            self.disks[bay] = block
            self.say(bay, smart_report(f"SYN-{bay}"))
        self.rig.install("usr/sbin/smartctl", f"""
            node=; for word; do node=$word; done
            name=$(basename "$node")
            echo "$name" >>{self.stub}/asked
            echo "$*" >>{self.stub}/words
            if [ -e {self.stub}/$name.hang ]; then exec sleep 1000; fi
            cat {self.stub}/$name.json""")
        self.rig.install("usr/sbin/sendmail", f"""
            cat >>{self.stub}/mails
            echo END >>{self.stub}/mails""")
        self.rig.install("etc/nasmcu/alert.d/keep",
                         f'echo "$NASMCU_ALERT_STATE $NASMCU_ALERT_SEVERITY bay=$NASMCU_ALERT_BAY '
                         f'$NASMCU_ALERT_SERIAL" >>{self.stub}/hooked')
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.start_mcud()

    # -- the box ----------------------------------------------------------------------------------

    def say(self, bay, report):
        """What smartctl tells of a bay's disk from now on."""
        (self.stub / f"{self.disks[bay].name}.json").write_text(json.dumps(report))

    def use(self, bay):
        """The owner reads from the disk."""
        self.rig.use_disk(self.disks[bay])

    def start_alertd(self):
        return self.rig.start_alertd()

    def look(self, *bays):
        """Disks are used, and nas-alertd looks at once."""
        before = self.asked()
        for bay in bays:
            self.use(bay)
        self.rig.processes["nas-alertd"].send(signal.SIGHUP)
        for bay in bays:
            name = self.disks[bay].name
            self.rig.wait_until(lambda name=name: self.asked().count(name) > before.count(name), 10,
                                f"smartctl to be asked about {name}")

    def lines(self, name):
        file = self.stub / name
        return file.read_text().splitlines() if file.exists() else []

    def until_hooked(self, line):
        self.rig.wait_until(lambda: self.lines("hooked")[-1:] == [line], 10, f"the hook: {line}")

    def asked(self):
        return self.lines("asked")

    def mails(self):
        return (self.stub / "mails").read_text().count("END") if (self.stub / "mails").exists() else 0

    def led(self, bay):
        return self.rig.read_node(f"/sys/class/leds/{LEDS[bay]}/brightness") != "0"

    def until_led(self, bay, on):
        self.rig.wait_until(lambda: self.led(bay) == on, 15, f"the LED of bay {bay} to be {on}")

    def alerts(self):
        code, out, error = self.rig.mcuctl("--json", "alerts")
        self.assertEqual(code, 0, error)
        return json.loads(out)["alerts"]

    # -- what it shows ----------------------------------------------------------------------------

    def test_a_healthy_new_box_has_nothing_to_say(self):
        self.start_alertd()
        self.look(1, 2)
        self.rig.wait_until(lambda: "ok" in self.rig.mcuctl("disks")[1], 10, "a verdict")
        self.assertEqual(self.alerts(), [])
        self.assertEqual((self.mails(), self.led(1), self.led(2)), (0, False, False))
        code, out, _ = self.rig.mcuctl("metrics")
        self.assertEqual(code, 0)
        self.assertIn('nasmcu_disk_healthy{disk="bay1",bay="1",serial="SYN-1"} 1', out)

    def test_a_torn_file_of_alerts_is_said(self):
        self.start_alertd()
        self.say(1, smart_report("SYN-1", passed=False))
        self.look(1)
        self.until_led(1, True)
        self.rig.end("nas-alertd")
        file = self.rig.root / "var/lib/nasmcu/alerts"
        file.write_bytes(file.read_bytes()[:-20])
        self.start_alertd()
        self.assertIn("state.alerts", [alert["id"] for alert in self.alerts()])

    def test_the_script_of_the_guide(self):
        """Reallocated 0 or not on each disk: that bay's LED, no other."""
        self.start_alertd()
        for left, right in ((0, 0), (8, 0), (8, 1), (0, 1), (0, 0)):
            self.say(1, smart_report("SYN-1", reallocated=left))
            self.say(2, smart_report("SYN-2", reallocated=right))
            self.restart_alertd()
            self.look(1, 2)
            self.until_led(1, left != 0)
            self.until_led(2, right != 0)

    def restart_alertd(self):
        """A new one may read each disk again as soon as it is used."""
        self.rig.end("nas-alertd")
        self.start_alertd()

    def test_an_alert_names_bay_disk_and_serial_and_is_told_once(self):
        self.start_alertd()
        self.say(1, smart_report("SYN-1", passed=False))
        self.look(1, 2)
        self.until_led(1, True)
        self.rig.wait_until(lambda: self.mails() == 1, 10, "one mail")
        text = (self.stub / "mails").read_text()
        for word in ("To: owner", "SYN-1", "left"):
            self.assertIn(word, text)
        self.until_hooked("raised failed bay=1 SYN-1")
        self.assertEqual(len(self.lines("hooked")), 1)
        alert = self.alerts()[0]
        self.assertEqual((alert["severity"], alert["bay"], alert["serial"]), ("failed", "1", "SYN-1"))
        self.restart_alertd()
        self.look(1)
        self.until_led(1, True)
        self.assertEqual(self.mails(), 1, "a restart is nothing new")
        self.say(1, smart_report("SYN-1"))
        self.restart_alertd()
        self.look(1)
        self.until_led(1, False)
        self.rig.wait_until(lambda: self.mails() == 2, 10, "the mail that it is over")
        self.until_hooked("cleared failed bay=1 SYN-1")

    def array(self, **files):
        """Files of an array of the two disks below /sys/block/md0/md."""
        md = self.rig.root / "sys/block/md0/md"
        for number, bay in enumerate((1, 2)):
            member = f"dev-{self.disks[bay].name}"
            files = {f"{member}/slot": str(number), f"{member}/state": "in_sync", **files}
        for name, text in files.items():
            (md / name).parent.mkdir(parents=True, exist_ok=True)
            (md / name).write_text(text + "\n")

    def test_each_severity_is_mailed_once_and_not_again_until_something_changes(self):
        idle = {"array_state": "clean", "level": "raid1", "raid_disks": "2", "degraded": "0",
                "sync_action": "idle", "sync_completed": "none"}
        spare = {f"dev-{self.disks[2].name}/state": "spare"}
        self.array(**idle)
        self.start_alertd()
        steps = (("warning", lambda: self.say(1, smart_report("SYN-1", reallocated=8))),
                 ("failed", lambda: self.say(1, smart_report("SYN-1", reallocated=8, passed=False))),
                 ("rebuilding", lambda: self.array(**idle, **spare) or self.array(
                     **{**idle, **spare, "degraded": "1", "sync_action": "recover",
                        "sync_completed": "10 / 100"})))
        for number, (severity, change) in enumerate(steps, 1):
            change()
            for again in (False, True):
                self.restart_alertd()
                self.look(1, 2)
                self.rig.wait_until(lambda n=number: self.mails() == n, 10, f"mail {number}")
                worst = [alert["severity"] for alert in self.alerts()]
                self.assertIn(severity, worst, f"again: {again}")
        # Progress is no change.
        self.array(**{**idle, **spare, "degraded": "1", "sync_action": "recover",
                      "sync_completed": "90 / 100"})
        self.restart_alertd()
        self.rig.wait_until(lambda: "90 %" in self.rig.mcuctl("--json", "alerts")[1], 10, "progress")
        self.assertEqual(self.mails(), 3)
        self.array(**idle)
        self.restart_alertd()
        self.rig.wait_until(lambda: self.mails() == 4, 10, "the mail that the rebuild is over")

    def test_a_smartctl_that_hangs_holds_up_no_other_disk(self):
        (self.stub / f"{self.disks[1].name}.hang").touch()
        self.say(2, smart_report("SYN-2", passed=False))
        self.start_alertd()
        self.look(1, 2)
        self.until_led(2, True)
        code, _, error = self.rig.mcuctl("temp", "board")
        self.assertEqual(code, 0, error)

    def test_a_disk_that_nobody_uses_is_left_alone(self):
        self.start_alertd()
        for _ in range(3):
            self.rig.processes["nas-alertd"].send(signal.SIGHUP)
        self.look(2)
        self.assertNotIn(self.disks[1].name, self.asked())

    def test_acknowledged_over_a_restart(self):
        self.start_alertd()
        self.say(1, smart_report("SYN-1", passed=False))
        self.look(1)
        self.until_led(1, True)
        ident = self.alerts()[0]["id"]
        self.assertEqual(self.rig.mcuctl("alerts", "ack", ident)[0], 0)
        self.restart_alertd()
        self.rig.wait_until(lambda: self.alerts() and self.alerts()[0]["acknowledged"], 10,
                            "the alert to be known as acknowledged")

    def test_a_bay_is_identified_whatever_else_it_shows(self):
        self.start_alertd()
        code, _, error = self.rig.mcuctl("identify", "2")
        self.assertEqual(code, 0, error)
        trigger = self.rig.node(f"/sys/class/leds/{LEDS[2]}/trigger")
        self.rig.wait_until(lambda: "timer" in trigger.read_text() or self.led(2), 10, "a blinking LED")
        self.assertEqual(self.rig.mcuctl("identify", "2", "off")[0], 0)
        self.until_led(2, False)
        self.assertEqual(self.rig.mcuctl("identify", "9")[0], 4)

    def test_a_self_test_is_the_one_thing_that_touches_a_disk_at_rest(self):
        self.start_alertd()
        self.rig.wait_until(lambda: "SYN" in self.rig.mcuctl("disks")[1] or "bay" in
                            self.rig.mcuctl("disks")[1], 10, "the disks")
        self.assertEqual(self.lines("words"), [])
        code, out, error = self.rig.mcuctl("disks", "test", "1")
        self.assertEqual(code, 0, error)
        self.assertIn("short self-test of the disk in bay 1 has begun", out)
        self.assertEqual([" ".join(line.split()[:-1]) for line in self.lines("words")], ["-j -t short"])
        self.assertIn("a self-test was asked for", self.rig.mcuctl("disks")[1])
        self.assertEqual(self.rig.mcuctl("disks", "test", "9")[0], 4)

    def test_where_smartd_reads_the_disks_its_word_counts(self):
        root = self.rig.root
        node = self.disks[2].name
        for path, text in (("proc/4242/comm", "smartd\n"), (f"dev/{node}", ""),
                           ("etc/smartd.conf", "DEVICESCAN -M exec /usr/share/smartmontools/smartd-runner\n"),
                           ("etc/smartmontools/run.d/50nasmcu", "")):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        link = root / "dev/disk/by-id/ata-SYN"
        link.parent.mkdir(parents=True)
        link.symlink_to(f"../../{node}")
        self.start_alertd()
        self.rig.wait_until(lambda: "smartd" in self.rig.mcuctl("alerts")[1], 10, "the poller")
        for bay in (1, 2, 1, 2):
            self.use(bay)
            self.rig.processes["nas-alertd"].send(signal.SIGHUP)

        told = self.smartd_calls(SMARTD_DEVICE="/dev/disk/by-id/ata-SYN",
                                 SMARTD_FAILTYPE="CurrentPendingSector",
                                 SMARTD_MESSAGE="8 Currently unreadable (pending) sectors",
                                 SMARTD_DEVICEINFO="SYNTHETIC DISK, S/N:SYN-2, FW:1.0, 4.00 TB")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.until_led(2, True)
        alert = self.alerts()[0]
        self.assertEqual((alert["severity"], alert["bay"], alert["serial"]), ("warning", "2", "SYN-2"))
        self.assertIn("8 Currently unreadable", alert["subject"])
        self.rig.wait_until(lambda: self.mails() == 1, 10, "one mail")
        self.assertEqual(self.asked(), [], "a disk was read")

        told = self.smartd_calls(SMARTD_DEVICE="/dev/sdzz", SMARTD_FAILTYPE="Health")
        self.assertNotEqual(told.returncode, 0)
        self.assertIn("/dev/sdzz", told.stderr)
        self.assertEqual(self.smartd_calls().returncode, 2)

    def smartd_calls(self, **variables):
        return subprocess.run([desk.SOURCE / "config/smartd/50nasmcu"], capture_output=True, text=True,
                              timeout=20, env={**self.rig.environment, **variables}, check=False)

    def test_what_is_said_for_a_test_goes_everywhere(self):
        self.start_alertd()
        code, out, error = self.rig.mcuctl("alerts", "test")
        self.assertEqual(code, 0, error)
        self.rig.wait_until(lambda: self.mails() == 1, 10, "the test mail")
        self.assertIn("owner", out)

    def test_a_hook_that_others_may_write_is_not_run(self):
        hook = self.rig.root / "etc/nasmcu/alert.d/keep"
        hook.chmod(0o777)
        self.start_alertd()
        self.rig.mcuctl("alerts", "test")
        self.rig.wait_until(lambda: self.mails() == 1, 10, "the test mail")
        self.assertEqual(self.lines("hooked"), [])
        self.assertIn("nobody else may write", self.rig.processes["nas-alertd"].text())


class Buzzer(desk.RigTest):
    board = "qnap-ts433"
    config = CONFIG

    def test_nas_alertd_ends_at_once_between_two_beeps(self):
        """A failed disk sounds three long ones, 1.2 s from one to the next."""
        self.rig.start_fake_root(seed=3)
        report = self.rig.dir / "smart.json"
        report.write_text(json.dumps(smart_report("SYN-1", passed=False)))
        self.rig.install("usr/sbin/smartctl", f"cat {report}")
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.start_mcud()
        self.rig.start_alertd()
        self.rig.use_disk(self.rig.node("/sys/block/{sd.disk1}"))
        self.rig.processes["nas-alertd"].send(signal.SIGHUP)
        self.rig.wait_until(lambda: self.rig.sim("state")["beeps"]["long"] == 1, 10, "a beep")
        self.rig.end("nas-alertd", seconds=0.8 * self.rig.patience)


if __name__ == "__main__":
    desk.main()
