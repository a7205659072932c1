# SPDX-License-Identifier: MIT
"""No memory for one daemon (ulimit -v): it gets no more, or is started with less than it needs."""
import contextlib
import resource
import signal
import time

from box import DAEMONS
from bus_client import BusError


def size_of(pid):
    """Bytes of its address space."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def no_memory(this):
    """A daemon gets no more memory, or is started with less than it needs. It may die of it, and
    must come back."""
    box = this.box
    daemon = this.rng.choice(DAEMONS)
    if daemon not in box.processes or box.sanitized:
        return  # sanitizers need more memory than there is
    box.excused.add(daemon)  # until everything works again: on a busy machine it may die late
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        (this.rng.choice((start_small, stop_growing)))(this, daemon)
    box.memory.pop(daemon, None)
    if daemon in box.processes:
        infinity = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(box.processes[daemon].pid, resource.RLIMIT_AS, infinity)


def start_small(this, daemon):
    box, rng = this.box, this.rng
    box.memory[daemon] = int(size_of(box.processes[daemon].pid) * rng.uniform(0.3, 1.0))
    box.tell(f"{daemon} is started with {box.memory[daemon] >> 10} KiB")
    at = box.strike(daemon, signal.SIGKILL)
    if daemon in ("mcud", "nas-fand"):
        box.observer.nobody_drives(at)
    box.rest(rng.uniform(1.0, 2.5))


def stop_growing(this, daemon):
    """It has what it has, and is asked for much."""
    box, rng = this.box, this.rng
    pid = box.processes[daemon].pid
    limit = size_of(pid) + rng.choice((0, 65536))
    box.tell(f"{daemon} may have {(limit - size_of(pid)) >> 10} KiB more")
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    service = f"io.nasmcu1.{daemon.removeprefix('nas-')}"
    until = time.monotonic() + rng.uniform(0.5, 1.5)
    while time.monotonic() < until and box.client and box.client.open:
        with contextlib.suppress(BusError):
            # A long name in each of many calls: they wait together, and so does their memory.
            asked = [box.client.call(service, "/io/nasmcu1", "org.freedesktop.DBus.Properties",
                                     "GetAll", "s", "x" * 60000) for _ in range(20)]
            box.rest(0.05)
            for serial in asked:
                box.client.forget(serial)
