# SPDX-License-Identifier: MIT
"""What the observer stands on: its D-Bus client, and the kernel's word on processes."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

import bus_client
import wire  # finds rig
import machine
import probes
from observer import Tally
from boards import board_facts

import rig as desk


class Marshalling(unittest.TestCase):
    def there_and_back(self, signature, *arguments):
        data = bus_client.message(bus_client.CALL, 7, {bus_client.MEMBER: "Do"}, signature,
                                  arguments)
        body = int.from_bytes(data[4:8], "little")
        one = bus_client.Message(data, len(data) - body, 1.0)
        self.assertEqual((one.kind, one.serial, one.fields[bus_client.MEMBER]),
                         (bus_client.CALL, 7, "Do"))
        return one.arguments

    def test_each_type(self):
        values = {"y": 255, "b": True, "n": -2, "q": 65535, "i": -3, "u": 1 << 31, "x": -(1 << 40),
                  "t": 1 << 63, "d": 2.5, "s": "37 °C", "o": "/io/nasmcu1", "g": "a{sv}"}
        self.assertEqual(self.there_and_back("".join(values), *values.values()),
                         list(values.values()))

    def test_containers(self):
        self.assertEqual(self.there_and_back("ay", [1, 2, 3]), [[1, 2, 3]])
        self.assertEqual(self.there_and_back("ya(dd)", 1, [(1.0, 2.0), (3.0, 4.0)]),
                         [1, [(1.0, 2.0), (3.0, 4.0)]])
        named = [("Name", ("s", "system")), ("Rpm", ("u", 900))]
        self.assertEqual(self.there_and_back("a{sv}", named), [{"Name": "system", "Rpm": 900}])
        objects = [("/a", [("i", [("p", ("b", False))])])]
        self.assertEqual(self.there_and_back("a{oa{sa{sv}}}s", objects, "behind"),
                         [{"/a": {"i": {"p": False}}}, "behind"])
        self.assertEqual(self.there_and_back("yat", 1, []), [1, []])

    def test_signatures_are_split(self):
        self.assertEqual(bus_client.split("sa{sv}a(ii)aasv"), ["s", "a{sv}", "a(ii)", "aas", "v"])


class Answers(unittest.TestCase):
    """Against a real bus."""

    def test_calls_errors_and_names(self):
        rig = desk.Rig()
        self.addCleanup(rig.close)
        rig.start_bus()
        client, other = bus_client.Client(rig.bus_socket), bus_client.Client(rig.bus_socket)
        self.addCleanup(client.close)
        self.addCleanup(other.close)
        self.assertIn(client.name, client.ask(*bus_client.BUS, "ListNames")[0])
        with self.assertRaises(bus_client.BusError) as caught:
            client.ask(*bus_client.BUS, "NoSuchMethod")
        self.assertIn("UnknownMethod", str(caught.exception))
        self.assertTrue(client.own("io.nasmcu1.mcud"))
        self.assertFalse(other.own("io.nasmcu1.mcud"))
        rig.kill("bus")
        with self.assertRaises(bus_client.BusError):
            client.ask(*bus_client.BUS, "ListNames")


class Processes(unittest.TestCase):
    def test_what_this_one_holds(self):
        before = machine.holds(os.getpid())
        with open(__file__, encoding="utf-8"):
            after = machine.holds(os.getpid())
        self.assertEqual(after["descriptors"], before["descriptors"] + 1)
        self.assertGreaterEqual(after["threads"], 1)
        self.assertGreater(after["private_kib"], 100)
        self.assertIsNone(machine.holds(2 ** 22 + 1))

    def test_one_who_has_no_processor_is_known_for_it(self):
        cpu = {min(os.sched_getaffinity(0))}
        script = "import time\nend = time.monotonic() + 30\nwhile time.monotonic() < end: pass"
        busy = [subprocess.Popen([sys.executable, "-c", script],
                                 preexec_fn=lambda: os.sched_setaffinity(0, cpu)) for _ in range(2)]
        try:
            deadline = time.monotonic() + 25
            while any(machine.waited(one.pid) < 0.02 for one in busy):
                self.assertLess(time.monotonic(), deadline, "two on one processor never waited")
                time.sleep(0.01)
        finally:
            for one in busy:
                one.kill()
                one.wait()

    def test_a_sleeper_that_is_woken_late_says_so(self):
        sleeper = machine.Lateness()
        self.addCleanup(sleeper.close)
        sleeper.found = [(100.0, 0.004), (101.0, 0.030), (time.monotonic(), 0.020)]
        self.assertEqual(sleeper.since(time.monotonic() - 1), 0.020)


class Served(unittest.TestCase):
    """The probe of the command port, against one that is played."""

    class Box:
        def __init__(self, root):
            self.root, self.tally = root, Tally()

        @staticmethod
        def watch(*_):
            return None

        @staticmethod
        def delay(_):
            return 0.0

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.box = self.Box(pathlib.Path(folder.name))
        path = self.box.root / "run/nasmcu/command.sock"
        path.parent.mkdir(parents=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.settimeout(20)
        quick = unittest.mock.patch.multiple(probes, LOOK=0.0, SETTLE=0.0, GIVEN_UP=0.6)
        quick.start()
        self.addCleanup(quick.stop)
        self.probe = probes.PortProbe(self.box)
        self.addCleanup(self.probe.interrupt)

    def until(self, done):
        deadline = time.monotonic() + 20
        while not done():
            self.assertLess(time.monotonic(), deadline)
            self.probe.turn(True)
            time.sleep(0.005)

    def client(self):
        self.until(lambda: self.probe.since)
        connection = self.listener.accept()[0]
        self.addCleanup(connection.close)
        return connection

    def checked(self):
        return self.box.tally.checked[probes.PortProbe.invariant]

    def test_answered_again_and_again(self):
        connection = self.client()
        for times in (1, 2, 3):
            self.assertEqual(connection.recv(100), b"help\n")
            connection.sendall(b"Available Commands: ...\n")
            self.until(lambda: self.checked() == times and (times == 3 or self.probe.since))
        self.assertEqual(self.box.tally.broken, [])

    def test_never_answered(self):
        self.client()
        self.until(self.checked)
        self.assertEqual(len(self.box.tally.broken), 1)

    def test_turned_away_over_the_limit(self):
        connection = self.client()
        connection.sendall(b"ERR\n")
        connection.close()
        self.until(self.checked)
        self.assertEqual(self.box.tally.broken, [])

    def test_closed_although_it_is_served(self):
        connection = self.client()
        connection.sendall(b"Available Commands: ...\n")
        self.until(lambda: self.checked() == 1 and self.probe.since)
        connection.close()
        self.until(lambda: self.checked() == 2)
        self.assertEqual(len(self.box.tally.broken), 1)


class Boards(unittest.TestCase):
    def test_what_the_files_say(self):
        qnap, failsafe, limit, _ = board_facts("qnap-ts433")
        self.assertEqual((qnap.least(45), failsafe, limit), (40, 100, 70))
        dlink, failsafe, limit, _ = board_facts("dlink-dns327l")
        self.assertEqual((dlink.points, failsafe, limit), ([], 100, 60))
        self.assertEqual(set(wire.POWER), set(desk.FANS))


if __name__ == "__main__":
    desk.main()
