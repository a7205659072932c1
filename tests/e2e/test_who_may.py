# SPDX-License-Identifier: MIT
"""The table WHO MAY DO WHAT of mcud(8), cell by cell, on a real bus and a real port.

The cells are read from the manual's source: one that is changed there has to hold, and one that is
not known here fails. The network is one of the test's own: loopback, and one more address on it.
"""
import ctypes
import fcntl
import os
import re
import socket
import struct
import subprocess

import rig as desk

NOBODY = 65534
MEMBER = 1  # user daemon, whose group stands in for nasmcu: that group need not exist here
OUTSIDE = "192.0.2.1"  # for documentation: nobody's (RFC 5737)
PORT = 57367
WHO = {"root": 0, "group": MEMBER, "others": NOBODY, "remote": None}

DBUS = {
    "reading": [("fan/system", "org.freedesktop.DBus.Properties.GetAll", "string:io.nasmcu1.Fan"),
                ("", "org.freedesktop.DBus.ObjectManager.GetManagedObjects"),
                ("sensor/board", "io.nasmcu1.Sensor.Read"),
                ("mcu", "io.nasmcu1.Mcu.Identify")],
    "changing": [("fan/system", "io.nasmcu1.Fan.SetByHand", "double:60"),
                 ("led/status", "io.nasmcu1.Led.Set", "string:on"),
                 ("buzzer", "io.nasmcu1.Buzzer.Beep", "string:short"),
                 ("mcu", "io.nasmcu1.Mcu.Failsafe")],
    "a lease by force": [("fan/system", "io.nasmcu1.Fan.Seize")],
    "power, sleep": [("power", "io.nasmcu1.Power.PowerOff", "int32:0"),
                     ("mcu", "io.nasmcu1.Mcu.PrepareForSleep", "boolean:false")],
    # Both without their check byte: @T3 reads the temperature; @C2 is the beep, which is no reading.
    "raw, a reading frame": [("mcu", "io.nasmcu1.Mcu.Raw", "array:byte:64,84,51", "boolean:false")],
    "raw, any other frame": [("mcu", "io.nasmcu1.Mcu.Raw", "array:byte:64,67,50", "boolean:true")],
}
LINES = {
    "reading": ["temp board", "GetTemperature", "version"],
    "changing": ["led status on", "beep short", "fan 60", "FanHalf"],
    "power, sleep": ["poweroff 20", "DeviceShutdown 20", "sleep after"],
    "ShutdownDaemon": ["ShutdownDaemon"],
    "raw": ["raw 40 54 33"],
}
# Says what is behind argv[3] to argv[1] (a path, or an address and port), and prints the answer.
CLIENT = """
import socket, sys
path, port, line = sys.argv[1:]
client = socket.socket(socket.AF_INET if int(port) else socket.AF_UNIX)
client.settimeout(20)
try:
    client.connect((path, int(port)) if int(port) else path)
except PermissionError:
    sys.exit("cannot connect")
client.sendall(line.encode() + b"\\n")
client.shutdown(socket.SHUT_WR)
answer = b""
while more := client.recv(4096):
    answer += more
sys.stdout.write(answer.decode())
"""


def read_table():
    """{(way, what): {who: cell}} of the manual."""
    text = (desk.SOURCE / "daemons/mcud/mcud.8").read_text()
    table = re.search(r"\.SH WHO MAY DO WHAT\n\.TS\n[^\n]*\n(.*?)\.TE\n", text, re.S).group(1)
    head, *rows = [line.split("\t") for line in table.splitlines()]
    cells = {}
    for name, *row in rows:
        way, what = name.split(": ", 1)
        cells[way, what] = dict(zip(head[1:], row, strict=True))
    return cells


TABLE = read_table()


def own_network():
    """From here on this process and its children have a network of their own: lo and OUTSIDE."""
    clone_newnet = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    siocsifaddr, siocsifflags, up_and_running = 0x8916, 0x8914, 0x41
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sh22x", b"lo", up_and_running))
        fcntl.ioctl(any_socket, siocsifaddr, struct.pack(
            "16sHH4s16x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(OUTSIDE)))


def needs_root(test):
    """Only root can play other users. Without root there is no such test, rather than a skip."""
    return test if os.geteuid() == 0 else None


class Table(desk.RigTest):
    def setUp(self):
        super().setUp()
        rig = self.rig
        (rig.root / "etc/group").write_text(f"nasmcu:x:{MEMBER}:\n")
        (rig.root / "etc/passwd").write_text(
            f"root:x:0:0::/:/bin/sh\ndaemon:x:{MEMBER}:{MEMBER}::/:/bin/sh\n")
        rig.start_bus_for_group("daemon")
        rig.start_sim()

    def start(self, address="127.0.0.1", more=""):
        self.rig.configure(f"[Daemon]\nServerAddr = {address}\nServerPort = {PORT}\n{more}")
        self.rig.start_mcud()
        self.rig.wait_until(lambda: self.rig.mcuctl("temp", "board")[0] == 0, 10, "a temperature")

    def check_rows(self, way, allowed, others=("remote",)):
        """`allowed(what, request, user)` for every cell of the table's rows for this way."""
        rows = {what: cells for (one, what), cells in TABLE.items() if one == way}
        self.assertEqual(set(rows), set(DBUS if way == "D-Bus" else LINES), "rows of the manual")
        for what, cells in rows.items():
            self.assertEqual(set(cells), set(WHO), "columns of the manual")
            for who, cell in cells.items():
                if who in others:
                    self.assertEqual(cell, "-", (way, what, who))
                else:
                    self.assertIn(cell, ("yes", "no", "RemoteControl"))
                    self.check_cell(way, what, who, cell, allowed)

    def check_cell(self, way, what, who, cell, allowed):
        for request in (DBUS if way == "D-Bus" else LINES)[what]:
            wanted = cell == "yes" or (cell == "RemoteControl" and self.remote_control)
            with self.subTest(way=way, who=who, request=request):
                before = len(self.rig.actions())
                self.assertEqual(allowed(what, request, WHO[who]), wanted)
                if not wanted:
                    self.assertEqual(len(self.rig.actions()), before, "something was done")
            if what == "ShutdownDaemon" and wanted:
                process = self.rig.processes["mcud"]
                self.rig.wait_until(lambda p=process: not p.running(), 10, "mcud to end")
                self.rig.end("mcud")
                self.rig.start_mcud()

    remote_control = False

    def by_bus(self, _, request, user):
        path, method, *arguments = request
        done = subprocess.run(
            ["dbus-send", "--system", "--print-reply", "--dest=io.nasmcu1.mcud",
             f"/io/nasmcu1/{path}".rstrip("/"), method, *arguments], env=self.rig.environment,
            capture_output=True, text=True, timeout=30, check=False, cwd="/", user=user, group=user,
            extra_groups=[])
        if done.returncode == 0:
            return True
        # By the bus or by mcud itself; any other error is neither yes nor no.
        error = done.stderr.split(":")[0].removeprefix("Error ")
        self.assertIn(error, ("org.freedesktop.DBus.Error.AccessDenied", "io.nasmcu1.Error.Denied"),
                      (request, user, done.stderr))
        return False

    def say(self, path, port, line, user):
        done = subprocess.run(["/usr/bin/python3", "-c", CLIENT, str(path), str(port), line],
                              capture_output=True, text=True, timeout=40, check=False, cwd="/",
                              user=user, group=user, extra_groups=[])
        if done.returncode != 0:
            self.assertEqual(done.stderr, "cannot connect\n")
            return False
        self.assertNotEqual(done.stdout, "", line)
        return done.stdout != "ERR\n"

    @needs_root
    def test_on_the_bus(self):
        self.start()
        self.check_rows("D-Bus", self.by_bus)

    @needs_root
    def test_on_the_unix_socket(self):
        self.start()
        file = self.rig.root / "run/nasmcu/command.sock"
        self.assertEqual(file.stat().st_mode & 0o777, 0o660)
        self.assertEqual(file.stat().st_gid, MEMBER)
        self.check_rows("Unix socket", lambda _, line, user: self.say(file, 0, line, user))

    @needs_root
    def test_on_the_loopback_port(self):
        self.start()
        self.check_rows("TCP, loopback",
                        lambda _, line, user: self.say("127.0.0.1", PORT, line, user))

    # What a remote client may depends on no user: root of this machine plays it.
    def from_outside(self, _, line, __):
        return self.say(OUTSIDE, PORT, line, 0)

    users = ("root", "group", "others")

    @needs_root
    def test_from_another_machine(self):
        self.start(OUTSIDE)
        self.check_rows("TCP, elsewhere", self.from_outside, self.users)

    @needs_root
    def test_from_another_machine_with_remote_control(self):
        self.remote_control = True
        self.start(OUTSIDE, "RemoteControl = yes\n")
        self.check_rows("TCP, elsewhere", self.from_outside, self.users)

    def test_each_row_belongs_to_a_way_that_is_tried(self):
        self.assertEqual({way for way, _ in TABLE}, {
            "D-Bus", "Unix socket", "TCP, loopback", "TCP, elsewhere"})
        self.assertEqual(len(TABLE), 21)


if __name__ == "__main__":
    if os.geteuid() == 0:
        own_network()
    desk.main()
