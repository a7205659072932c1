#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make.py: writes the ten synthetic traces beside it, the same ones each time.

A line is "SECONDS SENSOR=CELSIUS ..."; between two lines the temperature follows a straight line
(mcuctl(8), fan simulate). All are synthetic: what a box might show while its fan turns at half speed.
"""
import math
import pathlib
import random

HERE = pathlib.Path(__file__).parent
HOUR = 3600


def write(name, title, rows):
    lines = ["# SPDX-License-Identifier: MIT", f"# Synthetic: {title}", "# Written by make.py."]
    lines += [f"{second} {words}" for second, words in rows]
    (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n")


def board(points):
    return [(second, f"board={celsius:g}") for second, celsius in points]


def noisy():
    noise = random.Random(1)
    return board((second, round(49.5 + noise.uniform(-1, 1), 2)) for second in range(0, 2 * HOUR + 1, 10))


def summer():
    """Twelve hours of a hot day; at its height even full speed cannot hold the limit."""
    return board((minute * 60, round(44 + 46 * math.sin(math.pi * minute / 720) ** 2, 1))
                 for minute in range(0, 721, 10))


def square():
    for start in range(0, 2 * HOUR, 1200):
        yield from [(start, 40), (start + 599, 40), (start + 600, 60), (start + 1199, 60)]


def sawtooth():
    for start in range(0, 2 * HOUR, 300):
        yield from [(start, 38), (start + 299, 58)]


write("idle", "a box with nothing to do", board([(0, 38), (HOUR, 38.6), (2 * HOUR, 38.2)]))
write("copy-burst", "three large files are copied",
      board(point for start in (0, HOUR, 2 * HOUR)
            for point in [(start, 37), (start + 600, 37), (start + 900, 48), (start + 1500, 50),
                          (start + 2100, 40), (start + 3000, 37)]))
write("scrub-night", "all disks are read once, from 23:00 to 6:00",
      board([(0, 39), (HOUR, 39), (2 * HOUR, 51), (5 * HOUR, 53), (7 * HOUR, 52), (8 * HOUR, 40)]))
write("summer-heat", "a hot day", summer())
write("noisy-sensor", "49.5 degrees, read with an error of up to one degree", noisy())
write("ramp", "slowly up, and down again", board([(0, 35), (2 * HOUR, 75), (3 * HOUR, 35)]))
write("square-wave", "load for ten minutes, rest for ten minutes", board(square()))
write("sleeping-disks", "two disks that sleep most of the time",
      [(0, "board=37 disk1=41 disk2=42"), (1200, "disk1=43 disk2=44"),
       (1800, "disk1=asleep disk2=44"), (2400, "board=36 disk2=asleep"), (2 * HOUR, "board=34"),
       (2 * HOUR + 60, "disk1=32 disk2=asleep"), (3 * HOUR, "board=38 disk1=45"),
       (3 * HOUR + 600, "disk1=asleep"), (4 * HOUR, "board=36")])
write("sensor-failure", "the sensor fails for a minute, and then for ten",
      [(0, "board=40"), (1800, "board=42"), (1810, "board=failed"), (1870, "board=42"),
       (HOUR, "board=44"), (HOUR + 10, "board=failed"), (HOUR + 610, "board=44"),
       (2 * HOUR, "board=41")])
write("sawtooth", "warms up for five minutes, over and over", board(sawtooth()))
