# SPDX-License-Identifier: MIT
"""Who may do what on the bus: the shipped policy, tried by root, a group member and a stranger."""
import os
import subprocess

import rig as desk

NOBODY = 65534
MEMBER = 1  # user daemon, whose group stands in for nasmcu: that group need not exist here
FAN, SENSOR, LED = "fan/system", "sensor/board", "led/status"



def needs_root(test):
    """Only root can play other users. Without root there is no such test, rather than a skip."""
    return test if os.geteuid() == 0 else None


READING = [
    (FAN, "org.freedesktop.DBus.Properties.GetAll", "string:io.nasmcu1.Fan"),
    (FAN, "org.freedesktop.DBus.Properties.Get", "string:io.nasmcu1.Fan", "string:Duty"),
    (FAN, "org.freedesktop.DBus.Introspectable.Introspect"),
    ("", "org.freedesktop.DBus.ObjectManager.GetManagedObjects"),
    (SENSOR, "io.nasmcu1.Sensor.Read"),
    ("mcu", "io.nasmcu1.Mcu.Identify"),
]
CHANGING = [
    (FAN, "io.nasmcu1.Fan.Acquire"),
    (FAN, "io.nasmcu1.Fan.SetByHand", "double:60"),
    (LED, "io.nasmcu1.Led.Set", "string:on"),
    ("buzzer", "io.nasmcu1.Buzzer.Beep", "string:short"),
    ("mcu", "io.nasmcu1.Mcu.Failsafe"),
]
ROOT_ALONE = [
    (FAN, "io.nasmcu1.Fan.Seize"),
    ("power", "io.nasmcu1.Power.PowerOff", "int32:0"),
    ("mcu", "io.nasmcu1.Mcu.PrepareForSleep", "boolean:false"),
]


class BusPolicy(desk.RigTest):
    def setUp(self):
        super().setUp()
        rig = self.rig
        rig.start_bus_for_group("daemon")
        rig.start_sim()
        rig.start_mcud()

    def call(self, user, path, method, *arguments):
        """The error's name, or "" when the call was answered."""
        return self.send(user, "io.nasmcu1.mcud", f"/io/nasmcu1/{path}".rstrip("/"), method,
                         *arguments)

    def send(self, user, service, path, method, *arguments):
        # A user's group has the same number here.
        who = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(
            ["dbus-send", "--system", "--print-reply", f"--dest={service}", path, method,
             *arguments], env=self.rig.environment, capture_output=True, text=True, timeout=30,
            check=False, cwd="/", **who)
        return done.stderr.split(":")[0].removeprefix("Error ") if done.returncode else ""

    def test_everybody_reads(self):
        for call in READING:
            self.assertEqual(self.call(NOBODY, *call), "", call)
        # This box has no such clock; who may ask is another matter.
        self.assertIn("Unsupported", self.call(NOBODY, "clock", "io.nasmcu1.Clock.GetWake"))

    @needs_root
    def test_a_stranger_changes_nothing(self):
        for call in CHANGING + ROOT_ALONE + [("clock", "io.nasmcu1.Clock.SetWake", "int64:0")]:
            self.assertIn("AccessDenied", self.call(NOBODY, *call), call)

    @needs_root
    def test_the_group_changes_but_does_not_cut_the_power_or_take_a_lease_by_force(self):
        for call in READING + CHANGING:
            self.assertNotIn("AccessDenied", self.call(MEMBER, *call), call)
        for call in ROOT_ALONE:
            self.assertIn("AccessDenied", self.call(MEMBER, *call), call)
        self.assertEqual(self.rig.actions(), [])

    def test_root_may_do_all(self):
        for call in READING + CHANGING:
            self.assertEqual(self.call(0, *call), "", call)
        self.assertEqual(self.call(0, "power", "io.nasmcu1.Power.PowerOff", "int32:0"), "")
        self.assertEqual([action["action"] for action in self.rig.actions()], ["poweroff"])
        for going in ("true", "false"):
            call = ("mcu", "io.nasmcu1.Mcu.PrepareForSleep", f"boolean:{going}")
            self.assertEqual(self.call(0, *call), "", call)

    @needs_root
    def test_a_stranger_cannot_take_a_name(self):
        error = self.send(NOBODY, "org.freedesktop.DBus", "/", "org.freedesktop.DBus.RequestName",
                          "string:io.nasmcu1.fand", "uint32:0")
        self.assertIn("AccessDenied", error)


if __name__ == "__main__":
    desk.main()
