# SPDX-License-Identifier: MIT
"""What a board file says of the fan, and a configuration in which everything is quick."""
import configparser
import socket

from observer import Policy

import rig as desk

CONFIG = """[Fan]
PollTime = 1
SensorTimeout = 5
{rule}
[Fan system]
Smoothing = 0
RampDown = 0
Dwell = 0
MaxChangesPerHour = 0
[Daemon]
ServerPort = {port}
[Watchdog]
Timeout = 20
Checks = fan mcu
[Alert]
BeepEvery = 0
"""
RULE = "TempLow = 45\nTempHigh = 50\n"  # where the board has no curve


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def board_facts(board):
    """(policy, failsafe, limit of its sensor, coolest and warmest degrees of an idle box)."""
    ini = configparser.ConfigParser(strict=False, interpolation=None)
    ini.read(desk.SOURCE / "config" / "boards" / f"{board}.ini")
    curve = ini.get("fan system", "curve", fallback="")
    points = [tuple(map(float, point.split(":"))) for point in curve.split()]
    return (Policy(points), ini.getfloat("fan system", "failsafe"),
            ini.getint("sensor board", "max"), (28, 42) if points else (30, 48))
