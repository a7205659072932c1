# SPDX-License-Identifier: MIT
"""mcusim's trace as it grows: bytes, fan frames, and those that would cut the power."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import rig as desk  # noqa: E402

# The beginning of each frame that cuts the power (safety rule 5), as on the wire.
POWER = {"wt61p803": bytes.fromhex("404330"), "dns320l": bytes.fromhex("fa0303")}
LONGEST = 16  # bytes of a frame to the MCU that may be cut by the end of what was read


class Tail:
    """read() gives the trace's new entries: [(seconds, "to_mcu" or "from_mcu", bytes)]."""

    def __init__(self, path):
        self.path, self.rest, self.file = path, b"", None

    def read(self):
        if not self.file:
            if not os.path.exists(self.path):
                return []
            self.file = open(self.path, "rb")  # for as long as the trace is written
        lines = (self.rest + self.file.read()).split(b"\n")
        self.rest = lines.pop()
        return [desk.read_trace(json.loads(line)) for line in lines if line]

    def close(self):
        if self.file:
            self.file.close()


class Wire:
    """Takes in entries and finds frames to the MCU, also those that come byte by byte."""

    def __init__(self, protocol):
        self.fan, self.power = desk.FANS[protocol], POWER[protocol]
        self.bytes, self.times = bytearray(), []
        self.excerpt = []  # the last entries, as text
        # When the MCU was sent something last, and last before it said something.
        self.asked = self.answered = 0.0

    def feed(self, entries):
        """([FanFrame], [seconds of a frame that cuts the power]) that these complete."""
        fans, cuts = [], []
        for when, way, values in entries:
            self.excerpt.append((when, way, values))
            if way != "to_mcu":
                self.answered = self.asked
            else:
                self.asked = when
                for value in values:
                    self.bytes.append(value)
                    self.times.append(when)
                    self._look(fans, cuts)
        del self.excerpt[:-400]
        return fans, cuts

    def _look(self, fans, cuts):
        begin, length, index, scale = self.fan
        if self.bytes.endswith(self.power):
            cuts.append(self.times[-1])
        frame = bytes(self.bytes[-length:])
        if len(frame) == length and frame.startswith(begin):
            fans.append(desk.FanFrame(self.times[-1], round(frame[index] * scale), frame.hex(" ")))
        if len(self.bytes) > 2 * LONGEST:
            del self.bytes[:LONGEST], self.times[:LONGEST]

    def story(self, since, until):
        """The entries between two times as lines; bytes of one direction that follow are joined."""
        lines, last = [], None
        for when, way, values in self.excerpt:
            if not since <= when <= until:
                continue
            if last and last[1] == way and when - last[2] < 0.002:
                last[2], last[3] = when, last[3] + values
                continue
            last = [when, way, when, values]
            lines.append(last)
        return [f"{when:.4f} {'>' if way == 'to_mcu' else '<'} {values.hex(' ')}"
                for when, way, _, values in lines]
