# SPDX-License-Identifier: MIT
"""What a test in a guest asks of the machine that it runs on, while it runs (`host` in lib.sh):

    smart ID RAW   the raw value of a SMART attribute of all SATA disks, from now on
    nvme BITS      the critical warning of the NVMe disk

QEMU has a command for the second. The first is a constant table in its program: rows of twelve
numbers (id, two of flags, value, worst, six bytes of raw value, threshold), which is changed in the
running process.
"""
import json
import socket
import struct
import threading
import time

ROW = struct.Struct("<12i")
# The table's first row (raw read error rate) and the beginning of its second (spin-up time).
TABLE = ROW.pack(1, 3, 0, 100, 100, 0, 0, 0, 0, 0, 0, 6) + struct.pack("<3i", 3, 3, 0)
MOST_ROWS = 30  # of the page of attributes of ATA


def smart(process, attribute, raw):
    """Changes the row of this attribute wherever the table is in the program's own memory."""
    program = open(f"/proc/{process}/comm").read().strip()
    found = 0
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "r+b", 0) as memory:
        for line in maps:
            words = line.split()
            if len(words) < 6 or program[:10] not in words[5] or "r" not in words[1]:
                continue
            begin, end = (int(word, 16) for word in words[0].split("-"))
            memory.seek(begin)
            text = memory.read(end - begin)
            table = text.find(TABLE)
            for number in range(MOST_ROWS if table >= 0 else 0):
                at = table + number * ROW.size
                row = ROW.unpack(text[at:at + ROW.size])
                if not 0 < row[0] < 256:
                    break
                if row[0] != attribute:
                    continue
                memory.seek(begin + at)
                memory.write(ROW.pack(*row[:5], *raw.to_bytes(6, "little"), row[11]))
                found += 1
    if found != 1:
        raise RuntimeError(f"attribute {attribute} is {found} times in the emulator's memory")


def nvme(monitor, bits):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(monitor))
        stream = connection.makefile("rw")
        stream.readline()  # the greeting
        for command, arguments in (("qmp_capabilities", {}),
                                   ("qom-set", {"path": "/machine/peripheral/nvme",
                                                "property": "smart_critical_warning",
                                                "value": bits})):
            stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            stream.flush()
            while "return" not in (answer := json.loads(stream.readline())):
                if "error" in answer:
                    raise RuntimeError(f"{command}: {answer['error']}")


class Witness:
    """Keeps the emulator's own events, from its start until its end."""

    def __init__(self, monitor):
        self.monitor, self.events = monitor, []
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def end(self):
        """All events; the emulator has ended."""
        self.thread.join(10)
        return self.events

    def listen(self):
        deadline = time.monotonic() + 20
        connection = socket.socket(socket.AF_UNIX)
        while connection.connect_ex(str(self.monitor)):
            if time.monotonic() > deadline:
                return
            time.sleep(0.02)
        with connection, connection.makefile("rw") as stream:
            stream.readline()  # the greeting
            stream.write(json.dumps({"execute": "qmp_capabilities"}) + "\n")
            stream.flush()
            try:
                self.events += [json.loads(line) for line in stream]
            except (OSError, ValueError):
                pass  # it ended in the middle of a line


class Helper:
    """Answers the requests of a guest: the file `request` in its share, by the file `answer`."""

    def __init__(self, share, process, monitor):
        self.share, self.process, self.monitor = share, process, monitor
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def end(self):
        self.ended.set()
        self.thread.join()

    def serve(self):
        request = self.share / "request"
        while not self.ended.is_set():
            if not request.exists():
                time.sleep(0.05)
                continue
            words = request.read_text().split()
            request.unlink()
            try:
                self.do(words)
                said = "ok"
            except (OSError, RuntimeError, ValueError) as error:
                said = str(error) or repr(error)
            (self.share / "answer.new").write_text(said + "\n")
            (self.share / "answer.new").rename(self.share / "answer")

    def do(self, words):
        if words[0] == "smart":
            smart(self.process, int(words[1]), int(words[2]))
        elif words[0] == "nvme":
            nvme(self.monitor, int(words[1]))
        else:
            raise ValueError(f"nobody knows how to do {words[0]}")
