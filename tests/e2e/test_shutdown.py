# SPDX-License-Identifier: MIT
"""Every daemon ends in good order and in time, whatever is under way."""
import threading
import time

import rig as desk


class Shutdown(desk.RigTest):
    def test_mcud_ends_while_a_caller_waits_for_a_silent_mcu(self):
        rig = self.rig
        rig.start_bus()
        rig.start_sim()
        rig.start_mcud()
        rig.wait_until(lambda: rig.mcuctl("temp")[0] == 0, 10, "a first reading")
        rig.sim("fault silent on")
        asked = time.monotonic()
        answers = []
        caller = threading.Thread(target=lambda: answers.append(rig.mcuctl("temp")))
        caller.start()
        rig.wait_until(lambda: rig.sent("40 54 33 27", asked), 10, "the caller's request")
        rig.end("mcud", 1)  # checks the exit code too
        caller.join()
        self.assertNotEqual(answers[0][0], 0)
        self.assertTrue(answers[0][2].strip(), "an error in words")

    def test_nas_fand_ends_while_mcud_is_away(self):
        self.rig.start_bus()
        self.rig.start_fand()
        self.rig.end("nas-fand", 1)


if __name__ == "__main__":
    desk.main()
