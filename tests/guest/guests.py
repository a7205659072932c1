# SPDX-License-Identifier: MIT
"""The guests: what each is, what runs in it, and what is looked at afterwards."""
import dataclasses
import platform

import checks


@dataclasses.dataclass
class Guest:
    """One virtual machine: what it is, what runs in it, what is looked at afterwards."""
    name: str
    tests: list  # names in tests/, without .sh
    tree: str = None  # device tree of boards/; arm64 if there is one
    simulates: str = None  # board that mcusim plays on the serial port
    board: str = None  # board file of boards/ that is put into /etc/nasmcu/boards
    port: str = None  # [Serial] Port, where it is not the board's
    suite: str = platform.freedesktop_os_release()["VERSION_CODENAME"]  # Debian release of its image
    kernel: str = "amd64"  # of an image, in build/guest/kernel
    init: str = "systemd"  # of its image
    packages: bool = False  # whether the Debian packages go into the share
    named: bool = False  # whether it runs only when it is asked for by its name
    keeps: bool = False  # whether what is written to the root is there at the next start
    installs: bool = False  # whether `cmake --install` goes into the share
    brings: list = dataclasses.field(default_factory=list)  # programs of the build, for the share
    checks: list = dataclasses.field(default_factory=list)  # functions of checks.py
    qemu: list = dataclasses.field(default_factory=list)
    disks: dict = dataclasses.field(default_factory=dict)  # images to be made: name -> megabytes
    append: str = ""  # more for the kernel's command line
    again: "Guest" = None  # what it is started with the next time: its tests and qemu
    resets: str = None  # the watchdog's action that ends this start; None: it powers itself off
    limit: int = 240  # seconds for all of it, SECONDS of traffic aside


def qnap(name, tests, look, **more):
    return Guest(name, tests, tree=name, simulates=name.removesuffix("-tty"), checks=look, **more)


def board(name, tests):
    return Guest(name, tests, tree="guest-board", board="guest-board.ini", simulates="qnap-ts133",
                 qemu=["-drive", "if=none,id=disk,driver=null-co,size=64M,read-zeroes=on",
                       "-device", "nvme,serial=1,drive=disk"])


def image(serial):
    return ["-drive", f"if=none,id={serial},file={serial}.img,format=raw,cache=unsafe"]


def sata(port, serial, controller="ide."):
    return [*image(serial),
            "-device", f"ide-hd,drive={serial},bus={controller}{port},serial={serial},model=GUEST"]


def nvme(serial):
    return [*image(serial), "-device", f"nvme,id=nvme,drive={serial},serial={serial}"]


GUESTS = [
    board("board-inputs", ["gpio", "keys", "clock"]),
    board("board-outputs", ["leds", "fan", "conflict"]),
    qnap("qnap-ts433", ["driver", "contract", "traffic"],
         [checks.start_sequence, checks.power_off_bytes]),
    qnap("qnap-ts433-tty", ["contract"], [], port="/dev/ttyAMA0"),
    qnap("qnap-ts133", ["driver", "traffic"], [checks.start_sequence, checks.power_off_bytes]),
    qnap("qnap-ts233", ["driver", "traffic"], [checks.start_sequence, checks.power_off_bytes]),
    Guest("systemd", ["services"], simulates="qnap-ts433", port="/dev/ttyS1", installs=True),
    Guest("buttons", ["buttons"], board="guest-buttons.ini", simulates="qnap-ts433", port="/dev/ttyS1",
          installs=True, brings=["tests/uinput-keys"]),
    Guest("buttons-gpio", ["buttons"], board="guest-buttons-gpio.ini", simulates="qnap-ts433",
          port="/dev/ttyS1", suite="trixie", kernel="amd64-gpio", installs=True, limit=480,
          brings=["tests/uinput-keys"]),
    Guest("disks", ["disks"], board="guest-disks.ini", simulates="qnap-ts433", installs=True, limit=400,
          disks={"DISK-A": 64, "DISK-B": 64, "NVME-C": 16, "DISK-D": 16},
          qemu=[*sata(0, "DISK-A"), *sata(1, "DISK-B"), *nvme("NVME-C")],
          again=Guest("disks", ["disks-swapped"], qemu=[
              "-device", "ahci,id=early,addr=0x10", *sata(0, "DISK-D", "early."),
              *sata(0, "DISK-B"), *sata(1, "DISK-A"), *nvme("NVME-C")])),
]
# The emulator tells each command to a disk and when; without NCQ all of them are such commands.
ARRAY = {"disks": {"DISK-A": 64, "DISK-B": 64}, "installs": True, "append": "libata.force=noncq",
         "port": "/dev/ttyS1",
         "qemu": [*sata(0, "DISK-A"), *sata(1, "DISK-B"), "-trace", "ide_exec_cmd",
                  "-msg", "timestamp=on"]}
GUESTS += [
    Guest("poweroff", ["reboot"], simulates="dlink-dns327l",
          checks=[checks.last_frame, checks.ready_once], **ARRAY,
          again=Guest("poweroff", ["poweroff"], qemu=ARRAY["qemu"], append=ARRAY["append"])),
    Guest("poweroff-qnap", ["poweroff"], simulates="qnap-ts433", checks=[checks.last_frame], **ARRAY),
]
# Four starts of a box whose notes stay on a disk, each but the last ended by its watchdog.
NOTES = [*sata(0, "NOTES"), "-device", "i6300esb", "-action", "watchdog=reset"]
GUESTS.append(
    Guest("watchdog", ["watchdog"], simulates="qnap-ts433", installs=True, limit=420,
          disks={"NOTES": 16}, qemu=NOTES, resets="reset", again=Guest(
              "watchdog", ["watchdog-again"], qemu=NOTES, limit=240, resets="reset", again=Guest(
                  "watchdog", ["watchdog-broken"], qemu=NOTES, limit=240, resets="reset", again=Guest(
                      "watchdog", ["watchdog-enough"], qemu=NOTES, limit=300)))))


def packaged(name, simulates, suite=Guest.suite, init="systemd", *own):
    """Installed from the packages: on a machine that is no NAS, then on one."""
    more = {"qemu": ["-device", "i6300esb", "-action", "watchdog=none"], "limit": 1500}
    nas = Guest(name, ["package", *own, "package-end"], **more)
    other = Guest(name, ["package-other"], again=nas, **more)
    return Guest(name, ["package-fresh"], simulates=simulates, suite=suite, init=init, packages=True,
                 named=True, keeps=True, checks=[checks.last_frame], again=other, **more)


GUESTS += [
    packaged("package-bookworm", "qnap-ts433", "bookworm"),
    packaged("package-trixie", "dlink-dns327l", "trixie"),
    packaged("package-sysvinit", "dlink-dns327l", "bookworm", "sysvinit", "package-sysvinit"),
]
BOTH = [("contract", "qnap-ts433", "qnap-ts433-tty", checks.same_contract)]
