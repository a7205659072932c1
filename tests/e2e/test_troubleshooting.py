# SPDX-License-Identifier: MIT
"""What docs/troubleshooting.md says that mcuctl says: each state is made on a simulated box, each
command run, each answer compared. `...` in the page stands for anything."""
import fcntl
import os
import re
import shlex

import rig as desk

PAGE = desk.SOURCE / "docs/troubleshooting.md"
QUICK = "[Fan]\nPollTime = 1\nSensorTimeout = 5\n"
NOBODY = 65534


def transcripts():
    """{state: [(command, expected answer)]}"""
    found = {}
    for state, block in re.findall(r"^```console (\S+)\n(.*?)^```", PAGE.read_text(),
                                   re.MULTILINE | re.DOTALL):
        for part in block.split("$ ")[1:]:
            command, _, answer = part.partition("\n")
            found.setdefault(state, []).append((command, answer))
    return found


def matches(answer, said):
    lines = []
    for line in answer.splitlines():
        lines.append("(?:.*\n)*" if line == "..." else
                     ".*".join(re.escape(part) for part in line.split("...")) + "\n")
    return re.fullmatch("".join(lines), said)


class Troubleshooting(desk.RigTest):
    def setUp(self):
        self.rig = None

    def _close(self):
        if self.rig:
            super()._close()

    def box(self, board="dlink-dns327l", config=QUICK, sim=True, **fake):
        self.rig = desk.Rig(board, config, **fake)
        self.addCleanup(self._close)
        self.rig.start_bus()
        if sim and not fake.get("kernel"):
            self.rig.start_sim()
        return self.rig

    def running(self, *arguments, **options):
        rig = self.box(*arguments, **options)
        rig.start_mcud()
        rig.start_fand()
        rig.wait_until(lambda: rig.device("fans", "system").get("mode") == "auto", 10, "nas-fand")
        return rig

    def failsafe(self, words):
        self.rig.wait_until(lambda: words in self.rig.mcuctl("fan")[1], 30, words)

    # -- the states -------------------------------------------------------------------------------

    def state_no_fand(self):
        self.box(fake=True).start_mcud()

    def state_bad_sensor(self):
        self.running(fake=True).sim("set raw-temp 255")
        self.failsafe("no believable reading")

    def state_too_hot(self):
        self.running(fake=True).sim("set temp 62")
        self.failsafe("reached its limit")

    def state_kernel_zone(self):
        rig = self.box("qnap-ts433", fake=True, kernel=True)
        rig.start_mcud()
        rig.start_fand(ready=lambda: "left to" in rig.mcuctl("fan", "why")[1])

    def state_running(self):
        self.running(fake=True)
        self.rig.wait_until(lambda: "stop (low" in self.rig.mcuctl("fan", "why")[1], 10, "the rule")

    def state_stalled(self):
        rig = self.running("qnap-ts433")
        rig.start_alertd()
        rig.sim("set rpm 0")
        rig.wait_until(lambda: "fan.system.stalled" in rig.mcuctl("alerts")[1], 60, "the alert")

    def state_no_kernel_leds(self):
        self.box().start_mcud()

    def state_port_taken(self):
        rig = self.box()
        held = os.open(rig.tty, os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        rig.start_mcud()

    def state_dead_mcu(self):
        self.running(fake=True).sim("fault silent on")

    def state_no_port(self):
        self.box(sim=False).start_mcud()

    def state_unknown_box(self):
        rig = self.box("qnap-ts433", sim=False)
        rig._options = lambda: ["--root", rig.root]

    def state_bad_config(self):
        self.box(config="[Fan]\nPollTime = 100\n")

    def state_no_wol(self):
        self.box("qnap-ts433").start_mcud()

    def state_stranger(self):
        self.box(fake=True).start_mcud()

    def state_old_clock(self):
        self.box(fake=True).start_mcud()
        self.rig.sim("set clock 2000-01-01 00:00:00")

    def state_disks(self):
        rig = self.box(fake=True)
        rig.start_mcud()
        rig.start_alertd()
        rig.wait_until(lambda: "bay 2" in rig.mcuctl("disks")[1], 20, "the disks")

    def state_no_mail(self):
        self.box().start_mcud()
        self.rig.start_alertd()

    def state_watchdog(self):
        self.running("qnap-ts433").start_watchdogd()
        self.rig.wait_until(lambda: "fan   passes" in self.rig.mcuctl("watchdog")[1], 20, "a check")

    # ---------------------------------------------------------------------------------------------

    def play(self, state, steps):
        getattr(self, "state_" + state.replace("-", "_"))()
        rig = self.rig
        for command, answer in steps:
            program, *words = shlex.split(command)
            self.assertEqual(program, "mcuctl")
            words = [f"{rig.root}{word}" if word.startswith("/") else word for word in words]

            def answered():
                code, out, error = rig.mcuctl(*words, user=NOBODY if state == "stranger" else None)
                self.said = (out + error).replace(str(rig.root), "")
                return matches(answer, self.said)
            try:  # a state may take a moment to show
                rig.wait_until(answered, 10, f"`{command}` to say what the page says")
            except desk.RigError as problem:
                raise AssertionError(f"{problem}:\n{answer}it says:\n{self.said}") from None


def add_tests():
    found = transcripts()
    assert len(found) > 12 and sum(map(len, found.values())) > 20, found.keys()
    for state, steps in found.items():
        if state == "stranger" and os.geteuid() != 0:
            continue  # only root can play another user
        name = state.replace("-", "_")
        assert hasattr(Troubleshooting, f"state_{name}"), f"{PAGE}: no state {state}"
        setattr(Troubleshooting, f"test_{name}",
                lambda self, state=state, steps=steps: self.play(state, steps))
    unused = [name for name in dir(Troubleshooting) if name.startswith("state_")
              and name.removeprefix("state_").replace("_", "-") not in found]
    assert not unused, f"{PAGE} has no longer: {unused}"


add_tests()

if __name__ == "__main__":
    desk.main()
