"""What does not earn its keep in a process is switched off there, and the code
object is as it was before; what does stays, though some entries leave."""

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
    import dis, os, sys

    def mix(a, b):
        return (a * 3 + b) ^ (a & 7)

    def last(a, b):
        total = 0
        for k in range(40):
            total += a * k % 7
        return total + b

    def scan(*n):
        total = 0
        for k in range(*n):
            total += k & 3
        return total

    def part(n):
        for k in range(n):
            yield k & 7

    def options(a, b=2, c=3, d=4):
        return (a * b + c) % 7 + (a ^ d) - (a & b) * 2 + (c | 1) % 5

    def names(function):
        '''Specialised calls there, and whether it is instrumented.'''
        found = [i.opname for i in dis.get_instructions(function, adaptive=True)]
        return [name for name in found if name.startswith(("CALL", "INSTRUMENTED"))]

    # Calls come from code that was never recorded: it differs in each run.
    SOURCE = '''
    def drive(f, *rows):
        total = len(WHAT) * 0
        for k in range(N):
            for row in rows:
                total += f(*row)
        return total

    def call(rows):
        total = 0
        for a, b in rows:
            total += mix(a, b)
        return total
    '''

    def drive(f, n, *rows):
        space = {"mix": mix, "N": n}
        exec(compile(SOURCE.replace("WHAT", repr(f"{os.getpid()}")), "<unseen>", "exec"), space)
        return space["drive"](f, *rows)

    def specialised(rows):
        space = {"mix": mix}
        exec(compile(SOURCE, "<unseen>", "exec"), space)
        for _ in range(20):
            space["call"](rows)
        return names(space["call"])

    N = 3000
    what = sys.argv[1:]
    if not what:
        print(drive(mix, N, (5, 9)), drive(last, N, (5, 9)), drive(scan, N, (60,)),
              drive(options, N, (5, 9, 1, 1)),
              [sum(part(9)) for k in range(300)][-1])
    elif what == ["types"]:         # in turn
        print(drive(mix, N, (5, 9), (1 << 70, 9), (1 << 71, 9)))
        print(specialised([(1, 2)] * 100), names(mix))
    elif what == ["other"]:         # only others
        print(drive(mix, N, (1 << 70, 1 << 71)), names(mix))
    elif what == ["seldom"]:        # so seldom that it pays all the same
        print(drive(last, N, *[(5, 9)] * 30, (1 << 70, 9)))
    elif what == ["short"]:         # loops of a turn or two
        print(drive(scan, N * 4, (1,), (2,)), names(scan))
    elif what == ["long"]:
        print(drive(scan, N, (60,)))
    elif what == ["named"]:
        space = {"options": options}
        exec("total = sum(options(k, d=k) + options(k) for k in range(9000))", space)
        print(space["total"])
"""


class Governor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        folder = cls.temporary.name
        cls.bench = harness.Bench(folder)
        cls.program = os.path.join(folder, "app.py")
        database = os.path.join(folder, "app.db")
        cls.cache = os.path.join(folder, "cache")
        with open(cls.program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAM).replace("\n    def", "\ndef"))
        for result in (cls.bench.profile(database, [cls.program]),
                       cls.bench.build(database, cls.cache)):
            assert result.status == 0, result.err

    def run_as(self, *what):
        """Regions by name: entered, early, switched off; the statistics."""
        stats = os.path.join(self.temporary.name, "stats.json")
        command = [self.program, *what]
        plain = self.bench.plain(command)
        self.assertEqual(plain.status, 0, plain.err)
        cached = self.bench.cached(self.cache, command, PYAOT_VERBOSE="2",
                                   PYAOT_STATS=stats)
        self.assertEqual(cached.out, plain.out, cached.err)
        regions = {}
        for name, entered, early, off in re.findall(
                r"  (\w+ \w+) (?:at )?\d+(?: \(linked\))?: entered (\d+), "
                r"left early (\d+)(, switched off)?", cached.err.decode()):
            regions[name] = int(entered), int(early), bool(off)
        return regions, harness.read_stats(stats)

    def test_as_recorded(self):
        regions, stats = self.run_as()
        self.assertEqual(stats["switched_off"], 0, regions)
        for name in "mix entry", "last entry", "scan loop", "options entry":
            self.assertGreaterEqual(regions[name][0], 2900, regions)

    def test_types_in_turn(self):
        regions, stats = self.run_as("types")
        self.assertTrue(regions["mix entry"][2], regions)
        self.assertLess(regions["mix entry"][0], 1500)
        self.assertEqual(stats["switched_off"], 1)

    def test_other_types(self):
        regions, _ = self.run_as("other")
        self.assertTrue(regions["mix entry"][2], regions)
        self.assertLess(regions["mix entry"][0], 200)

    def test_seldom(self):
        regions, _ = self.run_as("seldom")
        self.assertFalse(regions["last entry"][2], regions)
        # what the interpreter was left with comes to the loop, in vain
        self.assertTrue(regions["last loop"][2], regions)

    def test_short_loops(self):
        regions, _ = self.run_as("short")
        self.assertTrue(regions["scan loop"][2], regions)
        self.assertLess(regions["scan loop"][0], 3000)

    def test_long_loops(self):
        regions, _ = self.run_as("long")
        self.assertFalse(regions["scan loop"][2], regions)

    def test_named_arguments(self):
        regions, stats = self.run_as("named")
        self.assertGreaterEqual(regions["options entry"][0], 17900, regions)
        self.assertEqual(stats["refused"], {})


if __name__ == "__main__":
    unittest.main()
