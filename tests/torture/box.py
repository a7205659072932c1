# SPDX-License-Identifier: MIT
"""One box on the desk: all daemons on a private bus, looked after as their service manager would,
and an observer who reads the wire and the bus while anything waits."""
import contextlib
import json
import os
import select
import signal
import struct
import time

import bus_client
import machine
import wire
from boards import CONFIG, RULE, board_facts, free_port
from logind import Logind
from observer import Observer
from probes import BusProbe, PortProbe
from small_disk import SmallDisk

import rig as desk
from watchdog_device import WatchdogDevice

DAEMONS = ("mcud", "nas-fand", "nas-alertd", "nas-watchdogd", "nas-buttond")
NAMES = {daemon: "io.nasmcu1." + daemon.removeprefix("nas-") for daemon in DAEMONS}
SIGN_OF_LIFE = 4.0  # s of mcud's silence until it is killed; the units and init scripts have 30
RESTART = 0.5  # s between a bad end and the next start (RestartSec of the units)
STOP = 1.0  # s for a clean end
POWER = {"poweroff", "reboot", "suspend"}  # actions that nobody asked for


class Daemon(desk.Process):
    """Its signs of life count, its words do not pile up."""
    ready = False

    def __init__(self, rig, name, argv):
        self.started = self.alive = time.monotonic()
        super().__init__(rig, name, argv)

    def look(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                words = self._notify.recv(4096)
                self.alive = time.monotonic()
                self.ready = self.ready or b"READY=1" in words

    def notified(self, word):
        self.look()
        return self.ready

    def code(self):
        return self._popen.poll()


class Box(desk.Rig):
    """begin(), then turn() as often as possible: wait_until() does it."""

    def __init__(self, board, tally, lateness, build=None, mounts=False, config=CONFIG):
        """`mounts`: what we mount is nobody else's, so that a disk can be filled."""
        port = free_port()
        policy, failsafe, self.limit, self.idle = board_facts(board)
        rule = "" if policy.points else RULE
        super().__init__(board, config.format(rule=rule, port=port), build)
        self.tcp, self.tally, self.lateness = port, tally, lateness
        self.patience *= 3  # waiting for a start, on a machine that others use too; no figure
        self.observer = Observer(wire.Wire(self.protocol), failsafe, policy, tally)
        self.tail = wire.Tail(self.trace_file)
        self.client = self.logind = self.watchdog = None
        self.disk = SmallDisk(self.root / "var") if mounts else None
        self.due = {}  # daemon: when it is started again
        self.struck = {}  # daemon that we have sent a deadly signal: (when, watch)
        self.asked_logind = []
        self.excused = set()  # daemons that may end as they like: no memory
        self.excuses = []  # (daemon, exit code)
        self.memory = {}  # daemon: bytes of address space that it is started with
        self.frozen = {}  # daemon: since when it is stopped
        self.healthy_since = 0.0  # when the link's last faults ended
        self.dying = 0.0  # s that the last one took to die of SIGKILL
        self.starts = {daemon: 0 for daemon in DAEMONS}
        self.story = []  # (time, words) of this round
        self.celsius = None
        self.probes = (BusProbe(self), PortProbe(self))
        self.jumped = self.dir / "clock"
        self.jump(0)
        shim = self.build / "tests/torture/libclock-jump.so"
        self.clock_jumps = shim.is_file() and not self.sanitized
        self.own_environment = {"NASMCU_CLOCK_JUMP": str(self.jumped)}
        if self.clock_jumps:
            self.own_environment["LD_PRELOAD"] = str(shim)

    def tell(self, words):
        self.story.append((time.monotonic(), words))

    # -- starting -------------------------------------------------------------------------------

    def begin(self):
        self.start_fake_root()
        self.install("usr/sbin/smartctl", f"cat {self.dir / 'smart.json'}")
        self.tell_smart(failing=False)
        node = self.node("/sys/class/watchdog/{watchdog.soc}")
        self.watchdog = WatchdogDevice(self.root, (node / "identity").read_text().strip(),
                                       number=int(node.name.removeprefix("watchdog")))
        self.open_bus()
        self.start_sim("--seed", "7")
        self.warm(self.idle[0])
        for daemon in DAEMONS:
            self.launch(daemon)

    def open_bus(self):
        self.start_bus()
        self.meet_bus()

    def meet_bus(self):
        """The observer's own connection, and logind, on a bus that has just come."""
        self.client = bus_client.Client(self.bus_socket)
        self.client.on_signal = self._signal
        self.client.match("type='signal',interface='org.freedesktop.DBus.Properties',"
                          "path_namespace='/io/nasmcu1'")
        self.logind = Logind(self.bus_socket)
        self.interrupt()

    def lose_bus(self):
        if self.logind:
            self.asked_logind += self.logind.asked
        for one in (self.client, self.logind):
            if one:
                one.close()
        self.client = self.logind = None
        self.observer.bus_gone()
        self.interrupt()

    def launch(self, daemon):
        """Starts a daemon; who wants to know when it is ready waits for working()."""
        if daemon in self.processes:
            raise desk.RigError(f"{daemon} runs already")
        self.due.pop(daemon, None)
        self.struck.pop(daemon, None)
        now = time.monotonic()
        words = [self.program(daemon), *self._options(), "--log-level", self.log_level]
        if daemon in self.memory:
            words = ["prlimit", f"--as={self.memory[daemon]}:", *words]
        extra = dict(self.own_environment)
        if daemon == "mcud":
            extra["WATCHDOG_USEC"] = str(int(SIGN_OF_LIFE * 1e6))
            self.observer.mcud_starts(now)
            self.interrupt()
        if daemon in ("mcud", "nas-fand"):
            self.observer.may_drive(now)
        before = self.environment
        self.environment = {**before, **extra}
        try:
            self.processes[daemon] = Daemon(self, daemon, words)
        finally:
            self.environment = before
        self.starts[daemon] += 1

    def run_failsafe(self):
        """What the units and nasmcu-supervise run behind a bad end of mcud."""
        words = [self.program("mcuctl"), *self._options(), "failsafe"]
        self.processes["failsafe"] = Daemon(self, "failsafe", words)

    # -- what can be done to it -----------------------------------------------------------------

    def warm(self, celsius):
        """Pins the simulator's temperature."""
        now = time.monotonic()
        self.sim(f"set temp {celsius}")
        # What it had until now may still be on its way.
        self.observer.temperature(now, celsius)
        self.celsius = celsius

    def strike(self, daemon, number):
        """A signal; the time of it. Who is killed will be started again."""
        process = self.processes[daemon]
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.struck[daemon] = (time.monotonic(), self.watch(daemon, own=True))
            self.frozen.pop(daemon, None)
        if number == signal.SIGSTOP:
            self.frozen[daemon] = time.monotonic()
        if number == signal.SIGCONT:
            self.frozen.pop(daemon, None)
        if daemon == "mcud":
            self.interrupt()
        self.tell(f"{signal.Signals(number).name} to {daemon}")
        at = time.monotonic()
        body = os.pidfd_open(process.pid)
        os.kill(process.pid, number)
        if number == signal.SIGKILL:
            # A process that waits for a disk dies when the disk has answered; nobody hears it before.
            select.select([body], [], [], 5)
            self.dying = time.monotonic() - at
        os.close(body)
        return at

    def jump(self, seconds):
        """The daemons' wall clock is off by so much from now on."""
        fresh = not self.jumped.exists()
        with open(self.jumped, "wb" if fresh else "r+b") as file:
            file.write(struct.pack("=q", seconds))

    def tell_smart(self, failing):
        """What smartctl says of each disk from now on; used disks are read."""
        (self.dir / "smart.json").write_text(
            json.dumps(desk.smart_report("SYNTHETIC-1", passed=not failing)))

    def watch(self, *daemons, own=False):
        """The processes whose want of a processor counts; `own`: the time is one that we see."""
        pids = self.pids("bus", "mcusim", *daemons) + [os.getpid()] * own
        return machine.Watch(self.lateness, pids)

    def delay(self, watch):
        """Of those and of all that were started since."""
        return watch.delay([process.pid for process in self.processes.values()
                            if getattr(process, "started", 0) > watch.began])

    def pids(self, *names):
        return [self.processes[name].pid for name in names if name in self.processes]

    # -- the loop -------------------------------------------------------------------------------

    def turn(self):
        self.observer.feed(self.tail.read())
        for one in (self.client, self.logind):
            if one:
                with contextlib.suppress(bus_client.BusError):
                    one.turn()
        self._supervise(time.monotonic())
        self._probe()

    def wait_until(self, predicate, seconds, what):
        deadline = time.monotonic() + seconds * self.patience
        while True:
            self.turn()
            if value := predicate():
                return value
            if time.monotonic() > deadline:
                raise desk.RigError(f"waited {seconds * self.patience} s in vain for {what}")
            time.sleep(0.005)

    def rest(self, seconds):
        until = time.monotonic() + seconds
        self.wait_until(lambda: time.monotonic() >= until, seconds + 60, "time")

    def _signal(self, message):
        if message.fields[bus_client.MEMBER] != "PropertiesChanged":
            return  # the bus has words of its own for each of its clients
        interface, changed = message.arguments[:2]
        self.observer.bus(message.when, message.fields[bus_client.PATH], interface, changed)

    # -- the service manager --------------------------------------------------------------------

    def _supervise(self, now):
        helper = self.processes.get("failsafe")
        if helper and not helper.running():
            self._bury("failsafe")
            self.due["mcud"] = now + RESTART
        for daemon in DAEMONS:
            process = self.processes.get(daemon)
            if process and daemon in self.struck:
                machine.waited(process.pid)  # to die takes a processor too, and time without one
            if not process:
                if daemon in self.due and now >= self.due[daemon]:
                    self.launch(daemon)
            elif not process.running():
                self._ended(daemon, process.code(), now)
            else:
                process.look()
                silent = process.ready and now - process.alive > SIGN_OF_LIFE
                if daemon == "mcud" and silent and daemon not in self.struck:
                    self.tell("no sign of life of mcud: killed")
                    self.strike("mcud", signal.SIGKILL)

    def _bury(self, name):
        process = self.processes.pop(name)
        process.close()
        if not any(one.name == name for one in self.ended):
            self.ended.append(process)

    def _ended(self, daemon, code, now):
        self._bury(daemon)
        self.frozen.pop(daemon, None)
        struck = self.struck.pop(daemon, None)
        if daemon in self.excused:
            if not struck:
                self.excuses.append((daemon, code))
        elif not struck or code not in (0, -signal.SIGKILL):
            self.tally.bad(now, "no process ends by itself",
                           f"{daemon} ended with {code}:\n{self.last_words(daemon)}")
        if struck:
            self.tally.good("no process ends by itself")
        if struck and code == 0:
            self.tally.time(now, "a stop is quick", now - struck[0], STOP, self.delay(struck[1]),
                            f"the end of {daemon}")
        self.tell(f"{daemon} ended with {code}")
        if code == 0:
            self.due[daemon] = now
        elif daemon == "mcud":
            self.observer.nobody_drives(now)
            self.run_failsafe()
        else:
            self.due[daemon] = now + RESTART
        if daemon == "mcud":
            self.interrupt()

    def last_words(self, daemon, lines=12):
        log = self.dir / f"{daemon}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

    def interrupt(self):
        """mcud or the bus is away, or comes back."""
        for probe in self.probes:
            probe.interrupt()

    def _probe(self):
        process = self.processes.get("mcud")
        well = bool(process and process.ready and self.client and self.client.open and
                    "mcud" not in self.frozen and "mcud" not in self.excused)
        for probe in self.probes:
            probe.turn(well)

    # -- does everything work? ------------------------------------------------------------------

    def read(self, daemon, path, interface):
        """The properties of an object; {} when nobody answers."""
        try:
            return self.client.ask(NAMES[daemon], f"/io/nasmcu1/{path}",
                                   "org.freedesktop.DBus.Properties", "GetAll", "s",
                                   f"io.nasmcu1.{interface}", seconds=2)[0]
        except (bus_client.BusError, AttributeError):
            return {}

    def lacks(self):
        """What does not work yet, in words; "" when everything does."""
        for daemon in DAEMONS:
            process = self.processes.get(daemon)
            if not process or not process.ready:
                return f"{daemon} is not ready"
        sensor = self.read("mcud", "sensor/board", "Sensor")
        if not sensor.get("Valid") or abs(sensor["Temperature"] - self.celsius) > 1:
            return f"the sensor says {sensor.get('Temperature')}: {sensor.get('Reason')}"
        fan = self.read("mcud", "fan/system", "Fan")
        if not fan.get("Holder") or fan["InFailsafe"] or not fan["Valid"]:
            return f"the fan: {fan.get('Why')} {fan.get('Reason')}"
        control = self.read("nas-fand", "fancontrol/system", "FanControl")
        if control.get("Mode") != "auto" or abs(control["Duty"] - fan["Duty"]) > 50:
            return f"nas-fand: {control.get('Mode')} {control.get('Why')}"
        watchdog = self.read("nas-watchdogd", "watchdog", "Watchdog")
        if watchdog.get("State") != "healthy" or not watchdog["Feeding"]:
            return f"nas-watchdogd: {watchdog.get('State')} {watchdog.get('Reason')}"
        for daemon in ("nas-alertd", "nas-buttond"):
            if not self._answers(daemon):
                return f"{daemon} does not answer on the bus"
        now = time.monotonic()
        for path, interface, values in (("sensor/board", "Sensor", sensor),
                                        ("fan/system", "Fan", fan)):
            self.observer.bus(now, f"/io/nasmcu1/{path}", f"io.nasmcu1.{interface}", values)
        if not self.in_force(fan):
            return "the fan has another duty than the bus tells"
        if self.observer.wire.answered < self.healthy_since:
            return "what the faulty link has lost is still waited for"
        # The bus tells a decision some milliseconds before its frame is across.
        return "" if self.observer.written() else "nothing was written since the start"

    def in_force(self, fan):
        duty = self.observer.duty()
        return duty is not None and abs(duty - fan["Duty"]) <= 1 and \
            duty >= self.observer.policy.least(self.celsius)

    def _answers(self, daemon):
        try:
            self.client.ask(NAMES[daemon], "/io/nasmcu1", "org.freedesktop.DBus.Peer", "Ping",
                            seconds=2)
            return True
        except bus_client.BusError:
            return False

    def holdings(self):
        return {daemon: machine.holds(self.processes[daemon].pid) for daemon in DAEMONS}

    def asked_for_power(self):
        actions = [one for one in self.actions() if one["action"] in POWER]
        return actions + self.asked_logind + (self.logind.asked if self.logind else [])

    def close(self):
        self.interrupt()
        for name, process in self.processes.items():
            process.forced = process.forced or name in self.struck or name in self.excused
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
        if self.client:
            self.lose_bus()
        if self.watchdog:
            self.watchdog.close()
        self.tail.close()
        self.due.clear()
        if self.disk:
            self.disk.close()
        super().close()
