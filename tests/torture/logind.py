# SPDX-License-Identifier: MIT
"""A logind that gives inhibitors, tells of sleep, and notes what else it is asked."""
import os
import select

import bus_client

NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"


class Logind:
    def __init__(self, bus_socket):
        self.client = bus_client.Client(bus_socket)
        self.client.on_call = self._call
        self.inhibitors = []  # (what, who, our end of the pipe)
        self.asked = []  # "PowerOff", ...
        if not self.client.own(NAME):
            raise bus_client.BusError(f"{NAME} cannot be owned")

    def close(self):
        for _, _, reader in self.inhibitors:
            os.close(reader)
        self.client.close()

    def turn(self):
        self.client.turn()

    def delays(self, who):
        """Whether somebody delays sleep: an inhibitor that nobody has let go of."""
        return any(what == "sleep" and by == who and not self._released(reader)
                   for what, by, reader in self.inhibitors)

    @staticmethod
    def _released(reader):
        poll = select.poll()
        poll.register(reader, 0)
        return bool(poll.poll(0))

    def prepare_for_sleep(self, going):
        self.client.signal(PATH, MANAGER, "PrepareForSleep", "b", going)

    def _call(self, call):
        member = call.fields.get(bus_client.MEMBER)
        if member == "Inhibit":
            reader, writer = os.pipe2(os.O_CLOEXEC)
            self.inhibitors.append((call.arguments[0], call.arguments[1], reader))
            self.client.answer(call, "h", 0, fds=(writer,))
            os.close(writer)
        elif member == "Get":
            self.client.answer(call, "v", ("b", False))
        elif member == "GetAll":
            self.client.answer(call, "a{sv}", [("PreparingForShutdown", ("b", False))])
        else:
            self.asked.append(member)
            self.client.refuse(call, "org.freedesktop.DBus.Error.AccessDenied", "not here")
