"""The cost model: a function that is too small to be worth a native entry keeps
the interpreter's specialised calls, native callers go to it directly, and explain
shows the sum."""

import os
import re
import sys
import tempfile
import textwrap
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

# Callers of one function: its exits make each of them leave as well, and be switched off.
CALLERS = "".join(f"""
def picked{i}(xs, n):
    total = 0
    for k in range(n):
        total += int(pick(xs, k % 3)) * 2 % 100
    return total
""" for i in range(6))

# What the interpreter calls is called from code that was never recorded.
PROGRAM = """
    import dis, sys

    def small(a, b):
        return a + b

    def pick(xs, k):
        return xs[k] + 1

    def heavy(n):
        total = 0
        for k in range(n):
            total = small(total, k) * 3 % 1000
        return total

    class Row:
        @property
        def tags(self):
            return self.__dict__

    def joined(words):
        return "-".join(words)

    def numbers(xs):
        for x in xs:
            yield x

    def short(n):
        for k in range(n):
            if k:
                return k
        return n

    def use(n):
        row = Row()
        for k in range(n):
            row.tags
            joined(("a", "b"))
            list(numbers((1, 2)))
            short(3)

    def driver(n):
        for k in range(n):
            small(k, 1)
            row.tags
        return k

    def table(rows):
        total = 0
        for cells in rows:      # many turns
            for cell in cells:  # few at a time
                total += cell
        return total

    def seldom(*n):
        total = 0
        for i in range(3):      # too cold for a region
            for k in range(*n): # nothing else has it
                total += k
        return total

    row = Row()
    use(3000)
    print([table([[1, 2, 3]] * 400) for turn in range(20)][-1])
    print([seldom(60) for turn in range(20)][-1])
    callers = [value for name, value in globals().items() if name.startswith("picked")]
    print([f([1, 2, 3], 500) for turn in range(20) for f in callers][-1])
    print([heavy(500) for turn in range(20)][-1])
    if sys.argv[1:]:
        source = "def driver(n):\\n for k in range(n):\\n  small(k, 1)\\n  row.tags\\n"
        exec(compile(source, "<unseen>", "exec"))
        driver(1000)
        # A sum that is no number of 64 bits, natively called and interpreted.
        print(small(1 << 62, 1 << 62), small("a", "b"), heavy(7))
        # What it was not compiled for, again and again; then another function.
        print([f([4.5, 5.5, 6.5], 30000) for f in callers], callers[0]([4, 5, 6], 3000))
        code, pick.__code__ = pick.__code__, (lambda xs, k: xs[-k] + 1).__code__
        print([f([4, 5, 6], 3000) for f in callers])
        names = [i.opname for i in dis.get_instructions(driver, adaptive=True)]
        print(*[name for name in names if name.startswith(("CALL_", "LOAD_ATTR_"))])
    else:
        driver(1000)
"""


class Costs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        folder = cls.temporary.name
        cls.bench = harness.Bench(folder)
        cls.program = os.path.join(folder, "app.py")
        cls.database = os.path.join(folder, "app.db")
        cls.cache = os.path.join(folder, "cache")
        with open(cls.program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAM).replace(
                "\nclass Row", CALLERS + "\nclass Row"))
        for result in (cls.bench.profile(cls.database, [cls.program]),
                       cls.bench.build(cls.database, cls.cache)):
            assert result.status == 0, result.err
        result = harness.run([cls.bench.pyaot, "explain", "-v", "-i", cls.database],
                             harness.clean_environment())
        assert result.status == 0, result.err
        cls.explained = result.out.decode()

    def about(self, name):
        """What explain says of a function."""
        found = re.search(rf"^\S+ {re.escape(name)}: .*\n((?:  .*\n)*)",
                          self.explained, re.M)
        self.assertIsNotNone(found, self.explained)
        return found.group(1)

    def test_explain(self):
        sums = r"interpreted \d+ ns, native \d+ \+ \d+ to enter: gain [+-]\d+"
        self.assertRegex(self.about("small"),
                         r"entry: compiled, .* for calls from native code only; " + sums)
        self.assertRegex(self.about("heavy"), r"entry: compiled, .* frame; " + sums)
        self.assertRegex(self.about("heavy"), r"loop at line 12: compiled; " + sums)
        self.assertIn("native code only", self.about("pick"))
        for name in "Row.tags", "joined":
            self.assertRegex(self.about(name), "entry: not compiled: costs more to "
                             "enter than it gains; " + sums)
        self.assertNotRegex(self.about("numbers"), r"(yield|start) at line \d+: compiled")

    def line(self, comment):
        """The number of the program's line with that comment."""
        with open(self.program, encoding="utf-8") as file:
            return 1 + [comment in line for line in file].index(True)

    def test_loops_of_their_own(self):
        table, seldom = self.about("table"), self.about("seldom")
        many = self.line("# many turns")
        self.assertIn(f"loop at line {many}: compiled;", table)
        self.assertRegex(table, rf"loop at line {self.line('# few at')}: compiled in .*"
                         rf"what begins at line {many} only: few turns at a time\n")
        self.assertIn(f"loop at line {self.line('# nothing else')}: compiled;", seldom)
        self.assertNotIn(f"loop at line {self.line('# too cold')}", seldom)

    def test_everything_has_no_model(self):
        environment = harness.clean_environment(PYAOT_EVERYTHING="1")
        result = harness.run([self.bench.pyaot, "explain", "-v", "-i", self.database],
                             environment)
        self.assertNotIn("costs more", result.out.decode())
        self.assertNotIn("native code only", result.out.decode())

    def test_calls(self):
        plain = self.bench.plain([self.program, "1"])
        self.assertEqual(plain.status, 0, plain.err)
        cached = self.bench.cached(self.cache, [self.program, "1"],
                                   PYAOT_VERBOSE="2")
        # The interpreter's calls are specialised as without a cache ...
        self.assertEqual(cached.out, plain.out)
        self.assertIn(b"CALL_PY_EXACT_ARGS LOAD_ATTR_PROPERTY", cached.out)
        # ... and native callers go straight to it.
        said = cached.err.decode()
        self.assertRegex(said, r"small entry 0 \(linked\): entered 0")
        self.assertRegex(said, r"heavy entry 0: entered [1-9]")
        # Its exits count as those of others do; whether it is switched off depends on
        # how fast they follow.
        self.assertRegex(said, r"pick entry 0 \(linked\): entered 0, left early [1-9]")

    def test_debugger(self):
        """Links to code without an executor go when a tool looks."""
        lines = os.path.join(self.temporary.name, "watched.py")
        with open(self.program, encoding="utf-8") as file:
            text = file.read()
        with open(lines, "w", encoding="utf-8") as file:
            file.write(text.replace("row = Row()\nuse", textwrap.dedent("""
                calls = []
                def look(frame, event, arg):
                    calls.append(frame.f_code.co_name)
                row = Row()
                use""").lstrip("\n")).replace("driver(1000)\n    #", textwrap.dedent("""
                driver(1000)
                    sys.setprofile(look)
                    heavy(5)
                    sys.setprofile(None)
                    print(calls.count("small"))
                    print(heavy(5))
                    #""").strip("\n")))
        runs = []
        database, cache = self.database + "2", self.cache + "2"
        self.assertEqual(self.bench.profile(database, [lines]).status, 0)
        self.assertEqual(self.bench.build(database, cache).status, 0)
        for result in (self.bench.plain([lines, "1"]),
                       self.bench.cached(cache, [lines, "1"])):
            self.assertEqual(result.status, 0, result.err)
            runs.append(result.out)
        self.assertEqual(*runs)
        self.assertIn(b"\n10\n", runs[0])


if __name__ == "__main__":
    unittest.main()
