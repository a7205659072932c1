# SPDX-License-Identifier: MIT
"""What must hold whatever happens (the safety rules), judged from the wire and the bus alone.

Pure: bytes, properties and what was done to the box go in with their times; verdicts come out. An
order or a value is always judged. A time is judged unless the machine had no processor for us
meanwhile, and it was missed by no more than that: then it counts as "not judged", and is told.
"""
import collections
import math

HEALTHY = 0.050  # s: lease holder killed -> failsafe frame on a healthy link
# The longest that one exchange takes with 3 tries of 500 ms: a shot, tries and resynchronisation
# (Link::deadline), for frames of up to 16 bytes.
DEADLINE = 2.9

Broken = collections.namedtuple("Broken", "when invariant words")


class Tally:
    """How often an invariant was judged, and the worst time by kind of fault."""

    def __init__(self):
        self.checked = collections.Counter()
        self.not_judged = collections.Counter()
        self.worst = {}
        self.broken = []

    def good(self, invariant, took=None, kind=None):
        self.checked[invariant] += 1
        if took is not None:
            key = kind or invariant
            self.worst[key] = max(self.worst.get(key, 0.0), took)

    def bad(self, when, invariant, words):
        self.checked[invariant] += 1
        self.broken.append(Broken(when, invariant, words))

    def time(self, when, invariant, took, bound, delay, words, kind=None):
        """A bound that was met is met. One that was missed by no more than the time that the
        processes had to wait for a processor is not held against them, and a machine on which they
        waited for half of the time is no judge of it."""
        if took <= bound:
            self.good(invariant, took, kind)
        elif took - delay <= bound or delay >= took / 2:
            self.not_judged[invariant] += 1
        else:
            self.bad(when, invariant, f"{words}: {took * 1000:.1f} ms, allowed are "
                                      f"{bound * 1000:.0f} (without a processor for "
                                      f"{delay * 1000:.1f} ms)")


class Policy:
    """The least duty for a temperature of the board's sensor: nas-fand's rules, written again."""

    def __init__(self, points=None, low=45, high=50):
        self.points, self.low, self.high = points, low, high

    def least(self, celsius):
        if not self.points:
            return 100 if celsius >= self.high else 50 if celsius >= self.low else 0
        below = [point for point in self.points if point[0] <= celsius]
        above = [point for point in self.points if point[0] > celsius]
        if not below:
            return self.points[0][1]
        if not above:
            return below[-1][1]
        (t0, d0), (t1, d1) = below[-1], above[0]
        return math.floor(d0 + (d1 - d0) * (celsius - t0) / (t1 - t0))


class Expected:
    """A fan frame that must come: duty at least `least`, not later than `bound` after `since`."""

    def __init__(self, kind, least, since, bound, fresh, invariant):
        self.kind, self.least, self.since, self.bound = kind, least, since, bound
        self.fresh, self.invariant = fresh, invariant
        self.frame = None  # the one that satisfied it
        self.judged = False


class Observer:
    """One box. Times are CLOCK_MONOTONIC in seconds."""

    def __init__(self, wire, failsafe, policy, tally=None, lately=12.0, tolerance=1.01):
        """`lately`: how old a temperature on the bus may be: SensorTimeout and a poll with its
        deadline. `tolerance`: degrees that may be lost by rounding."""
        self.wire, self.failsafe, self.policy = wire, failsafe, policy
        self.tally = tally or Tally()
        self.lately, self.tolerance = lately, tolerance
        self.frames = collections.deque(maxlen=2000)
        self.temperatures = collections.deque(maxlen=2000)  # (since, degrees), pinned
        self.expected = []
        self.masterless = None  # since when nobody drives the fan
        self.safe_since = None  # the failsafe frame behind that, or behind the heat
        self.hot = None  # since when the fan was seen at failsafe for heat
        self.first_of = None  # mcud was started at: its first frame must be failsafe
        self.takes = None  # nas-fand was started at: a frame before it may drive
        self.properties = {}  # (interface, object's last word) -> its properties, as signalled

    # -- the wire -------------------------------------------------------------------------------

    def feed(self, entries):
        frames, cuts = self.wire.feed(entries)
        for when in cuts:
            self.tally.bad(when, "no power-cutting byte", "a frame that cuts the power was sent")
        for frame in frames:
            self._fan(frame)

    def _fan(self, frame):
        self._first(frame)
        safe = frame.duty >= self.failsafe
        if self.masterless is not None and frame.time >= self.masterless:
            if safe and self.safe_since is None:
                self.safe_since = frame.time
            elif not safe and self.safe_since is not None:
                self.tally.bad(frame.time, "failsafe while nobody drives",
                               f"{frame.duty} % after failsafe, and nobody may drive")
        if self.hot is not None and frame.time >= self.hot and not safe:
            self.tally.bad(frame.time, "failsafe while the box is too hot",
                           f"{frame.duty} % with a sensor at its limit")
        self.frames.append(frame)
        for one in self.expected:
            if not one.frame and frame.time >= one.since and frame.duty >= one.least:
                one.frame = frame

    def _first(self, frame):
        if self.first_of is None or frame.time < self.first_of:
            return
        self.first_of = None
        if frame.duty < self.failsafe:
            self.tally.bad(frame.time, "mcud begins in failsafe",
                           f"its first frame asks for {frame.duty} %")
        else:
            self.tally.good("mcud begins in failsafe")

    def duty(self):
        """In force by the last frame; None before the first."""
        return self.frames[-1].duty if self.frames else None

    # -- what is done to the box ----------------------------------------------------------------

    def temperature(self, when, celsius):
        """The simulator has this from now on; None: nobody knows."""
        self.temperatures.append((when, celsius))

    def nobody_drives(self, when):
        """The holder of the lease is dead, gone or frozen for good."""
        self.masterless, self.safe_since = when, None

    def may_drive(self, when):
        """It was started again, or goes on; it must write before it drives."""
        if self.masterless is not None:
            self.tally.good("failsafe while nobody drives")
        self.masterless, self.takes = None, when

    def mcud_starts(self, when):
        self.first_of = when

    def is_hot(self, when):
        """From here on no frame may ask for less than failsafe."""
        self.hot = when

    def is_cool(self):
        if self.hot is not None:
            self.tally.good("failsafe while the box is too hot")
        self.hot = None

    def expect(self, kind, since, bound, least=None, fresh=True, invariant="failsafe in time"):
        """`fresh`: a frame must be written even when the duty is in force already."""
        one = Expected(kind, self.failsafe if least is None else least, since, bound, fresh,
                       invariant)
        in_force = [frame for frame in self.frames if frame.time < since]
        for frame in self.frames:
            if frame.time >= since and frame.duty >= one.least:
                one.frame = frame
                break
        if not fresh and in_force and in_force[-1].duty >= one.least and \
                all(frame.duty >= one.least for frame in self.frames if frame.time >= since):
            one.frame = in_force[-1]
        self.expected.append(one)
        return one

    def judge(self, one, now, delay=0.0):
        """Once: the frame came in time, or it did not. `delay`: without a processor, seconds."""
        if one.judged:
            return
        one.judged = True
        self.expected.remove(one)
        took = max(0.0, one.frame.time - one.since) if one.frame else max(now - one.since, 0)
        words = f"{one.kind}: a duty of {one.least} % or more" + ("" if one.frame else ", not yet")
        if not one.frame and took <= one.bound:
            raise ValueError(f"{words} is judged before its time")
        self.tally.time(now, one.invariant, took, one.bound, delay, words, one.kind)

    # -- the bus --------------------------------------------------------------------------------

    def bus(self, when, path, interface, changed):
        """Properties of an object, signalled or read."""
        key = (interface.rpartition(".")[2], path.rpartition("/")[2])
        self.properties.setdefault(key, {}).update(changed)
        if key == ("Sensor", "board"):
            self._value(when, self.properties[key])

    def bus_gone(self):
        self.properties.clear()

    def get(self, interface, name, member, otherwise=None):
        return self.properties.get((interface, name), {}).get(member, otherwise)

    def had(self, when):
        """The temperatures that the simulator had lately; None: any may have been."""
        values = [celsius for since, celsius in self.temperatures if since >= when - self.lately]
        before = [celsius for since, celsius in self.temperatures if since < when - self.lately]
        return values + before[-1:]

    def _value(self, when, sensor):
        value = sensor.get("Temperature")
        if not sensor.get("Valid") or value is None:
            return
        had = self.had(when)
        if None in had or not had:
            return
        if any(abs(value - one) <= self.tolerance for one in had):
            self.tally.good("only temperatures that the box had")
        else:
            self.tally.bad(when, "only temperatures that the box had",
                           f"{value} °C on the bus, the box had lately: "
                           f"{', '.join(f'{one:g}' for one in had)}")

    # -- the end of a round ---------------------------------------------------------------------

    def settled(self, when, celsius):
        """Everything works again: what is in force must be what the policy asks for."""
        least, duty = self.policy.least(celsius), self.duty()
        if duty is None or duty < least:
            self.tally.bad(when, "never slower than the policy",
                           f"{duty} % at {celsius} °C, the policy says {least} %")
        else:
            self.tally.good("never slower than the policy")
        self._told(when, duty)
        self._driver(when)
        self.tally.good("no power-cutting byte")

    def _told(self, when, duty):
        told = self.get("Fan", "system", "Duty")
        if told is None or duty is None or abs(told - duty) > 1:
            self.tally.bad(when, "the bus tells what the wire has",
                           f"{told} % on the bus, {duty} % on the wire")
        else:
            self.tally.good("the bus tells what the wire has")

    def written(self):
        """Whether what is in force was written since nas-fand or mcud was started last."""
        return self.takes is None or any(
            frame.time >= self.takes and frame.duty == self.duty() for frame in self.frames)

    def _driver(self, when):
        """Who drives now has written since it was started."""
        fan = self.properties.get(("Fan", "system"), {})
        if self.takes is None or not fan.get("Holder") or fan.get("InFailsafe"):
            return
        if self.written():
            self.tally.good("a new holder writes before it drives")
        else:
            self.tally.bad(when, "a new holder writes before it drives",
                           f"{fan['Holder']} drives, and has written nothing since its start")
        self.takes = None
