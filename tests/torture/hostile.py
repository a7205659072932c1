# SPDX-License-Identifier: MIT
"""Programs of an ordinary user who means no good.

    hostile.py port TCP-PORT SEED SECONDS    64 clients of the command port
    hostile.py flood BUS-SOCKET SEED SECONDS 1,000 D-Bus calls a second
"""
import os
import random
import select
import socket
import sys
import time

CLIENTS = 64
RATE = 1000
PENDING = 100  # a bus allows 128 unanswered calls of one client
FORBIDDEN = [b"DeviceShutdown 5\n", b"ShutdownDaemon\n", b"poweroff 5\n", b"raw 40 43 30\n",
             b"FanStop\n", b"fan 0\n", b"FanHalf\nfan system 0\n", b"sleep before\n",
             b"led status on\n"]


def garbage(rng, length):
    return rng.randbytes(length)


class Client:
    """One connection with a habit, made anew when it is closed."""
    habits = ("slow", "huge", "binary", "half-open", "silent", "flood", "http", "telnet",
              "forbidden")

    def __init__(self, port, rng, number):
        self.port, self.rng = port, rng
        self.habit = self.habits[number % len(self.habits)]
        self.socket, self.due, self.queue = None, 0.0, b""

    def turn(self, now):
        if now < self.due:
            return
        try:
            if not self.socket:
                self._connect(now)
            self._act(now)
        except (BlockingIOError, InterruptedError):
            self.due = now + 0.05
        except OSError:
            self.drop(now)

    def drop(self, now):
        if self.socket:
            self.socket.close()
        self.socket, self.due = None, now + self.rng.uniform(0.01, 0.3)

    def _connect(self, now):
        self.socket = socket.socket()
        self.socket.settimeout(1)
        self.socket.connect(("127.0.0.1", self.port))
        self.socket.setblocking(False)
        rng = self.rng
        self.queue = {
            "slow": b"GetTemperature and then nothing for a long time " * 8,
            "huge": b"x" * 200000,
            "binary": garbage(rng, rng.randint(1, 5000)),
            "half-open": b"GetTemper",
            "silent": b"",
            "flood": b"GetTemperature\r\nhelp\nstatus\n" * 500,
            "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * rng.randint(1, 50),
            "telnet": b"\xff\xfd\x18\xff\xfa" + garbage(rng, 50) + b"\xff\xf0version\r\n",
            "forbidden": rng.choice(FORBIDDEN) * rng.randint(1, 20),
        }[self.habit]
        if self.habit == "half-open":
            self.socket.send(self.queue)
            self.queue = b""
            self.socket.shutdown(socket.SHUT_WR)
        self.due = now

    def _act(self, now):
        size = 1 if self.habit == "slow" else 4096
        if self.queue:
            self.queue = self.queue[self.socket.send(self.queue[:size]):]
        # A flood that nobody reads: the answers stay where they are.
        if self.habit in ("huge", "binary", "http", "telnet", "forbidden"):
            with_answer = select.select([self.socket], [], [], 0)[0]
            if with_answer and not self.socket.recv(65536):
                raise OSError
        if not self.queue and self.rng.random() < 0.05:
            raise OSError  # hangs up in the middle of everything
        self.due = now + (0.1 if self.habit == "slow" else 0.02)


def port(number, rng, until):
    clients = [Client(int(number), rng, one) for one in range(CLIENTS)]
    while (now := time.monotonic()) < until:
        for client in clients:
            client.turn(now)
        time.sleep(0.01)


def some_call(rng, serial):
    import bus_client
    mcud = ("io.nasmcu1.mcud", "/io/nasmcu1/fan/system")
    properties = "org.freedesktop.DBus.Properties"
    calls = [
        (*mcud, properties, "Get", "ss", "io.nasmcu1.Fan", "Duty"),
        (*mcud, properties, "GetAll", "s", "io.nasmcu1.Fan"),
        (*mcud, properties, "Get", "ss", "no.such.Interface", garbage(rng, 20).hex()),
        (*mcud, properties, "Set", "ssv", "io.nasmcu1.Fan", "Duty", ("d", 0.0)),
        (*mcud, "io.nasmcu1.Fan", "Acquire"),
        (*mcud, "io.nasmcu1.Fan", "Set", "td", serial, 0.0),
        (*mcud, "io.nasmcu1.Fan", "Seize"),
        (*mcud, "org.freedesktop.DBus.Introspectable", "Introspect"),
        (mcud[0], "/io/nasmcu1/sensor/board", "io.nasmcu1.Sensor", "Read"),
        (mcud[0], "/io/nasmcu1/power", "io.nasmcu1.Power", "PowerOff", "i", 1),
        (mcud[0], "/io/nasmcu1/mcu", "io.nasmcu1.Mcu", "PrepareForSleep", "b", True),
        (mcud[0], "/no/such/object", "org.freedesktop.DBus.Peer", "Ping"),
        ("io.nasmcu1.fand", "/io/nasmcu1/fancontrol/system", properties, "GetAll", "s",
         "io.nasmcu1.FanControl"),
        ("io.nasmcu1.fand", "/io/nasmcu1/fancontrol/system", "io.nasmcu1.FanControl", "SetManual",
         "d", 0.0),
        ("io.nasmcu1.alertd", "/io/nasmcu1", "org.freedesktop.DBus.Peer", "Ping"),
        ("io.nasmcu1.watchdogd", "/io/nasmcu1/watchdog", "io.nasmcu1.Watchdog", "Announce", "su",
         "me", 3600),
        (*bus_client.BUS, "RequestName", "su", "io.nasmcu1.mcud", 3),
    ]
    if os.geteuid() != NOBODY:
        # Whoever plays the daemons may do all this: then only what all may.
        calls = calls[:3] + calls[7:9] + calls[11:13] + calls[14:15]
    return rng.choice(calls)


NOBODY = 65534


def flood(path, rng, until):
    import bus_client
    while time.monotonic() < until:
        try:
            _flood_once(bus_client.Client(path), rng, until)
        except (OSError, bus_client.BusError):
            time.sleep(0.1)


def _flood_once(client, rng, until):
    began, sent = time.monotonic(), 0
    while client.open and (now := time.monotonic()) < until:
        while sent < (now - began) * RATE and len(client.waited) < PENDING:
            call = some_call(rng, sent)
            client.call(*call)
            sent += 1
        client.turn(0.002)
        for serial in list(client.replies):
            client.reply(serial)
        sent = max(sent, int((now - began - 1) * RATE))  # what could not be sent is not made up for


def main():
    what, where, seed, seconds = sys.argv[1:]
    {"port": port, "flood": flood}[what](where, random.Random(seed),
                                         time.monotonic() + float(seconds))


main()
