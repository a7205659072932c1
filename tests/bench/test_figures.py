# SPDX-License-Identifier: MIT
"""The arithmetic of make bench: medians, goals, marks, the comparison with a committed table."""
import math
import unittest

import figures
from figures import Spread, Table, figure, percentile, short, worse


def row(values, better="less", unit="ms", goal=None, peer=None):
    return figure("k", "a row", values, unit, better=better, goal=goal, peer=peer)


class Figures(unittest.TestCase):
    def test_a_row_is_the_median_with_the_least_and_the_most(self):
        made = row([3, 1, 2.5, 9, 2])
        self.assertEqual((made.spread.median, made.spread.least, made.spread.most), (2.5, 1, 9))
        self.assertEqual(row([1, 2]).spread.median, 1.5)

    def test_a_row_without_a_round_is_refused(self):
        with self.assertRaises(ValueError):
            row([])

    def test_a_goal_is_met_by_the_median_at_the_goal_and_missed_beyond_it(self):
        self.assertIs(row([1.05, 1.0, 9], goal=1.05).met, True)
        self.assertIs(row([1.06, 1.0, 9], goal=1.05).met, False)
        self.assertIs(row([0.95, 0.1, 1], better="more", goal=0.95).met, True)
        self.assertIs(row([0.94, 0.1, 1], better="more", goal=0.95).met, False)
        self.assertIs(row([0], goal=0).met, True)
        self.assertIsNone(row([1]).met)

    def test_what_is_judged_is_what_is_written(self):
        made = row([1.05004], goal=1.05)
        self.assertEqual((made.spread.median, made.met), (1.05, True))
        again = figures.Figure.read(made.data())
        self.assertEqual(again, made)

    def test_a_reference_has_no_goal(self):
        with self.assertRaises(ValueError):
            row([1], better=None, goal=2)
        with self.assertRaises(ValueError):
            row([1], better="bigger")

    def test_percentiles_are_values_that_were_measured(self):
        values = list(range(1, 101))
        self.assertEqual(percentile(values, 0.99), 99)
        self.assertEqual(percentile(values, 0.5), 50)
        self.assertEqual(percentile([7], 0.99), 7)
        self.assertEqual(percentile([3, 1, 2], 1), 3)
        with self.assertRaises(ValueError):
            percentile([], 0.5)

    def test_numbers_have_four_digits_and_no_exponent(self):
        for number, text in ((0, "0"), (7, "7"), (1.0, "1"), (0.05127, "0.05127"),
                             (12.345678, "12.35"), (30712.4, "30712"), (0.00002, "0.000020")):
            self.assertEqual(short(number), text)
        self.assertEqual(short(1.5, "ms"), "1.5 ms")
        self.assertFalse(math.isnan(float(short(1 / 3))))


class Comparison(unittest.TestCase):
    def test_rounds_that_overlap_explain_the_difference(self):
        self.assertFalse(worse(row([1.2, 1.4, 1.6]), row([1.0, 1.1, 1.2])))

    def test_no_round_as_good_as_the_worst_of_the_old_run_is_worse(self):
        self.assertTrue(worse(row([1.3, 1.4, 1.6]), row([1.0, 1.1, 1.2])))

    def test_better_is_not_worse(self):
        self.assertFalse(worse(row([0.5, 0.6]), row([1.0, 1.1])))
        self.assertFalse(worse(row([2, 3], "more"), row([1, 1.5], "more")))

    def test_where_more_is_better_less_is_worse(self):
        self.assertTrue(worse(row([0.7, 0.8], "more"), row([0.9, 0.95], "more")))
        self.assertFalse(worse(row([0.7, 0.92], "more"), row([0.9, 0.95], "more")))

    def test_counts_without_a_spread_may_move_by_a_trifle(self):
        self.assertFalse(worse(row([1015]), row([1000])))
        self.assertTrue(worse(row([1030]), row([1000])))
        self.assertTrue(worse(row([1]), row([0])))

    def test_references_and_new_rows_are_not_compared(self):
        self.assertFalse(worse(row([9], None), row([1], None)))
        self.assertFalse(worse(row([9]), None))
        self.assertFalse(worse(row([9], unit="ms"), row([1], unit="s")))


class Lines(unittest.TestCase):
    def table(self, old=(), **options):
        self.said = []
        return Table(old, tell=self.said.append, **options)

    def test_marks(self):
        table = self.table([figure("a", "x", [1, 1.1], "ms"), figure("b", "x", [1], "ms")])
        table.head()
        table.add("a", "worse and missed", [2, 2.1], "ms", goal=1)
        table.add("b", "as before", [1], "ms", goal=1)
        table.add("c", "new, no goal", [5], "ms")
        worse_line, same_line, new_line = self.said[1:]
        self.assertTrue(worse_line.startswith("- worse") and " 1.05 ! " in worse_line)
        self.assertTrue(same_line.startswith("+ as") and "!" not in same_line)
        self.assertTrue(new_line.startswith("  new") and "!" not in new_line)
        self.assertEqual([one.key for one in table.worse()], ["a"])

    def test_the_summary_counts(self):
        table = self.table([figure("a", "x", [1], "ms")])
        table.add("a", "slow", [2], "ms", goal=1)
        table.add("b", "quick", [0.5], "ms", goal=1)
        self.assertEqual(table.summary(), "Goals: 1 met, 1 missed\n  - slow\n"
                                          "Rows worse than in the committed table: 1\n"
                                          "  ! slow: 1 > 2 ms")

    def test_a_row_is_added_once(self):
        table = self.table()
        table.add("a", "x", [1])
        with self.assertRaises(ValueError):
            table.add("a", "x", [1])

    def test_the_peer_has_a_column_with_a_number_or_words(self):
        table = self.table(with_peer=True)
        table.add("a", "x", [1], "ms", peer=[616, 620, 640])
        table.add("b", "y", [1], "s", peer="never within 10 s")
        table.add("c", "z", [1], "s", peer=[])
        self.assertTrue(self.said[0].endswith("  620 ms"))
        self.assertTrue(self.said[1].endswith("  never within 10 s"))
        self.assertIsNone(table.rows[2].peer)
        self.assertIsInstance(table.rows[0].peer, Spread)


if __name__ == "__main__":
    unittest.main()
