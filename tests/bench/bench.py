#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench: how fast and how small, as ratios against references measured beside it.

A machine that is busy or slow moves both sides of a ratio. Rounds are interleaved (ours, the
reference, ours, ...), a figure is the median of its rounds, with the least and the most. What
stands behind a row is in docs/performance.md.
"""
import argparse
import pathlib
import signal
import subprocess
import sys

import stage as stage_module  # first: it knows where rig.py is
import record
import rows_bus
import rows_port
import rows_size
import rows_suite
from figures import Table
from peer import Peer

import rig as desk

PARTS = {
    "wire": rows_port.wire, "crowd": rows_port.crowd, "connections": rows_port.connections,
    "silence": rows_port.silence, "port-back": rows_port.port_back,
    "failsafe": rows_bus.failsafe, "sigterm": rows_bus.ending, "button": rows_bus.button,
    "idle": rows_suite.idle, "memory": rows_suite.memories, "start": rows_suite.starts,
    "instructions": rows_suite.instructions, "size": rows_size.size,
}
FAILURES = (desk.RigError, OSError, ValueError, KeyError, AttributeError, IndexError, TypeError,
            subprocess.SubprocessError)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=desk.default_build(), type=pathlib.Path,
                        help="the build folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="per client and round")
    parser.add_argument("--idle", type=int, default=120, help="seconds")
    parser.add_argument("--only", help="parts, separated by commas: " + " ".join(PARTS))
    parser.add_argument("--peer", help="an executable of the old dns320l-daemon, measured beside")
    parser.add_argument("--record", action="store_true",
                        help="write tests/bench/table.json and docs/performance.md")
    parser.add_argument("--json", type=pathlib.Path,
                        help="where to write the figures (default: BUILD/bench.json)")
    options = parser.parse_args()
    options.build = options.build.resolve()
    options.wanted = options.only.split(",") if options.only else list(PARTS)
    if unknown := [name for name in options.wanted if name not in PARTS]:
        parser.error(f"no part {' '.join(unknown)}; there are {' '.join(PARTS)}")
    if options.record and options.only:
        parser.error("a recorded table has all parts: RECORD without ONLY")
    if options.rounds < 1 or options.idle < 1 or options.requests < 1:
        parser.error("rounds, requests and seconds are 1 or more")
    return options


def measure(stage, wanted):
    """The parts that could not be measured."""
    failed = []
    for name in wanted:
        try:
            PARTS[name](stage)
        except FAILURES as error:
            print(f"! {name} could not be measured: {error!r}"[:4000], flush=True)
            failed.append(name)
    return failed


def save(options, table, failed):
    facts = record.machine(options.build)
    data = record.table_data(table.rows, facts, options.rounds)
    file = options.json or options.build / "bench.json"
    file.write_text(record.to_text(data))
    print(f"Figures in {file}")
    if not options.record:
        return
    if failed:
        print(f"! not recorded: without {' '.join(failed)} the table has holes")
        return
    record.write(data)
    print(f"Recorded in {record.TABLE.relative_to(record.SOURCE)} and "
          f"{record.DOCUMENT.relative_to(record.SOURCE)}")


def main():
    options = parse()
    # A bench that is told to end takes its rigs with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    facts, old = record.read_table()
    table = Table(old, with_peer=bool(options.peer), tell=lambda line: print(line, flush=True))
    stage = stage_module.Stage(options, table)
    try:
        if options.peer:
            stage.peer = Peer(options.peer, options.build, stage.tool)
        table.head()
        failed = measure(stage, options.wanted)
    finally:
        if stage.peer:
            stage.peer.close()
        stage.close()
    print("\n" + table.summary())
    if old:
        print(f"The committed table is of: {record.machine_text(facts)}")
    save(options, table, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (desk.RigError, record.RecordError) as problem:
        sys.exit(f"bench: {problem}")
