# SPDX-License-Identifier: MIT
"""What can happen to a box. A background fault is a generator: up to its `yield` it begins, behind
it it ends. An event is a function that does something and waits for what must follow."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import rig as desk
from box import DAEMONS, SIGN_OF_LIFE, STOP
from memory import no_memory
from observer import DEADLINE, HEALTHY

POLL = 1.0  # s, as configured
SENSOR_TIMEOUT = 5.0
LEASE = 30.0
START = 2.0  # s for mcuctl failsafe, or mcud, to be there and to open the port
PATIENCE = 15.0  # s until nobody waits any longer for what is late already
NOBODY = 65534
LINK = {"drop": 0.3, "drop-byte": 0.3, "drop-ack": 0.3, "drop-data": 0.3, "flip": 0.5, "dup": 0.5,
        "late": 0.2, "split": 1.0, "noise": 0.5, "surplus": 0.5, "ack-first": 0.5, "refuse": 0.3,
        "host-drop": 0.2, "unsolicited": 0.5}  # kind of the simulator: highest rate
DAY = 86400
JUMPS = (-30, 3600, -DAY, 30 * DAY, -365 * DAY, 13 * 365 * DAY, -50 * 365 * DAY)


class Round:
    """What the faults of one round share."""

    def __init__(self, box, rng):
        self.box, self.rng = box, rng
        self.link = {}  # kind: rate, of the simulator's faults in force
        self.seconds = 120  # the longest that a helper may run

    def bound(self, healthy):
        """`healthy` seconds, else as long as an exchange may take on this link."""
        if not self.link:
            return healthy
        # A frame that loses a byte on its way is no frame; mcud tries again.
        return healthy + DEADLINE * (2 if "host-drop" in self.link else 1)

    def failsafe(self, kind, since, bound, watch, fresh=True, least=None,
                 invariant="failsafe in time"):
        """Waits for the frame and judges its time."""
        box = self.box
        one = box.observer.expect(kind if not self.link else kind + ", faulty link", since, bound,
                                  least, fresh, invariant)
        with contextlib.suppress(desk.RigError):
            box.wait_until(lambda: one.frame, bound + PATIENCE, "a frame")
        seen = f"{one.frame.duty} % after {one.frame.time - since:.3f} s" if one.frame else "none"
        box.tell(f"{kind}: {seen}")
        now = max(time.monotonic(), since + bound * 1.001)
        box.observer.judge(one, now, box.delay(watch))

    def helper(self, name, *words):
        """A hostile program, as nobody where that is possible."""
        box = self.box
        here = os.path.dirname(os.path.abspath(__file__))
        for file in ("hostile.py", "bus_client.py"):
            if not (box.dir / file).exists():
                shutil.copy(os.path.join(here, file), box.dir)  # nobody may not read the tree
        root = os.geteuid() == 0
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
        # Our own interpreter may be where nobody may not look.
        python = "/usr/bin/python3" if root else sys.executable
        return subprocess.Popen(
            [python, "-B", box.dir / "hostile.py", name, *map(str, words),
             str(self.rng.random()), str(self.seconds)], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who)


def end_helper(helper):
    helper.kill()
    helper.wait()


# -- in the background --------------------------------------------------------------------------


def faulty_link(this):
    box, rng = this.box, this.rng
    for kind in rng.sample(sorted(LINK), rng.randint(1, 4)):
        this.link[kind] = round(rng.uniform(0.05, LINK[kind]), 2)
    if "flip" in this.link and box.protocol == "dns320l":
        # No checksum: a flipped bit that moves a reading by no more than 5 degrees is believed.
        box.observer.tolerance = 6.0
    for kind, rate in this.link.items():
        box.sim(f"fault {kind} {rate}")
    box.tell(f"the link: {', '.join(f'{kind} {rate}' for kind, rate in this.link.items())}")
    yield
    box.sim("fault off")
    # mcud waits for an answer that was lost before, longer than for any on a healthy link.
    box.healthy_since = time.monotonic()
    this.link.clear()


def hostile_clients(this):
    this.box.tell("64 hostile clients on the command port")
    helper = this.helper("port", this.box.tcp)
    yield
    end_helper(helper)


def bus_flood(this):
    this.box.tell("1,000 calls a second by an ordinary user")
    helper = this.helper("flood", this.box.bus_socket)
    yield
    end_helper(helper)


def clock_jump(this):
    seconds = this.rng.choice(JUMPS)
    this.box.tell(f"the clock jumps by {seconds} s")
    this.box.jump(seconds)
    yield
    if this.rng.random() < 0.7:
        this.box.jump(0)


def disks_vanish(this):
    pattern = this.rng.choice(("disk1", "disk?"))
    this.box.tell(f"{this.box.unplug(pattern)} disks vanish ({pattern})")
    yield
    this.box.plug(pattern)


def full_disk(this):
    """Nothing can be written below /var, and nas-alertd has something to write."""
    box = this.box
    if not box.disk:
        box.tell("no full disk: only root can mount a small one")
        yield
        return
    box.disk.fill()
    box.tell("the disk is full, and the SMART data say that a disk fails")
    box.tell_smart(failing=True)
    if "nas-alertd" in box.processes:
        box.strike("nas-alertd", signal.SIGTERM)
    for block in box.root.glob("sys/block/sd*/stat"):
        box.use_disk(block.parent)
    yield
    box.tell_smart(failing=False)
    box.disk.empty()


BACKGROUND = {"faulty link": (faulty_link, 6), "hostile clients": (hostile_clients, 3),
              "bus flood": (bus_flood, 3), "clock jump": (clock_jump, 3),
              "disks vanish": (disks_vanish, 2), "full disk": (full_disk, 2)}


# -- events -------------------------------------------------------------------------------------


def nothing(this):
    this.box.rest(this.rng.uniform(0.2, 1.0))


def kill_holder(this):
    box = this.box
    watch = box.watch("mcud", "nas-fand")
    at = box.strike("nas-fand", signal.SIGKILL)
    box.observer.nobody_drives(at)
    this.failsafe("holder killed", at, box.dying + this.bound(HEALTHY), watch)


def stop_holder(this):
    box = this.box
    watch = box.watch("mcud", "nas-fand")
    at = box.strike("nas-fand", signal.SIGTERM)
    box.observer.nobody_drives(at)
    this.failsafe("holder stopped", at, this.bound(STOP), watch)


def kill_mcud(this):
    box = this.box
    watch = box.watch("mcud")
    at = box.strike("mcud", signal.SIGKILL)
    box.observer.nobody_drives(at)
    this.failsafe("mcud killed", at, this.bound(START), watch)


def stop_mcud(this):
    box = this.box
    watch = box.watch("mcud")
    at = box.strike("mcud", signal.SIGTERM)
    box.observer.nobody_drives(at)
    this.failsafe("mcud stopped", at, this.bound(STOP), watch, fresh=False)


def freeze_mcud(this):
    """Until its supervisor misses its signs of life."""
    box = this.box
    watch = box.watch("mcud")
    at = box.strike("mcud", signal.SIGSTOP)
    this.failsafe("mcud frozen", at, this.bound(SIGN_OF_LIFE + START), watch)


def freeze_holder(this):
    """For longer than its lease lasts."""
    box = this.box
    watch = box.watch("mcud")
    at = box.strike("nas-fand", signal.SIGSTOP)
    this.failsafe("holder frozen", at, LEASE + DEADLINE, watch)
    box.observer.nobody_drives(time.monotonic())
    box.observer.safe_since = time.monotonic()
    box.rest(this.rng.uniform(0.1, 0.5))
    box.observer.may_drive(time.monotonic())
    box.strike("nas-fand", signal.SIGCONT)


def pause_one(this):
    """A daemon stands for a moment, as on a box that swaps; nothing must come of it."""
    box = this.box
    daemon = this.rng.choice(DAEMONS)
    box.strike(daemon, signal.SIGSTOP)
    box.rest(this.rng.uniform(0.1, 2.0))
    if daemon in box.frozen:
        box.strike(daemon, signal.SIGCONT)


def end_other(this):
    box = this.box
    daemon = this.rng.choice(DAEMONS[2:])
    number = this.rng.choice((signal.SIGKILL, signal.SIGTERM))
    if daemon not in box.processes:
        return
    process = box.processes[daemon]
    box.strike(daemon, number)
    box.wait_until(lambda: box.processes.get(daemon) is not process, PATIENCE, f"{daemon}'s end")


def kill_all(this):
    box = this.box
    watch = box.watch("mcud")
    at = 0.0
    for daemon in DAEMONS:
        if daemon in box.processes:
            at = box.strike(daemon, signal.SIGKILL)
    box.observer.nobody_drives(at)
    this.failsafe("all killed", at, this.bound(START), watch)


def lose_port(this):
    box, rng = this.box, this.rng
    pause = rng.randint(150, 2500)
    box.tell(f"the port is gone for {pause} ms")
    box.sim(f"disconnect {pause}")
    due = time.monotonic() + pause / 1000 - 0.05
    back = box.wait_until(
        lambda: time.monotonic() > due and box.tty.exists() and time.monotonic(), PATIENCE,
        "the port")
    watch = box.watch("mcud", own=True)

    def up():
        return box.read("mcud", "mcu", "Mcu").get("Up") and time.monotonic()

    again = box.wait_until(up, PATIENCE, "the link to work")
    box.tally.time(again, "a port that is back works", again - back, 1.0, box.delay(watch),
                   "the link up again", "port lost")


def restart_bus(this):
    box = this.box
    watch = box.watch("mcud")
    box.tell("the bus is killed")
    box.interrupt()
    at = box.kill("bus")
    box.ended = [one for one in box.ended if one.name != "bus"]
    box.observer.nobody_drives(at)
    box.lose_bus()
    this.failsafe("bus gone", at, this.bound(0.5), watch, fresh=False)
    box.rest(this.rng.uniform(0.1, 1.5))
    box.observer.may_drive(time.monotonic())
    box.open_bus()
    box.tell("the bus is back")


def sleep(this):
    """logind tells of sleep, waits for who delays it, and tells that the box is back."""
    box = this.box
    box.wait_until(lambda: box.logind.delays("mcud"), PATIENCE, "mcud to delay sleep")
    watch = box.watch("mcud", own=True)
    at = time.monotonic()
    box.tell("the box goes to sleep")
    box.observer.nobody_drives(at)
    box.logind.prepare_for_sleep(True)
    box.wait_until(lambda: not box.logind.delays("mcud"), PATIENCE, "mcud to let the box sleep")
    let_go = time.monotonic()
    box.turn()
    safe = any(at <= frame.time <= let_go and frame.duty >= box.observer.failsafe
               for frame in box.observer.frames)
    if safe or "host-drop" in this.link:
        box.tally.good("failsafe before sleep")
    else:
        box.tally.bad(let_go, "failsafe before sleep", "mcud let the box sleep without failsafe")
    box.tally.time(let_go, "sleep is not held up", let_go - at, this.bound(0.5), box.delay(watch),
                   "mcud's delay of sleep", "sleep delayed")
    box.rest(this.rng.uniform(0.1, 1.0))
    watch = box.watch("mcud")
    back = time.monotonic()
    box.observer.may_drive(back)
    box.logind.prepare_for_sleep(False)
    box.tell("the box is back")
    this.failsafe("written again after sleep", back, this.bound(1.0), watch, least=0,
                  invariant="written again after sleep")


@contextlib.contextmanager
def perhaps_frozen_holder(this):
    """What follows is mcud's own doing when nas-fand stands still."""
    frozen = this.rng.random() < 0.5 and "nas-fand" in this.box.processes
    if frozen:
        this.box.strike("nas-fand", signal.SIGSTOP)
    yield " with a frozen holder" if frozen else ""
    if "nas-fand" in this.box.frozen:
        this.box.strike("nas-fand", signal.SIGCONT)


def heat(this):
    box, rng = this.box, this.rng
    with perhaps_frozen_holder(this) as how:
        watch = box.watch("mcud", "nas-fand")
        at = time.monotonic()
        # A flipped bit that is believed must not make it look cool.
        box.warm(box.limit + rng.randint(0, 15) + (10 if box.observer.tolerance > 2 else 0))
        box.tell(f"{box.celsius} °C")
        # A reading that jumps is read twice; one that fails over and over brings failsafe too.
        bound = 2 * POLL + 1 if not this.link else SENSOR_TIMEOUT + 2 * POLL + 2 * DEADLINE
        this.failsafe("heat" + how, at, bound, watch, fresh=False)
        box.observer.is_hot(time.monotonic())
        box.rest(rng.uniform(0.5, 2.0))
        box.observer.is_cool()
        box.warm(rng.randint(*box.idle))


def dead_sensor(this):
    """The MCU is silent, or gives temperatures that cannot be."""
    box, rng = this.box, this.rng
    raw = rng.choice((None, 125) if box.protocol == "wt61p803" else (None, 204, 255))
    with perhaps_frozen_holder(this) as how:
        watch = box.watch("mcud", "nas-fand")
        at = time.monotonic()
        box.sim("fault silent on" if raw is None else f"set raw-temp {raw}")
        box.tell("the MCU is silent" if raw is None else f"the sensor gives {raw}")
        bound = SENSOR_TIMEOUT + 2 * POLL + DEADLINE * (2 if "host-drop" in this.link else 1)
        this.failsafe("no reading" + how, at, bound, watch, fresh=False)
        box.sim("fault silent off")
        box.sim("set raw-temp auto")
        box.sim(f"set temp {box.celsius}")


EVENTS = {"nothing": (nothing, 3), "kill -9 nas-fand": (kill_holder, 12),
          "stop nas-fand": (stop_holder, 4), "freeze nas-fand for 30 s": (freeze_holder, 0.7),
          "kill -9 mcud": (kill_mcud, 8), "stop mcud": (stop_mcud, 4),
          "freeze mcud": (freeze_mcud, 2), "stop and continue": (pause_one, 6),
          "end another daemon": (end_other, 6), "kill all": (kill_all, 2),
          "port lost": (lose_port, 6), "bus restart": (restart_bus, 6), "sleep": (sleep, 5),
          "heat": (heat, 6), "dead sensor": (dead_sensor, 4), "no memory": (no_memory, 4)}


def choose(rng, table):
    return rng.choices(list(table), [weight for _, weight in table.values()])[0]
