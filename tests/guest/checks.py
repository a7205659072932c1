# SPDX-License-Identifier: MIT
"""What is looked at when a guest has ended: bytes on the wire, and what two guests have in common."""
import difflib
import json
import re
import time

STATUS_OFF = "40 43 39 3A"
BUTTON = "40 43 56 55"
ACK = "40 30 70"
# The beginning of the frame that cuts the power, and all of it.
POWER_OFF = {"qnap-ts433": ("40 43 30", "40 43 30 33"),
             "dlink-dns327l": ("FA 03 03", "FA 03 03 01 01 1E FB")}
FLUSH, STANDBY = {0xE7, 0xEA}, {0xE0}
WRITES = {0x30, 0x35, 0x39, 0x3D, 0x34, 0xC5, 0xCA, 0xCE}


def frames(run):
    """[(request, reply)] of the wire as hex, in order. The driver waits for each reply."""
    pairs, request, reply = [], [], []
    for line in run.trace.read_text().splitlines():
        entry = json.loads(line)
        if entry["dir"] == "rx":
            if reply:
                pairs.append((" ".join(request), " ".join(reply)))
                request, reply = [], []
            request += entry["hex"].upper().split()
        else:
            reply += entry["hex"].upper().split()
    pairs.append((" ".join(request), " ".join(reply)))
    return pairs


def with_checksum(*values):
    check = 0
    for value in values:
        check ^= value
    return " ".join(f"{value:02X}" for value in (*values, check))


def start_sequence(run):
    """What the Linux 7.2 driver was recorded to send at its start, and what it was answered; a model
    with fewer disks has fewer of the disk LEDs, one without a USB LED no frame for that."""
    disks = {"qnap-ts133": 1, "qnap-ts233": 2, "qnap-ts433": 4}[run.guest.simulates]
    wanted = [("25 56 73", "25 56 31 31 30 35 76"), ("40 46 57 30 FF 9E", ACK)]
    wanted += [(with_checksum(0x40, 0x52, 0x30 + disk, 0x31), ACK) for disk in range(disks)]
    if disks > 1:
        wanted.append(("40 43 47 44", ACK))
    wanted += [(STATUS_OFF, ACK), (BUTTON, "40 43 56 30 65")]
    got = frames(run)[:len(wanted)]
    assert got == wanted, "the driver's start:\n" + "\n".join(
        difflib.ndiff([" > ".join(pair) for pair in wanted], [" > ".join(pair) for pair in got]))


def power_off_bytes(run):
    """The driver's last words, when the machine is off: @C0, once and at the end."""
    sent = [request for request, _ in frames(run)]
    assert sent[-1] == "40 43 30 33", f"the last frame is {sent[-1]}"
    assert sent.count("40 43 30 33") == 1, "power off was sent more than once"


def same_contract(kernel, tty):
    """The same script gave the same answers through the kernel's driver and on the tty, but for the
    word for the back end."""
    texts = [(run.share / "contract.txt").read_text().splitlines() for run in (kernel, tty)]
    different = [line for line in difflib.ndiff(*texts) if line[0] in "-+"]
    assert texts[0], "the contract test wrote nothing"
    assert different == ["- Backend kernel", "+ Backend tty"], "\n".join(["differences:", *different])


def to_mcu(run):
    """[(seconds, byte)] of all that went to the MCU, in time.time()'s seconds."""
    offset = time.time() - time.monotonic()
    entries = [json.loads(line) for line in run.trace.read_text().splitlines()]
    return [(entry["t_ms"] / 1000 + offset, byte) for entry in entries if entry["dir"] == "rx"
            for byte in entry["hex"].upper().split()]


def disk_commands(run, around):
    """{disk: [(seconds, command)]} of the emulator that was running at that time, as it saw them."""
    line_form = re.compile(r"\d+@([\d.]+):ide_exec_cmd .*state (\S+); cmd 0x([0-9a-f]+)")
    disks = {}
    for when, disk, command in line_form.findall((run.dir / "qemu.log").read_text(errors="replace")):
        disks.setdefault(disk, []).append((float(when), int(command, 16)))
    # Each start has other addresses, and ends within seconds of this.
    return {disk: commands for disk, commands in disks.items() if commands[-1][0] > around - 10}


def last_frame(run):
    """The frame that cuts the power is the last thing on the wire and was sent once, in all starts of
    this guest; before it every disk had written its cache and stood by, and nothing was written
    afterwards."""
    begin, whole = POWER_OFF[run.guest.simulates]
    wire = to_mcu(run)
    text = " ".join(byte for _, byte in wire)
    assert text.endswith(whole), f"the last bytes are {text[-30:]}"
    assert text.count(begin) == 1, f"{begin} was sent {text.count(begin)} times"
    sent = wire[-len(whole.split())][0]
    disks = {disk: commands for disk, commands in disk_commands(run, sent).items()
             if WRITES & {command for _, command in commands}}
    assert len(disks) == len(run.guest.disks), f"{len(disks)} disks were written to"
    for disk, commands in disks.items():
        before = [command for when, command in commands if when < sent]
        written = max(i for i, command in enumerate(before) if command in WRITES)
        rest = before[written + 1:]
        assert FLUSH & set(rest), f"{disk}: no flush between the last write and the frame: {rest}"
        assert rest[-1] in STANDBY, f"{disk}: the last command before the frame is {rest[-1]:#x}"
        late = [hex(command) for when, command in commands if when >= sent and command in WRITES]
        assert not late, f"{disk}: written to behind the frame: {late}"


def ready_once(run):
    """The MCU was told once that the system is up, although mcud was restarted and killed."""
    text = " ".join(byte for _, byte in to_mcu(run))
    assert text.count("FA 03 01 00 00 00 FB") == 1, f"told {text.count('FA 03 01 00 00 00 FB')} times"


def ended_by(events, action):
    """The emulator says how a start of the guest ended: by its watchdog, or by itself."""
    seen = [(event["event"], event["data"].get("action") or event["data"].get("reason"))
            for event in events if event.get("event") in ("WATCHDOG", "SHUTDOWN")]
    if action:
        assert ("WATCHDOG", action) in seen, f"no reset by the watchdog, but {seen}"
        assert ("SHUTDOWN", "guest-reset") in seen, f"no reset, but {seen}"
    else:
        assert not any(name == "WATCHDOG" for name, _ in seen), f"a reset by the watchdog: {seen}"
