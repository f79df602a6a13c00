"""--everything: what runs only once is recorded and compiled too, whatever
its kind, and the program runs as it does plain."""

import json
import os
import sqlite3
import sys
import tempfile
import textwrap
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

# Each function is entered once, each loop turns twice.
PROGRAM = """
    import colorsys

    def plain(a, b):
        return a + b

    def stars(*values, key=None, **more):
        return len(values) + len(more), key

    def cells(n):
        def inner():
            return n + 1
        return inner()

    def loop(n):
        total = 0
        for k in range(n):
            total += k
        return total

    def items(n):
        for k in range(n):
            yield k * 2

    async def later(n):
        return n + 1

    class Thing:
        def __init__(self, value):
            self.value = value

        def get(self):
            return self.value

    print(plain(1, 2), plain("a", "b"))
    print(stars(1, 2, key="k", z=3))
    print(cells(4))
    print(loop(3))
    print(list(items(3)))
    try:
        later(5).send(None)
    except StopIteration as stop:
        print(stop.value)
    print(Thing(6).get())
    print(colorsys.rgb_to_hls(1.0, 0.5, 0.25))
    for turn in range(3):
        print("turn", turn)
"""
FUNCTIONS = ("plain", "stars", "cells", "cells.<locals>.inner", "loop",
             "items", "later", "Thing.__init__", "Thing.get", "<module>")


class Everything(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pyaot_everything_")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.bench = harness.Bench(cls.folder.name)
        cls.program = os.path.join(cls.folder.name, "prog.py")
        with open(cls.program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAM))

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_ok(self, command, **more):
        done = harness.run(command, harness.clean_environment(**more))
        self.assertEqual(done.status, 0, done.err.decode())
        return done

    def profile(self, db, *options, **more):
        return self.run_ok([self.bench.pyaot, "profile", "-q", *options, "-o",
                            self.path(db), "--python", self.bench.python,
                            self.program], **more)

    def build(self, db, cache, *options, **more):
        return self.run_ok([self.bench.pyaot, "build", *options, "-i",
                            self.path(db), "-o", self.path(cache)], **more)

    def recorded(self, db):
        with sqlite3.connect(self.path(db)) as base:
            names = {name for name, in base.execute(
                "SELECT DISTINCT qualname FROM feedback "
                "JOIN code ON code.id = code_id WHERE filename = ?",
                (self.program,))}
        base.close()
        return names

    def test_what_runs_once_is_recorded_compiled_and_entered(self):
        plain = self.run_ok([self.bench.python, self.program])
        self.assertEqual(self.profile("a.db").out, plain.out)
        self.assertEqual(self.recorded("a.db"), set())      # all too cold
        done = self.profile("b.db", "--everything")
        self.assertEqual((done.out, done.err), (plain.out, plain.err))
        self.assertLessEqual(set(FUNCTIONS), self.recorded("b.db"))
        self.assertIn(b" 0  superblocks", self.build("b.db", "cold").out)
        self.build("b.db", "all", "--everything")
        stats = self.path("stats.json")
        done = self.run_ok([self.bench.python, self.program],
                           PYAOT_CACHE=self.path("all"), PYAOT_STATS=stats)
        self.assertEqual((done.out, done.err), (plain.out, plain.err))
        with open(stats, encoding="utf-8") as file:
            told = json.load(file)
        # The standard library's code is matched as well.
        self.assertGreater(told["code_matched"], len(FUNCTIONS))
        # Of each function of FUNCTIONS, and more of the library's.
        self.assertGreater(told["executors_entered"], len(FUNCTIONS))

    def test_level_of_the_compiler(self):
        self.profile("c.db", "--everything")
        for options, flag in (([], b" at -O0\n"), (["-O", "1"], b" at -O1\n"),
                              (["-O3"], b" at -O3\n")):
            done = self.build("c.db", "levels", "--everything", "-v",
                              *options)
            self.assertIn(flag, done.err)
            self.assertNotIn(b" 0 compiled", done.out)
        done = harness.run([self.bench.pyaot, "build", "-O", "4"],
                           harness.clean_environment())
        self.assertEqual(done.status, 2)
        self.assertIn(b"-O needs 0, 1, 2 or 3", done.err)

    def test_of_one_source(self):
        self.profile("s.db", "--everything")
        name = os.path.basename(self.program)
        done = self.build("s.db", "source", "--everything", "--source",
                          os.sep + name)
        self.assertIn(b"units             1 ", done.out)
        done = harness.run(
            [self.bench.pyaot, "build", "-i", self.path("s.db"), "-o",
             self.path("none"), "--source", "no such file.py"],
            harness.clean_environment())
        self.assertNotEqual(done.status, 0)
        self.assertIn(b"no recorded code", done.err)

    def test_asked_for_by_the_environment(self):
        self.profile("d.db", PYAOT_EVERYTHING="1")
        self.assertLessEqual(set(FUNCTIONS), self.recorded("d.db"))
        done = self.build("d.db", "env", PYAOT_EVERYTHING="1")
        self.assertNotIn(b" 0  superblocks", done.out)
        self.profile("e.db", PYAOT_EVERYTHING="0")
        self.assertEqual(self.recorded("e.db"), set())


if __name__ == "__main__":
    unittest.main()
