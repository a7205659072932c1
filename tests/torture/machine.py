# SPDX-License-Identifier: MIT
"""What the kernel tells of processes: how long they waited for a processor, and what they hold."""
import os
import pathlib
import subprocess
import sys
import time

# Says how late it is woken: what the kernel of a virtual machine cannot count, its host's delay.
LATENESS = """
import time
PAUSE = 0.01
while True:
    due = time.monotonic() + PAUSE
    time.sleep(PAUSE)
    late = time.monotonic() - due
    if late > 0.002:
        print(f"{due:.6f} {late:.6f}", flush=True)
"""


known = {}  # process: what it had waited when it was asked for last


def waited(pid):
    """Seconds that a process was ready to run and had no processor; of one that is gone, as far as
    it is known."""
    try:
        known[pid] = int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        pass
    return known.get(pid, 0.0)


def stalled():
    """Seconds in which somebody on this machine waited for a disk: a program that was put out of
    memory is read again. 0 where the kernel does not count it."""
    try:
        some = pathlib.Path("/proc/pressure/io").read_text().splitlines()[0]
        return int(some.rpartition("=")[2]) / 1e6
    except (OSError, IndexError, ValueError):
        return 0.0


class Lateness:
    """A sleeper of its own beside the daemons."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-c", LATENESS], stdout=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.found, self.rest = [], b""

    def since(self, when):
        """The longest that it was late."""
        try:
            data = os.read(self.process.stdout.fileno(), 1 << 20)
        except BlockingIOError:
            data = b""
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        self.found += [tuple(map(float, line.split())) for line in lines]
        self.found = [(due, late) for due, late in self.found if due > time.monotonic() - 120]
        return max((late for due, late in self.found if due + late >= when), default=0.0)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Watch:
    """delay(): seconds without a processor of these processes since the watch was made."""

    def __init__(self, lateness, pids):
        self.lateness, self.began = lateness, time.monotonic()
        self.before, self.stalled = {pid: waited(pid) for pid in pids}, stalled()

    def delay(self, fresh=()):
        """`fresh`: processes that were started since."""
        own = sum(max(0.0, waited(pid) - before) for pid, before in self.before.items())
        others = sum(map(waited, fresh)) + self.lateness.since(self.began)
        return own + others + stalled() - self.stalled


def holds(pid):
    """{"descriptors", "threads", "private_kib"} of a process; None when it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return None
    # Clean pages are those of files: whether they are private depends on who else runs just now.
    private = sum(int(line.split()[1]) for line in rollup.splitlines()
                  if line.startswith(("Private_Dirty", "Swap:")))
    threads = int(status.split("\nThreads:")[1].split()[0])
    return {"descriptors": descriptors, "threads": threads, "private_kib": private}
