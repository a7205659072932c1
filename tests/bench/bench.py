#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench: how fast and how small, as ratios against references measured beside it.

A machine that is busy or slow moves both sides of a ratio. Rounds are interleaved (ours, the
reference, ours, ...), a figure is the median of its rounds, with the least and the most.
"""
import argparse
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import rig as desk  # noqa: E402

BOARD = "dlink-dns327l"
TEMPERATURE = "fa0308000000fb"  # GetTemperature: 7 bytes out, 7 of data and 7 of acknowledge in
WIRE_MS = 21 * 10 / 115200 * 1000  # 21 bytes of ten bits
FORKS = 20


class Figure:
    """One row of the result."""

    def __init__(self, what, values, unit, goal=None, at_least=False):
        self.what, self.unit, self.goal = what, unit, goal
        self.median = statistics.median(values)
        self.least, self.most = min(values), max(values)
        self.met = None if goal is None else \
            (self.median >= goal if at_least else self.median <= goal)
        self.sign = "≥" if at_least else "≤"

    def text(self):
        goal = "" if self.goal is None else f"{self.sign} {self.goal:g}"
        mark = {None: " ", True: "+", False: "-"}[self.met]
        spread = f"{self.least:.4g} ... {self.most:.4g}"
        return f"{mark} {self.what:<58} {self.median:>9.4g} {self.unit:<6} {goal:>8}   {spread}"

    def data(self):
        return {"what": self.what, "median": self.median, "min": self.least, "max": self.most,
                "unit": self.unit, "goal": self.goal, "met": self.met}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench:
    def __init__(self, options):
        self.options = options
        self.figures = []
        self.rigs = []

    # -- the stage ----------------------------------------------------------------------------

    def rig(self, board=BOARD, config=""):
        made = desk.Rig(board, config, self.options.build, log_level="warning")
        self.rigs.append(made)
        return made

    def serving(self, gap):
        """A rig with mcud alone on a TCP port."""
        made = self.rig(config=f"[Serial]\nByteGap = {gap}\n[Daemon]\nServerPort = {free_port()}\n")
        made.tcp = int((made.root / "etc/nasmcu/nasmcu.conf").read_text().rsplit("= ", 1)[1])
        made.start_bus()
        made.start_sim()
        made.sim("set ack-gap 0")
        made.start_mcud()
        made.wait_until(lambda: made.port("GetTemperature\n")[:1].isdigit(), 10, "a temperature")
        return made

    def add(self, *arguments, **options):
        self.figures.append(Figure(*arguments, **options))
        print(self.figures[-1].text(), flush=True)

    def run_tool(self, rig, *words):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                              timeout=300, env=rig.environment, check=False)
        if done.returncode != 0:
            raise desk.RigError(f"{' '.join(map(str, words))}: {done.stderr}\n{rig.logs()}")
        return done.stdout.splitlines()

    def ask(self, rig, clients, count, line="GetTemperature"):
        """[(client, milliseconds)] and the seconds it took."""
        began = time.monotonic()
        lines = self.run_tool(rig, rig.program("load_client"), "ask", rig.tcp, clients, count, line)
        took = time.monotonic() - began
        return [(int(c), float(us) / 1000) for c, us in (line.split() for line in lines)], took

    def p50(self, rig, count, line="GetTemperature"):
        return statistics.median(ms for _, ms in self.ask(rig, 1, count, line)[0])

    # -- the measurements ---------------------------------------------------------------------

    def wire(self):
        print(f"\nGetTemperature over the command port; the wire itself takes {WIRE_MS:.3f} ms")
        bare_rig = self.rig()
        bare_rig.start_sim()
        bare_rig.sim("set ack-gap 0")
        self.plain, gap = self.serving(0), self.serving(100)
        bare, ours, gapped = [], [], []
        for _ in range(self.options.rounds):
            count = self.options.requests
            lines = self.run_tool(bare_rig, bare_rig.program("bare_poll"), bare_rig.tty, count,
                                  TEMPERATURE, 14)
            bare.append(statistics.median(float(line) / 1000 for line in lines))
            ours.append(self.p50(self.plain, count))
            gapped.append(self.p50(gap, count))
        self.add("bare C poll loop on the tty / wire", [b / WIRE_MS for b in bare], "x")
        self.add("one client, ByteGap 0 / wire", [o / WIRE_MS for o in ours], "x", 1.05)
        self.add("one client, ByteGap 0 / bare poll loop beside it",
                 [o / b for o, b in zip(ours, bare)], "x")
        self.add("one client, ByteGap 100 / wire", [g / WIRE_MS for g in gapped], "x", 1.15)

    def crowd(self):
        print("\n8 clients at the same time (identical reads in flight share one exchange)")
        rates, fairness = [], []
        for _ in range(self.options.rounds):
            answers, took = self.ask(self.plain, 8, self.options.requests // 4)
            rates.append(len(answers) / took * WIRE_MS / 1000)
            each = [sum(ms for client, ms in answers if client == c) for c in range(8)]
            fairness.append(min(each) / max(each))
        self.add("8 clients: answers per second / the wire's limit", rates, "x", 0.95, at_least=True)
        self.add("8 clients: slowest / fastest client", fairness, "x", 0.9, at_least=True)

    def connections(self):
        descriptors = pathlib.Path(f"/proc/{self.plain.processes['mcud'].pid}/fd")
        before = len(list(descriptors.iterdir()))
        tool = self.plain.program("load_client")
        took = [float(self.run_tool(self.plain, tool, "connects", self.plain.tcp, 200)[0]) / 1000
                for _ in range(self.options.rounds)]
        self.plain.wait_until(lambda: len(list(descriptors.iterdir())) <= before, 5,
                              "all descriptors to be closed")
        self.add("200 connects and closes, until the next answer", took, "ms", 50)
        self.add("descriptors leaked by them", [len(list(descriptors.iterdir())) - before], "", 0)

    def silence(self):
        print("\nTrouble")
        rig = self.plain
        rig.sim("fault silent on")
        times = []
        for _ in range(self.options.rounds):
            with socket.create_connection(("127.0.0.1", rig.tcp)) as waiting:
                waiting.sendall(b"GetTemperature\n")  # the queue is now behind a dead MCU
                times.append(self.p50(rig, 50, "help"))
        rig.sim("fault silent off")
        self.add("MCU silent: a command that needs no MCU", times, "ms", 1)

    def port_back(self):
        rig, took = self.plain, []
        rig.wait_until(lambda: rig.port("GetTemperature\n")[:1].isdigit(), 15, "a temperature")
        for _ in range(min(3, self.options.rounds)):
            rig.sim("disconnect 500")
            rig.wait_until(lambda: not rig.tty.exists(), 2, "the port to vanish")
            back = rig.wait_until(lambda: rig.tty.exists() and time.monotonic(), 5, "the port")
            rig.wait_until(lambda: rig.port("GetTemperature\n")[:1].isdigit(), 5, "a temperature")
            took.append(time.monotonic() - back)
        self.add("serial port back -> working again", took, "s", 1)

    def killed_holder(self):
        rig, took = self.rig("qnap-ts433", "[Fan]\nPollTime = 1\n"), []
        rig.start_bus()
        rig.start_sim()
        rig.sim("set temp 30")
        rig.start_mcud()
        for _ in range(FORKS):
            since = time.monotonic()
            rig.start_fand()
            rig.wait_until(lambda: rig.device("fans", "system").get("holder"), 10, "a holder")
            rig.fan_frame(lambda duty: True, since, 10, "a fan frame")
            failsafe = rig.device("fans", "system")["failsafe"]
            killed = rig.kill("nas-fand")
            frame = rig.fan_frame(lambda duty: abs(duty - failsafe) <= 1, killed, 5, "failsafe")
            took.append((frame.time - killed) * 1000)
        self.add(f"lease holder killed -> failsafe frame ({FORKS} times)", took, "ms", 50)
        self.add("   the slowest of them", [max(took)], "ms", 50)

    def idle(self):
        print(f"\nIdle for {self.options.idle} s, mcud and nas-fand together")
        stages = []
        for board, goal in (("dlink-dns327l", 2), ("qnap-ts433", 8)):
            rig = self.rig(board)
            rig.start_all()
            stages.append((rig, board, goal))
        time.sleep(3)  # what belongs to the start is over
        before = [self.switches(rig) for rig, _, _ in stages]
        time.sleep(self.options.idle)
        for (rig, board, goal), then in zip(stages, before):
            rate = (self.switches(rig) - then) / self.options.idle
            self.add(f"wake-ups per second, {board}, fan poll 10 s", [rate], "/s", goal)
        self.memory(stages[0][0])

    @staticmethod
    def switches(rig):
        total = 0
        for name in ("mcud", "nas-fand"):
            for task in pathlib.Path(f"/proc/{rig.processes[name].pid}/task").iterdir():
                status = (task / "status").read_text()
                total += int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
        return total

    def memory(self, rig):
        print("\nMemory of mcud and nas-fand, against two empty sdbus-c++ daemons beside them")
        for number in (1, 2):
            rig.start(f"empty{number}", [rig.program("empty_daemon"), f"io.nasmcu1.Empty{number}"])
            rig.processes[f"empty{number}"].forced = True  # knows no other end than a signal
        ours = [self.pages(rig, name) for name in ("mcud", "nas-fand")]
        empty = [self.pages(rig, name) for name in ("empty1", "empty2")]
        pss, floor = sum(o["Pss"] for o in ours), sum(e["Pss"] for e in empty)
        self.add("proportional set size / two empty daemons", [pss / floor], "x", 1.25)
        self.add("proportional set size", [pss / 1024], "MB")
        self.add("private memory (anonymous)", [sum(o["Anonymous"] for o in ours) / 1024], "MB", 1.0)
        self.add("   of the two empty daemons", [sum(e["Anonymous"] for e in empty) / 1024], "MB")

    @staticmethod
    def pages(rig, name):
        text = pathlib.Path(f"/proc/{rig.processes[name].pid}/smaps_rollup").read_text()
        return {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}

    def starts(self):
        print("\nStart, from exec to the name owned and ready")
        rig = self.rig("qnap-ts433")
        rig.start_bus()
        rig.start_sim()
        commands = {"empty": [rig.program("empty_daemon"), "io.nasmcu1.Empty"]}
        for name in ("mcud", "nas-fand"):
            commands[name] = [rig.program(name), "--board", rig.board, "--root", rig.root,
                              "--log-level", "warning"]
        times = {name: [] for name in commands}
        for _ in range(max(5, self.options.rounds)):
            for name, command in commands.items():
                lines = self.run_tool(rig, rig.program("load_client"), "start",
                                      rig.dir / "start.notify", *command)
                times[name].append(float(lines[0]) / 1000)
        for name in ("mcud", "nas-fand"):
            self.add(f"{name}", times[name], "ms", 15)
            self.add(f"{name} / an empty sdbus-c++ daemon",
                     [a / b for a, b in zip(times[name], times["empty"])], "x")
        if self.options.instructions:
            self.instructions(rig, commands)

    def instructions(self, rig, commands):
        """Instructions from exec to ready; a count that noise does not touch."""
        counts = {}
        for name, command in commands.items():
            out = rig.dir / f"{name}.callgrind"
            self.run_tool(rig, rig.program("load_client"), "start", rig.dir / "start.notify",
                          "/usr/bin/valgrind", "-q", "--tool=callgrind",
                          f"--callgrind-out-file={out}", *command)
            totals = [line for line in out.read_text().splitlines()
                      if line.startswith(("totals:", "summary:"))]
            counts[name] = int(totals[-1].split()[1])
        for name in ("mcud", "nas-fand"):
            self.add(f"{name}: instructions / an empty sdbus-c++ daemon",
                     [counts[name] / counts["empty"]], "x", 1.3)

    def run(self):
        parts = {"wire": self.wire, "crowd": self.crowd, "connections": self.connections,
                 "silence": self.silence, "port-back": self.port_back,
                 "failsafe": self.killed_holder, "idle": self.idle, "start": self.starts}
        print(f"  {'what':<58} {'median':>9} {'':<6} {'goal':>8}   least ... most")
        failed = False
        for name, part in parts.items():
            if self.options.only and name not in self.options.only.split(","):
                continue
            try:
                part()
            except (desk.RigError, OSError, ValueError, KeyError, AttributeError) as error:
                print(f"! {name} could not be measured: {error}", flush=True)
                failed = True
        return 1 if failed else 0

    def close(self):
        for made in self.rigs:
            try:
                made.close()
            except desk.RigError as error:
                print(f"! {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", help="the build folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="per client and round")
    parser.add_argument("--idle", type=int, default=60, help="seconds")
    parser.add_argument("--only", help="parts, separated by commas; crowd and so on need wire")
    parser.add_argument("--no-instructions", dest="instructions", action="store_false")
    parser.add_argument("--json", help="where to write the figures (default: BUILD/bench.json)")
    options = parser.parse_args()
    bench = Bench(options)
    try:
        code = bench.run()
    finally:
        bench.close()
    file = pathlib.Path(options.json or pathlib.Path(options.build or desk.default_build()) / "bench.json")
    file.write_text(json.dumps([figure.data() for figure in bench.figures], indent=1) + "\n")
    missed = sum(figure.met is False for figure in bench.figures)
    met = sum(figure.met is True for figure in bench.figures)
    print(f"\n{met} goals met, {missed} missed; figures in {file}")
    return code


sys.exit(main())
