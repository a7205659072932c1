#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make soak: 72 hours of virtual time, then MINUTES of real time with the whole suite as it is
shipped: private memory stays flat, no descriptor or thread is added, and the logs grow no faster
than is stated here.
"""
import argparse
import json
import math
import os
import random
import statistics
import subprocess
import sys
import time

from box import DAEMONS, Box
from machine import Lateness, holds
from observer import Tally

import rig as desk

HOURS = 72
CONFIG = """[Fan]
{rule}
[Daemon]
ServerPort = {port}
[Watchdog]
Checks = fan mcu
"""
FLAT = 0.01  # share by which the private memory of all daemons together may grow
LOG_BYTES_AN_HOUR = 64 << 10  # of all daemons together, with a box whose temperature moves
CHANGES_AN_HOUR = 30  # nas-fand's own limit
SAMPLE, VISIT = 30.0, 5.0  # s
HURRY = 0.5  # s between visits in the beginning: what grows with use shall have grown by then


class Soak:
    def __init__(self, options):
        self.options, self.rng = options, random.Random(options.seed)
        self.passed, self.failed = [], []
        self.tally, self.lateness = Tally(), Lateness()

    def check(self, good, words):
        (self.passed if good else self.failed).append(words)
        print(f"{'ok     ' if good else 'FAILED '} {words}", flush=True)

    # -- virtual time ---------------------------------------------------------------------------

    def trace(self, board_top):
        """Three days: nights, noise, a hot afternoon, a sensor that fails for a minute."""
        lines = []
        for second in range(0, HOURS * 3600, 60):
            day = math.sin(2 * math.pi * second / 86400)
            value = 40 + 6 * day + self.rng.uniform(-0.8, 0.8)
            if 30 * 3600 <= second < 33 * 3600:
                value = board_top + self.rng.uniform(-4, 1)
            lines.append(f"{second} board=" + (f"{value:.1f}" if second != 50 * 3600 else "failed"))
        return "\n".join(lines) + "\n"

    def virtual(self):
        print(f"{HOURS} hours of virtual time", flush=True)
        for board in ("qnap-ts433", "dlink-dns327l"):
            self.simulate(board)
        self.day()

    def simulate(self, board):
        """The fan's policy at its own pace, three days of it."""
        box = desk.Rig(board, CONFIG.format(rule="", port=0), self.options.build)
        try:
            file = box.dir / "trace"
            file.write_text(self.trace(66))
            code, out, error = box.mcuctl("--json", "fan", "system", "simulate", file, timeout=300)
            told = json.loads(out) if code == 0 else {}
        finally:
            box.close()
        self.check(code == 0, f"{board}: simulated {error.strip()}")
        if code == 0:
            self.judge_simulation(board, told)

    def judge_simulation(self, board, told):
        self.check(told["seconds"] >= (HOURS - 1) * 3600, f"{board}: {told['seconds']:.0f} s of it")
        self.check(told["highest_duty"] == 100, f"{board}: {told['highest_duty']:g} % when hot")
        self.check(0 < told["failsafe_seconds"] < 600,
                   f"{board}: {told['failsafe_seconds']:.0f} s of failsafe for the failed sensor")
        # The step rule of dns320l-daemon has no such limit.
        if told["rule"].startswith("curve"):
            self.check(told["changes_per_hour"] <= CHANGES_AN_HOUR,
                       f"{board}: {told['changes_per_hour']:.1f} changes an hour")

    def day(self):
        """All that looks at disks, with the clock of the test."""
        program = self.options.build_dir / "tests/test-alertd"
        if not os.access(program, os.X_OK):
            self.check(False, f"{program} is not built")
            return
        done = subprocess.run([program, "--filenames-as-tags", "[#day_test]"], capture_output=True,
                              text=True, timeout=1800, check=False,
                              env={**os.environ, "NASMCU_DAYS": str(HOURS // 24)})
        self.check(done.returncode == 0, f"{HOURS} hours with all sources of nas-alertd: "
                   f"{(done.stdout.strip().splitlines() or ['nothing'])[-1]}")

    # -- real time ------------------------------------------------------------------------------

    def real(self):
        minutes = self.options.minutes
        print(f"{minutes:g} minutes of real time", flush=True)
        box = Box("qnap-ts433", self.tally, self.lateness, self.options.build, config=CONFIG)
        try:
            box.begin()
            box.wait_until(lambda: not box.lacks(), 60, "everything to work")
            self.live(box, minutes * 60)
        finally:
            box.close()
            self.lateness.close()
        self.check(not self.tally.broken, f"the safety rules: {self.tally.broken or 'kept'}")

    def live(self, box, seconds):
        """The box warms up and cools down by itself, and people look at it now and then."""
        box.sim("set temp auto")
        box.observer.temperature(time.monotonic(), None)
        began = time.monotonic()
        warm = began + seconds / 3  # caches, first alerts, the allocator's pools
        samples, look, visit, heat = [], warm, began, began
        logs = None
        while (now := time.monotonic()) < began + seconds:
            box.turn()
            if now >= heat:
                heat = now + 120
                box.sim(f"set heat {self.rng.randint(8, 24)}")
            if now >= visit:
                visit = now + (VISIT if now >= warm else HURRY)
                self.visit(box)
            if now >= look:
                logs = logs or (now, self.log_size(box))
                look = now + SAMPLE
                samples.append({daemon: holds(box.processes[daemon].pid) for daemon in DAEMONS})
                self.tell(now - began, samples[-1], self.log_size(box) - logs[1])
            time.sleep(0.02)
        self.judge(samples, self.log_size(box) - logs[1], time.monotonic() - logs[0])

    @staticmethod
    def tell(seconds, sample, logged):
        memory = " ".join(f"{sample[daemon]['private_kib']:5}" for daemon in DAEMONS)
        print(f"        {seconds / 60:5.1f} min   private KiB {memory}   {logged} bytes logged",
              flush=True)

    def visit(self, box):
        for line in ("help\n", "GetTemperature\n", "status\n"):
            box.port(line, seconds=2)
        box.mcuctl(self.rng.choice(("status", "metrics", "temp", "disks", "alerts", "watchdog")))

    @staticmethod
    def log_size(box):
        return sum((box.dir / f"{daemon}.log").stat().st_size for daemon in DAEMONS)

    def judge(self, samples, logged, seconds):
        part = max(1, len(samples) // 4)
        first, last = samples[:part], samples[-part:]

        def middle(some, daemon, what):
            return statistics.median(one[daemon][what] for one in some)

        for what in ("descriptors", "threads"):
            for daemon in DAEMONS:
                before, after = middle(first, daemon, what), middle(last, daemon, what)
                self.check(after <= before, f"{daemon}: {what} {before:g} > {after:g}")
        totals = [[sum(one[daemon]["private_kib"] for daemon in DAEMONS) for one in some]
                  for some in (first, last)]
        before, after = map(statistics.median, totals)
        for daemon in DAEMONS:
            print(f"        {daemon}: private KiB {middle(first, daemon, 'private_kib'):g} > "
                  f"{middle(last, daemon, 'private_kib'):g}")
        self.check(after <= before * (1 + FLAT),
                   f"private memory of all: {before:g} > {after:g} KiB "
                   f"({(after / before - 1) * 100:+.2f} %, allowed +{FLAT * 100:g} %)")
        rate = logged * 3600 / seconds
        self.check(rate <= LOG_BYTES_AN_HOUR, f"logs of all: {rate / 1024:.1f} KiB an hour, "
                   f"allowed {LOG_BYTES_AN_HOUR >> 10}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--build", default=None)
    options = parser.parse_args()
    options.build_dir = desk.pathlib.Path(options.build or desk.default_build()).resolve()
    soak = Soak(options)
    soak.virtual()
    soak.real()
    print(f"{len(soak.passed)} passed, {len(soak.failed)} failed")
    return 1 if soak.failed or not soak.passed else 0


if __name__ == "__main__":
    sys.exit(main())
