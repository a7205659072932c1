# SPDX-License-Identifier: MIT
"""Reads what the tests of the documents compare: programs' --help, manual pages, completions."""
import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NASMCU_BUILD", SOURCE / "build" / "release"))
# A bus that is not there: nothing here may ask the machine's own daemons.
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "NASMCU_DATA": str(SOURCE / "config"),
               "PATH": f"{BUILD / 'daemons'}:{os.environ['PATH']}",
               "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}

PAGES = {path.name: path for path in SOURCE.glob("*/**/*.[1-8]")
         if ".git" not in path.parts and
         not any(path.is_relative_to(build) for build in (SOURCE / "build", BUILD.resolve()))}
COMPLETIONS = {
    "mcuctl": "daemons/mcuctl/mcuctl.bash", "mcusim": "daemons/mcusim/mcusim.bash",
    **{name: "daemons/common/daemons.bash"
       for name in ("mcud", "nas-fand", "nas-alertd", "nas-watchdogd", "nas-buttond")}}
OPTION = re.compile(r"(?<![\w<>-])(--?[A-Za-z][a-z-]*)")


def run(*words):
    """What a built program says."""
    program, *rest = words
    return subprocess.run([str(BUILD / "daemons" / program), *rest], env=ENVIRONMENT, text=True,
                          capture_output=True, timeout=30)


def page_of(program):
    return next(path for name, path in PAGES.items() if name.rsplit(".", 1)[0] == program)


def plain(line):
    """One line of roff as the reader sees it, without macros and changes of font."""
    found = re.match(r"\.(B|I|BR|RB|BI|IB|IR|RI)\s+(.*)", line)
    if found:
        macro, text = found.groups()
        words = re.findall(r'"([^"]*)"|(\S+)', text)
        line = ("" if len(macro) == 2 else " ").join(quoted or bare for quoted, bare in words)
    line = re.sub(r"\\f(\[\w*\]|\(..|.)", "", line)
    for escape, meant in (("\\-", "-"), ("\\&", ""), ("\\e", "\\"), ("\\ ", " "), ("\\(rs", "\\")):
        line = line.replace(escape, meant)
    return line


def sections(path):
    """{title: lines} of a manual page."""
    found, title = {}, ""
    for line in path.read_text().splitlines():
        if line.startswith(".SH "):
            title = line[4:].strip('"')
        found.setdefault(title, []).append(line)
    return found


def headings(lines):
    """The tags of a section's paragraphs (.TP, .TQ)."""
    return [plain(lines[at + 1]) for at, line in enumerate(lines) if line in (".TP", ".TQ")]


def paragraphs(lines):
    """{tag: text} of a section."""
    found, tag = {}, None
    for at, line in enumerate(lines):
        if at and lines[at - 1] in (".TP", ".TQ"):
            tag = plain(line)
            found[tag] = ""
        elif tag is not None:
            found[tag] += plain(line) + " "
    return found


def complete(program, *words, folder="/"):
    """What bash offers for the last of these words."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()\n'
              'how=$(complete -p "$1") || exit 1; how=${how#*-F }\n'
              '"${how%% *}"\n'
              '[ ${#COMPREPLY[@]} = 0 ] || printf "%s\\n" "${COMPREPLY[@]}"\n')
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", SOURCE / COMPLETIONS[program],
                           program, *words], env=ENVIRONMENT, text=True, capture_output=True,
                          cwd=folder, timeout=60)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"completing {program} {words}: {done.stderr}")
    return done.stdout.splitlines()
