# SPDX-License-Identifier: MIT
"""Two drivers, one fan, and everything that is borrowed from the kernel and goes back to it: on the
fake root of a board whose fan hangs on a thermal zone."""
import subprocess
import time

import rig as desk

QUICK = "[Fan]\nPollTime = 1\n"
FAILSAFE = "255"  # of this board: 100 percent


class KernelFan(desk.RigTest):
    board = "buffalo-ls220d"
    config = QUICK

    def setUp(self):
        super().setUp()
        self.log_end = 0

    # -- the box ----------------------------------------------------------------------------------

    def make_box(self, zone=True, policy=None, **options):
        """The files of the board; with a zone on its fan, or a kernel that has none."""
        if policy:
            self.rig.configure(f"{QUICK}\n[Fan system]\nConflict = {policy}\n")
        self.rig.start_fake_root(seed=7, without=[] if zone else ["zone-fan"], **options)
        self.fan = self.rig.node("/sys/class/hwmon/{hwmon.fan}")
        self.zone = self.rig.node("/sys/class/thermal/{thermal_zone.hdd}")
        self.led = self.rig.node("/sys/class/leds/red:disk-1")
        self.rig.start_bus()

    def value(self, file):
        return file.read_text().strip()

    def pwm(self):
        return self.value(self.fan / "pwm1")

    def until(self, predicate, what, seconds=15):
        return self.rig.wait_until(predicate, seconds, what)

    def until_pwm(self, value):
        self.until(lambda: self.pwm() == value, f"pwm1 to be {value}, it is {self.pwm()}")

    def until_log(self, words):
        """A new line of mcud's with these words; returns it."""
        def line():
            text = self.rig.processes["mcud"].text()
            return next((one for one in text[self.log_end:].splitlines() if words in one), None)
        found = self.until(line, f"mcud to say '{words}'")
        self.log_end = self.rig.processes["mcud"].text().index(found, self.log_end) + len(found)
        return found

    def count_log(self, words):
        return self.rig.processes["mcud"].text().count(words)

    def until_polled(self):
        """Two polls behind now: the alarm line is read in each."""
        for alarm in (True, False):
            (self.fan / "fan1_alarm").write_text(f"{int(alarm)}\n")
            self.until(lambda: self.rig.device("fans", "system").get("alarm") == alarm, "a poll")

    def call(self, method, *arguments):
        done = subprocess.run(
            ["dbus-send", "--system", "--print-reply", "--dest=io.nasmcu1.mcud",
             "/io/nasmcu1/mcu", f"io.nasmcu1.Mcu.{method}", *arguments],
            env=self.rig.environment, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    # -- two drivers ------------------------------------------------------------------------------

    def test_stand_back_leaves_the_fan_to_the_zone_until_it_is_gone(self):
        self.make_box(policy="stand-back")
        (self.fan / "pwm1").write_text("84\n")
        self.rig.start_mcud()
        line = self.until_log("standing back")
        self.assertIn("hdd-thermal", line)
        self.until_polled()
        self.assertEqual(self.pwm(), "84")
        fan = self.rig.device("fans", "system")
        self.assertIn("hdd-thermal", fan["holder"])
        self.assertIn("left to", fan["conflict"])
        self.assertFalse(fan["in_failsafe"])
        code, _, words = self.rig.mcuctl("fan", "system", "66")
        self.assertEqual(code, 6, words)
        self.assertIn("hdd-thermal", words)
        self.rig.mcuctl("failsafe")
        self.assertEqual(self.pwm(), "84")
        self.assertEqual(self.count_log("standing back"), 1)
        (self.zone / "mode").write_text("disabled\n")
        self.until_pwm(FAILSAFE)
        self.until_log("driving again")
        self.assertEqual(self.rig.mcuctl("fan", "system", "66")[0], 0)
        self.assertEqual(self.rig.device("fans", "system")["conflict"], "")

    def test_a_fan_that_is_left_to_the_zone_is_not_touched_at_the_end(self):
        self.make_box()  # stand-back is the board's own word
        (self.fan / "pwm1").write_text("84\n")
        self.rig.start_mcud()
        self.until_log("standing back")
        self.rig.end("mcud", 1)
        self.assertEqual(self.pwm(), "84")
        self.assertEqual(self.value(self.zone / "policy"), "step_wise")

    def test_stand_back_leaves_the_fan_to_a_program(self):
        self.make_box(zone=False, policy="stand-back")
        self.rig.start_mcud()
        self.until_pwm(FAILSAFE)
        self.until(lambda: self.rig.device("fans", "system").get("valid"), "the first write")
        (self.fan / "pwm1").write_text("84\n")
        self.assertIn("another program", self.until_log("standing back"))
        self.until_polled()
        self.assertEqual(self.pwm(), "84")
        self.assertEqual(self.rig.mcuctl("fan", "system", "66")[0], 6)

    def test_take_over_takes_the_fan_from_the_zone_and_gives_it_back(self):
        self.make_box(policy="take-over")
        (self.fan / "pwm1").write_text("84\n")
        self.rig.start_mcud()
        self.until_log("taken over")
        self.until_pwm(FAILSAFE)
        self.assertEqual(self.value(self.zone / "policy"), "user_space")
        self.assertEqual(self.value(self.zone / "mode"), "enabled")
        self.assertEqual(self.rig.mcuctl("fan", "system", "66")[0], 0)
        self.rig.end("mcud", 1)
        self.assertEqual(self.value(self.zone / "policy"), "step_wise")
        self.assertEqual(self.pwm(), FAILSAFE)

    def test_take_over_overwrites_a_program_and_says_so_once(self):
        self.make_box(zone=False, policy="take-over")
        self.rig.start_mcud()
        self.until_pwm(FAILSAFE)
        self.until(lambda: self.rig.device("fans", "system").get("valid"), "the first write")
        for _ in range(3):
            (self.fan / "pwm1").write_text("10\n")
            self.until_pwm(FAILSAFE)
        self.assertEqual(self.count_log("taken over"), 1)

    def test_a_killed_mcud_gives_the_zone_back_at_its_next_start(self):
        self.make_box(policy="take-over")
        self.rig.start_mcud()
        self.until(lambda: self.value(self.zone / "policy") == "user_space", "the take-over")
        self.rig.kill("mcud")
        self.assertEqual(self.value(self.zone / "policy"), "user_space")
        self.rig.configure(f"{QUICK}\n[Fan system]\nConflict = stand-back\n")
        (self.fan / "pwm1").write_text("84\n")
        self.rig.start_mcud()
        self.until_log("standing back")
        self.assertEqual(self.value(self.zone / "policy"), "step_wise")
        self.assertEqual(self.pwm(), "84")

    def test_refuse_is_an_error_and_lasts_until_the_next_start(self):
        self.make_box(policy="refuse")
        (self.fan / "pwm1").write_text("84\n")
        self.rig.start_mcud()
        self.assertIn("restart mcud", self.until_log("not driving it any more"))
        (self.zone / "mode").write_text("disabled\n")
        self.until_polled()
        self.assertEqual(self.pwm(), "84")
        self.assertEqual(self.rig.mcuctl("fan", "system", "66")[0], 6)
        self.rig.end("mcud", 1)
        self.rig.start_mcud()
        self.until_pwm(FAILSAFE)

    # -- what goes back to the kernel -------------------------------------------------------------

    def borrow(self):
        """A box whose fan was automatic and whose LED showed a disk; mcud has taken both."""
        self.make_box(zone=False)
        (self.fan / "pwm1_enable").write_text("2\n")
        self.rig.start_mcud()
        self.until(lambda: self.value(self.fan / "pwm1_enable") == "1", "the fan to be ours")
        self.assertEqual(self.rig.mcuctl("led", "disk1-fault", "blink-fast")[0], 0)
        self.assertEqual(self.value(self.led / "trigger"), "timer")

    def check_given_back(self):
        self.assertEqual(self.value(self.led / "trigger"), "ata1")
        self.assertEqual(self.value(self.fan / "pwm1_enable"), "2")

    def test_sigterm_gives_back_the_trigger_and_the_automatic_mode(self):
        self.borrow()
        self.rig.end("mcud", 1)
        self.check_given_back()
        self.assertEqual(self.pwm(), FAILSAFE)

    def test_after_a_kill_the_next_start_gives_back_the_trigger(self):
        self.borrow()
        self.rig.kill("mcud")
        self.rig.start_mcud()
        self.until(lambda: self.value(self.led / "trigger") == "ata1", "the trigger")
        self.rig.end("mcud", 1)
        self.check_given_back()

    def test_a_second_mcud_is_refused_in_words_and_disturbs_nothing(self):
        self.make_box(zone=False)
        self.rig.start_mcud()
        self.until_pwm(FAILSAFE)
        second = subprocess.run(
            [self.rig.program("mcud"), "--board", self.board, "--root", self.rig.root],
            env=self.rig.environment, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(second.returncode, 1, second.stderr)
        errors = [line for line in second.stderr.splitlines() if line.strip()]
        self.assertEqual(len(errors), 1, second.stderr)
        self.assertIn("cannot take the hardware", errors[0])
        self.assertEqual(self.rig.mcuctl("led", "disk1-fault", "on")[0], 0)

    # -- sleep, and devices that come and go ------------------------------------------------------

    def test_sleep_means_failsafe_and_afterwards_all_is_written_again(self):
        self.make_box(zone=False)
        self.rig.start_mcud()
        self.until_pwm(FAILSAFE)
        self.assertEqual(self.rig.mcuctl("led", "disk1-fault", "blink-slow")[0], 0)
        self.call("PrepareForSleep", "boolean:true")
        self.assertIn("sleep", self.rig.device("fans", "system")["why"])
        # What a firmware leaves behind is no program's work.
        (self.fan / "pwm1").write_text("84\n")
        (self.led / "trigger").write_text("none timer [ata1]\n")
        self.call("PrepareForSleep", "boolean:false")
        self.assertEqual(self.pwm(), FAILSAFE)
        self.until(lambda: self.value(self.led / "trigger") == "timer", "the LED to blink again")
        self.assertEqual(self.rig.device("fans", "system")["conflict"], "")

    def test_a_led_that_comes_back_shows_what_it_was_set_to(self):
        self.make_box(zone=False)
        self.rig.start_mcud()
        self.assertEqual(self.rig.mcuctl("led", "disk1-fault", "blink-fast")[0], 0)
        self.rig.unplug("led red:disk-1")
        self.until(lambda: not self.rig.device("leds", "disk1-fault").get("present", True),
                   "the LED to be gone")
        self.rig.plug("led red:disk-1")
        self.until(lambda: self.value(self.led / "trigger") == "timer", "the LED to blink again")

    def test_a_fan_that_comes_late_is_driven(self):
        self.make_box(zone=False, late=["fan"])
        self.rig.start_mcud()
        self.until(lambda: self.rig.device("fans", "system").get("reason"), "an absent fan")
        self.assertFalse(self.rig.device("fans", "system")["present"])
        self.assertTrue(self.rig.processes["mcud"].running())
        self.rig.plug("fan")
        # As the boot loader left it, and nevertheless written: the status knows its duty.
        self.until(lambda: self.rig.device("fans", "system").get("valid"), "the fan to be driven")
        self.assertEqual(self.pwm(), FAILSAFE)

    # -- disks and buttons ------------------------------------------------------------------------

    def use_disk(self, accesses):
        stat = self.rig.node("/sys/block/{sd.disk1}/stat")
        stat.write_text(f"{accesses} 10 80000 3000 900 20 60000 4000 0 5000 7000\n")

    def test_a_sleeping_disk_is_no_failure_and_a_hot_one_is(self):
        self.make_box(zone=False)
        self.rig.configure("[Fan]\nPollTime = 1\nSensorTimeout = 5\n")
        temperature = self.rig.node("/sys/class/hwmon/{hwmon.disk1}/temp1_input")
        temperature.write_text("51000\n")
        self.rig.start_mcud()
        self.assertEqual(self.rig.mcuctl("fan", "system", "100")[0], 0)
        started = time.monotonic()
        self.until(lambda: self.rig.device("sensors", "disk1").get("asleep"), "a sleeping disk")
        while time.monotonic() < started + 6:  # more than SensorTimeout without a reading
            self.until_polled()
            self.assertFalse(self.rig.device("fans", "system")["in_failsafe"])
        disk = self.rig.device("sensors", "disk1")
        self.assertTrue(disk["present"])
        self.assertFalse(disk["valid"])
        self.assertEqual(self.count_log("sensor disk1"), 0)
        self.use_disk(1300)
        self.until(lambda: self.rig.device("sensors", "disk1").get("valid"), "a reading")
        self.assertIn("sensor disk1", self.rig.device("fans", "system")["why"])
        self.rig.unplug("disk1")
        self.until(lambda: not self.rig.device("fans", "system")["in_failsafe"],
                   "a disk that was pulled out to count no more")

    def test_a_button_tells_each_edge_and_its_state_at_the_start_and_when_it_comes_back(self):
        self.make_box(zone=False)
        self.rig.start_mcud()

        def button(name):
            return self.rig.device("buttons", name)

        self.until(lambda: button("power").get("value"), "the slide switch to be on")
        self.assertFalse(button("function")["value"])
        monitor = self.rig.start(
            "monitor", ["dbus-monitor", "--address", f"unix:path={self.rig.bus_socket}",
                        "type='signal',path='/io/nasmcu1/button/function'"],
            ready=lambda: "NameAcquired" in self.rig.processes["monitor"].text())
        for down in (True, False):
            self.rig.press("gpio_keys", "KEY_CONFIG", down)
            self.until(lambda down=down: f"boolean {str(down).lower()}"
                       in monitor.text().rpartition('"Pressed"')[2], "the edge on D-Bus")
        self.assertEqual(monitor.text().count("PropertiesChanged"), 2)
        monitor.kill()
        self.rig.unplug("keys")
        self.until(lambda: not button("power")["present"], "the keys to be gone")
        self.rig.plug("keys")
        self.until(lambda: button("power")["value"] and button("power")["valid"],
                   "the switch to be read again")


if __name__ == "__main__":
    desk.main()
