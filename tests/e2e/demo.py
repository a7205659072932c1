#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make demo: the real daemons on a private D-Bus against a simulated box.

Each step says what it does, does it, and waits until it has seen the effect: on the wire between
mcud and the MCU, or in what the daemons report. It ends with 0 only when every step was seen.
"""
import argparse
import json
import os
import signal
import sys
import time

import rig as desk
from watchdog_device import WatchdogDevice

LIMIT = 58  # seconds; a demo that takes longer has hung
CONFIG = """[Watchdog]
Timeout = 4
Grace = 5
Warning = 5
Checks = fan mcu
[Fan]
PollTime = 1
"""
# A curve falls slowly, so that nobody hears it: minutes that a demo does not have.
AT_ONCE = """[Fan system]
Smoothing = 0
RampDown = 0
Dwell = 0
"""
# The thresholds of the DNS-327L guide: a two-step fan shows all it can between 22 and 40 degrees.
STEP_RULE = """TempLow = 25
TempHigh = 34
Hysteresis = 2
"""


class Screen:
    """Words for people; colour on a terminal that wants it."""

    def __init__(self):
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.began = time.monotonic()

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def line(self, text=""):
        print(text, flush=True)

    def step(self, text):
        clock = self.paint("2", f"{time.monotonic() - self.began:5.1f} s")
        self.line(f"\n{clock}  {self.paint('1;36', text)}")

    def seen(self, text):
        self.line(f"         {self.paint('32', 'seen:')} {text}")

    def tell(self, text):
        for line in text.rstrip().splitlines():
            self.line(f"         {line}")


class Demo:
    def __init__(self, rig, screen, silent):
        self.rig, self.screen, self.silent = rig, screen, silent
        self.dlink = rig.protocol == "dns320l"
        self.cool, self.hot = (21, 40) if self.dlink else (30, 55)

    def fan(self):
        return self.rig.device("fans", "system")

    def fit_disks(self):
        """The board's /sys with its disks, and a smartctl that says what we want."""
        self.rig.start_fake_root()
        self.disk = self.rig.node("/sys/block/{sd.disk1}")
        self.report = self.rig.dir / "smart.json"
        self.rig.install("usr/sbin/smartctl", f"cat {self.report}")
        self.tell_smart(reallocated=0)

    def fit_watchdog(self):
        """What the board's driver calls itself, with a socket in the place of its device."""
        node = self.rig.node("/sys/class/watchdog/{watchdog.soc}")
        self.watchdog = WatchdogDevice(self.rig.root, (node / "identity").read_text().strip(),
                                       number=int(node.name.removeprefix("watchdog")))

    def tell_smart(self, reallocated):
        self.report.write_text(json.dumps(desk.smart_report("SYNTHETIC-1", reallocated)))

    def temperature(self):
        sensor = self.rig.device("sensors", "board")
        return sensor["value"] if sensor.get("valid") else None

    def start(self):
        rig, screen = self.rig, self.screen
        screen.step(f"Start: a simulated {rig.board}, a private D-Bus, mcud and nas-fand")
        self.fit_disks()
        self.fit_watchdog()
        rig.start_bus()
        rig.start_sim()
        rig.sim(f"set temp {self.cool}")
        if self.silent:
            screen.tell("SILENT: the simulated MCU does not answer. The demo must notice.")
            rig.sim("fault silent on")
        rig.start_mcud()
        rig.start_fand()
        rig.wait_until(lambda: self.temperature() is not None, 8, "a first temperature")
        rig.wait_until(lambda: self.fan().get("holder"), 5, "nas-fand to take the fan's lease")
        code, out, error = rig.mcuctl("status")
        if code != 0:
            raise desk.RigError(f"mcuctl status ended with {code}: {error}")
        screen.tell(out)
        screen.seen("the MCU answers, nas-fand drives the fan")

    def heat(self):
        rig, screen = self.rig, self.screen
        first = self.settled()
        screen.step(f"Heat: the box warms up to {self.hot} °C")
        since = time.monotonic()
        for part in (1, 2, 3, 4):
            rig.sim(f"set temp {self.cool + (self.hot - self.cool) * part // 4}")
            degrees = self.cool + (self.hot - self.cool) * part // 4
            rig.wait_until(lambda: abs((self.temperature() or 0) - degrees) <= 1.5, 6,
                           f"a reading of {degrees} °C")
            fan = self.fan()
            screen.tell(f"{degrees:3} °C   fan {fan['value']:3.0f} %   {fan.get('why', '')}")
        frame = rig.fan_frame(lambda duty: duty > first, since, 6, f"a fan frame above {first:.0f} %")
        peak = max(f.duty for f in rig.fan_frames(since))
        rpm = rig.sim("state")["fan"].get("rpm")
        screen.seen(f"on the wire: {frame.hex}; the fan rose from {first:.0f} % to {peak} %"
                    + (f", {rpm} rpm" if rpm else ""))

    def settled(self):
        """The duty, once the first decision has been made."""
        return self.rig.wait_until(lambda: self.fan().get("holder") and self.decided(), 5,
                                   "a first decision")["value"]

    def decided(self):
        fan = self.fan()
        return fan if not fan.get("in_failsafe") else None

    def calm(self):
        rig, screen = self.rig, self.screen
        screen.step(f"Calm: the box cools down to {self.cool} °C")
        since, before = time.monotonic(), self.fan()["value"]
        rig.sim(f"set temp {self.cool}")
        frame = rig.fan_frame(lambda duty: duty < before, since, 8, "a slower fan")
        screen.seen(f"on the wire: {frame.hex}; the fan is down to {frame.duty} %")

    def holder_dies(self):
        rig, screen = self.rig, self.screen
        screen.step("Trouble: nas-fand is killed (SIGKILL), nobody looks after the fan")
        failsafe = self.fan()["failsafe"]
        rig.wait_until(lambda: self.fan()["value"] < failsafe, 5, "a fan below its failsafe duty")
        killed = rig.kill("nas-fand")
        frame = rig.fan_frame(lambda duty: abs(duty - failsafe) <= 1, killed, 2, "the failsafe frame")
        took = (frame.time - killed) * 1000
        if took > 250 * rig.patience:
            raise desk.RigError(f"the failsafe frame took {took:.0f} ms")
        rig.wait_until(lambda: self.fan().get("in_failsafe"), 2, "mcud to say so")
        screen.seen(f"on the wire after {took:.1f} ms: {frame.hex}; failsafe, {frame.duty} %")

    def holder_back(self):
        rig, screen = self.rig, self.screen
        screen.step("Recovery: nas-fand is started again")
        since = time.monotonic()
        rig.start_fand()
        failsafe = self.fan()["failsafe"]
        frame = rig.fan_frame(lambda duty: duty < failsafe, since, 6, "a duty of nas-fand's own")
        rig.wait_until(lambda: self.fan().get("holder") and not self.fan().get("in_failsafe"), 5,
                       "mcud to report the new holder")
        screen.seen(f"on the wire: {frame.hex}; {self.fan().get('why', '')}")

    def beep(self):
        rig, screen = self.rig, self.screen
        screen.step("Beep: mcuctl beep")
        since = time.monotonic()
        code, _, error = rig.mcuctl("beep")
        if code != 0:
            raise desk.RigError(f"mcuctl beep ended with {code}: {error}")
        rig.wait_until(lambda: rig.sent("40 43 32 31", since), 2, "40 43 32 31 on the wire")
        screen.seen("on the wire: 40 43 32 31")

    def clock(self):
        rig, screen = self.rig, self.screen
        screen.step("Clock: mcuctl hctosys (recorded only: the machine's clock is not touched)")
        rig.sim("set clock 2031-05-06 07:08:09")
        code, out, error = rig.mcuctl("hctosys")
        if code != 0:
            raise desk.RigError(f"mcuctl hctosys ended with {code}: {error}")
        screen.tell(out)
        action = rig.wait_until(
            lambda: next((a for a in rig.actions() if "clock" in a["action"]), None), 2,
            "the recorded action")
        if "2031" not in out:
            raise desk.RigError(f"hctosys did not read the MCU's clock: {out}")
        screen.seen(f"recorded: {action['action']} {' '.join(map(str, action['args']))}")

    def failing_disk(self):
        rig, screen = self.rig, self.screen
        screen.step("Trouble: a disk has reallocated sectors; nas-alertd reads it when it is used")
        rig.start_alertd()
        rig.wait_until(lambda: "SYNTHETIC-1" not in rig.mcuctl("alerts")[1], 5, "no alert")
        self.tell_smart(reallocated=8)
        since = time.monotonic()
        rig.use_disk(self.disk)
        rig.processes["nas-alertd"].send(signal.SIGHUP)  # looks at once
        words = rig.wait_until(lambda: self.alert_of("SYNTHETIC-1"), 8, "an alert")
        screen.tell(words)
        if self.dlink:
            lamp = "/sys/class/leds/dns327l:amber:sata-l/brightness"
            rig.wait_until(lambda: rig.read_node(lamp) != "0", 5, "the LED of bay 1")
            screen.seen("the amber LED of bay 1 (dns327l:amber:sata-l) is on")
            return
        rig.wait_until(lambda: rig.sent("40 43 37", since), 5, "the red status LED on the wire")
        rig.wait_until(lambda: rig.sent("40 43 33", since) or rig.sent("40 43 32", since), 5,
                       "a beep on the wire")
        screen.seen("on the wire: 40 43 37 (status LED red) and a beep")

    def alert_of(self, serial):
        code, out, _ = self.rig.mcuctl("alerts")
        lines = out.splitlines()
        return out if code == 0 and any(serial in line for line in lines) else None

    def long_press(self):
        rig, screen = self.rig, self.screen
        screen.step("Button: the power button is held (power off is recorded only)")
        rig.start("nas-buttond", [rig.program("nas-buttond"), "--board", rig.board, "--root",
                                  rig.root])
        log = rig.processes["nas-buttond"]
        rig.wait_until(lambda: "button power: idle" in log.text(), 5, "nas-buttond to see the button")
        if rig.actions() and rig.actions()[-1]["action"] == "poweroff":
            raise desk.RigError("something powered off before the button was pressed")
        since = time.monotonic()
        if self.dlink:
            rig.press("gpio-keys", "KEY_POWER")
        else:
            rig.sim("press power 4500")
        action = rig.wait_until(
            lambda: next((a for a in rig.actions() if a["action"] == "poweroff"), None), 6,
            "the recorded power off")
        held = action["t_ms"] / 1000 - since
        if held < 2:
            raise desk.RigError(f"power off after {held:.1f} s: that is no long press")
        screen.seen(f"after {held:.1f} s: {action['action']}, asked for by {action['by']}")
        if self.dlink:
            rig.press("gpio-keys", "KEY_POWER", False)
        else:
            rig.wait_until(lambda: rig.sent("40 43 32 31", since), 3, "a beep on the wire")
            screen.seen("on the wire: 40 43 32 31, the beep that lets the finger go")
        rig.end("nas-buttond")
        if [a["action"] for a in rig.actions()].count("poweroff") != 1:
            raise desk.RigError("power off was asked for more than once")

    def fan_loop_hangs(self):
        rig, screen = self.rig, self.screen
        screen.step("Trouble: nas-fand hangs (SIGSTOP); nas-watchdogd has 10 s here until it stops feeding")
        rig.start_watchdogd()
        since = time.monotonic()
        rig.wait_until(lambda: self.watchdog.feedings_since(since), 8, "a feeding of the watchdog")
        fand = rig.processes["nas-fand"]
        fand.send(signal.SIGSTOP)
        rig.wait_until(lambda: "warning" in self.watched(), 15, "a warning")
        screen.tell(self.watched())
        rig.wait_until(lambda: "withheld" in self.watched(), 10, "the end of the feeding")
        screen.seen("the watchdog is not fed any more: a real one would reset the box in 4 s")
        fand.send(signal.SIGCONT)
        again = time.monotonic()
        rig.wait_until(lambda: self.watchdog.feedings_since(again), 8, "a feeding again")
        screen.seen(f"nas-fand goes on, and the watchdog is fed again after {time.monotonic() - again:.1f} s")

    def watched(self):
        """The first lines of `mcuctl watchdog`."""
        return "\n".join(self.rig.mcuctl("watchdog")[1].splitlines()[:6])

    def port_lost(self):
        rig, screen = self.rig, self.screen
        screen.step("Trouble: the serial port disappears for two seconds")
        pulled = time.monotonic()
        rig.sim("disconnect 2000")
        rig.wait_until(lambda: not self.link_up(), 3, "mcud to report the lost link")
        screen.seen(f"after {time.monotonic() - pulled:.1f} s: {self.link().get('reason', '')}")
        back = rig.wait_until(lambda: rig.tty.exists() and time.monotonic(), 5, "the port to return")
        rig.wait_until(self.link_up, 3, "the link to work again")
        rig.wait_until(lambda: self.temperature() is not None, 3, "a temperature again")
        screen.seen(f"working again {max(0.0, time.monotonic() - back):.1f} s after it came back")

    def link(self):
        return (self.rig.status() or {}).get("link", {})

    def link_up(self):
        return bool(self.link().get("up"))

    def end(self):
        self.screen.step("End: everything stops in good order")
        since = time.monotonic()
        self.rig.end("nas-watchdogd")
        self.rig.end("nas-alertd")
        self.rig.end("nas-fand")
        self.rig.end("mcud")
        duty = self.rig.fan_frames()[-1].duty
        self.screen.seen(f"stopped in {time.monotonic() - since:.1f} s, the fan is left at {duty} %")

    def run(self):
        self.start()
        self.heat()
        self.calm()
        self.holder_dies()
        self.holder_back()
        if self.dlink:
            self.clock()
        else:
            self.beep()
        self.failing_disk()
        self.long_press()
        self.fan_loop_hangs()
        self.port_lost()
        self.end()


def interrupted(number, _):
    raise desk.RigError("it took too long" if number == signal.SIGALRM else "interrupted")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", help="the build folder")
    parser.add_argument("--board", default="qnap-ts433")
    parser.add_argument("--silent", action="store_true", help="a dead MCU: must fail")
    options = parser.parse_args()
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupted)
    signal.alarm(LIMIT)
    screen, rig, code = Screen(), None, 1
    try:
        config = CONFIG + (STEP_RULE if "dlink" in options.board else AT_ONCE)
        rig = desk.Rig(options.board, config, options.build)
        Demo(rig, screen, options.silent).run()
        code = 0
    except (desk.RigError, OSError, KeyError, TypeError, ValueError) as error:
        screen.line(f"\n{screen.paint('1;31', 'not seen:')} {error}")
        if rig and not options.silent:
            screen.line(rig.logs())
    try:
        if rig:
            rig.close()
    except desk.RigError as error:
        screen.line(f"{screen.paint('1;31', 'bad end:')} {error}")
        code = 1
    took = time.monotonic() - screen.began
    verdict = screen.paint("1;32", "All of it was seen.") if code == 0 else \
        screen.paint("1;31", "The demo failed.")
    screen.line(f"\n{verdict} ({took:.0f} s)")
    return code


sys.exit(main())
