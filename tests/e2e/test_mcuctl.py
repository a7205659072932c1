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
        for key in ("board", "backend", "link", "sensors", "fans", "leds", "buttons", "alerts"):
            self.assertIn(key, status)
        for key in ("kind", "name", "present", "valid", "value", "unit", "reason"):
            self.assertIn(key, status["sensors"][0])

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

    def test_direct_refuses_while_mcud_holds_the_port(self):
        self.start()
        self.assertNotEqual(self.rig.mcuctl("--direct", "temp")[0], DONE)

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


if __name__ == "__main__":
    desk.main()
