# SPDX-License-Identifier: MIT
"""What is measured: rigs with mcud alone or with all five daemons, and the tools that measure."""
import contextlib
import dataclasses
import json
import os
import pathlib
import pwd
import signal
import socket
import statistics
import subprocess
import sys
from collections import namedtuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import rig as desk  # noqa: E402
from watchdog_device import WatchdogDevice  # noqa: E402

DLINK, QNAP = "dlink-dns327l", "qnap-ts433"
BOARDS = {DLINK: "D-Link", QNAP: "TS-433"}
DAEMONS = ("mcud", "nas-fand", "nas-alertd", "nas-watchdogd", "nas-buttond")
NAMES = {daemon: "io.nasmcu1." + daemon.removeprefix("nas-") for daemon in DAEMONS}
BYTE_MS = 10 / 115200 * 1000  # ten bits
TEMPERATURE = "GetTemperature"
# Bytes of the whole exchange: 7 out, then what the MCU says, its acknowledge of 7 included.
WIRE_BYTES = {TEMPERATURE: 21, "GetPowerRecoveryState": 21, "GetWOLState": 21, "ReadRtc": 27,
              "DeviceReady": 14, "PowerLedOn": 14, "PowerLedOff": 14, "PowerLedBlink": 14}
WIRE_MS = WIRE_BYTES[TEMPERATURE] * BYTE_MS
QNAP_WIRE_MS = 9 * BYTE_MS  # 4 out, 5 in
SMARTCTL = "usr/sbin/smartctl"
# What bus_clock starts: its name on the bus, ["VARIABLE=VALUE"] of its unit, program and arguments.
Start = namedtuple("Start", "name environment words")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class Answers:
    """What load_client tells of many clients."""
    each: dict  # client: milliseconds of its answers
    unanswered: set  # clients that waited in vain in the end
    seconds: float

    @property
    def count(self):
        return sum(len(times) for times in self.each.values())

    @property
    def p50(self):
        return statistics.median(one for times in self.each.values() for one in times)

    @property
    def fairness(self):
        """The slowest client against the fastest, by answers a second of its waiting."""
        if self.unanswered:
            return 0.0
        totals = [sum(times) for times in self.each.values()]
        return min(totals) / max(totals)

    @classmethod
    def read(cls, lines):
        each, unanswered, seconds = {}, set(), 0.0
        for line in lines:
            who, value = line.split()
            if who == "elapsed":
                seconds = float(value) / 1e6
            elif value == "-":
                unanswered.add(who)
            else:
                each.setdefault(who, []).append(float(value) / 1000)
        return cls(each, unanswered, seconds)


class Stage:
    """Everything a part needs; close() ends what is left of it."""

    def __init__(self, options, table, peer=None):
        self.options, self.table, self.peer = options, table, peer
        self.add = table.add
        self.rounds = options.rounds
        self.open = []

    @contextlib.contextmanager
    def closing(self, made):
        self.open.append(made)
        try:
            yield made
        finally:
            self.close(made)

    def close(self, one=None):
        for made in [one] if one else list(reversed(self.open)):
            if made in self.open:
                self.open.remove(made)
                made.close()

    def rig(self, board, config=""):
        """Without a fake root: nothing but the MCU."""
        return self.closing(desk.Rig(board, config, self.options.build, log_level="warning"))

    def suite(self, board):
        return self.closing(Suite(board, self.options.build))

    @contextlib.contextmanager
    def serving(self, gap=0, board=DLINK):
        """mcud alone behind its TCP port."""
        tcp = free_port()
        with self.rig(board, f"[Serial]\nByteGap = {gap}\n[Daemon]\nServerPort = {tcp}\n") as rig:
            rig.tcp = tcp
            let_us_change(rig)
            rig.start_bus()
            quick_sim(rig)
            rig.start_mcud()
            await_temperature(rig)
            yield rig

    def tool(self, rig, name, *words, extra=None):
        """The lines that a helper prints."""
        done = subprocess.run([str(rig.program(name)), *map(str, words)], capture_output=True,
                              text=True, timeout=600, env={**rig.environment, **(extra or {})},
                              check=False)
        if done.returncode != 0:
            raise desk.RigError(f"{name} {words[0]}: {done.stderr}\n{rig.logs()}")
        return done.stdout.splitlines()

    def ask(self, rig, clients, count, *lines):
        return Answers.read(self.tool(rig, "load_client", "ask", rig.tcp, clients, count,
                                      *(lines or (TEMPERATURE,))))

    def p50(self, rig, count, *lines):
        answers = self.ask(rig, 1, count, *lines)
        if answers.unanswered:
            raise desk.RigError(f"{lines}: not answered\n{rig.logs()}")
        return answers.p50

    def start_words(self, rig, daemon):
        given = [f"{name}={value}" for name, value in desk.unit_environment(daemon).items()]
        return Start(NAMES[daemon], given, [rig.program(daemon), *options_of(rig)])

    def start_empty(self, rig):
        return Start("io.nasmcu1.Empty", [], [rig.program("empty_daemon"), "io.nasmcu1.Empty"])


def quick_sim(rig):
    """An MCU that thinks no time: what is measured is what comes on top of the wire."""
    rig.start_sim()
    if rig.protocol == "dns320l":
        rig.sim("set ack-gap 0")


def options_of(rig):
    return ["--board", rig.board, "--root", rig.root, "--log-level", rig.log_level]


def let_us_change(rig):
    """Changing verbs are for root and the group nasmcu; by the rig's accounts we are in it."""
    name = pwd.getpwuid(os.getuid()).pw_name
    (rig.root / "etc/group").write_text(f"nasmcu:x:990:{name}\n")
    (rig.root / "etc/passwd").write_text(f"{name}:x:{os.getuid()}:{os.getgid()}::/:/bin/sh\n")


def has_temperature(rig):
    return rig.port(f"{TEMPERATURE}\n")[:1].isdigit()


def await_temperature(rig, seconds=15):
    rig.wait_until(lambda: has_temperature(rig), seconds, "a temperature")


class Suite(desk.Rig):
    """All five daemons as they are shipped, on a root that has everything the board has."""

    def __init__(self, board, build):
        self.watchdog = None
        super().__init__(board, "", build, log_level="warning", fake=True)
        try:
            self._furnish()
        except (desk.RigError, OSError):
            self.close()
            raise

    def _furnish(self):
        # A service manager's wish for signs of life is no wake-up of ours.
        self.environment.pop("WATCHDOG_USEC", None)
        self.install(SMARTCTL, f"cat {self.dir / 'smart.json'}")
        (self.dir / "smart.json").write_text(json.dumps(desk.smart_report("SYNTHETIC-1")))
        node = self.node("/sys/class/watchdog/{watchdog.soc}")
        self.watchdog = WatchdogDevice(self.root, (node / "identity").read_text().strip(),
                                       number=int(node.name.removeprefix("watchdog")))
        self.start_bus()
        self.start_sim()

    def start_daemons(self):
        for daemon in DAEMONS:
            self.start(daemon, [self.program(daemon), *options_of(self)])
        self.wait_until(lambda: self.device("fans", "system").get("holder"), 10, "a lease")
        return self

    def start_empties(self):
        """As many daemons that do nothing; their names."""
        names = [f"empty{number}" for number in range(1, len(DAEMONS) + 1)]
        for name in names:
            self.start(name, [self.program("empty_daemon"), f"io.nasmcu1.{name.capitalize()}"])
            self.processes[name].forced = True  # knows no other end than a signal
        return names

    def close(self):
        if self.watchdog:
            self.watchdog.close()
        super().close()


def wakeups(pid):
    """Voluntary context switches of all threads: each is a sleep that has ended."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            status = (task / "status").read_text()
            total += int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    return total


def memory(pid):
    """(proportional set size, private memory) in KiB."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    pages = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
    return pages["Pss"], pages["Anonymous"] + pages.get("Swap", 0)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


SIGTERM = int(signal.SIGTERM)
# No daemon of ours and no empty one catches it: the default action ends the process, and callgrind
# writes down what it has counted until then.
SIGUSR2 = int(signal.SIGUSR2)
