# SPDX-License-Identifier: MIT
"""All five daemons: wake-ups, memory, start."""
import contextlib
import time

import rig as desk
from stage import (BOARDS, DAEMONS, DLINK, QNAP, SIGTERM, SIGUSR2, memory, options_of,
                   wakeups)

IDLE_GOALS = {DLINK: 2, QNAP: 8}
SETTLED = 10  # s after the start, whose work is over then
VALGRIND = "/usr/bin/valgrind"


def idle(stage):
    windows = min(3, stage.rounds)
    seconds = stage.options.idle / windows
    print(f"\nIdle, all five daemons as shipped, fan poll 10 s; {windows} windows of {seconds:g} s",
          flush=True)
    with contextlib.ExitStack() as stack:
        suites = {board: stack.enter_context(stage.suite(board)) for board in BOARDS}
        for suite in suites.values():
            suite.start_daemons()
        pids = {(board, daemon): suite.processes[daemon].pid
                for board, suite in suites.items() for daemon in DAEMONS}
        if stage.peer:
            pids["peer"] = stack.enter_context(stage.peer.running()).pid
        time.sleep(SETTLED)
        rates = watch(pids, windows, seconds)
    for board, name in BOARDS.items():
        each = [rates[board, daemon] for daemon in DAEMONS]
        stage.add(f"idle.{board}", f"wake-ups a second, all five, {name}",
                  [sum(window) for window in zip(*each)], "/s", goal=IDLE_GOALS[board],
                  peer=rates.get("peer"))
        for daemon in DAEMONS:
            stage.add(f"idle.{board}.{daemon}", f"   {daemon}, {name}", rates[board, daemon], "/s",
                      goal=0 if daemon == "nas-buttond" else None)


def watch(pids, windows, seconds):
    """{who: wake-ups a second in each window}; all at the same time."""
    rates = {who: [] for who in pids}
    for _ in range(windows):
        before, began = {who: wakeups(pid) for who, pid in pids.items()}, time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        for who, pid in pids.items():
            rates[who].append((wakeups(pid) - before[who]) / took)
    return rates


def memories(stage):
    """One box at a time: what two boxes share would flatter both."""
    print("\nMemory of the five daemons, against five empty sdbus-c++ daemons beside them",
          flush=True)
    peer = stage.peer.memory() if stage.peer else (None, None)
    for board, name in BOARDS.items():
        with stage.suite(board) as suite:
            suite.start_daemons()
            empties = suite.start_empties()
            time.sleep(SETTLED)
            rounds = []
            for _ in range(stage.rounds):
                rounds.append([[memory(suite.processes[one].pid) for one in group]
                               for group in (DAEMONS, empties)])
                time.sleep(0.2)
        tell_memory(stage, board, name, rounds, peer)


def tell_memory(stage, board, name, rounds, peer):
    def total(group, what):
        return [sum(one[what] for one in samples[group]) / 1024 for samples in rounds]

    ours, floor = total(0, 0), total(1, 0)
    stage.add(f"memory.{board}.ratio", f"PSS of the five / five empty daemons, {name}",
              [o / f for o, f in zip(ours, floor)], "x", goal=1.25)
    stage.add(f"memory.{board}.pss", f"   PSS of the five, {name}", ours, "MB", peer=peer[0])
    stage.add(f"memory.{board}.pss-empty", f"   PSS of the five empty ones, {name}", floor, "MB",
              better=None)
    stage.add(f"memory.{board}.private", f"private memory of the five, {name}", total(0, 1), "MB",
              goal=2.5, peer=peer[1])
    stage.add(f"memory.{board}.private-empty", f"   of the five empty ones, {name}", total(1, 1),
              "MB", better=None)
    for number, daemon in enumerate(DAEMONS):
        stage.add(f"memory.{board}.private.{daemon}", f"   {daemon}, {name}",
                  [samples[0][number][1] / 1024 for samples in rounds], "MB")


def starts(stage):
    print("\nStart: from exec until READY=1 is told and the name is owned", flush=True)
    for board, name in BOARDS.items():
        with stage.suite(board) as suite:
            start_times(stage, suite, board, name)
    if stage.peer:
        first_answers(stage)


def start_times(stage, suite, board, name):
    commands = {daemon: stage.start_words(suite, daemon) for daemon in DAEMONS}
    empty = stage.start_empty(suite)
    together, floor = [], []
    alone = {daemon: [] for daemon in DAEMONS}
    for _ in range(max(5, stage.rounds)):
        floor.append(start_once(stage, suite, [empty]))
        together.append(start_once(stage, suite, commands.values()))
        for daemon in DAEMONS:
            alone[daemon].append(start_once(stage, suite, [commands[daemon]]))
    stage.add(f"start.{board}", f"start, all five at once, {name}", together, "ms", goal=15)
    for daemon in DAEMONS:
        stage.add(f"start.{board}.{daemon}", f"   {daemon} alone, {name}", alone[daemon], "ms")
    stage.add(f"start.{board}.empty", f"   an empty daemon alone, {name}", floor, "ms", better=None)


def start_once(stage, suite, commands, signal=SIGTERM):
    """Milliseconds until the last of them is ready."""
    words = []
    for command in commands:
        words += ["--"] if words else []
        words += [command.name, *command.environment, *command.words]
    lines = stage.tool(suite, "bus_clock", "start", signal, suite.dir, *words)
    return max(float(time_us) for line in lines for time_us in line.split()[1:]) / 1000


def instructions(stage):
    """A count that noise hardly touches: what is not in it is what comes behind the start."""
    print("\nInstructions until READY=1 is told and the name is owned (callgrind)", flush=True)
    for board, name in BOARDS.items():
        with stage.suite(board) as suite:
            commands = {daemon: stage.start_words(suite, daemon) for daemon in DAEMONS}
            commands["empty"] = stage.start_empty(suite)
            counts = {who: [] for who in commands}
            for _ in range(min(3, stage.rounds)):
                for who, command in commands.items():
                    counts[who].append(count(stage, suite, who, command))
        stage.add(f"instructions.{board}.empty", f"start instructions of an empty daemon, {name}",
                  [one / 1e6 for one in counts["empty"]], "M", better=None)
        for daemon in DAEMONS:
            stage.add(f"instructions.{board}.{daemon}",
                      f"start instructions, {daemon} / empty daemon, {name}",
                      [a / b for a, b in zip(counts[daemon], counts["empty"])], "x", goal=1.3)


def count(stage, suite, who, command):
    """A signal that nobody catches ends it the moment that it is ready, and callgrind with it."""
    out = suite.dir / f"{who}.callgrind"
    out.unlink(missing_ok=True)
    counted = [VALGRIND, "-q", "--tool=callgrind", f"--callgrind-out-file={out}", *command.words]
    start_once(stage, suite, [command._replace(words=counted)], SIGUSR2)
    for line in reversed(out.read_text().splitlines()):
        if line.startswith(("totals:", "summary:")):
            return int(line.split()[1])
    raise desk.RigError(f"callgrind has counted nothing of {who}")


def first_answers(stage):
    """As far as the old daemon can be compared: it has no bus, only its port."""
    ours, peers = [], []
    with stage.serving(0) as rig:
        rig.end("mcud")
        words = [rig.program("mcud"), *options_of(rig)]
        for _ in range(max(5, stage.rounds)):
            line = stage.tool(rig, "load_client", "first", rig.tcp, "GetTemperature", *words)[0]
            ours.append(float(line) / 1000)
            peers.append(stage.peer.first_answer())
    stage.add("start.first-answer", "start of mcud, exec -> first answer on the port", ours, "ms",
              peer=peers)
