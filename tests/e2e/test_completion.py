# SPDX-License-Identifier: MIT
"""bash completes what the running daemons know: names of devices, bays and alerts."""
import subprocess

import rig as desk

SCRIPT = """source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_mcuctl
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(desk.RigTest):
    board = "dlink-dns327l"

    def complete(self, *words):
        path = f"{self.rig.program('mcuctl').parent}:{self.rig.environment['PATH']}"
        done = subprocess.run(
            ["bash", "--norc", "-c", SCRIPT, "bash", desk.SOURCE / "daemons/mcuctl/mcuctl.bash",
             "mcuctl", *words], env={**self.rig.environment, "PATH": path}, cwd=self.rig.dir,
            text=True, capture_output=True, timeout=30)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_names_come_from_the_running_mcud(self):
        self.assertEqual(self.complete("led", ""), [])  # nobody to ask, and nothing goes wrong
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.start_mcud()
        self.rig.wait_until(lambda: self.complete("fan", "") == ["system", "auto", "why",
                                                                 "simulate"], 10, "the fan")
        self.assertEqual(self.complete("led", "disk"), ["disk1-fault", "disk2-fault"])
        self.assertIn("power", self.complete("button", ""))
        self.assertIn("board", self.complete("temp", ""))
        self.assertEqual(self.complete("fan", "system", "a"), ["auto"])
        # Another machine would be asked over ssh, which could want a password.
        self.assertEqual(self.complete("-H", "nas.example", "led", ""), [])

    def test_bays_and_alerts_come_from_the_running_nas_alertd(self):
        trouble = self.rig.dir / "on-battery"
        trouble.touch()
        self.rig.configure(f"[Alert ups]\nFile = {trouble}\n")
        self.rig.start_fake_root(seed=5)
        self.rig.start_bus()
        self.rig.start_sim()
        self.rig.start_mcud()
        self.assertEqual(self.complete("identify", ""), [])
        self.rig.start_alertd()
        self.rig.wait_until(lambda: self.complete("identify", "") == ["1", "2"], 20, "the bays")
        self.assertEqual(self.complete("disks", "test", "2", ""), ["short", "long"])
        self.rig.wait_until(lambda: [one for one in self.complete("alerts", "ack", "")
                                     if "ups" in one], 20, "the alert's id")


if __name__ == "__main__":
    desk.main()
