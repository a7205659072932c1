# SPDX-License-Identifier: MIT
"""The late shutdown hook on a simulated MCU: the frame that cuts the power is the last thing on the
wire, and on it only when it may be."""
import signal
import subprocess
import time

import rig as desk

QNAP_OFF = "40 43 30 33"
FAILED, DONE, USAGE = 1, 0, 2
READ_ONLY = ("22 1 9:0 / / ro,relatime - ext4 /dev/md0 ro\n"
             "23 22 0:21 / /proc rw - proc proc rw\n"
             "24 22 0:22 / /run rw - tmpfs tmpfs rw\n")
WRITABLE = READ_ONLY + "25 22 9:1 / /srv rw - xfs /dev/md1 rw\n"


class Hook(desk.RigTest):
    def disk(self, name, mood=""):
        block = self.rig.root / "sys/block" / name
        block.mkdir(parents=True)
        (block / "size").write_text("1024\n")
        (self.rig.root / "dev" / name).write_text(mood)

    def array(self, name):
        folder = self.rig.root / "sys/block" / name / "md"
        folder.mkdir(parents=True)
        (folder / "array_state").write_text("clean\n")

    def mounts(self, text):
        (self.rig.root / "proc/self").mkdir(exist_ok=True)
        (self.rig.root / "proc/self/mountinfo").write_text(text)

    def box(self, mounts=READ_ONLY):
        """A box with two disks and two arrays that has been running, and goes down."""
        self.mounts(mounts)
        self.disk("sda")
        self.disk("sdb")
        self.disk("nvme0n1")
        self.array("md0")
        self.rig.start_sim()

    def hook(self, verb):
        """(exit code, what it said, seconds)"""
        began = time.monotonic()
        done = subprocess.run([str(self.rig.program("nasmcu-shutdown")), *map(str, self.rig._options()),
                               verb], capture_output=True, text=True, timeout=30, check=False,
                              env=self.rig.environment)
        return done.returncode, done.stderr, time.monotonic() - began

    def actions(self):
        return [(action["action"], *action["args"]) for action in self.rig.actions()]

    def wire(self):
        return bytes(byte.value for byte in self.rig.wire("to_mcu")).hex(" ")

    def stays_silent(self, verb, code, words):
        got, said, _ = self.hook(verb)
        self.assertEqual((got, self.wire()), (code, ""), said)
        self.assertIn(words, said)


class OnQnap(Hook):
    board = "qnap-ts433"

    def test_a_power_off_ends_with_one_frame(self):
        self.box()
        code, said, seconds = self.hook("poweroff")
        self.assertEqual(code, DONE, said)
        self.assertIn("the MCU cuts the power", said)
        self.assertEqual(self.wire(), QNAP_OFF)
        self.assertFalse(self.rig.sim("state")["rails"])
        actions = self.actions()
        self.assertEqual(actions[:2], [("stop-array", "md0"), ("sync",)])
        self.assertEqual(sorted(actions[2:]), [("flush", "nvme0n1"), ("flush", "sda"), ("flush", "sdb"),
                                               ("standby", "sda"), ("standby", "sdb")])
        for disk in ("sda", "sdb"):
            self.assertLess(actions.index(("flush", disk)), actions.index(("standby", disk)))
        last = max(action["t_ms"] for action in self.rig.actions())
        self.assertGreaterEqual(self.rig.sent(QNAP_OFF)[0] * 1000, last, "the frame is last")
        self.assertLess(seconds, 5)

    def test_it_is_not_sent_a_second_time(self):
        self.box()
        self.hook("poweroff")
        code, said, _ = self.hook("poweroff")
        self.assertIn("told already", said)
        self.assertEqual(code, DONE)
        self.assertEqual(self.wire(), QNAP_OFF)

    def test_reboot_kexec_and_halt_keep_the_power(self):
        self.box()
        for verb in ("reboot", "kexec", "halt"):
            self.stays_silent(verb, DONE, "power")
        self.assertEqual(self.actions(), [])

    def test_a_writable_file_system_keeps_the_power(self):
        self.box(WRITABLE)
        self.stays_silent("poweroff", FAILED, "/srv (xfs on /dev/md1)")
        self.assertEqual(self.actions(), [], "and nothing was touched")

    def test_a_missing_or_broken_table_of_mounts_keeps_the_power(self):
        self.box("22 1 9:0 nonsense\n")
        self.stays_silent("poweroff", FAILED, "means nothing")
        (self.rig.root / "proc/self/mountinfo").unlink()
        self.stays_silent("poweroff", FAILED, "no /")

    def test_a_sleeping_disk_is_left_alone(self):
        self.box()
        self.disk("sdc", "standby")
        code, said, _ = self.hook("poweroff")
        self.assertEqual(code, DONE, said)
        self.assertIn("sdc is asleep", said)
        self.assertNotIn("sdc", str(self.actions()))
        self.assertEqual(self.wire(), QNAP_OFF)

    def test_a_disk_that_cannot_write_its_cache_keeps_the_power(self):
        self.box()
        self.disk("sdc", "failing")
        self.stays_silent("poweroff", FAILED, "sdc")

    def test_a_disk_that_never_answers_does_not_hold_the_shutdown_up(self):
        self.box()
        self.disk("sdc", "stuck")
        code, said, seconds = self.hook("poweroff")
        self.assertEqual((code, self.wire()), (FAILED, ""), said)
        self.assertIn("sdc did not answer in time", said)
        self.assertLess(seconds, 5)

    def test_a_silent_mcu_is_told_once(self):
        self.box()
        self.rig.sim("fault silent on")
        code, said, seconds = self.hook("poweroff")
        self.assertEqual(code, FAILED)
        self.assertIn("may not have heard", said)
        self.assertEqual(self.wire(), QNAP_OFF)
        self.assertLess(seconds, 5)

    def test_without_the_port_nothing_is_sent(self):
        self.box()
        self.rig.end("mcusim")
        code, said, seconds = self.hook("poweroff")
        self.assertEqual(code, FAILED)
        self.assertIn("the power stays on", said)
        self.assertLess(seconds, 5)

    def test_no_end_of_a_daemon_sends_it(self):
        rig = self.rig
        rig.start_all()
        for end in (lambda: rig.end("mcud"), lambda: rig.kill("mcud"),
                    lambda: rig.port("ShutdownDaemon\n")):
            if "mcud" not in rig.processes:
                rig.start_mcud()
            rig.wait_until(lambda: rig.mcuctl("temp")[0] == 0, 10, "mcud")
            end()
        rig.mcuctl("poweroff", "5")
        self.assertEqual(rig.sent(QNAP_OFF), [])
        self.assertTrue(rig.sim("state")["rails"])

    def test_asking_mcud_leaves_the_frame_to_the_hook(self):
        self.box()
        self.rig.start_bus()
        self.rig.start_mcud()
        self.rig.wait_until(lambda: self.rig.mcuctl("poweroff")[0] == 0, 10, "mcud")
        self.assertEqual(self.rig.sent(QNAP_OFF), [])
        self.rig.end("mcud")
        self.assertEqual(self.hook("poweroff")[0], DONE)
        self.assertTrue(self.wire().endswith(QNAP_OFF), "the last bytes on the wire")
        self.assertEqual(len(self.rig.sent(QNAP_OFF)), 1)

    def test_while_mcud_holds_the_port_it_is_not_taken(self):
        self.box()
        self.rig.start_bus()
        mcud = self.rig.start_mcud()
        self.rig.wait_until(lambda: self.rig.mcuctl("temp")[0] == 0, 10, "mcud")
        self.assertEqual(self.hook("poweroff")[0], FAILED)
        self.assertEqual(self.rig.sent(QNAP_OFF), [])
        mcud.send(signal.SIGTERM)

    def test_a_wrong_verb_is_said(self):
        self.assertEqual(self.hook("suspend")[0], USAGE)


class OnTheKernelsDriver(Hook):
    board = "qnap-ts433"

    def test_the_driver_does_it_by_itself(self):
        self.box()
        device = self.rig.root / "sys/bus/serial/devices/serial0-0"
        device.mkdir(parents=True)
        driver = self.rig.root / "sys/bus/serial/drivers/qnap-mcu"
        driver.mkdir(parents=True)
        (device / "driver").symlink_to(driver)
        self.stays_silent("poweroff", DONE, "the kernel does it by itself")


class OnDlink(Hook):
    board = "dlink-dns327l"

    def off(self, seconds):
        return f"fa 03 03 01 01 {seconds:02x} fb"

    def test_a_power_off_takes_the_delay_that_was_asked_for(self):
        self.box()
        (self.rig.root / "run/nasmcu/poweroff-delay").write_text("33\n")
        code, said, _ = self.hook("poweroff")
        self.assertEqual(code, DONE, said)
        self.assertEqual(self.wire(), self.off(33))
        self.assertLessEqual(self.rig.sim("state")["shutdown"]["remaining_ms"], 33000)

    def test_else_the_configurations_else_the_boards(self):
        self.box()
        self.hook("poweroff")
        self.assertEqual(self.wire(), self.off(20))

    def test_the_configurations_delay_and_a_halt(self):
        self.rig.configure("[Daemon]\nServerPort = 0\nDeviceShutdownDelay = 44\n")
        self.box()
        (self.rig.root / "run/nasmcu/poweroff-delay").write_text("100\n")  # none that is allowed
        self.assertEqual(self.hook("halt")[0], DONE)
        self.assertEqual(self.wire(), self.off(44))

    def test_a_reboot_keeps_the_power(self):
        self.box()
        for verb in ("reboot", "kexec"):
            self.stays_silent(verb, DONE, "the power stays on")


class WithoutAnMcu(Hook):
    board = "buffalo-ls220d"

    def test_there_is_nothing_to_do(self):
        self.mounts(READ_ONLY)
        code, said, _ = self.hook("poweroff")
        self.assertEqual(code, DONE)
        self.assertIn("nothing to do", said)
        self.assertEqual(self.actions(), [])


class OnSysvinit(desk.RigTest):
    """The script of runlevel 0, with a hook that only tells what it was told."""

    def told(self, *words, **environment):
        hook = self.rig.dir / "hook"
        hook.write_text("#!/bin/sh\necho \"$@\"\n")
        hook.chmod(0o755)
        environment = {"PATH": "/usr/bin:/bin", "HOOK": str(hook), "DEFAULTS": str(self.rig.dir / "halt"),
                       **environment}
        done = subprocess.run(["sh", str(desk.SOURCE / "init.d/nasmcu-shutdown.in"), *words],
                              capture_output=True, text=True, timeout=10, check=False, env=environment)
        return done.stdout.strip()

    def test_the_verb_is_what_halt_itself_would_do(self):
        self.assertEqual(self.told("stop"), "poweroff")
        self.assertEqual(self.told("stop", INIT_HALT="HALT"), "halt")
        self.assertEqual(self.told("stop", INIT_HALT="POWEROFF"), "poweroff")
        (self.rig.dir / "halt").write_text("HALT=halt\n")
        self.assertEqual(self.told("stop"), "halt")
        self.assertEqual(self.told("stop", INIT_HALT="POWEROFF"), "poweroff")

    def test_nothing_but_a_stop_calls_the_hook(self):
        for word in ("start", "restart", "status", "nonsense"):
            self.assertEqual(self.told(word), "")


if __name__ == "__main__":
    desk.main()
