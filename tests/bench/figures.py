# SPDX-License-Identifier: MIT
"""What a row of the table is: medians with their spread, goals, and the comparison with an older
table. Pure."""
import dataclasses
import math
import statistics

SLACK = 0.02  # of the old median: counts have no spread, and a page more is no news
BETTER = ("less", "more", None)  # None: a reference, neither good nor bad


@dataclasses.dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the least and the most of them."""
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values):
        values = list(values)
        if not values:
            raise ValueError("no round was measured")
        return cls(*map(rounded, (statistics.median(values), min(values), max(values))))

    @classmethod
    def read(cls, data):
        return cls(data["median"], data["min"], data["max"])

    def data(self):
        return {"median": self.median, "min": self.least, "max": self.most}


@dataclasses.dataclass(frozen=True)
class Figure:
    """One row. `peer` is the old daemon's Spread, or words where it has no figure ("never ...")."""
    key: str
    what: str
    spread: Spread
    unit: str = ""
    goal: float | None = None
    better: str | None = "less"
    peer: object = None

    @property
    def met(self):
        if self.goal is None:
            return None
        if self.better == "more":
            return self.spread.median >= self.goal
        return self.spread.median <= self.goal

    def data(self):
        told = {"key": self.key, "what": self.what, **self.spread.data(), "unit": self.unit,
                "goal": self.goal, "better": self.better, "met": self.met}
        if self.peer is not None:
            told["peer"] = self.peer.data() if isinstance(self.peer, Spread) else self.peer
        return told

    @classmethod
    def read(cls, data):
        peer = data.get("peer")
        return cls(data["key"], data["what"], Spread.read(data), data["unit"], data["goal"],
                   data["better"], Spread.read(peer) if isinstance(peer, dict) else peer)


def figure(key, what, values, unit="", **others):
    """`values`: one of each round; `peer`: the same, or words. A goal needs a direction."""
    made = Figure(key, what, Spread.of(values), unit, **others)
    if made.better not in BETTER or (made.goal is not None and made.better is None):
        raise ValueError(f"{key}: better cannot be {made.better!r} with the goal {made.goal}")
    if isinstance(made.peer, (list, tuple)):
        made = dataclasses.replace(made, peer=Spread.of(made.peer) if made.peer else None)
    return made


def rounded(number):
    """Four digits: more would be noise in every commit."""
    return float(f"{number:.4g}")


def percentile(values, share):
    """The smallest value that so many of all do not exceed."""
    values = sorted(values)
    if not values:
        raise ValueError("no value was measured")
    return values[max(0, math.ceil(share * len(values)) - 1)]


def worse(new, old):
    """Whether a row is worse than it was, by more than the spreads of the two runs explain: no
    round of this run was as good as the worst of the old one, and it is not for a trifle."""
    if new.better is None or old is None or old.unit != new.unit:
        return False
    trifle = SLACK * abs(old.spread.median)
    if new.better == "more":
        return new.spread.most < old.spread.least and \
            new.spread.median < old.spread.median - trifle
    return new.spread.least > old.spread.most and new.spread.median > old.spread.median + trifle


def short(number, unit=""):
    """1.234, 12.34, 123.4, 1234: four digits, and no exponent."""
    if number == int(number) and abs(number) < 1e6:
        text = str(int(number))
    elif abs(number) >= 1000:
        text = f"{number:.0f}"
    else:
        text = f"{number:.4g}"
        if "e" in text:
            text = f"{number:.6f}"
    return f"{text} {unit}".rstrip()


def goal_text(figure_):
    if figure_.goal is None:
        return ""
    return f"{'≥' if figure_.better == 'more' else '≤'} {short(figure_.goal)}"


def peer_text(peer, unit=""):
    if peer is None:
        return ""
    return short(peer.median, unit) if isinstance(peer, Spread) else str(peer)


class Table:
    """Rows in order, each printed as it comes, beside what a committed table says of it."""

    def __init__(self, old=(), with_peer=False, tell=print):
        self.old = {one.key: one for one in old}
        self.with_peer, self.tell = with_peer, tell
        self.rows = []

    def head(self):
        self.tell(f"  {'what':<62} {'median':>8} {'':<5} {'goal':>8} {'before':>8}   "
                  f"{'least ... most':<22}" + ("  old daemon" if self.with_peer else ""))

    def add(self, key, what, values, unit="", **others):
        if any(one.key == key for one in self.rows):
            raise ValueError(f"{key}: there is such a row already")
        row = figure(key, what, values, unit, **others)
        self.rows.append(row)
        self.tell(self.line(row))
        return row

    def line(self, row):
        old = self.old.get(row.key)
        mark = {None: " ", True: "+", False: "-"}[row.met]
        spread = f"{short(row.spread.least)} ... {short(row.spread.most)}"
        before = short(old.spread.median) if old else ""
        text = f"{mark} {row.what:<62} {short(row.spread.median):>8} {row.unit:<5} " \
               f"{goal_text(row):>8} {before:>8} {'!' if worse(row, old) else ' '} {spread:<22}"
        if self.with_peer:
            text += f"  {peer_text(row.peer, row.unit)}"
        return text.rstrip()

    def worse(self):
        return [row for row in self.rows if worse(row, self.old.get(row.key))]

    def summary(self):
        met = sum(row.met is True for row in self.rows)
        missed = [row.what for row in self.rows if row.met is False]
        lines = [f"Goals: {met} met, {len(missed)} missed" +
                 "".join(f"\n  - {what}" for what in missed)]
        if self.old:
            found = self.worse()
            lines.append(f"Rows worse than in the committed table: {len(found)}" +
                         "".join(f"\n  ! {row.what}: {short(self.old[row.key].spread.median)} > "
                                 f"{short(row.spread.median)} {row.unit}".rstrip()
                                 for row in found))
        return "\n".join(lines)
