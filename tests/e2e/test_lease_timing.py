# SPDX-License-Identifier: MIT
"""A dead, frozen or lost holder leaves the fan at failsafe, in time."""
import os
import signal
import time

import rig as desk

KILLS = int(os.environ.get("NASMCU_KILLS", "10"))
HEALTHY = 0.050  # seconds: holder killed -> failsafe frame complete on the wire


class Lease(desk.RigTest):
    config = "[Fan]\nPollTime = 1\n"

    def setUp(self):
        super().setUp()
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.sim("set temp 30")
        self.rig.start_mcud()

    def fan(self):
        return self.rig.device("fans", "system")

    def hold(self):
        """nas-fand drives the fan below failsafe."""
        since = time.monotonic()
        self.rig.start_fand()
        self.rig.fan_frame(lambda duty: duty < 100, since, 10, "a duty of nas-fand's")
        self.driven()

    def driven(self):
        self.rig.wait_until(lambda: self.fan().get("holder") and self.fan()["value"] < 100
                            and not self.fan()["in_failsafe"], 15, "nas-fand to drive the fan")

    def failsafe_after(self, moment, seconds):
        frame = self.rig.fan_frame(lambda duty: duty == 100, moment, seconds, "a failsafe frame")
        self.rig.wait_until(lambda: self.fan().get("in_failsafe"), 5, "the status to say failsafe")
        return frame.time - moment

    def test_a_killed_holder_means_a_failsafe_frame_within_50_ms(self):
        took = []
        for _ in range(KILLS):
            self.hold()
            took.append(self.failsafe_after(self.rig.kill("nas-fand"), 5))
        print("failsafe frame after ms:", " ".join(f"{t * 1000:.1f}" for t in sorted(took)))
        self.assertLess(max(took), HEALTHY * self.rig.patience)

    def test_a_frozen_holder_loses_its_lease_after_30_seconds(self):
        self.hold()
        frozen = time.monotonic()
        self.rig.processes["nas-fand"].send(signal.SIGSTOP)
        took = self.failsafe_after(frozen, 40)
        self.assertLess(took, 31.5)
        asked = time.monotonic()
        self.assertIsNotNone(self.rig.status(), "the status with a frozen nas-fand")
        self.assertLess(time.monotonic() - asked, 3 * self.rig.patience)
        self.rig.processes["nas-fand"].send(signal.SIGCONT)
        self.driven()

    def test_a_stopped_holder_gives_the_fan_back_before_it_ends(self):
        self.hold()
        since = time.monotonic()
        self.rig.end("nas-fand", 2)
        self.failsafe_after(since, 1)

    def test_mcud_begins_in_failsafe_until_the_lease_is_back(self):
        self.hold()
        self.rig.kill("mcud")
        since = time.monotonic()
        self.rig.start_mcud()
        first = self.rig.fan_frame(lambda duty: True, since, 5, "a first fan frame")
        self.assertEqual(first.duty, 100)
        self.driven()

    def test_without_a_bus_the_fan_is_at_failsafe_and_all_is_well_when_it_returns(self):
        self.hold()
        since = time.monotonic()
        self.rig.kill("bus")
        self.rig.fan_frame(lambda duty: duty == 100, since, 5, "failsafe without a bus")
        self.assertTrue(self.rig.processes["mcud"].running())
        self.assertTrue(self.rig.processes["nas-fand"].running())
        self.rig.start_bus()
        self.driven()

    def test_a_clean_stop_of_mcud_leaves_the_fan_at_failsafe(self):
        self.hold()
        since = time.monotonic()
        self.rig.end("mcud", 1)
        self.assertEqual(self.rig.fan_frames(since)[-1].duty, 100)


if __name__ == "__main__":
    desk.main()
