"""Profiles of one deterministic program are alike: what decides whether and
how code is compiled is counted, not timed.  Each program is recorded five times
on a machine made as noisy as its other tests make it; `pyaot build` makes the same
code objects and superblocks of each.

Of code that has counted further than the profile counts one by one, now and
then a sample is taken at a time of the clock, and what its loops count is
estimated: there two recordings may differ by a rare type, or in how well the C
compiler is asked to do."""

import os
import sqlite3
import sys
import tempfile
import textwrap
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

RUNS = 5
EXACT = 1024    # PROFILE_EXACT_EVENTS

# Functions of very different heat, from a few calls to hundreds of thousands;
# some hot only for a moment, early or late.
PROGRAMS = {
    "loops": """
        def inner(n, step):
            total = 0
            for k in range(0, n, step):
                if k % 3 == 0:
                    total += k
                elif k % 101 == 7:
                    total -= k * 2
                else:
                    total ^= k
            return total

        def nested(n):
            hits = 0
            for a in range(n):
                b = a
                while b > 0:
                    b //= 2
                    hits += 1
            return hits

        def seldom(x):
            return x + 1

        for turn in range(90):
            seldom(turn)
        print(inner(200_000, 1), inner(500, 7), nested(20_000))
        values = [float(k) for k in range(5_000)]
        s = 0.0
        for v in values:
            s += v * 0.5
        print(s)
        for turn in range(120):
            s = seldom(s)
        print(s)
    """,
    "recursion": """
        import sys

        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)

        def even(n):
            return True if n == 0 else odd(n - 1)

        def odd(n):
            return False if n == 0 else even(n - 1)

        def tree(depth):
            return None if depth == 0 else (tree(depth - 1), depth,
                                            tree(depth - 1))

        def total(node):
            if node is None:
                return 0
            left, value, right = node
            return total(left) + value + total(right)

        print(fib(21), [even(k) for k in range(200)].count(True))
        print(total(tree(12)))
    """,
    "generators": """
        import asyncio

        def squares(n):
            for k in range(n):
                yield k * k

        def pairs(n):
            for k in squares(n):
                if k % 5:
                    yield k, str(k)

        def chain(n):
            yield from pairs(n)
            yield from pairs(n // 3)

        async def add(a, b):
            return a + b

        async def steps(n):
            total = 0
            for k in range(n):
                total = await add(total, k)
            return total

        print(sum(k for k, text in chain(20_000) if len(text) < 6))
        print(asyncio.run(steps(8_000)))
    """,
    "classes": """
        class Shape:
            count = 0

            def __init__(self, side):
                self.side = side
                Shape.count += 1

            def area(self):
                return self.side * self.side

        class Circle(Shape):
            __slots__ = ("radius",)

            def __init__(self, radius):
                super().__init__(radius * 2)
                self.radius = radius

            def area(self):
                return 3.25 * self.radius * self.radius

            @property
            def double(self):
                return self.radius * 2

        def measure(shapes):
            total = 0
            for shape in shapes:
                total += shape.area()
                if isinstance(shape, Circle):
                    total += shape.double
            return total

        shapes = [Circle(k) if k % 4 else Shape(k) for k in range(6_000)]
        print(measure(shapes), Shape.count)
        table = {}
        for shape in shapes:
            table.setdefault(shape.side % 17, []).append(shape)
        print(sorted((k, len(v)) for k, v in table.items())[:4])
        try:
            measure([1])
        except AttributeError as error:
            print(error)
    """,
}


class SameProfiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pyaot_same_")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.bench = harness.Bench(cls.folder.name)

    def compiled(self, cache):
        """Code objects of a cache, each with its superblocks."""
        listed = harness.run([self.bench.pyaot, "cache", "list", "-v", cache])
        self.assertEqual(listed.status, 0, listed.err.decode())
        return sorted(line for line in listed.out.splitlines()
                      if line.startswith(b"  "))

    def exact(self, database):
        """What was recorded of code that was counted one by one, and what
        was counted so of all code."""
        with sqlite3.connect(database) as db:
            rows = set(db.execute(
                "SELECT filename, qualname, offset, kind, slot, what, count "
                "FROM feedback f JOIN code ON code.id = f.code_id "
                "WHERE (kind = 8 AND slot = 0) OR NOT EXISTS ("
                "SELECT 1 FROM feedback WHERE code_id = f.code_id "
                f"AND kind = 8 AND slot = 0 AND count >= {EXACT})"))
        db.close()
        return rows

    def check(self, name):
        program = os.path.join(self.folder.name, name + ".py")
        with open(program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAMS[name]))
        first = None
        for number in range(RUNS):
            base = os.path.join(self.folder.name, f"{name}{number}")
            done = self.bench.profile(base + ".db", [program])
            self.assertEqual(done.status, 0, done.err.decode())
            bench = self.bench.copy()
            bench.compiler = bench.fast_compiler
            done = bench.build(base + ".db", base)
            self.assertEqual(done.status, 0, done.err.decode())
            self.assertNotIn(b" 0  superblocks", done.out)
            made = self.compiled(base), self.exact(base + ".db")
            first = first or made
            self.assertEqual(first[1] ^ made[1], set())
            self.assertEqual(first[0], made[0])

    def test_loops(self):
        self.check("loops")

    def test_recursion(self):
        self.check("recursion")

    def test_generators(self):
        self.check("generators")

    def test_classes(self):
        self.check("classes")


if __name__ == "__main__":
    unittest.main()
