# SPDX-License-Identifier: MIT
"""The recorded table: tests/bench/table.json, and the same in docs/performance.md."""
import json
import os
import pathlib
import platform
import re
import subprocess

from figures import Figure, goal_text, peer_text, short

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TABLE = SOURCE / "tests/bench/table.json"
DOCUMENT = SOURCE / "docs/performance.md"
BEGIN = "<!-- begin of the table: written by `make bench RECORD=1` -->"
END = "<!-- end of the table -->"


class RecordError(Exception):
    """A table or a document that is not as it must be, in words."""


def machine(build):
    """What the figures depend on. No name, no address."""
    cache = pathlib.Path(build) / "CMakeCache.txt"
    settings = dict(re.findall(r"^(\w+):\w+=(.*)$", cache.read_text(), re.MULTILINE)) \
        if cache.is_file() else {}
    compiler = settings.get("CMAKE_CXX_COMPILER", "c++")
    said = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    system = pathlib.Path("/etc/os-release")
    name = re.search(r'^PRETTY_NAME="?([^"\n]*)', system.read_text(), re.MULTILINE) \
        if system.is_file() else None
    return {"cores": os.cpu_count(), "processor": platform.machine(),
            "kernel": platform.release().split("-")[0], "system": name[1] if name else "",
            "compiler": (said.stdout.splitlines() or [""])[0],
            "build": settings.get("CMAKE_BUILD_TYPE", "")}


def table_data(rows, facts, rounds):
    return {"schema": 1, "machine": facts, "rounds": rounds, "rows": [row.data() for row in rows]}


def to_text(data):
    """One row a line, so that a difference can be read."""
    head = {key: value for key, value in data.items() if key != "rows"}
    rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in data["rows"])
    return json.dumps(head, ensure_ascii=False)[:-1] + f', "rows": [\n{rows}\n]}}\n'


def read_table(file=TABLE):
    """(machine's facts, rows); ({}, []) without a file."""
    file = pathlib.Path(file)
    if not file.is_file():
        return {}, []
    try:
        data = json.loads(file.read_text())
        return data["machine"], [Figure.read(row) for row in data["rows"]]
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{file}: no table of make bench: {error!r}") from error


def machine_text(facts):
    words = [f"{facts.get('cores')} cores ({facts.get('processor')})",
             f"Linux {facts.get('kernel')}", facts.get("system"), facts.get("compiler"),
             f"build type {facts.get('build')}"]
    return ", ".join(word for word in words if word)


def markdown(facts, rows):
    """The table of the document, without its markers."""
    with_peer = any(row.peer is not None for row in rows)
    lines = [f"Recorded on: {machine_text(facts)}.", "",
             "| what | median | least ... most | goal | met |" +
             (" dns320l-daemon |" if with_peer else ""),
             "|---|---|---|---|---|" + ("---|" if with_peer else "")]
    for row in rows:
        met = {None: "", True: "yes", False: "**no**"}[row.met]
        # Blanks in front, which set it in on the terminal, are nothing in a table.
        what = row.what if row.what == row.what.lstrip() else f"· {row.what.lstrip()}"
        cells = [what, short(row.spread.median, row.unit),
                 "" if row.spread.least == row.spread.most else
                 f"{short(row.spread.least)} ... {short(row.spread.most)}", goal_text(row), met]
        if with_peer:
            cells.append(peer_text(row.peer, row.unit))
        lines.append("|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|")
    return "\n".join(lines)


def in_document(text):
    """(what stands before the table, the table, what stands behind it)."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise RecordError(f"the document needs one line {BEGIN!r} and behind it one {END!r}")
    before, rest = text.split(BEGIN)
    table, after = rest.split(END)
    return before, table.strip("\n"), after


def with_table(text, table):
    before, _, after = in_document(text)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def disagreement(data_text, document_text):
    """In words; "" when the document has exactly the table of the data."""
    data = json.loads(data_text)
    rows = [Figure.read(row) for row in data["rows"]]
    for row, told in zip(rows, data["rows"], strict=True):
        if row.met != told["met"]:
            return f"{row.key}: met is {told['met']}, the goal and the median say {row.met}"
        if not row.spread.least <= row.spread.median <= row.spread.most:
            return f"{row.key}: the median is not between the least and the most"
    wanted = markdown(data["machine"], rows).split("\n")
    found = in_document(document_text)[1].split("\n")
    for number, (have, want) in enumerate(zip(found, wanted), 1):
        if have != want:
            return f"line {number} of the table is {have!r}; by the data it is {want!r}"
    if len(found) != len(wanted):
        return f"the table has {len(found)} lines; by the data it has {len(wanted)}"
    return ""


def write(data, table=TABLE, document=DOCUMENT):
    """Both or none."""
    table, document = pathlib.Path(table), pathlib.Path(document)
    text = to_text(data)
    rows = [Figure.read(row) for row in json.loads(text)["rows"]]
    fresh = with_table(document.read_text(), markdown(data["machine"], rows))
    table.write_text(text)
    document.write_text(fresh)
