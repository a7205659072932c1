#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""coverage.py FILE.json: judges what gcovr has counted (.ci/coverage).

The core is what decides and what speaks to the hardware: its lines and branches have limits of
their own. A branch is one that the source has: those that only an exception takes, or that the
compiler made, are left out by gcovr.
"""
import json
import sys

# Folders, and files by the beginning of their names.
CORE = (
    "libmcu/",
    "daemons/fancontrol/",
    "daemons/mcud/lease", "daemons/mcud/guard", "daemons/mcud/rivalry",
    "daemons/alertd/alert_config", "daemons/alertd/array_roster", "daemons/alertd/box_health",
    "daemons/alertd/disk_watch", "daemons/alertd/filesystems", "daemons/alertd/ledger",
    "daemons/alertd/lights", "daemons/alertd/md", "daemons/alertd/message", "daemons/alertd/smart",
    "daemons/alertd/sound", "daemons/alertd/watchdog_health",
    "daemons/watchdogd/guard", "daemons/watchdogd/disk_patience", "daemons/watchdogd/fan_progress",
    "daemons/watchdogd/watchdog_config",
    "daemons/buttond/gesture", "daemons/buttond/watch", "daemons/buttond/button_config",
    "daemons/buttond/action",
    "daemons/shutdown/machine", "daemons/shutdown/mounts", "daemons/shutdown/ata",
    "daemons/supervise/policy",
    "daemons/common/config", "daemons/common/records", "daemons/common/reset_notes",
    "daemons/common/wake_plan", "daemons/common/mountinfo",
)
# Shells that begin with the name of something pure.
NOT_CORE = ("daemons/alertd/smartctl",)

LIMITS = (("core", "lines", 95.0), ("core", "branches", 80.0), ("rest", "lines", 85.0))


def part_of(name):
    return "core" if name.startswith(CORE) and not name.startswith(NOT_CORE) else "rest"


def count(file):
    """{"lines": (hit, all), "branches": (hit, all)} of one source."""
    lines = [line for line in file["lines"]
             if not line.get("gcovr/noncode") and not line.get("gcovr/excluded")]
    branches = [branch for line in lines for branch in line.get("branches", [])]
    return {"lines": (sum(line["count"] > 0 for line in lines), len(lines)),
            "branches": (sum(branch["count"] > 0 for branch in branches), len(branches))}


def percent(hit, total):
    return 100.0 * hit / total if total else 100.0


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        files = {file["file"]: count(file) for file in json.load(stream)["files"]}
    for entry in CORE:
        if not any(name.startswith(entry) for name in files):
            print(f"coverage: nothing was counted of {entry}: is its name still right?")
            print("0 passed, 1 failed")
            return 1
    passed = failed = 0
    for part in ("core", "rest"):
        print(f"== {part}: files by what is not run")
        names = sorted((name for name in files if part_of(name) == part),
                       key=lambda name: files[name]["lines"][0] - files[name]["lines"][1])
        for name in names[:15]:
            lines, branches = files[name]["lines"], files[name]["branches"]
            print(f"{name:44} lines {percent(*lines):5.1f} % ({lines[1] - lines[0]} not run), "
                  f"branches {percent(*branches):5.1f} %")
    for part, kind, limit in LIMITS:
        hit = sum(files[name][kind][0] for name in files if part_of(name) == part)
        total = sum(files[name][kind][1] for name in files if part_of(name) == part)
        good = percent(hit, total) >= limit
        passed, failed = passed + good, failed + (not good)
        print(f"{'ok' if good else 'FAILED':7} {part} {kind}: {percent(hit, total):.1f} % "
              f"({hit} of {total}), at least {limit:g} %")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
