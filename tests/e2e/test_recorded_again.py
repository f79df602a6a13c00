"""A run with a cache can be recorded into the profile it was built from: what
native code left or refused, and what was never compiled, comes back, and the
next build has both."""

import os
import re
import sys
import tempfile
import textwrap
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

PROGRAM = """
    import sys
    kind = {"int": int, "float": float, "str": str}[sys.argv[1]]
    late = sys.argv[2:] == ["late"]

    def series(a, b, n):
        total = a
        for k in range(n):
            total = total + a * 3 - b
        return total

    def joined(words, mark):
        out = ""
        for word in words:
            if mark:
                out += word
            else:
                out = word + out
        return out

    def unrecorded(n):
        total = 0
        for k in range(n):
            total += k * k % 7
        return total

    def main():
        found = []
        for turn in range(400):
            found.append(series(kind(3), kind(1), 50))
            found.append(joined(["a", "b"] * 10, not late))
            if late:
                found.append(unrecorded(50))
        return found[:2], found[-2:]

    print(main())
"""


class RecordedAgain(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.bench = harness.Bench(self.folder)
        self.program = os.path.join(self.folder, "app.py")
        with open(self.program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAM))
        self.database = os.path.join(self.folder, "app.db")
        self.cache = os.path.join(self.folder, "cache")

    def record(self, *words, cache=None):
        if cache:
            self.bench.environment = {"PYAOT_CACHE": cache}
        result = self.bench.profile(self.database, [self.program, *words])
        self.bench.environment = {}
        self.assertEqual((result.status, result.err), (0, b""))
        return result.out

    def build(self):
        result = self.bench.build(self.database, self.cache)
        self.assertEqual(result.status, 0, result.err)

    def run_as(self, *words):
        """Early exits, refusals and regions switched off, in all."""
        stats = os.path.join(self.folder, "stats.json")
        plain = self.bench.plain([self.program, *words])
        cached = self.bench.cached(self.cache, [self.program, *words],
                                   PYAOT_VERBOSE="2", PYAOT_STATS=stats)
        self.assertEqual(cached.out, plain.out, cached.err)
        said = cached.err.decode()
        early = sum(map(int, re.findall(r"left early (\d+)", said)))
        read = harness.read_stats(stats)
        self.assertIsNotNone(read, said)
        return early + sum(read["refused"].values()), read, said

    def test_other_types_and_branches(self):
        plain = self.record("int")
        self.assertEqual(plain, self.bench.plain([self.program, "int"]).out)
        self.build()
        bad, first, said = self.run_as("float", "late")
        self.assertGreater(bad, 60, said)
        self.assertNotIn("unrecorded", said)
        out = self.record("float", "late", cache=self.cache)
        self.assertEqual(
            out, self.bench.plain([self.program, "float", "late"]).out)
        self.build()
        for words in ("int",), ("float", "late"):
            bad, read, said = self.run_as(*words)
            self.assertLess(bad, 5, said)
            self.assertEqual(read["switched_off"], 0, said)
            self.assertRegex(said, r"series entry \d+ \(linked\)|"
                             r"series entry \d+: entered [1-9]")
        self.assertIn("unrecorded", said)

    def test_merge_keeps_both(self):
        databases = []
        for kind in "int", "float":
            self.database = os.path.join(self.folder, kind + ".db")
            self.record(kind)
            databases.append(self.database)
        self.database = os.path.join(self.folder, "merged.db")
        result = harness.run([self.bench.pyaot, "merge", "-o", self.database,
                              *databases], harness.clean_environment())
        self.assertEqual(result.status, 0, result.err)
        self.build()
        for kind in "int", "float":
            bad, read, said = self.run_as(kind)
            self.assertLess(bad, 5, said)
            self.assertGreater(read["executors_entered"], 0, said)


if __name__ == "__main__":
    unittest.main()
