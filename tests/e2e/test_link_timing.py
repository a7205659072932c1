# SPDX-License-Identifier: MIT
"""A lost serial port is announced, costs nothing while it is gone, and works again at once."""
import pathlib
import time

import rig as desk


class LostPort(desk.RigTest):
    def switches(self):
        pid = self.rig.processes["mcud"].pid
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])

    def link(self):
        return (self.rig.status() or {}).get("link", {})

    def test_degraded_then_working_again_within_a_second(self):
        rig = self.rig
        rig.start_all()
        rig.wait_until(lambda: self.link().get("up"), 10, "the link")
        pulled = time.monotonic()
        rig.sim("disconnect 3000")
        rig.wait_until(lambda: not self.link().get("up"), 2, "the lost link to be announced")
        self.assertTrue(self.link()["reason"])
        before, began = self.switches(), time.monotonic()
        time.sleep(max(0.0, pulled + 2.8 - began))  # nobody asks: these wake-ups are mcud's own
        rate = (self.switches() - before) / (time.monotonic() - began)
        back = rig.wait_until(lambda: rig.tty.exists() and time.monotonic(), 5, "the port")
        rig.wait_until(lambda: self.link().get("up"), 5, "the link to work again")
        took = time.monotonic() - back
        print(f"{rate:.1f} wake-ups per second without the port, working again after {took:.2f} s")
        self.assertLessEqual(rate, 5)
        self.assertLess(took, 1.0 * rig.patience)
        rig.wait_until(lambda: rig.device("sensors", "board").get("valid"), 10, "a temperature")

    def test_mcud_starts_without_a_port_and_finds_it_later(self):
        rig = self.rig
        rig.start_bus()
        rig.start_mcud()
        self.assertFalse(self.link()["up"])
        rig.start_sim()
        rig.wait_until(lambda: self.link().get("up"), 5, "the link")

    def test_a_silent_mcu_does_not_keep_mcud_from_answering(self):
        rig = self.rig
        rig.start_all()
        rig.sim("fault silent on")
        began = time.monotonic()
        self.assertIn(b"Available Commands", rig.port("help\n"))
        self.assertLess(time.monotonic() - began, 0.5 * rig.patience)
        first = rig.port("GetTemperature\n", seconds=15)
        # It may have shared an exchange that was answered just before the MCU fell silent.
        self.assertIn(b"ERR\n", (first, rig.port("GetTemperature\n", seconds=15)))


if __name__ == "__main__":
    desk.main()
