# SPDX-License-Identifier: MIT
"""A small D-Bus client of our own: the observer must not see the bus with the daemons' eyes.

It speaks what the campaign needs: calls, replies, signals, a name, one object that answers, and
file descriptors in answers. Little-endian; one thread.
"""
import os
import select
import socket
import struct
import time

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE, UNIX_FDS = \
    range(1, 10)
FIELD_TYPES = {PATH: "o", INTERFACE: "s", MEMBER: "s", ERROR_NAME: "s", REPLY_SERIAL: "u",
               DESTINATION: "s", SENDER: "s", SIGNATURE: "g", UNIX_FDS: "u"}
NUMBERS = {"y": ("B", 1), "b": ("I", 4), "n": ("h", 2), "q": ("H", 2), "i": ("i", 4), "u": ("I", 4),
           "x": ("q", 8), "t": ("Q", 8), "d": ("d", 8), "h": ("I", 4)}
ALIGNMENT = {**{code: size for code, (_, size) in NUMBERS.items()}, "s": 4, "o": 4, "g": 1, "v": 1,
             "a": 4, "(": 8, "{": 8}
PATIENCE = 30  # s; a busy machine is no broken bus
BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")


class BusError(Exception):
    """The call was answered by an error, or the bus is gone."""


def split(signature):
    """"sa{sv}" -> ["s", "a{sv}"]: the single complete types."""
    parts, at = [], 0
    while at < len(signature):
        end = at
        while signature[end] == "a":
            end += 1
        if signature[end] in "({":
            depth, close = 0, end
            while True:
                depth += (signature[close] in "({") - (signature[close] in ")}")
                if depth == 0:
                    break
                close += 1
            end = close
        parts.append(signature[at:end + 1])
        at = end + 1
    return parts


class Writer:
    def __init__(self):
        self.data = bytearray()

    def align(self, size):
        self.data += bytes(-len(self.data) % size)

    def put(self, kind, value):
        self.align(ALIGNMENT[kind[0]])
        if kind in NUMBERS:
            self.data += struct.pack("<" + NUMBERS[kind][0], value)
        elif kind in "so":
            text = value.encode()
            self.data += struct.pack("<I", len(text)) + text + b"\0"
        elif kind == "g":
            self.data += bytes([len(value)]) + value.encode() + b"\0"
        elif kind == "v":
            self.put("g", value[0])
            self.put(*value)
        elif kind[0] == "a":
            self.array(kind[1:], value)
        else:
            for one, part in zip(split(kind[1:-1]), value, strict=True):
                self.put(one, part)

    def array(self, kind, values):
        at = len(self.data)
        self.data += bytes(4)
        self.align(ALIGNMENT[kind[0]])
        begin = len(self.data)
        for value in values:
            self.put(kind, value)
        struct.pack_into("<I", self.data, at, len(self.data) - begin)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def align(self, size):
        self.at += -self.at % size

    def number(self, code):
        form, size = NUMBERS[code]
        self.align(size)
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += size
        return bool(value) if code == "b" else value

    def text(self, length):
        value = bytes(self.data[self.at:self.at + length]).decode(errors="replace")
        self.at += length + 1
        return value

    def get(self, kind):
        self.align(ALIGNMENT[kind[0]])
        if kind in NUMBERS:
            return self.number(kind)
        if kind in "so":
            return self.text(self.number("u"))
        if kind == "g":
            return self.text(self.number("y"))
        if kind == "v":
            return self.get(self.get("g"))
        if kind[0] == "a":
            return self.array(kind[1:])
        return tuple(self.get(one) for one in split(kind[1:-1]))

    def array(self, kind):
        length = self.number("u")
        self.align(ALIGNMENT[kind[0]])
        end, values = self.at + length, []
        while self.at < end:
            values.append(self.get(kind))
        return dict(values) if kind[0] == "{" else values

    def all(self, signature):
        return [self.get(kind) for kind in split(signature)]


def message(kind, serial, fields, signature="", arguments=()):
    body = Writer()
    for one, value in zip(split(signature), arguments, strict=True):
        body.put(one, value)
    if signature:
        fields = {**fields, SIGNATURE: signature}
    head = Writer()
    head.data += struct.pack("<cBBBII", b"l", kind, 0, 1, len(body.data), serial)
    head.put("a(yv)", [(code, (FIELD_TYPES[code], value)) for code, value in fields.items()])
    head.align(8)
    return bytes(head.data + body.data)


class Message:
    """One that came: kind, serial, fields, arguments."""

    def __init__(self, data, head_length, when):
        self.when = when
        self.kind, self.serial = data[1], struct.unpack_from("<I", data, 8)[0]
        self.fields = dict(Reader(data, 12).get("a(yv)"))
        self.arguments = Reader(data[head_length:]).all(self.fields.get(SIGNATURE, ""))


class Client:
    """A connection. `on_signal(message)` and `on_call(message)` are called by turn()."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() +
                            b"\r\n")
        self._line("OK")
        self.socket.sendall(b"NEGOTIATE_UNIX_FD\r\n")
        self._line("AGREE")
        self.socket.sendall(b"BEGIN\r\n")
        self.input = bytearray()
        self.serial = 0
        self.replies = {}
        self.waited = set()
        self.open = True
        self.on_signal = self.on_call = lambda message: None
        self.name = self.ask(*BUS, "Hello")[0]

    def _line(self, word):
        line = b""
        while not line.endswith(b"\r\n"):
            if not (more := self.socket.recv(1)):
                raise BusError("the bus hung up")
            line += more
        if not line.startswith(word.encode()):
            raise BusError(f"the bus says {line!r}")

    def close(self):
        self.open = False
        self.socket.close()

    def send(self, kind, fields, signature="", arguments=(), fds=()):
        self.serial += 1
        if fds:
            fields = {**fields, UNIX_FDS: len(fds)}
        data = message(kind, self.serial, fields, signature, arguments)
        try:
            sent = socket.send_fds(self.socket, [data], list(fds)) if fds else 0
            if sent < len(data):
                self.socket.sendall(data[sent:])
        except OSError as error:
            self.open = False
            raise BusError(f"the bus is gone: {error}") from None
        return self.serial

    def call(self, service, path, interface, member, signature="", *arguments):
        """Sends; the serial to ask reply() for."""
        serial = self.send(CALL, {PATH: path, INTERFACE: interface, MEMBER: member,
                                  DESTINATION: service}, signature, arguments)
        self.waited.add(serial)
        return serial

    def reply(self, serial):
        """The reply's message, once; None while there is none."""
        found = self.replies.pop(serial, None)
        if found:
            self.waited.discard(serial)
        return found

    def forget(self, serial):
        self.waited.discard(serial)
        self.replies.pop(serial, None)

    def ask(self, service, path, interface, member, signature="", *arguments, seconds=PATIENCE):
        """A call and its answer's arguments; BusError after `seconds`."""
        serial = self.call(service, path, interface, member, signature, *arguments)
        deadline = time.monotonic() + seconds
        while not (found := self.reply(serial)):
            left = deadline - time.monotonic()
            if left <= 0 or not self.open:
                self.forget(serial)
                raise BusError(f"no answer to {member} within {seconds} s")
            self.turn(min(left, 0.05))
        if found.kind == ERROR:
            words = found.arguments[0] if found.arguments else ""
            raise BusError(f"{found.fields.get(ERROR_NAME)}: {words}")
        return found.arguments

    def signal(self, path, interface, member, signature, *arguments):
        self.send(SIGNAL, {PATH: path, INTERFACE: interface, MEMBER: member}, signature, arguments)

    def answer(self, call, signature="", *arguments, fds=()):
        self.send(RETURN, {REPLY_SERIAL: call.serial, DESTINATION: call.fields[SENDER]}, signature,
                  arguments, fds)

    def refuse(self, call, name, words):
        self.send(ERROR, {REPLY_SERIAL: call.serial, DESTINATION: call.fields[SENDER],
                          ERROR_NAME: name}, "s", (words,))

    def match(self, rule):
        self.ask(*BUS, "AddMatch", "s", rule)

    def own(self, name):
        return self.ask(*BUS, "RequestName", "su", name, 4)[0] == 1

    def turn(self, seconds=0.0):
        """Takes in what has come, and waits for something at most so long."""
        while self.open and select.select([self.socket], [], [], seconds)[0]:
            seconds = 0.0
            try:
                more = self.socket.recv(65536)
            except OSError:
                more = b""
            if not more:
                self.open = False
                return
            self.input += more
            self._dispatch(time.monotonic())

    def _dispatch(self, now):
        while len(self.input) >= 16:
            body, _, fields = struct.unpack_from("<III", self.input, 4)
            head = (16 + fields + 7) // 8 * 8
            if len(self.input) < head + body:
                return
            one = Message(bytes(self.input[:head + body]), head, now)
            del self.input[:head + body]
            if one.kind in (RETURN, ERROR):
                if one.fields[REPLY_SERIAL] in self.waited:
                    self.replies[one.fields[REPLY_SERIAL]] = one
            elif one.kind == SIGNAL:
                self.on_signal(one)
            else:
                self.on_call(one)
