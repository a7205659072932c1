# SPDX-License-Identifier: MIT
"""Init scripts pipe a word into telnet: { echo hctosys; sleep 1; } | telnet localhost 57367"""
import re
import socket
import subprocess
import threading

import rig as desk


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Telnet(desk.RigTest):
    board = "dlink-dns327l"

    def setUp(self):
        super().setUp()
        self.tcp = free_port()
        self.rig.configure(f"[Daemon]\nServerPort = {self.tcp}\n")
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.sim("set temp 38")
        self.rig.start_mcud()
        self.rig.wait_until(lambda: self.rig.mcuctl("temp")[0] == 0, 10, "a first reading")

    def telnet(self, line, lines):
        """What telnet prints of the answer; its input stays open until `lines` lines are there."""
        client = subprocess.Popen(["telnet", "127.0.0.1", str(self.tcp)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        giver_up = threading.Timer(10, client.kill)
        giver_up.start()
        client.stdin.write(line.encode() + b"\n")
        client.stdin.flush()
        answer = []
        for got in client.stdout:
            if got.startswith((b"Trying", b"Connected", b"Escape")):
                continue
            answer.append(got)
            if len(answer) == lines:
                break
        client.stdin.close()
        client.wait()
        giver_up.cancel()
        client.stdout.close()
        return b"".join(answer)

    def test_the_words_of_the_guides_init_script(self):
        self.assertEqual(self.telnet("GetTemperature", 1), b"38\n")
        self.assertEqual(self.telnet("systohc", 1), b"OK\n")
        self.assertEqual(self.telnet("nonsense", 1), b"Command not Understood!\n")
        self.assertEqual(
            self.telnet("help", 1),
            b"Available Commands: DeviceReady, GetTemperature, DeviceShutdown, "
            b"EnablePowerRecovery, DisablePowerRecovery, GetPowerRecoveryState, EnableWOL, "
            b"DisableWOL, GetWOLState, PowerLedOn, PowerLedOff, PowerLedBlink, "
            b"systohc, hctosys, ReadRtc, ShutdownDaemon, quit\n")

    def test_hctosys_answers_in_three_lines_and_sets_no_real_clock(self):
        self.rig.sim("set clock 2031-09-10 21:06:17")
        answer = self.telnet("hctosys", 3).decode()
        self.assertRegex(answer, r"\ARTC: Wed Sep 10 21:06:(1[7-9]|2\d) 2031\n"
                                 r"Sys: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\nDiff: -?\d+s\n\Z")
        actions = self.rig.actions()
        self.assertEqual([entry["action"] for entry in actions], ["set-clock"])
        self.assertTrue(re.fullmatch(r"19468407\d\d", str(actions[0]["args"][0])), actions)


if __name__ == "__main__":
    desk.main()
