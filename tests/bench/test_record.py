# SPDX-License-Identifier: MIT
"""The recorded table and the document agree, and would be found out if they did not."""
import json
import pathlib
import tempfile
import unittest

import record
from figures import figure

FACTS = {"cores": 2, "processor": "x86_64", "kernel": "6.1", "system": "Debian", "compiler": "g++",
         "build": "Release"}
ROWS = [figure("a", "one thing", [1.02, 1.04, 1.1], "x", goal=1.05, peer=[12, 13]),
        figure("b", "another", [3], "ms", goal=2, peer="never within 10 s"),
        figure("c", "a reference", [0.5, 0.25], "ms", better=None)]
DOCUMENT = f"# A\n\nbefore\n\n{record.BEGIN}\nold\n{record.END}\n\nbehind\n"


class Recorded(unittest.TestCase):
    def test_the_document_has_the_table_of_the_data(self):
        self.assertEqual(record.disagreement(record.TABLE.read_text(),
                                             record.DOCUMENT.read_text()), "")

    def test_no_row_is_there_twice(self):
        keys = [row.key for row in record.read_table()[1]]
        self.assertTrue(keys)
        self.assertEqual(len(keys), len(set(keys)))


class Writing(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.table = pathlib.Path(self.folder.name) / "table.json"
        self.document = pathlib.Path(self.folder.name) / "performance.md"
        self.document.write_text(DOCUMENT)

    def write(self):
        record.write(record.table_data(ROWS, FACTS, 5), self.table, self.document)
        return self.table.read_text(), self.document.read_text()

    def test_what_is_written_agrees_and_is_read_again(self):
        data, text = self.write()
        self.assertEqual(record.disagreement(data, text), "")
        self.assertEqual(record.read_table(self.table), (FACTS, ROWS))
        self.assertTrue(text.startswith("# A\n\nbefore\n") and text.endswith("\n\nbehind\n"))
        self.assertIn("| one thing | 1.04 x | 1.02 ... 1.1 | ≤ 1.05 | yes | 12.5 x |", text)
        self.assertIn("| another | 3 ms | | ≤ 2 | **no** | never within 10 s |", text)
        self.assertEqual(self.write(), (data, text))

    def test_a_figure_changed_by_hand_is_found(self):
        data, text = self.write()
        self.assertIn("line 5", record.disagreement(data, text.replace("1.04 x", "1.01 x")))
        self.assertIn("line 6", record.disagreement(data.replace('"median": 3.0', '"median": 2.0')
                                                    .replace('"min": 3.0', '"min": 2.0')
                                                    .replace('"met": false', '"met": true'), text))

    def test_a_row_that_is_missing_is_found(self):
        data, text = self.write()
        lines = [line for line in text.splitlines() if "a reference" not in line]
        self.assertNotEqual(record.disagreement(data, "\n".join(lines)), "")

    def test_a_goal_that_is_said_to_be_met_and_is_not_is_found(self):
        data, text = self.write()
        self.assertIn("b: met", record.disagreement(data.replace('"met": false', '"met": true'),
                                                    text))

    def test_a_median_outside_its_rounds_is_found(self):
        data, text = self.write()
        rows = json.loads(data)
        rows["rows"][0]["median"] = 2
        rows["rows"][0]["met"] = False
        self.assertIn("median", record.disagreement(json.dumps(rows), text))

    def test_a_document_without_its_markers_is_refused_and_nothing_is_written(self):
        for text in ("no marker", f"{record.END}\n{record.BEGIN}", DOCUMENT + record.BEGIN):
            self.document.write_text(text)
            with self.assertRaises(record.RecordError):
                self.write()
            self.assertFalse(self.table.exists())

    def test_without_the_old_daemon_there_is_no_column_for_it(self):
        text = record.markdown(FACTS, [ROWS[2]])
        self.assertNotIn("dns320l-daemon", text)
        self.assertIn("| a reference | 0.375 ms | 0.25 ... 0.5 | | |", text)
        self.assertIn("| · part of it | 1 |", record.markdown(FACTS, [figure("d", "   part of it",
                                                                             [1])]))

    def test_no_table_is_no_error_and_a_broken_one_is(self):
        self.assertEqual(record.read_table(self.table), ({}, []))
        self.table.write_text('{"rows": [{}]}')
        with self.assertRaises(record.RecordError):
            record.read_table(self.table)

    def test_the_machine_has_no_name(self):
        facts = record.machine(self.folder.name)
        self.assertEqual(set(facts), set(FACTS))
        self.assertGreaterEqual(facts["cores"], 1)


if __name__ == "__main__":
    unittest.main()
