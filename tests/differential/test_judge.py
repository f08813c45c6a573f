#!/usr/bin/python3
"""The judge of the scenarios: every way in which two sides can disagree is found."""
import re
import types
import unittest

import stage
from scenario import Differs, Scenario


def judged(theirs, ours, differs=None, claims=(), cites=(), document="the sentence"):
    one = Scenario(None, "name", False, False, differs or {}, cites)
    side = [types.SimpleNamespace(seen=seen, claims=list(claims)) for seen in (theirs, ours)]
    return stage.judge(one, *side, document)


class Judge(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(judged({"a": [1]}, {"a": [1]}), [])

    def test_different(self):
        self.assertEqual(len(judged({"a": [1], "b": 2}, {"a": [2], "b": 2})), 1)

    def test_seen_by_one_alone(self):
        self.assertEqual(judged({"a": 1}, {}), ["a: only one side saw it"])
        self.assertEqual(judged({}, {"a": 1}), ["a: only one side saw it"])

    def test_intended(self):
        differs = {"a": Differs("the sentence", theirs=1, ours=2)}
        self.assertEqual(judged({"a": 1}, {"a": 2}, differs), [])
        self.assertEqual(len(judged({"a": 2}, {"a": 2}, differs)), 2)  # gone, and the original is another
        self.assertEqual(len(judged({"a": 1}, {"a": 3}, differs)), 1)
        self.assertEqual(len(judged({"a": 3}, {"a": 2}, differs)), 1)
        self.assertEqual(len(judged({}, {}, differs)), 1)
        self.assertEqual(len(judged({"a": 1}, {"a": 2}, differs, document="other words")), 1)

    def test_forms_of_expectations(self):
        self.assertEqual(judged({"a": "x"}, {"a": "y1"}, {"a": Differs("the sentence", ours=re.compile(r"y\d"))}), [])
        self.assertEqual(len(judged({"a": "x"}, {"a": "y12"}, {"a": Differs("the sentence", ours=re.compile(r"y\d"))})), 1)
        self.assertEqual(len(judged({"a": "x"}, {"a": 1}, {"a": Differs("the sentence", ours=lambda value: value > 1)})), 1)

    def test_of_ours_alone(self):
        self.assertEqual(judged({}, {}, claims=[("a", 1, 1)]), [])
        self.assertEqual(len(judged({}, {}, claims=[("a", 1, 2)])), 1)
        self.assertEqual(len(judged({}, {}, cites=["not in it"])), 1)


if __name__ == "__main__":
    unittest.main()
