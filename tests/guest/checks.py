# SPDX-License-Identifier: MIT
"""What is looked at when a guest has ended: bytes on the wire, and what two guests have in common."""
import difflib
import json

STATUS_OFF = "40 43 39 3A"
BUTTON = "40 43 56 55"
ACK = "40 30 70"


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
