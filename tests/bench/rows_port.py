# SPDX-License-Identifier: MIT
"""The command port: latency, a crowd, hostile clients, and trouble with the MCU."""
import socket
import statistics
import time

import rig as desk
from stage import (BYTE_MS, DLINK, QNAP, QNAP_WIRE_MS, TEMPERATURE, WIRE_BYTES, WIRE_MS,
                   await_temperature, descriptors, has_temperature, quick_sim)

# For the bare loop: the request, and how many bytes come back.
REQUESTS = {DLINK: ("fa0308000000fb", 14), QNAP: ("40543327", 5)}
PEER_ROUNDS = 2  # of some ten seconds
CLIENTS = 8  # as many as there are questions in WIRE_BYTES


def wire(stage):
    print(f"\nOne client asks for the temperature; the wire takes {WIRE_MS:.3f} ms", flush=True)
    count = stage.options.requests
    bare, ours, gapped, peers = [], [], [], []
    with stage.rig(DLINK) as bare_rig, stage.serving(0) as plain, stage.serving(100) as gap:
        quick_sim(bare_rig)
        for _ in range(stage.rounds):
            bare.append(bare_loop(stage, bare_rig, count))
            ours.append(stage.p50(plain, count))
            gapped.append(stage.p50(gap, count))
            if stage.peer:
                peers.append(stage.peer.p50(count) / WIRE_MS)
    stage.add("wire.bare", "bare C poll loop on the tty / wire", [b / WIRE_MS for b in bare], "x",
              better=None)
    stage.add("wire.gap0", "GetTemperature, ByteGap 0 / wire", [o / WIRE_MS for o in ours], "x",
              goal=1.05, peer=peers)
    stage.add("wire.over-bare", "GetTemperature, ByteGap 0 / bare poll loop",
              [o / b for o, b in zip(ours, bare)], "x")
    stage.add("wire.gap100", "GetTemperature, ByteGap 100 / wire", [g / WIRE_MS for g in gapped],
              "x", goal=1.15, peer=peers)
    qnap_wire(stage, count)


def qnap_wire(stage, count):
    """The contract's figure is a D-Link's; an exchange of this MCU is less than half as long."""
    bare, ours = [], []
    with stage.rig(QNAP) as bare_rig, stage.serving(0, QNAP) as plain:
        quick_sim(bare_rig)
        for _ in range(stage.rounds):
            bare.append(bare_loop(stage, bare_rig, count))
            ours.append(stage.p50(plain, count))
    stage.add("wire.qnap-bare", f"   TS-433: bare loop / its wire ({QNAP_WIRE_MS:.3f} ms)",
              [b / QNAP_WIRE_MS for b in bare], "x", better=None)
    stage.add("wire.qnap", "   TS-433: GetTemperature / its wire", [o / QNAP_WIRE_MS for o in ours],
              "x")


def bare_loop(stage, rig, count):
    """p50 in milliseconds."""
    lines = stage.tool(rig, "bare_poll", rig.tty, count, *REQUESTS[rig.board])
    return statistics.median(float(line) / 1000 for line in lines)


def crowd(stage):
    print(f"\n{CLIENTS} clients at the same time", flush=True)
    count = max(len(WIRE_BYTES), stage.options.requests // 4 // len(WIRE_BYTES) * len(WIRE_BYTES))
    rates, fair, shared_rates, shared_fair, peer_rates, peer_fair = [], [], [], [], [], []
    with stage.serving(0) as plain:
        for number in range(stage.rounds):
            rates.append(different(stage, plain, count, fair))
            answers = stage.ask(plain, CLIENTS, count)
            shared_rates.append(answers.count / answers.seconds * WIRE_MS / 1000)
            shared_fair.append(answers.fairness)
            if stage.peer and number < PEER_ROUNDS:
                answers = stage.peer.ask(CLIENTS, 60)
                peer_rates.append(answers.count / answers.seconds * WIRE_MS / 1000)
                peer_fair.append(answers.fairness)
    stage.add("crowd.rate", f"{CLIENTS} clients, an exchange for each answer: rate / wire's limit",
              rates, "x", goal=0.95, better="more", peer=peer_rates)
    stage.add("crowd.fair", f"{CLIENTS} clients, an exchange for each: slowest / fastest client",
              fair, "x", goal=0.9, better="more", peer=peer_fair)
    stage.add("crowd.shared-rate", f"{CLIENTS} clients, one question (shared reads): rate / limit",
              shared_rates, "x", better="more", peer=peer_rates)
    stage.add("crowd.shared-fair", f"{CLIENTS} clients, one question: slowest / fastest client",
              shared_fair, "x", better="more", peer=peer_fair)


def different(stage, rig, count, fair):
    """No two clients ask for the same. What the answers need on the wire, by the time that they
    took: the MCU is asked in turn, so each client gets one answer of each turn."""
    before = rig.sim("state")["counters"]["good"]
    answers = stage.ask(rig, CLIENTS, count, *WIRE_BYTES)
    exchanges = rig.sim("state")["counters"]["good"] - before
    if exchanges < answers.count:
        raise desk.RigError(f"{answers.count} answers took {exchanges} exchanges only: shared")
    fair.append(answers.fairness)
    needed = answers.count / len(WIRE_BYTES) * sum(WIRE_BYTES.values()) * BYTE_MS / 1000
    return needed / answers.seconds


def connections(stage):
    print("\n200 connections", flush=True)
    with stage.serving(0) as plain:
        pid = plain.processes["mcud"].pid
        before = descriptors(pid)
        took = [float(stage.tool(plain, "load_client", "connects", plain.tcp, 200)[0]) / 1000
                for _ in range(stage.rounds)]
        plain.wait_until(lambda: descriptors(pid) <= before, 5, "all descriptors to be closed")
        leaked = descriptors(pid) - before
    peer_took, peer_leaked = stage.peer.connections(200) if stage.peer else (None, None)
    stage.add("connects.time", "200 connects and closes, until the next answer", took, "ms",
              goal=50, peer=peer_took)
    stage.add("connects.leaked", "descriptors leaked by them", [leaked], "", goal=0,
              peer=peer_leaked)


def silence(stage):
    print("\nTrouble", flush=True)
    times = []
    with stage.serving(0) as rig:
        rig.sim("fault silent on")
        for _ in range(stage.rounds):
            with socket.create_connection(("127.0.0.1", rig.tcp)) as waiting:
                waiting.sendall(f"{TEMPERATURE}\r\n".encode())
                times.append(stage.p50(rig, 50, "help"))
        rig.sim("fault silent off")
    stage.add("silent.help", "MCU silent: a command that needs no MCU", times, "ms", goal=1,
              peer=stage.peer.silent_help() if stage.peer else None)


def port_back(stage):
    took = []
    with stage.serving(0) as rig:
        for _ in range(min(3, stage.rounds)):
            await_temperature(rig)
            rig.sim("disconnect 500")
            rig.wait_until(lambda: not rig.tty.exists(), 2, "the port to vanish")
            back = rig.wait_until(lambda: rig.tty.exists() and time.monotonic(), 5, "the port")
            rig.wait_until(lambda: has_temperature(rig), 5, "a temperature")
            took.append(time.monotonic() - back)
    stage.add("port.back", "serial port back -> working again", took, "s", goal=1,
              peer=stage.peer.port_back() if stage.peer else None)
