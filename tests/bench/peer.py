# SPDX-License-Identifier: MIT
"""An executable of the old dns320l-daemon (PEER=FILE), in the same run and on the same simulator.

It would start /sbin/shutdown when its button's file says "0", when told DeviceShutdown, and set the
clock when told to. It gets a button's file of its own that says "1", a cool box, none of those
commands, and no-exec preloaded, with which it cannot start anything."""
import contextlib
import os
import pathlib
import socket
import tempfile
import time

import rig as desk
from rows_size import run
from stage import SIGTERM, TEMPERATURE, Answers, descriptors, free_port, memory, quick_sim

BOARD = "dlink-dns320l"
INI = """[Serial]
Port = {tty}
NumberOfRetries = 3
[Daemon]
ServerPort = {port}
ServerAddr = 127.0.0.1
SyncTimeOnStartup = 0
SyncTimeOnShutdown = 0
[GPIO]
SysfsGpioDir = {gpio}
PollTime = 1
[Fan]
PollTime = 15
TempLow = 45
TempHigh = 50
"""
BUTTON = "gpio29/value"
NEVER = 10.0  # s after which something that has not happened counts as "never"
ANSWER = 5.0  # s for an answer: four tries of half a second each, and a queue
FAN = b"\xfa\x02\x00"
FRAMES = {b"\xfa\x03\x03": "power off in {} s", FAN: "fan {}"}


class Peer:
    """One process at a time, each figure with a fresh one; ask() and p50() keep theirs."""

    def __init__(self, program, build, tool):
        """`tool`: Stage.tool."""
        self.file, self.tool = pathlib.Path(program).resolve(), tool
        if not os.access(self.file, os.X_OK) or not self.file.is_file():
            raise desk.RigError(f"PEER={program} is no program")
        self.rig = desk.Rig(BOARD, "", build, log_level="warning")
        try:
            self._furnish()
        except (desk.RigError, OSError):
            self.rig.close()
            raise

    def _furnish(self):
        self.rig.tcp = self.port = free_port()
        gpio = self.rig.root / "gpio"
        (gpio / BUTTON).parent.mkdir(parents=True)
        (gpio / BUTTON).write_text("1\n")
        ini = self.rig.dir / "peer.ini"
        ini.write_text(INI.format(tty=self.rig.tty, port=self.port, gpio=gpio))
        guard = self.rig.build / "tests/bench/libno-exec.so"
        if not guard.is_file():
            raise desk.RigError(f"{guard} is not built")
        self.words = ["/usr/bin/env", f"LD_PRELOAD={guard}", self.file, "-f", "-c", ini]
        self.start_sim()

    # -- the process ----------------------------------------------------------------------------

    def start(self):
        self.stop()
        self.renew_sim()
        return self.rig.start("peer", self.words, ready=self.answers)

    def stop(self):
        """SIGKILL: SIGTERM would have it send the frame that cuts the power."""
        if "peer" in self.rig.processes:
            self.rig.kill("peer")

    def renew_sim(self):
        """What was played with it is over: silence, a lost port, a power that goes off."""
        self.rig.end("mcusim")
        self.rig.trace_file.unlink(missing_ok=True)
        self.start_sim()

    def start_sim(self):
        quick_sim(self.rig)
        self.rig.sim("set temp 30")

    @contextlib.contextmanager
    def running(self):
        try:
            yield self.start()
        finally:
            self.stop()

    def kept(self):
        process = self.rig.processes.get("peer")
        if not process or not process.running() or not self.answers():
            self.start()

    def answers(self, line=TEMPERATURE, seconds=ANSWER):
        """Seconds to a good answer; None without one."""
        began = time.monotonic()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as client:
                client.settimeout(seconds)
                client.sendall(f"{line}\r\n".encode())
                answer = client.recv(4096)
        except OSError:
            return None
        return time.monotonic() - began if answer and not answer.startswith(b"ERR") else None

    # -- its figures ----------------------------------------------------------------------------

    def ask(self, clients, count):
        """A fresh one each time: some of its clients may never be answered again."""
        if clients > 1:
            self.start()
        else:
            self.kept()
        return Answers.read(self.tool(self.rig, "load_client", "ask", self.port, clients, count,
                                      TEMPERATURE))

    def p50(self, count):
        return self.ask(1, min(count, 100)).p50

    def connections(self, count):
        """(milliseconds, descriptors more than before), or words."""
        with self.running() as process:
            before = descriptors(process.pid)
            try:
                took = float(self.tool(self.rig, "load_client", "connects", self.port, count)[0])
            except desk.RigError:
                return "no answer any more", [descriptors(process.pid) - before]
            return [took / 1000], [self.settled(process.pid) - before]

    def settled(self, pid):
        """Descriptors once it has closed what it will."""
        until, last, since = time.monotonic() + NEVER, descriptors(pid), time.monotonic()
        while time.monotonic() < min(until, since + 1):
            time.sleep(0.05)
            if (now := descriptors(pid)) != last:
                last, since = now, time.monotonic()
        return last

    def silent_help(self):
        """Milliseconds of `help` while another client waits for the dead MCU."""
        with self.running():
            self.rig.sim("fault silent on")
            with socket.create_connection(("127.0.0.1", self.port)) as waiting:
                waiting.sendall(f"{TEMPERATURE}\r\n".encode())
                took = self.answers("help", NEVER)
        return [took * 1000] if took else never()

    def memory(self):
        """([PSS], [private]) in MB."""
        with self.running() as process:
            time.sleep(1)
            pss, private = memory(process.pid)
        return [pss / 1024], [private / 1024]

    def first_answer(self):
        """Milliseconds."""
        self.stop()
        self.renew_sim()
        line = self.tool(self.rig, "load_client", "first", self.port, TEMPERATURE, *self.words)[0]
        return float(line) / 1000

    def port_back(self):
        with self.running():
            self.rig.sim("disconnect 500")
            self.rig.wait_until(lambda: not self.rig.tty.exists(), 2, "the port to vanish")
            back = self.rig.wait_until(lambda: self.rig.tty.exists() and time.monotonic(), 5,
                                       "the port")
            while time.monotonic() < back + NEVER:
                if self.answers(seconds=NEVER):
                    return [time.monotonic() - back]
                time.sleep(0.05)
        return never()

    def killed_holder(self):
        """Milliseconds to a fan frame behind SIGKILL; who drives the fan is this process itself."""
        self.start()
        self.rig.wait_until(self.rig.fan_frames, 20, "a fan frame of the old daemon")
        killed = self.rig.kill("peer")
        until = killed + NEVER
        while time.monotonic() < until:
            if frames := self.rig.fan_frames(killed):
                return [(frames[0].time - killed) * 1000]
            time.sleep(0.05)
        return never()

    def ended(self):
        """What it sends to the MCU when it is asked to end, in words."""
        process = self.start()
        self.rig.wait_until(self.rig.fan_frames, 20, "its first turn")
        told = time.monotonic()
        process.send(SIGTERM)
        self.rig.wait_until(lambda: not process.running(), 5, "the end of the old daemon")
        time.sleep(0.1)  # the last byte's time on the wire
        sent = bytes(byte.value for byte in self.rig.wire("to_mcu") if byte.time >= told)
        self.stop()
        return frames_in_words(sent)

    def size(self):
        with tempfile.TemporaryDirectory(prefix="nasmcu-") as folder:
            stripped = pathlib.Path(folder) / "peer"
            try:
                run(["strip", "-o", str(stripped), str(self.file)], None)
            except desk.RigError:
                return self.file.stat().st_size  # a script
            return stripped.stat().st_size

    def close(self):
        self.stop()
        self.rig.close()


def never():
    return f"never within {NEVER:g} s"


def frames_in_words(sent):
    """b"" -> "nothing"; frames of seven bytes, those that matter by name."""
    if not sent:
        return "nothing"
    words, at = [], sent.find(b"\xfa")
    while at >= 0:
        frame = sent[at:at + 7]
        name = FRAMES.get(bytes(frame[:3])) if len(frame) == 7 else None
        value = frame[3] if frame[:3] == FAN else frame[5] if len(frame) == 7 else ""
        words.append(name.format(value) if name else frame.hex(" "))
        at = sent.find(b"\xfa", at + 7)
    return ", ".join(words)

