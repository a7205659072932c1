# SPDX-License-Identifier: MIT
"""Two who go on asking mcud, on the bus and on the command port, whatever others do to it."""
import contextlib
import socket
import time

import bus_client

LOOK = 0.25  # s between two questions
ANSWER = 0.5  # s in which they are answered
GIVEN_UP = 10.0  # s after which no answer is one
SETTLE = 1.0  # s after an interruption in which nothing is asked


class Probe:
    """A question at a time. `box`: see box.py."""
    invariant = ""

    def __init__(self, box):
        self.box = box
        self.since = self.watch = None  # of the question that is not answered yet
        self.last, self.calm_since, self.absent, self.turned = 0.0, 0.0, 0.0, time.monotonic()

    def interrupt(self):
        """mcud or the bus is away or comes back: what is asked now proves nothing."""
        self.since, self.calm_since = None, time.monotonic()

    def turn(self, possible):
        now = time.monotonic()
        self.absent, self.turned = max(self.absent, now - self.turned), now
        if not possible:
            self.interrupt()
        elif self.since:
            self._look(now)
        elif now - self.last >= LOOK and now - self.calm_since > SETTLE and self.ask():
            self.last = self.since = time.monotonic()
            self.watch, self.absent = self.box.watch("mcud"), 0.0

    def _look(self, now):
        came = self.answered()
        if not came and now - self.since < GIVEN_UP:
            return
        # The answer's time is that at which we looked.
        delay = self.box.delay(self.watch) + self.absent
        self.box.tally.time(now, self.invariant, (came or now) - self.since, ANSWER, delay,
                            "a question" if came else "a question, not answered")
        self.since = None
        if not came:
            self.interrupt()


class BusProbe(Probe):
    """Asks for the state of the link."""
    invariant = "mcud answers on the bus"
    serial = None

    def interrupt(self):
        super().interrupt()
        if self.serial and self.box.client:
            self.box.client.forget(self.serial)
        self.serial = None

    def ask(self):
        client = self.box.client
        with contextlib.suppress(bus_client.BusError):
            self.serial = client.call("io.nasmcu1.mcud", "/io/nasmcu1/mcu",
                                      "org.freedesktop.DBus.Properties", "GetAll", "s",
                                      "io.nasmcu1.Mcu")
            return True
        return False

    def answered(self):
        reply = self.box.client.reply(self.serial)
        if not reply:
            return None
        if reply.kind == bus_client.RETURN:
            self.box.observer.bus(reply.when, "/io/nasmcu1/mcu", "io.nasmcu1.Mcu",
                                  reply.arguments[0])
        return reply.when


class PortProbe(Probe):
    """A client of the command port that was there before the others, and stays."""
    invariant = "the command port answers who is served"
    socket = None
    served = False
    got = b""

    def interrupt(self):
        super().interrupt()
        self._hang_up()

    def _hang_up(self):
        if self.socket:
            self.socket.close()
        self.socket, self.served = None, False

    def ask(self):
        try:
            if not self.socket:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.settimeout(1)
                self.socket.connect(str(self.box.root / "run/nasmcu/command.sock"))
                self.socket.setblocking(False)
            self.got = b""
            self.socket.sendall(b"help\n")
            return True
        except OSError:
            self.interrupt()
            return False

    def answered(self):
        if not self.socket:
            return None
        try:
            more = self.socket.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            more = b""
        self.got += more
        if b"Available Commands" in self.got and self.got.endswith(b"\n"):
            self.served = True
            return time.monotonic()
        if more:
            return None
        # Over the limit of clients a new one gets ERR, or nothing: an answer, and the end of it.
        # One that is served is not closed.
        served = self.served
        self._hang_up()
        return None if served else time.monotonic()
