# SPDX-License-Identifier: MIT
"""What is read from helpers, wires and folders before it becomes a figure."""
import os
import pathlib
import tempfile
import unittest

import stage
from peer import frames_in_words
from rows_size import ELF, installed


class Clients(unittest.TestCase):
    def test_answers_of_many_clients(self):
        answers = stage.Answers.read(["0 1000.0", "1 3000.0", "0 2000.0", "1 1000.0",
                                      "elapsed 8000.0"])
        self.assertEqual((answers.count, answers.p50, answers.seconds), (4, 1.5, 0.008))
        self.assertEqual(answers.fairness, 0.75)

    def test_a_client_that_is_never_answered_is_no_fairness(self):
        answers = stage.Answers.read(["0 1000.0", "1 -", "elapsed 10000000.0"])
        self.assertEqual((answers.fairness, answers.unanswered), (0.0, {"1"}))

    def test_the_wire_takes_what_the_contract_says(self):
        self.assertAlmostEqual(stage.WIRE_MS, 1.823, 3)
        self.assertEqual(len(stage.WIRE_BYTES), 8)


class PeerFrames(unittest.TestCase):
    def test_frames_by_name(self):
        self.assertEqual(frames_in_words(b""), "nothing")
        self.assertEqual(frames_in_words(bytes.fromhex("fa03030101 1efb")), "power off in 30 s")
        self.assertEqual(frames_in_words(bytes.fromhex("fa0200020000fb fa0308000000fb")),
                         "fan 2, fa 03 08 00 00 00 fb")
        self.assertEqual(frames_in_words(bytes.fromhex("fa0308")), "fa 03 08")


class Installed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def put(self, path, data):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def test_programs_and_the_rest(self):
        self.put("usr/sbin/mcud", ELF + bytes(96))
        self.put("usr/lib/systemd/system-shutdown/nasmcu", ELF + bytes(46))
        self.put("usr/share/nasmcu/boards/a.ini", bytes(30))
        self.put("usr/lib/libmcu.so.1", ELF + bytes(500))
        self.put("usr/include/libmcu/a.hpp", bytes(500))
        self.assertEqual(installed(self.folder.name), ({"mcud": 100, "nasmcu-shutdown": 50}, 30))

    def test_one_file_with_many_names_counts_once(self):
        file = self.put("usr/libexec/nasmcu", ELF + bytes(96))
        (self.root / "usr/sbin").mkdir()
        os.link(file, self.root / "usr/sbin/mcud")
        os.symlink("/usr/libexec/nasmcu", self.root / "usr/sbin/nas-fand")
        os.symlink("../libexec/nasmcu", self.root / "usr/sbin/nas-alertd")
        os.symlink("../libexec/gone", self.root / "usr/sbin/broken")
        programs, others = installed(self.folder.name)
        self.assertEqual((list(programs.values()), others), ([100], 0))
        names = next(iter(programs)).split(", ")
        self.assertEqual((set(names[:2]), set(names[2:])),
                         ({"nasmcu", "mcud"}, {"nas-fand", "nas-alertd"}))


if __name__ == "__main__":
    unittest.main()
