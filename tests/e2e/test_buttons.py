# SPDX-License-Identifier: MIT
"""Presses through all of it: a simulated MCU, GPIO lines, keys and a switch, real mcud, real
nas-buttond, and the actions that it would have taken."""
import os
import signal
import subprocess
import time

import rig as desk


class Buttons(desk.RigTest):
    """What all boards share."""

    def start_buttond(self, *options, ready=None):
        return self.rig.start("nas-buttond", [self.rig.program("nas-buttond"), "--board", self.board,
                                              "--root", self.rig.root, "--log-level", "debug",
                                              *options], ready=ready)

    def log(self):
        return self.rig.processes["nas-buttond"].text()

    def says(self, words, seconds=10, times=1):
        """Waits until the log of nas-buttond has these words so many times."""
        self.rig.wait_until(lambda: self.log().count(words) >= times, seconds,
                            f"nas-buttond to say: {words}")

    def watches(self, button, times=1):
        self.says(f"button {button}: idle", times=times)

    def done(self):
        """The recorded actions of nas-buttond: [name, args...]."""
        return [[one["action"], *one["args"]] for one in self.rig.actions()
                if one["by"] == "nas-buttond"]

    def until_done(self, actions, seconds=10):
        self.rig.wait_until(lambda: len(self.done()) >= len(actions), seconds, f"{actions}")
        self.assertEqual(self.done(), actions)


class PolledPower(Buttons):
    """The TS-433: its MCU is asked every 500 ms."""
    config = "[Button power]\nPress = unit hello.service\n"

    def setUp(self):
        super().setUp()
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.start_mcud()

    def up(self):
        self.start_buttond()
        self.watches("power")

    def press(self, milliseconds):
        self.rig.sim(f"press power {milliseconds}")

    def test_a_long_press_powers_off_once_and_beeps(self):
        self.up()
        began = time.monotonic()
        self.press(6000)
        self.until_done([["poweroff", "20"]])
        # The finger is still on it: not before 2 s.
        self.assertGreaterEqual(time.monotonic() - began, 2)
        self.rig.wait_until(lambda: self.rig.sent("40 43 32 31", began), 5, "a beep on the wire")
        self.rig.wait_until(lambda: "button power: released" in
                            self.rig.processes["mcud"].text(), 10, "the release")
        self.press(4000)
        self.says("the system is going down already", 15)
        self.until_done([["poweroff", "20"]])

    def test_a_short_press_does_something_else(self):
        self.up()
        self.press(1200)
        self.until_done([["start-unit", "hello.service"]])
        self.assertEqual(self.rig.mcuctl("button", "power")[0], 0)

    def test_a_press_that_began_before_does_nothing(self):
        self.press(5000)
        self.rig.wait_until(lambda: self.rig.device("buttons", "power").get("value"), 5, "a press")
        self.start_buttond()
        self.says("it is down already")
        self.rig.wait_until(lambda: "button power: released" in
                            self.rig.processes["mcud"].text(), 10, "the release")
        self.assertEqual(self.done(), [])
        self.press(4000)
        self.until_done([["poweroff", "20"]])

    def test_an_mcud_that_dies_or_hangs_in_the_middle_powers_nothing_off(self):
        self.up()
        self.press(2500)
        self.rig.wait_until(lambda: "button power: pressed" in
                            self.rig.processes["mcud"].text(), 5, "the press")
        self.rig.processes["mcud"].send(signal.SIGSTOP)
        self.says("could not be asked", 10)
        self.rig.processes["mcud"].send(signal.SIGCONT)
        self.rig.wait_until(lambda: "button power: released" in
                            self.rig.processes["mcud"].text(), 10, "the release")
        self.assertEqual(self.done(), [])
        self.press(20000)
        self.rig.wait_until(lambda: self.rig.processes["mcud"].text().count("power: pressed") == 2,
                            5, "the press")
        self.rig.kill("mcud")
        self.says("nobody tells its state any more")
        self.rig.start_mcud()
        self.says("it is down already", 10)
        self.assertEqual(self.done(), [])

    def test_the_bus_may_go_and_come_back(self):
        self.up()
        self.rig.kill("bus")
        self.says("system bus lost")
        self.rig.start_bus()
        self.watches("power", times=2)
        self.press(4000)
        self.until_done([["poweroff", "20"]])

    def test_a_bad_configuration_is_refused_with_its_place(self):
        self.rig.configure("[Button power]\n\nLongPress = explode\n")
        done = subprocess.run(
            [str(self.rig.program("nas-buttond")), "--board", self.board, "--root",
             str(self.rig.root)], env=self.rig.environment, capture_output=True, text=True,
            timeout=30, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nasmcu.conf:3: error: LongPress = 'explode': allowed are", done.stderr)

    def test_a_reload_is_in_force_at_once_and_a_bad_one_is_not(self):
        self.up()
        self.rig.configure("[Button power]\nLongPress = none\nPress = nonsense\n")
        self.rig.processes["nas-buttond"].send(signal.SIGHUP)
        self.says("the configuration in force stays")
        self.rig.configure("[Button power]\nPress = reboot\nLongPress = none\n")
        self.rig.processes["nas-buttond"].send(signal.SIGHUP)
        self.says("configuration read again")
        self.press(1200)
        self.until_done([["reboot"]])

    def test_it_waits_for_mcud_and_ends_in_good_order(self):
        self.rig.end("mcud")
        process = self.start_buttond()
        self.says("waiting for mcud")
        self.rig.start_mcud()
        self.watches("power")
        process.send(signal.SIGTERM)
        self.rig.wait_until(lambda: not process.running(), 1, "an end within a second")
        self.assertTrue(process.notified("STOPPING=1"))
        self.rig.end("nas-buttond")


class Keys(Buttons):
    """The DNS-327L: keys of the kernel's gpio-keys, and no buzzer."""
    board = "dlink-dns327l"
    config = "[Button copy]\nPress = reboot\nLongPress = suspend\n"

    def setUp(self):
        super().setUp()
        self.rig.start_fake_root(seed=5)
        self.rig.start_bus()
        self.rig.start_sim()
        self.script = self.rig.root / "usr/local/bin/act"
        self.script.parent.mkdir(parents=True, exist_ok=True)

    def up(self):
        self.rig.start_mcud()
        self.start_buttond()
        self.watches("copy")

    def hold(self, key, seconds):
        self.rig.press("gpio-keys", key)
        time.sleep(seconds)  # it is the finger that takes its time
        self.rig.press("gpio-keys", key, False)

    def led(self):
        return self.rig.sim("state")["leds"]["power"]

    def write_script(self, text):
        self.script.write_text(f"#!/bin/sh\n{text}\n")
        self.script.chmod(0o755)

    def test_presses_by_the_key(self):
        self.up()
        self.hold("KEY_COPY", 0.3)
        self.until_done([["reboot"]])

    def test_the_power_key_long(self):
        self.up()
        self.assertEqual(self.rig.mcuctl("led", "power", "on")[0], 0)
        self.rig.press("gpio-keys", "KEY_POWER")
        self.until_done([["poweroff", "20"]])  # while it is held
        self.rig.press("gpio-keys", "KEY_POWER", False)
        # Without a buzzer the power LED blinks: on this board it is the MCU's.
        self.rig.wait_until(lambda: self.led() == "blink", 5, "a LED that blinks")
        self.rig.wait_until(lambda: self.led() == "on", 5, "the LED as it was")

    def test_a_bouncing_key_fires_once(self):
        self.up()
        for _ in range(10):
            self.hold("KEY_COPY", 0.01)
        self.hold("KEY_COPY", 0.2)
        for _ in range(3):
            time.sleep(0.06)
            self.hold("KEY_COPY", 0.06)
        self.until_done([["reboot"]])
        self.rig.end("nas-buttond")
        self.assertEqual(self.done(), [["reboot"]])

    def test_a_script_gets_its_words_and_its_time(self):
        out = self.rig.root / "out"
        self.write_script(f'echo "$NASMCU_BUTTON $NASMCU_GESTURE $*" >>{out}; exec sleep 600')
        self.rig.configure(f"[Button copy]\nPress = run {self.script} --all\nTimeout = 2\n"
                           f"[Button reset]\nPress = run /bin/touch {self.rig.dir}/never\n")
        self.up()
        self.hold("KEY_COPY", 0.2)
        self.rig.wait_until(out.exists, 5, "the script")
        time.sleep(0.4)  # the rest that a button needs
        self.hold("KEY_COPY", 0.2)
        self.says("the program of the last press still runs")
        self.says("did not end in 2 s")
        self.assertEqual(out.read_text(), "copy press --all\n")
        # What is not below the root is recorded alone.
        self.hold("KEY_RESTART", 0.2)
        self.rig.wait_until(lambda: len(self.done()) == 3, 5, "the record")
        self.assertEqual(self.done()[2], ["run", "/bin/touch", f"{self.rig.dir}/never"])
        self.says("button reset: press: run", times=2)
        self.assertFalse(os.path.exists(f"{self.rig.dir}/never"))

    def test_alerts_are_acknowledged_muted_and_a_bay_is_shown(self):
        self.rig.configure("[Button copy]\nPress = acknowledge\nLongPress = mute 15m\n"
                           "[Button reset]\nPress = identify 1\n"
                           f"[Alert ups]\nFile = {self.rig.root}/run/low\n")
        (self.rig.root / "run/low").write_text("")
        self.rig.start_mcud()
        self.rig.start("nas-alertd", [self.rig.program("nas-alertd"), "--board", self.board,
                                      "--root", self.rig.root])
        self.rig.wait_until(lambda: "ups" in self.rig.mcuctl("alerts")[1], 10, "an alert")
        self.start_buttond()
        self.watches("copy")
        self.hold("KEY_COPY", 0.2)
        self.says("press: acknowledge: ")
        self.assertIn('"acknowledged": true', self.rig.mcuctl("--json", "alerts")[1])
        self.hold("KEY_RESTART", 0.2)
        self.says("press: identify 1: led disk1-fault blinks")
        time.sleep(0.4)
        self.hold("KEY_COPY", 2.5)
        self.says("the buzzer is mute")
        self.assertIn("muted until", self.rig.mcuctl("alerts")[1])

    def test_what_a_client_sees(self):
        self.up()
        bus = ["dbus-send", "--system", "--print-reply", "--dest=io.nasmcu1.buttond",
               "/io/nasmcu1/buttons", "org.freedesktop.DBus.Properties.GetAll",
               "string:io.nasmcu1.Buttons"]

        def seen():
            return subprocess.run(bus, env=self.rig.environment, capture_output=True, text=True,
                                  timeout=30, check=True).stdout

        self.assertIn("press: reboot, long-press: suspend", seen())
        self.hold("KEY_COPY", 0.2)
        self.rig.wait_until(lambda: "press: reboot: recorded" in seen(), 5, "the outcome")
        self.assertIn('string "copy"', seen())


class Line(Buttons):
    """The DNS-320L: its MCU pulls a line low when the button was held for five seconds."""
    board = "dlink-dns320l"

    def test_the_line_is_a_long_press_at_once(self):
        self.rig.start_fake_root(seed=7)
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.start_mcud()
        self.start_buttond()
        self.watches("power")
        self.rig.set_line("f1010100.gpio", 29, 0)
        self.until_done([["poweroff", "20"]], 1.5)
        self.rig.set_line("f1010100.gpio", 29, 1)
        self.rig.end("nas-buttond")
        self.assertEqual(len(self.done()), 1)


class Slide(Buttons):
    """The LS220D: its power switch is an EV_SW with the number of KEY_POWER."""
    board = "buffalo-ls220d"

    def up(self, position):
        self.rig.start_fake_root(seed=9)
        self.rig.press("gpio_keys", "SW:116", position)
        self.rig.start_bus()
        self.rig.start_mcud()
        self.start_buttond()
        self.says(f"button power: {'on' if position else 'off'}")

    def test_moved_to_off_it_powers_off_once(self):
        self.up(True)
        self.rig.press("gpio_keys", "SW:116", False)
        time.sleep(0.5)
        self.rig.press("gpio_keys", "SW:116", True)  # back at once: nothing was meant
        time.sleep(2.5)
        self.assertEqual(self.done(), [])
        self.rig.press("gpio_keys", "SW:116", False)
        self.until_done([["poweroff", "20"]])

    def test_off_at_the_start_it_does_nothing(self):
        self.up(False)
        time.sleep(3)  # longer than a position needs
        self.assertEqual(self.done(), [])

    def test_off_at_the_start_it_powers_off_when_that_is_wanted(self):
        self.rig.configure("[Button power]\nAtStart = yes\n")
        self.up(False)
        self.until_done([["poweroff", "20"]])


if __name__ == "__main__":
    desk.main()
