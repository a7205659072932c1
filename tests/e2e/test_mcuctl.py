# SPDX-License-Identifier: MIT
"""mcuctl from the outside: bytes on the wire, exit codes, JSON."""
import json
import time

import rig as desk

DONE, FAILED, USAGE, NOT_RUNNING, NO_DEVICE, DENIED, MCU = range(7)


class Mcuctl(desk.RigTest):
    def run_ok(self, *words):
        code, out, error = self.rig.mcuctl(*words)
        self.assertEqual(code, DONE, f"{words}: {error}")
        self.assertEqual(error, "")
        return out

    def fails(self, expected, *words):
        code, out, error = self.rig.mcuctl(*words)
        self.assertEqual(code, expected, f"{words}: {out}{error}")
        self.assertEqual(error.count("\n"), 1, error)
        return error

    def start(self):
        self.rig.start_all()
        self.rig.sim("set temp 40")
        self.rig.wait_until(lambda: self.rig.device("sensors", "board").get("valid"), 10, "40 °C")

    def test_beep_puts_its_frame_on_the_wire(self):
        self.start()
        since = time.monotonic()
        self.run_ok("beep")
        self.rig.wait_until(lambda: self.rig.sent("40 43 32 31", since), 2, "the frame")
        self.assertEqual(self.rig.sim("state")["beeps"]["short"], 1)

    def test_status_is_plain_in_a_pipe_and_json_for_programs(self):
        self.start()
        self.assertNotIn("\033", self.run_ok("status"))
        status = json.loads(self.run_ok("--json", "status"))
        self.assertEqual(status["schema"], 1)
        for key in ("board", "backend", "backend_reason", "link", "sensors", "fans", "leds",
                    "buttons", "buzzer", "clock", "power", "alerts"):
            self.assertIn(key, status)
        for key in ("kind", "name", "present", "valid", "value", "unit", "reason"):
            self.assertIn(key, status["sensors"][0])
            self.assertIn(key, status["buzzer"])
        self.assertTrue(status["buzzer"]["present"])
        self.assertFalse(status["sensors"][0]["asleep"])
        self.assertEqual((status["fans"][0]["alarm"], status["fans"][0]["conflict"]), (False, ""))

    def test_verbs_that_read(self):
        self.start()
        self.assertIn("40", self.run_ok("temp"))
        for verb in ("temp", "fan", "led", "button", "boards", "version"):
            self.assertTrue(self.run_ok(verb), verb)
            json.loads(self.run_ok("--json", verb))

    def test_a_led_shows_what_it_was_asked_for(self):
        self.start()
        self.run_ok("led", "disk1-fault", "on")
        self.assertEqual(self.rig.sim("state")["leds"]["disk1"], "on")

    def test_a_duty_by_hand_stays_until_auto(self):
        self.start()
        self.run_ok("fan", "system", "60")
        self.rig.wait_until(lambda: self.rig.device("fans", "system")["value"] in range(59, 62), 5,
                            "60 %")
        self.run_ok("fan", "system", "auto")
        self.rig.wait_until(lambda: self.rig.device("fans", "system")["value"] < 50, 5, "the curve")

    def test_what_goes_wrong_has_its_exit_code_and_one_line(self):
        self.start()
        self.fails(USAGE, "no-such-verb")
        self.fails(USAGE, "fan", "system", "101")
        self.assertIn("disk1-fault", self.fails(NO_DEVICE, "led", "no-such-led", "on"))
        self.fails(NO_DEVICE, "wol", "on")  # this MCU has no such command
        self.rig.sim("fault silent on")
        self.fails(MCU, "temp")

    def test_without_daemons(self):
        self.rig.start_bus()
        self.rig.start_sim()
        self.fails(NOT_RUNNING, "status")
        self.rig.sim("set temp 41")
        self.assertIn("41", self.run_ok("--direct", "temp"))

    def test_failsafe_works_when_the_configuration_does_not(self):
        self.rig.configure("[Fan]\nPollTime = 1000\n")
        self.rig.start_bus()
        self.rig.start_sim()
        self.fails(USAGE, "--direct", "fan")
        since = time.monotonic()
        self.run_ok("failsafe")
        self.rig.fan_frame(lambda duty: duty == 100, since, 5, "failsafe")

    def test_direct_refuses_while_mcud_holds_the_port(self):
        self.start()
        self.fails(MCU, "--direct", "temp")

    def with_kernel_nodes(self):
        """A LED, a fan with an automatic mode of its own, and a clock with an alarm."""
        self.nodes = self.rig.root / "sys/class"
        for name, text in (("leds/box:red:fault/brightness", "0"),
                           ("leds/box:red:fault/max_brightness", "255"),
                           ("leds/box:red:fault/trigger", "none [timer] heartbeat"),
                           ("leds/box:red:fault/delay_on", "500"),
                           ("leds/box:red:fault/delay_off", "500"),
                           ("leds/box:blue:usb/brightness", "0"),
                           ("leds/box:blue:usb/max_brightness", "1"),
                           ("leds/box:blue:usb/trigger", "none [heartbeat]"),
                           ("hwmon/hwmon5/name", "boxfan"), ("hwmon/hwmon5/pwm1", "77"),
                           ("hwmon/hwmon5/pwm1_enable", "2"),
                           ("rtc/rtc1/name", "rtc-box 0-0051"), ("rtc/rtc1/wakealarm", "")):
            file = self.nodes / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n")
        clock = self.rig.root / "dev/rtc1"
        clock.parent.mkdir(parents=True, exist_ok=True)
        clock.write_text("2026-01-01 12:00:00\n")
        board = self.rig.dir / "box.ini"
        board.write_text("[board]\nname = Box\n[fan system]\ndevice = hwmon:boxfan/pwm1\nmin = 20\n"
                         "failsafe = 80\n[led disk1-fault]\ndevice = led:box:red:fault\n"
                         "[led usb]\ndevice = led:box:blue:usb\n"
                         "[clock]\ndevice = rtc:rtc-box\nutc = yes\n")
        self.rig._options = lambda: ["--board", board, "--root", self.rig.root]

    def node(self, name):
        return (self.nodes / name).read_text().strip()

    def test_what_is_set_by_direct_stays_and_failsafe_hands_the_fan_back(self):
        self.with_kernel_nodes()
        self.run_ok("--direct", "led", "disk1-fault", "on")
        self.run_ok("--direct", "led", "usb", "on")  # does not undo the first
        self.assertEqual(self.node("leds/box:red:fault/brightness"), "255")
        self.assertEqual(self.node("leds/box:blue:usb/brightness"), "1")
        self.run_ok("--direct", "fan", "system", "90")
        self.assertEqual(self.node("hwmon/hwmon5/pwm1"), "230")
        self.assertEqual(self.node("hwmon/hwmon5/pwm1_enable"), "1")
        self.run_ok("failsafe")  # by itself, as after a crash
        self.assertEqual(self.node("hwmon/hwmon5/pwm1"), "204")
        self.assertEqual(self.node("hwmon/hwmon5/pwm1_enable"), "2")

    def test_the_clock_wakes_the_box(self):
        self.with_kernel_nodes()
        self.rig.start_bus()
        self.rig.start_mcud()
        self.assertEqual(self.run_ok("wake"), "off\n")
        before = int(time.time())
        self.run_ok("wake", "15m")
        set_to = json.loads(self.run_ok("--json", "wake"))["wake"]
        self.assertIn(set_to - before, range(900, 920))
        self.assertEqual(int(self.node("rtc/rtc1/wakealarm")), set_to)
        self.assertEqual(json.loads(self.run_ok("--json", "wake", "2090-01-01T00:00Z"))["wake"],
                         3786912000)
        self.fails(USAGE, "wake", "2001-01-01T00:00")
        self.fails(USAGE, "wake", "soon")
        self.run_ok("wake", "off")
        self.assertEqual(self.run_ok("wake"), "off\n")

    def test_raw_takes_one_known_reading_frame(self):
        self.start()
        self.assertIn("40 54 33", self.run_ok("raw", "40", "54", "33").lower())
        self.assertNotEqual(self.rig.mcuctl("raw", "40")[0], DONE)  # half of what?
        for power in (["404330"], ["40", "43", "30", "33"], ["--force", "404330"]):
            self.assertNotEqual(self.rig.mcuctl("raw", *power)[0], DONE, power)
        self.assertTrue(self.rig.sim("state")["powered"])
        self.assertEqual(self.rig.sent("40 43 30"), [])

    def test_check_names_file_line_and_what_is_allowed(self):
        board = self.rig.dir / "bad.ini"
        board.write_text("[board]\nname = Bad\nmatch = x,y\n[fan system]\ndevice = mcu\n"
                         "failsafe = 500\n")
        code, out, error = self.rig.mcuctl("check", board)
        self.assertNotEqual(code, DONE)
        self.assertIn(f"{board}:6", out + error)
        for shipped in sorted((desk.SOURCE / "config/boards").glob("*.ini")):
            self.run_ok("check", shipped)


class MicrocontrollerClock(desk.RigTest):
    board = "dlink-dns327l"

    def test_its_alarm_is_set_and_switched_off_through_mcud(self):
        rig = self.rig
        rig.start_bus()
        rig.start_sim()
        rig.start_mcud()
        rig.wait_until(lambda: (rig.status() or {}).get("link", {}).get("state") == "ok", 10,
                       "the link")
        said = {}
        for words in (("wake",), ("wake", "15m"), ("wake", "off"), ("wake", "arm")):
            code, out, error = rig.mcuctl("--json", *words)
            self.assertEqual(code, DONE, error)
            said[words] = json.loads(out)["wake"]
            self.assertEqual(rig.sim("state")["alarm"]["enabled"], words == ("wake", "15m"))
        self.assertAlmostEqual(said["wake", "15m"], time.time() + 900, delta=30)
        self.assertEqual({said[words] for words in said if words != ("wake", "15m")}, {None})


if __name__ == "__main__":
    desk.main()
