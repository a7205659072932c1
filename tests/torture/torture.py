#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make torture: rounds of random faults against the whole suite, while an observer that sees only
the simulator's wire and the bus checks the safety rules.

A round is chosen by the seed and its number alone. Processes live through many rounds, so that what
leaks or gets stuck shows; every round ends when everything works again.
"""
import argparse
import collections
import json
import os
import random
import resource
import statistics
import sys
import time

from box import DAEMONS, Box
import faults
from machine import Lateness
from observer import Tally
from small_disk import own_mounts

import rig as desk

BOARDS = ("qnap-ts433", "dlink-dns327l")  # one for each protocol
BOX_ROUNDS = 25  # rounds until the next box, of the other board
RECOVERY = 15.0  # s from the end of the last fault until everything works
HELP = 1.0  # s in which the command port tells its words when nobody floods it
# A restarted process may hold a few more or fewer descriptors than the one before; a leak of one in
# a round is over this within a box.
SPARE = 4


class Failed(Exception):
    """The campaign ends: an invariant was broken, or a box did not come back."""


class Holdings:
    """Descriptors, threads and private memory of each daemon at the ends of rounds."""

    def __init__(self):
        self.seen = {daemon: [] for daemon in DAEMONS}

    def note(self, now):
        for daemon, one in now.items():
            if one:
                self.seen[daemon].append(one)

    def ends(self, daemon, what):
        """(median of the first rounds, of the last ones)"""
        values = [one[what] for one in self.seen[daemon]]
        part = max(1, min(5, len(values) // 2))
        return statistics.median(values[:part]), statistics.median(values[-part:])

    def judge(self, tally, now):
        for daemon, seen in self.seen.items():
            for what in ("descriptors", "threads"):
                if len(seen) < 2:
                    continue
                first, last = self.ends(daemon, what)
                if last > first + SPARE:
                    tally.bad(now, "nothing grows", f"{daemon}: {what} from {first:g} to {last:g}")
                else:
                    tally.good("nothing grows")


class Campaign:
    def __init__(self, options):
        self.options = options
        self.tally = Tally()
        self.kinds = collections.Counter()
        self.lateness = Lateness()
        self.mounts = own_mounts()
        self.box = None
        self.boxes = []  # [(board, Holdings)]
        self.done = 0
        self.recovery = []
        self.deaths = collections.Counter()  # for want of memory
        self.began = time.monotonic()
        self.told = 0
        self.left_out = set() if self.mounts else {"full disk: only root can mount a small one"}

    # -- boxes ----------------------------------------------------------------------------------

    def board(self, number):
        return self.options.board or BOARDS[(number - 1) // BOX_ROUNDS % len(BOARDS)]

    def open_box(self, number):
        self.box = Box(self.board(number), self.tally, self.lateness, self.options.build,
                       self.mounts)
        self.boxes.append((self.box.board, Holdings()))
        if not self.box.clock_jumps:
            self.left_out.add("clock jumps: nothing can be preloaded into this build")
        self.box.begin()
        self.recover("the start of the box")

    def close_box(self):
        if not self.box:
            return
        box, self.box = self.box, None
        self.boxes[-1][1].judge(self.tally, time.monotonic())
        for daemon, code in box.excuses:
            self.deaths[f"{daemon} {code}"] += 1
        box.close()
        self.check("the end of the box", box)

    # -- rounds ---------------------------------------------------------------------------------

    def recover(self, what):
        box, began = self.box, time.monotonic()
        watch = box.watch(*DAEMONS, own=True)
        lack = "everything"

        def works():
            nonlocal lack
            if (now := box.lacks()) != lack:
                box.tell(now or "everything works")
            lack = now
            return not lack

        try:
            box.wait_until(works, RECOVERY + faults.PATIENCE, "everything to work")
        except desk.RigError:
            self.tally.time(time.monotonic(), "everything works again", time.monotonic() - began,
                            RECOVERY, box.delay(watch), f"{what}: {lack}")
            raise Failed(f"{what}: after {time.monotonic() - began:.1f} s: {lack}") from None
        took = time.monotonic() - began
        box.excused.clear()
        self.recovery.append(took)
        self.tally.time(time.monotonic(), "everything works again", took, RECOVERY,
                        box.delay(watch), what)
        box.observer.settled(time.monotonic(), box.celsius)
        self.ask_port()

    def ask_port(self):
        """The command port serves who comes, within its time."""
        box = self.box
        watch, began = box.watch("mcud", own=True), time.monotonic()
        answer = b""
        while b"Available Commands" not in answer:
            try:
                answer = box.port("help\n", seconds=HELP)
            except OSError as error:
                answer = str(error).encode()
            took = time.monotonic() - began
            if took > 10:
                break
        self.tally.time(time.monotonic(), "the command port answers", took, HELP, box.delay(watch),
                        f"help was answered by {answer[:60]!r}")

    def round(self, number):
        box, rng = self.box, random.Random(f"{self.options.seed}/{number}")
        this = faults.Round(box, rng)
        box.story.clear()
        box.observer.tolerance = 1.01
        box.warm(rng.randint(*box.idle))
        names = self.options.background or sorted({
            faults.choose(rng, faults.BACKGROUND) for _ in range(rng.choice((0, 0, 1, 1, 2)))})
        event = self.options.event or faults.choose(rng, faults.EVENTS)
        self.kinds.update([*names, event])
        box.tell(f"round {number}: {', '.join([*names, event])}")
        background = []
        try:
            for name in names:
                background.append(faults.BACKGROUND[name][0](this))
                next(background[-1])
            box.rest(rng.uniform(0.1, 0.8))
            faults.EVENTS[event][0](this)
            box.rest(rng.uniform(0.0, 0.4))
        finally:
            for one in reversed(background):
                next(one, None)
        self.recover(f"round {number}")
        self.boxes[-1][1].note(box.holdings())
        self.ask_for_actions()

    def ask_for_actions(self):
        actions = self.box.asked_for_power()
        if actions:
            self.tally.bad(time.monotonic(), "nobody switches the box off", f"{actions}")
        else:
            self.tally.good("nobody switches the box off")

    def check(self, what, box):
        """Ends the campaign with the story when something was broken."""
        if not self.tally.broken[self.told:]:
            return
        fresh, self.told = self.tally.broken[self.told:], len(self.tally.broken)
        lines = [f"BROKEN in {what} ({box.board}), seed {self.options.seed}:"]
        lines += [f"  {one.when:.3f}  {one.invariant}: {one.words}" for one in fresh]
        lines += ["  What was done:"]
        lines += [f"    {when:.3f}  {words}" for when, words in box.story[-40:]]
        moment = fresh[0].when
        lines += ["  The wire (> to the MCU):"]
        story = box.observer.wire.story(moment - 4, moment + 0.5)
        lines += [f"    {line}" for line in story[-120:]]
        print("\n".join(lines), flush=True)
        if self.options.logs and box.dir.exists():
            print(box.logs())
        raise Failed(fresh[0].invariant)

    def run(self):
        numbers = [self.options.only] if self.options.only else range(1, self.options.rounds + 1)
        try:
            for number in numbers:
                if not self.box or (number - 1) % BOX_ROUNDS == 0:
                    self.close_box()
                    self.open_box(number)
                    self.check("the start of the box", self.box)
                began = time.monotonic()
                try:
                    self.round(number)
                except (desk.RigError, OSError) as error:
                    self.tally.bad(time.monotonic(), "what must follow follows", str(error))
                finally:
                    self.check(f"round {number}", self.box)
                self.done += 1
                if self.options.verbose:
                    print(f"{number:5} {time.monotonic() - began:6.1f} s  "
                          f"{self.box.story[0][1].partition(': ')[2]}", flush=True)
                if self.options.story:
                    self.tell_story()
            self.close_box()
        except (Failed, desk.RigError, OSError) as error:
            print(f"FAILED: {type(error).__name__}: {error}", flush=True)
            if self.box and self.options.logs:
                print(self.box.logs())
        finally:
            self.end()
        return not self.tally.broken and self.done == len(numbers)

    def end(self):
        if self.box:
            try:
                self.box.close()
            except desk.RigError as error:
                print(error)
        self.box = None
        self.lateness.close()

    def tell_story(self):
        begin = self.box.story[0][0]
        for when, words in self.box.story:
            print(f"        {when - begin:7.3f}  {words}")

    # -- the report -----------------------------------------------------------------------------

    def figures(self):
        return {
            "seed": self.options.seed, "rounds": self.done,
            "seconds": round(time.monotonic() - self.began, 1),
            "faults": dict(self.kinds.most_common()),
            "invariants": dict(self.tally.checked.most_common()),
            "not_judged": dict(self.tally.not_judged),
            "worst_ms": {kind: round(took * 1000, 1)
                         for kind, took in sorted(self.tally.worst.items())},
            "recovery_s": {"median": round(statistics.median(self.recovery or [0]), 2),
                           "worst": round(max(self.recovery, default=0), 2)},
            "ended_for_want_of_memory": dict(self.deaths),
            "boxes": [{"board": board,
                       **{daemon: {what: holdings.ends(daemon, what)
                                   for what in ("descriptors", "threads", "private_kib")}
                          for daemon in DAEMONS if holdings.seen[daemon]}}
                      for board, holdings in self.boxes],
            "left_out": sorted(self.left_out),
            "broken": [one._asdict() for one in self.tally.broken],
        }

    def report(self, figures):
        lines = [f"{figures['rounds']} rounds in {figures['seconds']} s, seed {figures['seed']}",
                 f"one round again: make torture SEED={figures['seed']} ONLY=<number>"]
        for title, key in (("Faults", "faults"), ("Invariants, and how often judged", "invariants"),
                           ("Not judged: bounds missed while the machine was busy", "not_judged"),
                           ("Worst times, ms", "worst_ms"),
                           ("Ended for want of memory, with exit code",
                            "ended_for_want_of_memory")):
            lines += [f"{title}:"]
            lines += [f"  {value:>9}  {name}" for name, value in figures[key].items()]
            if not figures[key]:
                lines += ["          none"]
        lines += [f"Recovery: median {figures['recovery_s']['median']} s, worst "
                  f"{figures['recovery_s']['worst']} s"]
        lines += [f"Left out: {words}" for words in figures["left_out"]]
        lines += ["Descriptors, threads, private KiB of each daemon, first and last rounds:"]
        for box in figures["boxes"][:2] + figures["boxes"][2:][-2:]:
            lines += [f"  {box['board']}"]
            lines += [f"    {daemon:<14} " + "   ".join(
                f"{box[daemon][what][0]:g} > {box[daemon][what][1]:g}"
                for what in ("descriptors", "threads", "private_kib"))
                for daemon in DAEMONS if daemon in box]
        print("\n".join(lines), flush=True)


def arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", default=None, help="default: a fresh one")
    parser.add_argument("--only", type=int, help="this round alone")
    parser.add_argument("--board", help="instead of one after the other")
    parser.add_argument("--event", choices=sorted(faults.EVENTS), help="always this one")
    parser.add_argument("--background", action="append", choices=sorted(faults.BACKGROUND))
    parser.add_argument("--build", default=None)
    parser.add_argument("--json", help="the report, for programs")
    parser.add_argument("--verbose", action="store_true", help="a line for each round")
    parser.add_argument("--story", action="store_true", help="all that happened in each")
    parser.add_argument("--logs", action="store_true", help="the daemons' logs when it fails")
    options = parser.parse_args(words)
    options.seed = options.seed or f"{random.SystemRandom().randrange(1 << 32):08x}"
    return options


def main():
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    campaign = Campaign(arguments())
    print(f"seed {campaign.options.seed}", flush=True)
    good = campaign.run()
    figures = campaign.figures()
    campaign.report(figures)
    if campaign.options.json:
        with open(campaign.options.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
            file.write("\n")
    print(f"{campaign.done} passed, {0 if good else 1} failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
