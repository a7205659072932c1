#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""guest.py [GUEST...]: boots the guests (without names all but the slowest) and counts what their tests
report.

A test is a function test_... in tests/SCRIPT.sh. One that does not report failed, whatever the
reason; one that is skipped failed too, unless SKIPPED below tells why. The last line is
"N passed, N failed". What prepare/ makes has to be there: use `make test-guest`.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import checks
import emulator
from guests import BOTH, GUESTS, Guest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
OUT = pathlib.Path(os.environ.get("NASMCU_GUEST", SOURCE / "build/guest"))
BUILD = pathlib.Path(os.environ.get("NASMCU_BUILD", SOURCE / "build/release"))
DEBIAN13 = SOURCE / "build/debian13/build"  # what .ci/debian13 has made
SECONDS = int(os.environ.get("GUEST_SECONDS", "20"))

# A curve falls slowly, in minutes that a test does not have.
FAN_AT_ONCE = "[Fan system]\nSmoothing = 0\nRampDown = 0\nDwell = 0\n"

# Tests that may be skipped: "GUEST/SCRIPT.test_name": "why nothing else is possible".
SKIPPED = {}


ARM64 = ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a53", "-m", "512",
         "-smp", "1", "-nodefaults"]
# What Debian's amd64 runs on and not more: newer vector units are slow to emulate, and "max" has all.
AMD64 = ["qemu-system-x86_64", "-M", "q35", "-cpu", "Nehalem", "-m", "768", "-smp", "2", "-nodefaults"]


class Run:
    """A guest's run: its folder, its processes, its results."""

    def __init__(self, guest):
        self.guest = guest
        self.dir = OUT / "runs" / guest.name
        self.share = self.dir / "share"
        self.trace = self.dir / "mcu.jsonl"
        shutil.rmtree(self.dir, ignore_errors=True)
        self.share.mkdir(parents=True)
        self.processes = []
        self.results = []  # (test, "" or what went wrong, seconds)
        self.notes = []
        self.console_before = 0  # length of console.log at the last start

    def fill_share(self):
        guest = self.guest
        shutil.copytree(HERE / "inside", self.share / "inside")
        for name, megabytes in guest.disks.items():
            with open(self.dir / f"{name}.img", "wb") as file:
                file.truncate(megabytes << 20)
        settings = {"GUEST": guest.name, "GUEST_SECONDS": SECONDS, "MODEL": guest.simulates or ""}
        (self.share / "settings").write_text(
            "".join(f"{name}='{value}'\n" for name, value in settings.items()))
        etc = self.share / "nasmcu"
        (etc / "boards").mkdir(parents=True)
        if guest.board:
            shutil.copy(HERE / "boards" / guest.board, etc / "boards")
        serial = f"[Serial]\nPort = {guest.port}\n" if guest.port else ""
        (etc / "nasmcu.conf").write_text(serial + "[Daemon]\nServerPort = 0\n" + FAN_AT_ONCE)

        for program in guest.brings:
            shutil.copy(BUILD / program, self.share)
        if guest.installs:
            self.install(self.share / "installed")
        if guest.packages:
            shutil.copytree(OUT / "packages" / guest.suite, self.share / "debs")

    def install(self, there):
        if self.guest.suite == Guest.suite:
            subprocess.run(["cmake", "--install", BUILD, "--strip"], check=True,
                           stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": str(there)})
        else:
            shutil.copytree(DEBIAN13 / "installed", there, symlinks=True)
        for library in there.rglob("*.a"):
            library.unlink()

    def fill_tests(self, scripts):
        shutil.rmtree(self.share / "tests", ignore_errors=True)
        (self.share / "tests").mkdir()
        for number, script in enumerate(scripts):
            # In this order, and still found by the name behind the number.
            shutil.copy(HERE / "tests" / f"{script}.sh", self.share / "tests" / f"{number}-{script}.sh")

    def spawn(self, argv, log):
        with open(self.dir / log, "ab") as stream:
            # The driver waits 500 ms for an answer: what else this machine does is no excuse.
            process = subprocess.Popen(["nice", "-n", "-10", *map(str, argv)], stdin=subprocess.DEVNULL,
                                       stdout=stream, stderr=stream, cwd=self.dir)
        self.processes.append(process)
        return process

    def start_mcu(self):
        """mcusim on a socket that is QEMU's serial port; its control socket goes into the guest."""
        if not self.guest.simulates:
            return []
        self.spawn([BUILD / "daemons/mcusim", "--board", self.guest.simulates, "--listen", "mcu.sock",
                    "--control", "control.sock", "--trace", self.trace], "mcusim.log")
        deadline = time.monotonic() + 20
        while not all((self.dir / name).exists() for name in ("mcu.sock", "control.sock")):
            if time.monotonic() > deadline:
                raise RuntimeError(f"mcusim did not start, see {self.dir}/mcusim.log")
            time.sleep(0.02)
        # What the recording with the real driver had (start_sequence).
        if self.guest.simulates.startswith("qnap"):
            self.control("set version 31313035", "set temp 42", "set fan-bytes 00 55 00",
                         "set temp-bit7 1")
        return ["-chardev", "socket,id=mcu,path=mcu.sock,reconnect=1", "-serial",
                "chardev:mcu", "-chardev", "socket,id=control,path=control.sock",
                "-device", "virtserialport,chardev=control,name=mcusim"]

    def control(self, *lines):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.dir / "control.sock"))
            stream = connection.makefile("rw")
            for line in lines:
                stream.write(line + "\n")
                stream.flush()
                answer = json.loads(stream.readline())
                if not answer.get("ok"):
                    raise RuntimeError(f"mcusim: {line}: {answer}")

    def command(self, guest, mcu):
        share = ["-fsdev", f"local,id=share,path={self.share},security_model=none",
                 "-device", "virtio-9p-pci,fsdev=share,mount_tag=host"]
        common = ["-accel", "tcg,tb-size=256", "-display", "none", "-no-reboot", "-device",
                  "virtio-serial-pci", "-chardev", "file,id=console,path=console.log,append=on",
                  "-qmp", "unix:qmp.sock,server=on,wait=off",
                  "-qmp", "unix:events.sock,server=on,wait=off", *share, *guest.qemu]
        if guest.tree:
            kernel = OUT / "kernel/arm64"
            return [*ARM64, "-kernel", kernel / "vmlinuz", "-initrd", OUT / "arm64.initrd",
                    "-dtb", OUT / "dtb" / f"{guest.tree}.dtb",
                    "-append", "console=hvc0 quiet panic=-1 mitigations=off",
                    *common, "-device", "virtconsole,chardev=console", *mcu]
        return [*AMD64, "-kernel", OUT / "kernel" / self.guest.kernel / "vmlinuz",
                "-initrd", OUT / f"{self.guest.kernel}.initrd",
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0 selinux=0 "
                f"apparmor=0 systemd.show_status=0 {guest.append}", *common, "-serial", "chardev:console", *mcu,
                "-drive", f"file={self.root()},format=raw,if=virtio,cache=unsafe"
                f"{'' if self.guest.keeps else ',snapshot=on'}"]

    def root(self):
        """The image, which is never written to, or this run's copy of it."""
        image = OUT / "image" / f"{self.guest.suite}-{self.guest.init}.img"
        if not self.guest.keeps:
            return image
        copy = self.dir / "root.img"
        if not copy.exists():
            subprocess.run(["cp", "--sparse=always", "--reflink=auto", image, copy], check=True)
        return copy

    def play(self):
        began = time.monotonic()
        self.fill_share()
        try:
            mcu = self.start_mcu()
            for boot in self.starts():
                self.boot(boot, mcu)
                # A kernel that patches its own code while two processors run it can trip over the
                # emulator. Nothing of ours has run by then.
                if self.panicked_early():
                    self.notes.append("a start ended in the kernel before the tests; started again")
                    self.boot(boot, mcu)
        finally:
            self.end()
        up = self.share / "uptime"
        self.notes.append(f"{time.monotonic() - began:.0f} s, "
                          f"tests from {up.read_text().strip() if up.exists() else '-'} s on")
        self.collect()

    def starts(self):
        boot = self.guest
        while boot:
            yield boot
            boot = boot.again

    def panicked_early(self):
        return (not (self.share / "uptime").exists() and
                b"Kernel panic" in (self.dir / "console.log").read_bytes()[self.console_before:])

    def boot(self, guest, mcu):
        self.fill_tests(guest.tests)
        (self.share / "uptime").unlink(missing_ok=True)
        console = self.dir / "console.log"
        self.console_before = console.stat().st_size if console.exists() else 0
        qemu = self.spawn(self.command(guest, mcu), "qemu.log")
        helper = emulator.Helper(self.share, qemu.pid, self.dir / "qmp.sock")
        witness = emulator.Witness(self.dir / "events.sock") if self.guest.resets else None
        try:
            qemu.wait(guest.limit + SECONDS * sum(map(guest.tests.count, ("traffic", "watchdog"))))
        except subprocess.TimeoutExpired:
            self.notes.append("the guest did not end in time")
            self.stop(qemu)
        finally:
            helper.end()
        if witness:
            self.check(f"{guest.tests[0]}: how it ended", checks.ended_by, witness.end(), guest.resets)
        if qemu.returncode:
            self.notes.append((self.dir / "qemu.log").read_text(errors="replace").strip())

    def end(self):
        for process in reversed(self.processes):
            self.stop(process)

    @staticmethod
    def stop(process):
        if process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def collect(self):
        reported = {}
        file = self.share / "results"
        for line in file.read_text().splitlines() if file.exists() else []:
            word, test, *rest = line.split(" ", 2)
            reported[test.split("-", 1)[-1]] = (word, rest[0] if rest else "")
        for script in (script for boot in self.starts() for script in boot.tests):
            text = (HERE / "tests" / f"{script}.sh").read_text()
            for function in re.findall(r"^(test_[a-z0-9_]+)\(\) \{", text, re.M):
                self.judge(f"{script}.{function}", reported)
        for check in self.guest.checks:
            self.check(check.__name__, check, self)
        if not any(wrong for _, wrong, _ in self.results):
            (self.dir / "root.img").unlink(missing_ok=True)

    def judge(self, test, reported):
        word, rest = reported.get(test, ("none", ""))
        if word == "ok":
            self.results.append((test, "", rest))
        elif word == "skipped" and f"{self.guest.name}/{test}" in SKIPPED:
            self.results.append((test, "", f"skipped: {rest}"))
        else:
            self.results.append((test, {"none": "did not report", "skipped": f"skipped: {rest}",
                                        "FAILED": rest or "failed"}[word], ""))

    def check(self, name, function, *arguments):
        try:
            function(*arguments)
            self.results.append((name, "", ""))
        except (AssertionError, OSError, ValueError) as error:
            self.results.append((name, str(error) or repr(error), ""))

    def report(self):
        print(f"== {self.guest.name} ({'; '.join(note for note in self.notes if note)})")
        for test, wrong, more in self.results:
            print(f"{'FAILED ' if wrong else 'ok     '} {self.guest.name}/{test}"
                  f"{': ' + wrong if wrong else ''}{f' ({more})' if more else ''}")
        if any(wrong for _, wrong, _ in self.results):
            print(f"   see {self.share}/log, {self.dir}/console.log and what is beside them")
        figures = self.share / "figures"
        if figures.exists():
            print(figures.read_text().rstrip())
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("guests", nargs="*", metavar="GUEST")
    parser.add_argument("-j", "--jobs", type=int,
                        default=int(os.environ.get("JOBS") or os.cpu_count()))
    parser.add_argument("--packaged", nargs="+", metavar="SUITE",
                        help="print the names of those that install these releases' packages")
    parser.add_argument("--machine", action="store_true",
                        help="print the command line of the arm64 machine, a word a line")
    arguments = parser.parse_args()
    if arguments.machine:
        print("\n".join(ARM64))
        return 0
    if arguments.packaged:
        print("\n".join(guest.name for guest in GUESTS
                        if guest.packages and guest.suite in arguments.packaged))
        return 0
    names = [guest.name for guest in GUESTS]
    for name in arguments.guests:
        if name not in names:
            parser.error(f"no guest {name}; there are {' '.join(names)}")
    wanted = [guest for guest in GUESTS
              if guest.name in arguments.guests or not arguments.guests and not guest.named]

    runs = {guest.name: Run(guest) for guest in wanted}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        played = {pool.submit(run.play): run for run in runs.values()}
        for future in concurrent.futures.as_completed(played):
            if error := future.exception():
                played[future].results.append(("guest", f"{type(error).__name__}: {error}", ""))
            if not any(played[future].guest.name in pair[1:3] for pair in BOTH):
                played[future].report()
    for name, one, other, check in BOTH:
        if one in runs and other in runs:
            runs[one].check(f"{name} ({one}, {other})", check, runs[one], runs[other])
        for run in (runs.get(one), runs.get(other)):
            if run:
                run.report()
    failed = sum(bool(wrong) for run in runs.values() for _, wrong, _ in run.results)
    print(f"{sum(len(run.results) for run in runs.values()) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
