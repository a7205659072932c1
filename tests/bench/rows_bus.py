# SPDX-License-Identifier: MIT
"""What has to be quick between a daemon and the hardware: a press, and a dead lease holder."""
import statistics
import subprocess
import time

import rig as desk
from figures import percentile
from stage import BOARDS, DLINK, QNAP, options_of

KILLS = 10  # for each board
EDGES = 100  # in each round
POWER_OFF = "fa03030101"  # how its frame begins; behind it the delay, and fb
KEY = ("gpio-keys", "KEY_COPY", "/io/nasmcu1/button/copy")


def failsafe(stage):
    print(f"\nThe holder of the fan's lease is killed, {KILLS} times on each board", flush=True)
    took, peer = {}, stage.peer.killed_holder() if stage.peer else None
    for board in BOARDS:
        with stage.rig(board, "[Fan]\nPollTime = 1\n") as rig:
            rig.start_bus()
            rig.start_sim()
            rig.sim("set temp 30")
            rig.start_mcud()
            took[board] = [kill_holder(rig) for _ in range(KILLS)]
    for board, name in BOARDS.items():
        stage.add(f"failsafe.{board}", f"lease holder killed -> failsafe frame, {name}",
                  took[board], "ms", goal=50, peer=peer if board == DLINK else None)
    stage.add("failsafe.slowest", "   the slowest of both boards",
              [max(took[DLINK] + took[QNAP])], "ms", goal=50)


def kill_holder(rig):
    """Milliseconds; the fan was turned at another duty before."""
    since = time.monotonic()
    rig.start_fand()
    rig.wait_until(lambda: rig.device("fans", "system").get("holder"), 10, "a holder")
    failsafe_duty = rig.device("fans", "system")["failsafe"]
    rig.fan_frame(lambda duty: abs(duty - failsafe_duty) > 1, since, 10, "another duty")
    killed = rig.kill("nas-fand")
    frame = rig.fan_frame(lambda duty: abs(duty - failsafe_duty) <= 1, killed, 5, "failsafe")
    return (frame.time - killed) * 1000


def ending(stage):
    print("\nSIGTERM", flush=True)
    took = []
    with stage.rig(DLINK, "[Fan]\nPollTime = 1\n") as rig:
        rig.start_bus()
        rig.start_sim()
        rig.sim("set temp 30")
        for _ in range(stage.rounds):
            took.append(end_mcud(rig))
    stage.add("sigterm.failsafe", "SIGTERM of mcud -> failsafe frame (and none that cuts power)",
              took, "ms", peer=stage.peer.ended() if stage.peer else None)


def end_mcud(rig):
    since = time.monotonic()
    rig.start_mcud()
    rig.start_fand()
    rig.fan_frame(lambda duty: duty < 99, since, 10, "another duty than the failsafe")
    told = time.monotonic()
    rig.end("mcud")
    frame = rig.fan_frame(lambda duty: duty > 99, told, 5, "failsafe")
    rig.end("nas-fand")
    if rig.sent(POWER_OFF, since):
        raise desk.RigError("mcud has sent a frame that cuts the power")
    return (frame.time - told) * 1000


def button(stage):
    """The helper plays the key and hears the signal: one process, one clock."""
    print(f"\nA key's edge until PropertiesChanged is here, {EDGES} edges a round", flush=True)
    edges, pings = [], []
    with stage.suite(DLINK) as suite:
        node = suite.node("/dev/input/{event.keys}")
        for _ in range(stage.rounds):
            edges.append(press(suite, node))
            pings.append([float(line) / 1000
                          for line in stage.tool(suite, "bus_clock", "pings", EDGES)])
    p50 = [statistics.median(one) for one in edges]
    stage.add("button.p50", "button edge -> signal at a client, p50", p50, "ms", goal=0.25)
    stage.add("button.p99", "   p99", [percentile(one, 0.99) for one in edges], "ms")
    hops = [statistics.median(one) for one in pings]
    stage.add("button.hop", "   Ping of the bus itself, one hop, p50", hops, "ms", better=None)
    stage.add("button.over-hop", "   edge / hop", [a / b for a, b in zip(p50, hops)], "x")


def press(suite, node):
    """mcud and nas-buttond, as on the box: both hear of each edge."""
    device, code, path = KEY
    helper = subprocess.Popen([suite.program("bus_clock"), "edges", node, device, code, path,
                               str(EDGES)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env=suite.environment)
    try:
        if helper.stdout.readline() != "listening\n":
            raise desk.RigError(f"bus_clock: {helper.communicate()[1]}")
        for daemon in ("mcud", "nas-buttond"):
            suite.start(daemon, [suite.program(daemon), *options_of(suite)])
        out, error = helper.communicate(timeout=120)
    finally:
        helper.kill()
        helper.wait()
    for daemon in ("nas-buttond", "mcud"):
        suite.end(daemon)
    if helper.returncode != 0:
        raise desk.RigError(f"bus_clock: {error}\n{suite.logs()}")
    return [float(line) / 1000 for line in out.splitlines()]
