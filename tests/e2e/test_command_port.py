# SPDX-License-Identifier: MIT
"""The bytes of dns320l-daemon's port, from real connections."""
import re
import socket
import time

import rig as desk

DATE = rb"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}"
HELP = (b"Available Commands: DeviceReady, GetTemperature, DeviceShutdown, EnablePowerRecovery, "
        b"DisablePowerRecovery, GetPowerRecoveryState, EnableWOL, DisableWOL, GetWOLState, "
        b"PowerLedOn, PowerLedOff, PowerLedBlink, systohc, hctosys, ReadRtc, ShutdownDaemon, quit\n")


class CommandPort(desk.RigTest):
    board = "dlink-dns327l"
    config = "[Fan]\nPollTime = 1\nTempLow = 25\nTempHigh = 34\n"

    def setUp(self):
        super().setUp()
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.sim("set temp 30")
        self.rig.start_mcud()
        self.rig.wait_until(lambda: self.rig.port("GetTemperature\n") == b"30\n", 10, "30 °C")

    def test_every_line_end_gives_the_same_answer(self):
        for end in ("\r\n", "\n", ""):
            self.assertEqual(self.rig.port("GetTemperature" + end), b"30\n", repr(end))
            self.assertEqual(self.rig.port("nonsense" + end), b"Command not Understood!\n")
            self.assertEqual(self.rig.port("quit" + end), b"Bye\n")

    def test_setters_and_getters(self):
        for line, answer in (("EnableWOL", b"OK\n"), ("GetWOLState", b"1\n"), ("DisableWOL", b"OK\n"),
                             ("GetWOLState", b"0\n"), ("EnablePowerRecovery", b"OK\n"),
                             ("GetPowerRecoveryState", b"1\n"), ("DeviceReady", b"OK\n"),
                             ("PowerLedOff", b"OK\n")):
            self.assertEqual(self.rig.port(line + "\r\n"), answer, line)
        self.assertEqual(self.rig.sim("state")["leds"]["power"], "off")

    def test_several_commands_in_one_packet(self):
        self.assertEqual(self.rig.port("GetWOLState\r\nGetTemperature\nquit\r\n"), b"0\n30\nBye\n")

    def test_the_clock_words(self):
        self.rig.sim("set clock 2031-05-06 07:08:09")
        self.assertRegex(self.rig.port("ReadRtc\n"), rb"^RTC: " + DATE + rb"\n$")
        answer = self.rig.port("hctosys\n")
        self.assertRegex(answer, rb"^RTC: " + DATE + rb"\nSys: " + DATE + rb"\nDiff: -?\d+s\n$")
        self.assertIn(b"Tue May  6 07:08:", answer)
        self.assertEqual([action["action"] for action in self.rig.actions()], ["set-clock"])
        self.assertEqual(self.rig.port("systohc\n"), b"OK\n")
        year = time.gmtime().tm_year
        self.assertIn(str(year), self.rig.sim("state")["clock"])

    def test_help_names_the_old_words_in_the_old_order(self):
        words = self.rig.port("help\r\n")
        self.assertEqual(words, HELP)

    def test_a_client_without_a_newline_delays_nobody(self):
        with socket.socket(socket.AF_UNIX) as idle:
            idle.connect(str(self.rig.root / "run/nasmcu/command.sock"))
            idle.sendall(b"GetTemp")
            since = time.monotonic()
            self.rig.start_fand()
            self.rig.sim("set temp 40")
            self.rig.fan_frame(lambda duty: duty == 100, since, 10, "the fan at full")
            self.assertEqual(self.rig.port("GetTemperature\n"), b"40\n")

    def test_an_over_long_line_ends_that_client_alone(self):
        self.assertEqual(self.rig.port("x" * 2000 + "\n"), b"ERR\n")
        self.assertEqual(self.rig.port("GetTemperature\n"), b"30\n")

    def test_http_is_not_answered(self):
        self.assertEqual(self.rig.port("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), b"")

    def test_power_words_only_leave_a_delay_for_the_hook(self):
        self.rig.port("DeviceShutdown 30\r\n")
        self.assertEqual([a["action"] for a in self.rig.actions()], ["poweroff"])
        self.assertIsNone(self.rig.sim("state")["shutdown"])

    def test_shutdown_daemon_leaves_the_fan_at_failsafe(self):
        since = time.monotonic()
        self.rig.start_fand()
        self.rig.fan_frame(lambda duty: duty == 50, since, 10, "nas-fand to drive the fan")
        since = time.monotonic()
        self.assertEqual(self.rig.port("ShutdownDaemon\r\n"), b"OK\n")
        process = self.rig.processes["mcud"]
        self.rig.wait_until(lambda: not process.running(), 5, "mcud to end")
        self.assertEqual(self.rig.fan_frames(since)[-1].duty, 100)
        self.rig.end("mcud")  # checks the exit code


if __name__ == "__main__":
    desk.main()
