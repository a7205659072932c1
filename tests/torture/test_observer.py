# SPDX-License-Identifier: MIT
"""The observer must tell: a played trace with each invariant broken, and the same one whole."""
import json
import os
import pathlib
import random
import signal
import tempfile
import time
import unittest
import unittest.mock

import wire
import faults
import torture
from observer import DEADLINE, HEALTHY, Observer, Policy, Tally

import rig as desk

CURVE = [(35, 20), (45, 40), (55, 70), (65, 100)]
QNAP, DLINK = "wt61p803", "dns320l"


def fan(duty, protocol=QNAP):
    """The frame that asks for this duty."""
    if protocol == DLINK:
        return bytes([0xFA, 0x02, 0x00, duty // 50, 0, 0, 0xFB])
    frame = [0x40, 0x46, 0x57, 0x30, round(duty * 255 / 100)]
    check = 0
    for value in frame:
        check ^= value
    return bytes(frame + [check])


class Played(unittest.TestCase):
    def setUp(self):
        self.observer = Observer(wire.Wire(QNAP), 100, Policy(CURVE))
        self.tally = self.observer.tally

    def play(self, *steps):
        """(time, bytes to the MCU), in pieces of one byte as mcusim writes them."""
        for when, frame in steps:
            self.observer.feed([(when + i * 87e-6, "to_mcu", bytes([value]))
                                for i, value in enumerate(frame)])

    def broken(self):
        return [one.invariant for one in self.tally.broken]

    def see(self, when, **properties):
        self.observer.bus(when, "/io/nasmcu1/sensor/board", "io.nasmcu1.Sensor",
                          {"Valid": True, **properties})

    def drive(self, when, duty, **properties):
        self.observer.bus(when, "/io/nasmcu1/fan/system", "io.nasmcu1.Fan",
                          {"Holder": ":1.7", "InFailsafe": False, "Duty": float(duty),
                           **properties})


class Failsafe(Played):
    def killed(self, bound=HEALTHY, now=30.0, delay=0.0):
        one = self.observer.expect("holder killed", 10.0, bound)
        self.observer.judge(one, now, delay)

    def test_in_time(self):
        self.play((9, fan(30)), (10.004, fan(100)))
        self.killed()
        self.assertEqual(self.broken(), [])
        self.assertAlmostEqual(self.tally.worst["holder killed"], 0.0044, places=3)

    def test_too_late(self):
        self.play((9, fan(30)), (10.060, fan(100)))
        self.killed()
        self.assertEqual(self.broken(), ["failsafe in time"])
        self.assertIn("60.4 ms, allowed are 50", self.tally.broken[0].words)

    def test_never(self):
        self.play((9, fan(30)))
        self.killed(DEADLINE)
        self.assertEqual(self.broken(), ["failsafe in time"])
        self.assertIn("not yet", self.tally.broken[0].words)

    def test_a_frame_from_before_does_not_count(self):
        self.play((9.99, fan(100)))
        self.killed()
        self.assertEqual(self.broken(), ["failsafe in time"])

    def test_a_slower_frame_does_not_count(self):
        self.play((10.01, fan(99 - 30)))
        self.killed()
        self.assertEqual(self.broken(), ["failsafe in time"])

    def test_a_duty_in_force_counts_where_no_frame_is_asked_for(self):
        self.play((9, fan(100)))
        one = self.observer.expect("heat", 10.0, 1.0, fresh=False)
        self.observer.judge(one, 10.5)
        self.assertEqual(self.broken(), [])
        self.play((12, fan(30)))
        one = self.observer.expect("heat", 13.0, 1.0, fresh=False)
        self.observer.judge(one, 15.0)
        self.assertEqual(self.broken(), ["failsafe in time"])

    def test_a_frame_that_comes_later_is_waited_for(self):
        one = self.observer.expect("holder killed", 10.0, DEADLINE)
        self.assertRaises(ValueError, self.observer.judge, one, 11.0)
        one = self.observer.expect("holder killed", 10.0, DEADLINE)
        self.play((12, fan(100)))
        self.observer.judge(one, 12.0)
        self.assertEqual(self.broken(), [])

    def test_a_busy_machine_is_no_judge_as_far_as_it_was_busy(self):
        self.play((10.090, fan(100)))
        self.killed(delay=0.045)
        self.assertEqual(self.broken(), [])
        self.assertEqual(self.tally.not_judged["failsafe in time"], 1)
        self.assertEqual(self.tally.checked["failsafe in time"], 0)
        self.assertEqual(self.tally.worst, {})
        self.killed(delay=0.030)
        self.assertEqual(self.broken(), ["failsafe in time"])

    def test_a_machine_that_gave_no_processor_for_half_of_the_time_is_no_judge(self):
        self.play((10.500, fan(100)))
        self.killed(delay=0.260)
        self.assertEqual(self.broken(), [])
        self.assertEqual(self.tally.not_judged["failsafe in time"], 1)
        self.killed(delay=0.240)
        self.assertEqual(self.broken(), ["failsafe in time"])

    def test_a_busy_machine_that_was_in_time_all_the_same_is_judged(self):
        self.play((10.004, fan(100)))
        self.killed(delay=5.0)
        self.assertEqual(self.tally.checked["failsafe in time"], 1)


class Order(Played):
    def test_power_cutting_bytes(self):
        self.play((1, bytes.fromhex("40433033")))
        self.assertEqual(self.broken(), ["no power-cutting byte"])

    def test_power_cutting_bytes_of_the_other_protocol(self):
        self.observer.wire = wire.Wire(DLINK)
        self.play((1, bytes.fromhex("fa0303")))
        self.assertEqual(self.broken(), ["no power-cutting byte"])

    def test_power_cutting_bytes_far_apart_in_the_trace(self):
        self.play((1, b"\x40"), (2, b"\x43"), (3, b"\x30"))
        self.assertEqual(self.broken(), ["no power-cutting byte"])

    def test_what_the_mcu_says_cuts_no_power(self):
        self.observer.feed([(1.0, "from_mcu", bytes.fromhex("40433033"))])
        self.play((2, bytes.fromhex("40433231")), (3, fan(30)))
        self.assertEqual(self.broken(), [])

    def test_slower_while_nobody_drives(self):
        self.observer.nobody_drives(10.0)
        self.play((10.001, fan(30)), (10.02, fan(100)))  # the first was on its way
        self.assertEqual(self.broken(), [])
        self.play((10.5, fan(30)))
        self.assertEqual(self.broken(), ["failsafe while nobody drives"])

    def test_slower_when_somebody_drives_again(self):
        self.observer.nobody_drives(10.0)
        self.play((10.02, fan(100)))
        self.observer.may_drive(11.0)
        self.play((11.2, fan(30)))
        self.assertEqual(self.broken(), [])
        self.assertEqual(self.tally.checked["failsafe while nobody drives"], 1)

    def test_slower_while_hot(self):
        self.observer.is_hot(10.0)
        self.play((10.5, fan(100)))
        self.assertEqual(self.broken(), [])
        self.play((11, fan(70)))
        self.assertEqual(self.broken(), ["failsafe while the box is too hot"])
        self.observer.is_cool()
        self.play((12, fan(70)))
        self.assertEqual(len(self.broken()), 1)

    def test_mcud_that_begins_slowly(self):
        self.observer.mcud_starts(10.0)
        self.play((10.1, fan(100)), (10.2, fan(30)))
        self.assertEqual(self.broken(), [])
        self.observer.mcud_starts(20.0)
        self.play((20.1, fan(30)))
        self.assertEqual(self.broken(), ["mcud begins in failsafe"])


class Settled(Played):
    def settle(self, celsius=40, when=30.0):
        self.observer.settled(when, celsius)

    def test_all_is_well(self):
        self.observer.may_drive(10.0)
        self.play((11, fan(30)))
        self.drive(12, 30)
        self.settle()
        self.assertEqual(self.broken(), [])

    def test_slower_than_the_policy(self):
        self.play((11, fan(20)))
        self.drive(12, 20)
        self.settle()
        self.assertEqual(self.broken(), ["never slower than the policy"])

    def test_no_frame_at_all(self):
        self.drive(12, 30)
        self.settle()
        self.assertIn("never slower than the policy", self.broken())

    def test_the_bus_tells_another_duty(self):
        self.play((11, fan(40)))
        self.drive(12, 30)
        self.settle()
        self.assertEqual(self.broken(), ["the bus tells what the wire has"])

    def test_a_new_holder_that_writes_nothing(self):
        self.play((9, fan(30)))
        self.observer.may_drive(10.0)
        self.drive(12, 30)
        self.settle()
        self.assertEqual(self.broken(), ["a new holder writes before it drives"])

    def test_policies(self):
        curve, steps = Policy(CURVE), Policy()
        self.assertEqual([curve.least(t) for t in (20, 35, 40, 50, 65, 90)],
                         [20, 20, 30, 55, 100, 100])
        self.assertEqual([steps.least(t) for t in (20, 44, 45, 49, 50, 90)],
                         [0, 0, 50, 50, 100, 100])


class Values(Played):
    def setUp(self):
        super().setUp()
        self.observer.temperature(0.0, 30)
        self.observer.temperature(100.0, 40)

    def test_what_it_has_and_had(self):
        self.see(99, Temperature=30.0)
        self.see(101, Temperature=40.0)
        self.see(101.5, Temperature=30.0)  # a reading from before
        self.assertEqual(self.broken(), [])
        self.assertEqual(self.tally.checked["only temperatures that the box had"], 3)

    def test_what_it_never_had(self):
        self.see(101, Temperature=20.0)
        self.assertEqual(self.broken(), ["only temperatures that the box had"])

    def test_what_it_had_long_ago(self):
        self.observer.temperature(101.0, 41)
        self.see(140, Temperature=30.0)
        self.assertEqual(self.broken(), ["only temperatures that the box had"])

    def test_what_is_said_to_be_no_value(self):
        self.see(101, Temperature=0.0, Valid=False)
        self.assertEqual(self.broken(), [])

    def test_a_property_that_did_not_change_is_remembered(self):
        self.see(101, Temperature=20.0, Valid=False)
        self.see(102)
        self.assertEqual(self.broken(), ["only temperatures that the box had"])


class Times(unittest.TestCase):
    def test_each_bound(self):
        tally = Tally()
        tally.time(1.0, "mcud answers on the bus", 0.2, 0.5, 0.0, "a question")
        self.assertEqual(tally.broken, [])
        tally.time(2.0, "mcud answers on the bus", 0.7, 0.5, 0.1, "a question")
        self.assertEqual([one.invariant for one in tally.broken], ["mcud answers on the bus"])
        self.assertEqual(tally.checked["mcud answers on the bus"], 2)


class Trace(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "trace"

    @staticmethod
    def line(when, way, values):
        return json.dumps({"t_ms": when * 1000, "dir": way, "hex": values.hex(" ")}) + "\n"

    def test_read_as_it_grows_also_within_a_line(self):
        tail = wire.Tail(self.path)
        self.addCleanup(tail.close)
        self.assertEqual(tail.read(), [])
        text = self.line(1, "rx", fan(30)) + self.line(2, "tx", b"\x40\x30\x70")
        self.path.write_text(text[:-20])
        self.assertEqual(tail.read(), [(1.0, "to_mcu", fan(30))])
        with open(self.path, "a", encoding="ascii") as file:
            file.write(text[-20:])
        self.assertEqual(tail.read(), [(2.0, "from_mcu", b"\x40\x30\x70")])

    def test_frames_of_both_protocols_among_others(self):
        for protocol, other in ((QNAP, "40543327"), (DLINK, "fa0308000000fb")):
            seen = wire.Wire(protocol)
            frames, cuts = seen.feed([(1.0, "to_mcu", bytes.fromhex(other)),
                                      (2.0, "to_mcu", fan(50, protocol)[:3]),
                                      (2.1, "to_mcu", fan(50, protocol)[3:]),
                                      (3.0, "to_mcu", fan(100, protocol))])
            seen = [(frame.time, frame.duty) for frame in frames]
            self.assertEqual(seen, [(2.1, 50), (3.0, 100)])
            self.assertEqual(cuts, [])

    def test_a_lost_answer_is_waited_for_until_the_next_one_comes(self):
        seen = wire.Wire(QNAP)
        seen.feed([(1.0, "to_mcu", fan(50)), (2.0, "to_mcu", fan(50))])
        self.assertEqual(seen.answered, 0.0)
        seen.feed([(2.1, "from_mcu", b"\x40\x30\x70"), (3.0, "to_mcu", fan(50))])
        self.assertEqual(seen.answered, 2.0)


class Campaign(unittest.TestCase):
    """A real box that is broken on purpose: the campaign must end with the invariant's name."""

    def campaign(self):
        made = torture.Campaign(torture.arguments(["--seed", "1", "--board", "qnap-ts433"]))
        self.addCleanup(made.end)
        made.open_box(1)
        return made

    def test_a_frozen_mcud_does_not_save_the_fan(self):
        campaign = self.campaign()
        box = campaign.box
        os.kill(box.processes["mcud"].pid, signal.SIGSTOP)  # nobody told the supervisor
        box.delay = lambda watch: 0.0  # however busy this machine is
        faults.kill_holder(faults.Round(box, random.Random(1)))
        self.assertEqual([one.invariant for one in campaign.tally.broken], ["failsafe in time"],
                         (box.story, campaign.tally.not_judged))

    def test_a_process_that_ends_by_itself_is_told(self):
        campaign = self.campaign()
        box = campaign.box
        os.kill(box.processes["nas-buttond"].pid, signal.SIGABRT)  # sanitizers take SIGSEGV
        box.wait_until(lambda: campaign.tally.broken, 10, "the end of nas-buttond to be told")
        self.assertIn("nas-buttond ended with -6", campaign.tally.broken[0].words)

    def test_a_power_off_that_nobody_asked_for_is_told(self):
        campaign = self.campaign()
        campaign.ask_for_actions()
        self.assertEqual(campaign.tally.broken, [])
        with open(campaign.box.root / "run/nasmcu/actions", "a", encoding="ascii") as actions:
            actions.write('{"t_ms": 1, "action": "poweroff", "args": ["20"], "by": "mcud"}\n')
        campaign.ask_for_actions()
        self.assertEqual([one.invariant for one in campaign.tally.broken],
                         ["nobody switches the box off"])

    def test_a_box_in_which_one_hangs_does_not_work(self):
        campaign = self.campaign()
        os.kill(campaign.box.processes["nas-alertd"].pid, signal.SIGSTOP)
        with unittest.mock.patch.multiple(torture, RECOVERY=0.1), \
                unittest.mock.patch.multiple(faults, PATIENCE=0.1), \
                self.assertRaises(torture.Failed) as caught:
            campaign.recover("a test")
        self.assertIn("nas-alertd does not answer", str(caught.exception))

    def test_descriptors_that_pile_up_are_told(self):
        holdings, tally = torture.Holdings(), Tally()
        for number in range(12):
            holdings.note({daemon: {"descriptors": 20 + (number if daemon == "mcud" else 0),
                                    "threads": 1, "private_kib": 900}
                           for daemon in torture.DAEMONS})
        holdings.judge(tally, time.monotonic())
        self.assertEqual([one.words for one in tally.broken], ["mcud: descriptors from 22 to 29"])


if __name__ == "__main__":
    desk.main()
