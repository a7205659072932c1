# SPDX-License-Identifier: MIT
"""A watchdog device below a fake root: a Unix socket that keeps what it is told, and when."""
import socket
import threading
import time


class WatchdogDevice:
    """/dev/watchdogN of `root`. It takes time-outs from 1 to `most` seconds."""

    MAGICCLOSE, SETTIMEOUT, CARDRESET = 0x100, 0x80, 0x20

    def __init__(self, root, identity, most=120, boot_status=0, busy=False, number=0):
        self.identity, self.most, self.boot_status, self.busy = identity, most, boot_status, busy
        self.lines = []  # (CLOCK_MONOTONIC, line); "open" and "close" among them
        folder = root / f"sys/class/watchdog/watchdog{number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "identity").write_text(identity + "\n")
        (folder / "min_timeout").write_text("1\n")
        (folder / "max_timeout").write_text(f"{most}\n")
        path = root / f"dev/watchdog{number}"
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listener.close()

    def said(self, line):
        return [when for when, text in list(self.lines) if text == line]

    def feedings_since(self, when):
        return [one for one in self.said("feed") if one >= when]

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._talk(connection)

    def _talk(self, connection):
        with connection, connection.makefile("rw") as stream:
            stream.write("busy\n" if self.busy else "ready\n")
            stream.flush()
            if self.busy:
                return
            self.lines.append((time.monotonic(), "open"))
            for line in stream:
                self.lines.append((time.monotonic(), line.strip()))
                answer = self._answer(*line.split())
                if answer:
                    stream.write(answer + "\n")
                    stream.flush()
            self.lines.append((time.monotonic(), "close"))

    def _answer(self, word, value=None):
        if word == "support":
            return f"support {self.MAGICCLOSE | self.SETTIMEOUT | self.CARDRESET} {self.identity}"
        if word == "boot-status":
            return f"boot-status {self.boot_status}"
        if word == "timeout":
            if value is not None and not 1 <= int(value) <= self.most:
                return "error Invalid argument"
            return f"timeout {value or self.most}"
        return "error Operation not supported" if word == "pretimeout" else None
