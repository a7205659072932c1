# SPDX-License-Identifier: MIT
"""The whole suite on one desk: a private D-Bus, mcusim, mcud and nas-fand under a root of their own.

Nothing here touches the machine: every path is below a temporary folder, every process is ended by
its process id, and a process cannot outlive the rig.
"""
import configparser
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from collections import namedtuple

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FANS = {  # protocol: (beginning of a fan frame, its length, index and scale of the duty)
    "wt61p803": (bytes.fromhex("40465730"), 6, 4, 100 / 255),
    "dns320l": (bytes.fromhex("fa0200"), 7, 3, 50),
}
Byte = namedtuple("Byte", "time value")  # time: CLOCK_MONOTONIC in seconds
FanFrame = namedtuple("FanFrame", "time duty hex")


class RigError(AssertionError):
    """Something that had to happen did not; the text says what was waited for."""


def smart_report(serial, reallocated=0, passed=True):
    """Synthetic, after smartctl's JSON format."""
    return {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 3], "exit_status": 0},
        "device": {"name": "/dev/sdx", "type": "sat", "protocol": "ATA"},
        "model_name": "SYNTHETIC DISK", "serial_number": serial, "firmware_version": "1.0",
        "smart_support": {"available": True, "enabled": True},
        "smart_status": {"passed": passed},
        "temperature": {"current": 33},
        "ata_smart_attributes": {"table": [
            {"id": 5, "name": "Reallocated_Sector_Ct", "value": 100, "worst": 100, "thresh": 10,
             "when_failed": "", "raw": {"value": reallocated, "string": str(reallocated)}}]},
    }


def default_build():
    return pathlib.Path(os.environ.get("NASMCU_BUILD", SOURCE / "build" / "release"))


def unit_environment(daemon):
    """What its unit sets for it, without what only systemd knows (%n). Others have no unit."""
    unit = SOURCE / f"systemd/{daemon}.service.in"
    lines = unit.read_text().splitlines() if unit.exists() else []
    given = [line.removeprefix("Environment=") for line in lines if line.startswith("Environment=")]
    return dict(line.split("=", 1) for line in given if "%" not in line)


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    """A child with its log, and an sd_notify socket that tells when it is ready."""

    def __init__(self, rig, name, argv):
        self.name, self.argv = name, [str(word) for word in argv]
        self.log = rig.dir / f"{name}.log"
        self.messages = []
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.setblocking(False)
        address = str(rig.dir / f"{name}.notify")
        if os.path.exists(address):
            os.unlink(address)
        self._notify.bind(address)
        with open(self.log, "ab") as log:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=rig.dir,
                env={**rig.environment, **unit_environment(name), "NOTIFY_SOCKET": address},
                preexec_fn=_die_with_parent)
        self.pid = self._popen.pid
        self.forced = False

    def notified(self, word):
        """Whether `word` ("READY=1") has ever been notified."""
        while True:
            try:
                self.messages += self._notify.recv(4096).decode().splitlines()
            except BlockingIOError:
                return word in self.messages

    def running(self):
        return self._popen.poll() is None

    def send(self, number):
        """A signal that may end it badly."""
        self.forced = self.forced or number in (signal.SIGKILL, signal.SIGABRT, signal.SIGSTOP)
        self._popen.send_signal(number)

    def kill(self):
        """SIGKILL, now; returns the time of it."""
        at = time.monotonic()
        self.send(signal.SIGKILL)
        self._popen.wait()
        return at

    def end(self, seconds=10):
        """SIGTERM; returns the exit code."""
        if self.running():
            self._popen.send_signal(signal.SIGCONT)
            self._popen.terminate()
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RigError(f"{self.name} did not end within {seconds} s of SIGTERM") from None

    def close(self):
        self._notify.close()
        if self.running():
            self.kill()

    def text(self):
        return self.log.read_text(errors="replace")


class Rig:
    """Start what you need; close() ends all of it and complains about bad ends."""

    def __init__(self, board="qnap-ts433", config="", build=None, log_level="info", **fake):
        """`fake`: fake=True and options of start_fake_root() for a board's own /sys and /dev."""
        self.build = pathlib.Path(build or default_build()).resolve()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nasmcu-"))
        self.dir.chmod(0o755)  # other users may reach the bus, as on a real machine
        self.root = self.dir / "root"
        self.board = board
        for folder in ("dev", "run/nasmcu", "etc/nasmcu", "sys", "proc", "var"):
            (self.root / folder).mkdir(parents=True)
        self.configure(config)
        self.processes = {}
        self.ended = []
        self.bus_socket = self.dir / "bus"
        self.control = self.dir / "sim.sock"
        self.trace_file = self.dir / "trace.jsonl"
        self.environment = {**os.environ, "NASMCU_DATA": str(SOURCE / "config"), "TZ": "UTC",
                            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.bus_socket}",
                            "ASAN_OPTIONS": "abort_on_error=0:exitcode=86",
                            "UBSAN_OPTIONS": "print_stacktrace=1", "LC_ALL": "C.UTF-8"}
        self.environment.pop("JOURNAL_STREAM", None)
        self.log_level = log_level
        cache = self.build / "CMakeCache.txt"
        self.sanitized = cache.is_file() and "NASMCU_SANITIZE:STRING=a" in cache.read_text()
        # Sanitizers and an emulated processor stretch waiting, never a figure that a test measures.
        self.patience = int(os.environ.get("NASMCU_PATIENCE", 3 if self.sanitized else 1))
        board_file = pathlib.Path(board)
        if not board_file.is_file():
            board_file = SOURCE / "config" / "boards" / f"{board}.ini"
        ini = configparser.ConfigParser(strict=False, interpolation=None)
        ini.read(board_file)
        self.protocol = ini.get("mcu", "protocol", fallback="")
        self.tty = self.root / ini.get("mcu", "port", fallback="/dev/ttyS0").lstrip("/")
        self.has_mcu = ini.has_section("mcu")
        if fake.pop("fake", False):
            try:
                self.start_fake_root(**fake)
            except RigError:
                self.close()
                raise

    # -- files ------------------------------------------------------------------------------------

    def configure(self, text):
        """Writes nasmcu.conf. Without a [Daemon] section the TCP port is off: tests run in
        parallel, and the Unix socket is always there."""
        if "[daemon]" not in text.lower():
            text += "\n[Daemon]\nServerPort = 0\n"
        (self.root / "etc/nasmcu/nasmcu.conf").write_text(text)

    def install(self, path, script):
        """A shell script in the place of a program of the system."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = "\n".join(line.strip() for line in script.strip().splitlines())
        file.write_text(f"#!/bin/sh\n{lines}\n")
        file.chmod(0o755)

    def use_disk(self, block):
        """The owner reads from the disk with this folder in /sys/block."""
        words = (block / "stat").read_text().split()
        words[0] = str(int(words[0]) + 8)
        (block / "stat").write_text(" ".join(words) + "\n")

    def actions(self):
        """What would have been done to a real machine."""
        file = self.root / "run/nasmcu/actions"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def program(self, name):
        for folder in ("daemons", f"daemons/{name}", "bin", "tests/bench", "tests/fakeroot", "."):
            if os.access(path := self.build / folder / name, os.X_OK) and path.is_file():
                return path
        raise RigError(f"{name} is not built in {self.build}: make build")

    # -- processes --------------------------------------------------------------------------------

    def start(self, name, argv, ready=None, seconds=10):
        process = Process(self, name, argv)
        self.processes[name] = process

        def up():
            if not process.running():
                raise RigError(f"{name} ended at start:\n{process.text()}")
            return ready() if ready else process.notified("READY=1")

        self.wait_until(up, seconds, f"{name} to be ready")
        return process

    def start_bus(self, policy=None):
        """`policy`: another file than the one that we ship."""
        policy = policy or os.environ.get("NASMCU_POLICY",
                                          SOURCE / "config/dbus/io.nasmcu1.conf")
        template = (SOURCE / "tests/e2e/bus.conf.in").read_text()
        for word, value in (("@SOCKET@", self.bus_socket), ("@USER@", os.geteuid()),
                            ("@POLICY@", policy)):
            template = template.replace(word, str(value))
        (self.dir / "bus.conf").write_text(template)
        self.bus_socket.unlink(missing_ok=True)
        return self.start("bus", ["dbus-daemon", "--nofork", "--nopidfile",
                                  f"--config-file={self.dir / 'bus.conf'}"],
                          ready=lambda: self._connects(self.bus_socket))

    def start_bus_for_group(self, group):
        """The shipped policy; `group` stands for nasmcu, which this machine may not know."""
        policy = (SOURCE / "config/dbus/io.nasmcu1.conf").read_text()
        file = self.dir / "policy.conf"
        file.write_text(policy.replace('group="nasmcu"', f'group="{group}"'))
        return self.start_bus(file)

    def start_sim(self, *options):
        self.tty.parent.mkdir(parents=True, exist_ok=True)
        self.control.unlink(missing_ok=True)
        return self.start("mcusim", [self.program("mcusim"), "--board", self.board, "--link",
                                     self.tty, "--control", self.control, "--trace",
                                     self.trace_file, "--pace", *options],
                          ready=lambda: self.tty.is_symlink() and self._connects(self.control))

    def start_fake_root(self, seed=0, kernel=False, without=(), late=()):
        """The board's /sys, /proc and /dev with its GPIO chips and input devices served:
        tests/fakeroot/README.md. `kernel`: the kernel's own driver has the MCU."""
        self.fake_control = self.dir / "fake.sock"
        options = ["--seed", seed, "--serve", self.fake_control] + ["--kernel"] * kernel
        options += [word for one in without for word in ("--without", one)]
        options += [word for one in late for word in ("--late", one)]
        return self.start("fake-root", [self.program("fake-root"), self.board, self.root, *options],
                          ready=lambda: self._connects(self.fake_control))

    def _options(self):
        return ["--board", self.board, "--root", self.root]

    def start_mcud(self, *options):
        return self.start("mcud", [self.program("mcud"), *self._options(), "--log-level",
                                   self.log_level, *options])

    def start_fand(self, *options, ready=None):
        return self.start("nas-fand", [self.program("nas-fand"), *self._options(), "--log-level",
                                       self.log_level, *options], ready=ready)

    def start_watchdogd(self, *options):
        return self.start("nas-watchdogd", [self.program("nas-watchdogd"), *self._options(),
                                            "--log-level", self.log_level, *options])

    def start_alertd(self, *options):
        return self.start("nas-alertd", [self.program("nas-alertd"), *self._options(),
                                         "--log-level", self.log_level, *options])

    def start_all(self):
        self.start_bus()
        self.start_sim()
        self.start_mcud()
        self.start_fand()
        return self

    def end(self, name, seconds=10):
        """Ends one process in good order and checks its exit code."""
        process = self.processes.pop(name)
        code = process.end(seconds)
        process.close()
        self.ended.append(process)
        if code != 0 and not (process.forced or name == "bus"):
            raise RigError(f"{name} ended with {code}:\n{process.text()[-3000:]}")

    def kill(self, name):
        """SIGKILL; returns the time of it."""
        process = self.processes.pop(name)
        at = process.kill()
        process.close()
        self.ended.append(process)
        return at

    def close(self):
        """Ends everything, removes everything; RigError for a bad exit or a sanitizer's finding."""
        problems = []
        for name in reversed(list(self.processes)):
            try:
                self.end(name)
            except RigError as error:
                problems.append(str(error))
        for process in self.ended:
            for mark in ("ERROR: AddressSanitizer", "LeakSanitizer", "runtime error:"):
                if mark in process.text():
                    problems.append(f"{process.name}: {process.text()[-6000:]}")
                    break
        shutil.rmtree(self.dir, ignore_errors=True)
        if problems:
            raise RigError("\n".join(problems))

    def logs(self):
        """The ends of all logs, for the report of a failed test."""
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}"
                         for log in sorted(self.dir.glob("*.log")))

    # -- asking -----------------------------------------------------------------------------------

    def wait_until(self, predicate, seconds, what):
        """Returns the first true value; RigError after `seconds` (more under sanitizers)."""
        deadline = time.monotonic() + seconds * self.patience
        while not (value := predicate()):
            if time.monotonic() > deadline:
                raise RigError(f"waited {seconds * self.patience} s in vain for {what}")
            time.sleep(0.01)
        return value

    @staticmethod
    def _connects(path):
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(path))
            return True
        except OSError:
            return False

    def mcuctl(self, *words, timeout=30, stdin=None, user=None):
        """(exit code, stdout, stderr)"""
        environment = self.environment
        if user is not None:
            # Another user cannot add to a coverage build's counts, and would say so for each file.
            counts = self.dir / "counts"
            counts.mkdir(exist_ok=True)
            counts.chmod(0o777)
            environment = {**environment, "GCOV_PREFIX": str(counts)}
        done = subprocess.run(
            [str(self.program("mcuctl")), *map(str, self._options()), *map(str, words)],
            capture_output=True, text=True, timeout=timeout, env=environment, input=stdin,
            user=user, check=False)
        return done.returncode, done.stdout, done.stderr

    def status(self):
        """`mcuctl --json status` as a dict; None while it fails."""
        code, out, _ = self.mcuctl("--json", "status")
        return json.loads(out) if code == 0 else None

    def device(self, kind, name):
        """One device of status() by its list ("fans") and name; {} while there is none."""
        for device in (self.status() or {}).get(kind, []):
            if device["name"] == name:
                return device
        return {}

    def sim(self, line):
        """One line to the simulator's control socket; its JSON answer."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(str(self.control))
            control.sendall(line.encode() + b"\n")
            return json.loads(control.makefile().readline())

    # -- the fake root ----------------------------------------------------------------------------

    def fake(self, line):
        """One line to fake-root's control socket; what stands behind "ok"."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(str(self.fake_control))
            control.sendall(line.encode() + b"\n")
            answer = control.makefile().readline().strip()
        if answer.split(" ")[0] != "ok":
            raise RigError(f"fake-root: {line}: {answer}")
        return answer[3:]

    def press(self, device, code, down=True):
        """A key of an input device goes down, or up: press("gpio-keys", "KEY_COPY")."""
        self.fake(f"key {device} {code} {int(down)}")

    def set_line(self, chip, line, value):
        """The physical level of a GPIO line, by the chip's label."""
        self.fake(f"line {chip} {line} {value}")

    def line_value(self, chip, line):
        return int(self.fake(f"value {chip} {line}"))

    def plug(self, pattern):
        """Devices of the tree file appear; how many."""
        return int(self.fake(f"add {pattern}"))

    def unplug(self, pattern):
        return int(self.fake(f"remove {pattern}"))

    def node(self, path):
        """node("/sys/class/hwmon/{hwmon.fan}/pwm1"): the path below the root, with this boot's
        numbers."""
        return pathlib.Path(self.fake(f"path {path}"))

    def read_node(self, path):
        return self.node(path).read_text().strip()

    def port(self, data, seconds=5, tcp=None, half_close=True):
        """Everything the command port answers to these bytes until it closes, or `seconds`."""
        if isinstance(data, str):
            data = data.encode()
        family = socket.AF_INET if tcp else socket.AF_UNIX
        with socket.socket(family) as client:
            client.connect(("127.0.0.1", tcp) if tcp else str(self.root / "run/nasmcu/command.sock"))
            client.sendall(data)
            if half_close:
                client.shutdown(socket.SHUT_WR)
            answer = b""
            deadline = time.monotonic() + seconds * self.patience
            while (left := deadline - time.monotonic()) > 0:
                if not select.select([client], [], [], left)[0]:
                    break
                if not (more := client.recv(4096)):
                    break
                answer += more
            return answer

    # -- the wire ---------------------------------------------------------------------------------

    def wire(self, direction):
        """The bytes on the wire, each with its time: "to_mcu" or "from_mcu"."""
        found = []
        if self.trace_file.exists():
            for line in self.trace_file.read_text().splitlines(keepends=True):
                if not line.endswith("\n"):
                    break  # still being written
                when, way, values = read_trace(json.loads(line))
                if way == direction:
                    found += [Byte(when, value) for value in values]
        return found

    def sent(self, frame, since=0.0):
        """Times at which this frame (hex) was complete on its way to the MCU."""
        frame, wire = bytes.fromhex(frame), self.wire("to_mcu")
        values = bytes(byte.value for byte in wire)
        times, start = [], values.find(frame)
        while start >= 0:
            times.append(wire[start + len(frame) - 1].time)
            start = values.find(frame, start + 1)
        return [when for when in times if when >= since]

    def fan_frames(self, since=0.0):
        """Every fan frame on its way to the MCU, with the duty that it asks for."""
        begin, length, index, scale = FANS[self.protocol]
        wire = self.wire("to_mcu")
        values = bytes(byte.value for byte in wire)
        frames, start = [], values.find(begin)
        while start >= 0 and start + length <= len(values):
            when = wire[start + length - 1].time
            if when >= since:
                frame = values[start:start + length]
                frames.append(FanFrame(when, round(frame[index] * scale), frame.hex(" ")))
            start = values.find(begin, start + length)
        return frames

    def fan_frame(self, wanted, since, seconds, what):
        """Waits for a fan frame since then whose duty `wanted(duty)` accepts; returns it."""
        return self.wait_until(
            lambda: next((f for f in self.fan_frames(since) if wanted(f.duty)), None), seconds, what)


def read_trace(entry):
    """(seconds, "to_mcu" or "from_mcu", bytes) of one line of mcusim --trace."""
    return (entry["t_ms"] / 1000, "to_mcu" if entry["dir"] == "rx" else "from_mcu",
            bytes.fromhex(entry["hex"]))


class RigTest(unittest.TestCase):
    """A test with a rig of its own; a failure shows all logs."""
    board = "qnap-ts433"
    config = ""

    def setUp(self):
        self.rig = Rig(self.board, self.config)
        self.addCleanup(self._close)

    def _close(self):
        # While cleaning up, unittest's own `success` is about the cleaning.
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            print(self.rig.logs(), flush=True)
        self.rig.close()


def main():
    """unittest.main(), where a skipped test is a failed one."""
    program = unittest.main(verbosity=2, exit=False)
    result = program.result
    raise SystemExit(0 if result.wasSuccessful() and not result.skipped and result.testsRun else 1)
