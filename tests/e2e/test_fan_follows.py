# SPDX-License-Identifier: MIT
"""The fan follows the temperature: what goes over the wire is what the rule asks for."""
import time

import rig as desk

POLL = "[Fan]\nPollTime = 1\n"


class Follows(desk.RigTest):
    def start(self, degrees):
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.sim(f"set temp {degrees}")
        self.rig.start_mcud()
        self.rig.start_fand()
        self.rig.wait_until(lambda: self.rig.device("fans", "system").get("holder"), 10, "a holder")

    def step(self, degrees, duty):
        """At this temperature the fan is driven at this duty, on the wire and in the status."""
        self.rig.sim(f"set temp {degrees}")
        # The newest frame: where the duty stays, or was reached a moment ago, no other one comes.
        self.rig.wait_until(lambda: (frames := self.rig.fan_frames())
                            and abs(frames[-1].duty - duty) <= 1, 10, f"{duty} % at {degrees} °C")
        self.rig.wait_until(lambda: abs((self.rig.device("sensors", "board")["value"] or 0)
                                        - degrees) <= 1, 10, f"a reading of {degrees} °C")
        self.rig.wait_until(lambda: abs(self.rig.device("fans", "system")["value"] - duty) <= 1, 10,
                            f"{duty} % at {degrees} °C in the status")


class StepRule(Follows):
    board = "dlink-dns327l"
    config = POLL + "TempLow = 25\nTempHigh = 34\nHysteresis = 2\n"

    def test_the_old_rule_drives_the_fan_through_its_three_speeds_and_back(self):
        self.start(20)
        for degrees, duty in ((20, 0), (28, 50), (33, 50), (40, 100), (33, 100), (30, 50), (20, 0)):
            self.step(degrees, duty)


class Curve(Follows):
    config = POLL

    def test_the_boards_curve_drives_a_pwm_fan_up_at_once(self):
        self.start(30)
        for degrees, duty in ((35, 20), (45, 40), (55, 70), (65, 100)):
            self.step(degrees, duty)

    def test_heat_beyond_the_boards_limit_is_failsafe_whatever_the_holder_wants(self):
        self.rig.configure("[Fan]\nPollTime = 1\nTempLow = 199\nTempHigh = 200\n")
        self.start(40)
        since = time.monotonic()
        self.rig.sim("set temp 75")
        self.rig.fan_frame(lambda duty: duty == 100, since, 15, "failsafe at the board's limit")
        self.rig.wait_until(lambda: self.rig.device("fans", "system")["in_failsafe"], 5,
                            "the status to say so")

    def test_a_failed_reading_is_failsafe_and_no_number(self):
        self.start(30)
        self.step(35, 20)
        since = time.monotonic()
        self.rig.sim("set raw-temp 125")  # impossible on this MCU: above 120 degrees
        self.rig.fan_frame(lambda duty: duty == 100, since, 15, "failsafe")
        sensor = self.rig.wait_until(
            lambda: (s := self.rig.device("sensors", "board")) and not s["valid"] and s, 10,
            "an invalid sensor")
        self.assertIsNone(sensor["value"])
        self.assertTrue(sensor["reason"])


if __name__ == "__main__":
    desk.main()
