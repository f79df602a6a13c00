"""What a recorded program did is in the database."""

import os
import re
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
from profiler_kit import Case, TOTALS  # noqa: E402


class Recording(Case):
    def test_feedback_of_a_loop(self):
        self.record_text(self.LOOP)
        key = self.key_of("g")
        self.assertEqual(self.seen("g", "ARG", 0), {"int"})
        self.assertEqual(self.seen("g", "ARG", 1), {"float"})
        self.assertEqual(self.seen("f", "CALLEE"), {
            "py:" + key, "c:math.sqrt", "c:builtins.len", "md:list.append"})
        self.assertEqual(self.seen("f", "GLOBAL"), {
            "py:" + key, "module:math", "c:builtins.len"})
        self.assertEqual(self.seen("f", "LAYOUT"), {
            "method:md:list.append", "module"})
        self.assertEqual(self.seen("P.get", "LAYOUT"), {"inline"})
        self.assertEqual(self.seen("P.get", "ARG"), {"__main__:P"})
        self.assertIn("method:py:" + self.key_of("P.get"),
                      self.seen("<module>", "LAYOUT"))
        rows = self.rows("f")
        at = self.offset_of(self.LOOP, "f", "BINARY_OP", 0)     # i * 0.5
        self.assertEqual(set(rows[at, "TYPE", 0]), {"float"})
        self.assertEqual(set(rows[at, "TYPE", 1]), {"int"})
        self.assertEqual(set(rows[at, "RESULT", 0]), {"float"})
        at = self.offset_of(self.LOOP, "f", "BINARY_OP", 2)     # i % 4
        self.assertEqual(set(rows[at, "RESULT", 0]), {"int"})
        # The branch of `i % 4 == 0`: jumps three times out of four.
        at = self.offset_of(self.LOOP, "f", "POP_JUMP_IF_FALSE", 1)
        jumped = rows[at, "BRANCH", 1][""]
        fell = rows[at, "BRANCH", 0][""]
        self.assertAlmostEqual(jumped / (jumped + fell), 0.75, delta=0.1)

    def key_of(self, qualname):
        with sqlite3.connect(self.db) as db:
            (key,), = db.execute("SELECT hex(key) FROM code WHERE qualname = ?",
                                 (qualname,))
        db.close()
        return key.lower()

    def test_counts_of_a_short_program_are_exact(self):
        self.record_text(self.LOOP)
        self.assertEqual(self.count("f", "entry"), 1)
        self.assertEqual(self.count("f", "back"), 2999)
        self.assertEqual(self.count("g", "entry"), 3000)
        self.assertEqual(self.count("<module>", "back"), 300)

    def test_count_of_a_long_loop_is_close(self):
        text = """
            def f(n):
                s = 0.0
                i = 0
                while i < n:
                    s += i * 0.5
                    i += 1
                return s
            f(6_000_000)
            """
        self.record_text(text)
        self.assertAlmostEqual(self.count("f", "back") / 6e6, 1, delta=0.4)
        at = self.offset_of(text, "f", "BINARY_OP", 0)
        self.assertEqual(set(self.rows("f")[at, "RESULT", 0]), {"float"})

    def test_module_level_loop(self):
        text = """
            s = 0.0
            i = 0
            while i < 100:
                s += i * 0.5
                i += 1
            """
        self.record_text(text)
        at = self.offset_of(text, "<module>", "BINARY_OP", 0)
        rows = self.rows("<module>")
        self.assertEqual(set(rows[at, "RESULT", 0]), {"float"})

    def test_later_phase_is_seen(self):
        text = """
            def f(xs):
                for x in xs:
                    y = x + x
            f([1] * 3_000_000 + [1.5] * 3_000_000)
            """
        self.record_text(text)
        at = self.offset_of(text, "f", "BINARY_OP")
        rows = self.rows("f")
        self.assertEqual(set(rows[at, "RESULT", 0]), {"int", "float"})

    def test_new_argument_types_are_followed_up(self):
        text = """
            def f(x): return x + x
            for i in range(600_000): f(i)
            for i in range(600_000): f(float(i))
            """
        self.record_text(text)
        at = self.offset_of(text, "f", "BINARY_OP")
        self.assertEqual(self.seen("f", "ARG"), {"int", "float"})
        self.assertEqual(set(self.rows("f")[at, "RESULT", 0]),
                         {"int", "float"})

    def test_polymorphic_site(self):
        text = """
            def f(x): return x + x
            for i in range(400):
                f(i if i % 2 else str(i))
            """
        self.record_text(text)
        at = self.offset_of(text, "f", "BINARY_OP")
        self.assertEqual(set(self.rows("f")[at, "TYPE", 0]), {"int", "str"})
        self.assertEqual(self.seen("f", "ARG"), {"int", "str"})

    def test_big_integers_and_bool(self):
        self.record_text("""
            def f(x): return x + x
            for i in range(100): f(2**62); f(True); f(2**80)
            """)
        self.assertEqual(self.seen("f", "ARG"), {"int", "bool", "bigint"})
        self.assertEqual(self.seen("f", "TYPE"), {"int", "bool", "bigint"})

    def test_callees(self):
        self.record_text("""
            import functools
            class C:
                def m(self): return 1
                def __call__(self): return 2
            def plain(): return 0
            bound = C().m
            inst = C()
            part = functools.partial(plain)
            lst = []
            app = lst.append
            for i in range(100):
                plain(); bound(); inst(); part(); app(i); int("3"); C()
                "x".startswith("y"); dict.fromkeys("ab"); max(1, i)
                plain(*()); max(1, 2, key=abs)
            """)
        callees = {re.sub("[0-9a-f]{32}", "KEY", c)
                   for c in self.seen("<module>", "CALLEE")}
        self.assertEqual(callees, {
            "py:KEY", "bound:py:KEY", "other:__main__:C",
            "other:functools:partial", "bound:md:list.append", "type:int",
            "type:__main__:C", "md:str.startswith", "c:dict.fromkeys",
            "c:builtins.max"})

    def test_layouts(self):
        self.record_text("""
            import math
            class Inline:
                value = 1
                def __init__(self): self.x = 1
                def method(self): return 0
                @property
                def prop(self): return 2
            class Slots:
                __slots__ = ("s",)
            class Dict(dict): pass
            class Odd:
                def __getattr__(self, name): return 1
            def f(a, s, d, o):
                a.x; a.value; a.prop; a.method(); s.s; d.y; o.z; math.pi
                a.x = 3; s.s = 4; d.y = 5; Inline.value
            a = Inline(); s = Slots(); s.s = 1; d = Dict(); d.y = 1; o = Odd()
            for i in range(100): f(a, s, d, o)
            def w(b): b.x
            big = Inline()
            for i in range(100): setattr(big, "n%d" % i, i)
            for i in range(100): w(big)
            """)
        layouts = {re.sub("[0-9a-f]{32}", "KEY", c)
                   for c in self.seen("f", "LAYOUT")}
        self.assertEqual(layouts, {
            "inline", "classattr", "property", "method:py:KEY", "slot", "dict",
            "other", "module"})
        self.assertEqual(self.seen("w", "LAYOUT"), {"dict"})
        self.assertEqual(self.seen("Inline.__init__", "LAYOUT"), set())

    def test_extended_arguments(self):
        names = "\n    ".join(f"v{i} = {i}" for i in range(300))
        text = (f"def f(n):\n    {names}\n    for i in range(n):\n"
                "        v299 = v299 * 2.5\n        if i == 3: v299 = 1.0\n"
                + "        v0 = v1 + v2 + v3 + v4\n" * 40
                + "    return v299\nf(100)\n")
        self.record_text(text)
        at = self.offset_of(text, "f", "BINARY_OP", 0)
        rows = self.rows("f")
        self.assertLessEqual(set(rows[at, "RESULT", 0]), {"float"})
        back = self.offset_of(text, "f", "JUMP_BACKWARD", 0)
        self.assertEqual(rows[back, "COUNT", 0], {"back": 100})
        load = self.offset_of(text, "f", "LOAD_FAST", 1)
        self.assertIn((load, "RESULT", 0), rows)

    def test_generators_and_recursion(self):
        text = """
            def gen(n):
                for i in range(n):
                    yield i * 0.5
            def fib(n):
                return n if n < 2 else fib(n - 1) + fib(n - 2)
            t = 0
            for x in gen(300): t += x
            print(t, fib(15))
            """
        self.record_text(text)
        self.assertEqual(self.seen("fib", "ARG"), {"int"})
        self.assertEqual(self.seen("fib", "RESULT") - {"bool", "null"},
                         {"int"})
        self.assertEqual(self.count("fib", "entry"), 1973)
        self.assertEqual(self.count("gen", "entry"), 1)
        at = self.offset_of(text, "gen", "BINARY_OP")
        self.assertEqual(set(self.rows("gen")[at, "RESULT", 0]), {"float"})
        at = self.offset_of(text, "<module>", "FOR_ITER")
        self.assertEqual(set(self.rows("<module>")[at, "RESULT", 0]),
                         {"float"})

    def test_results_of_raising_instructions_are_not_recorded(self):
        text = """
            def f(d, k):
                try:
                    v = d[k]
                except KeyError:
                    v = "none"
                return v
            d = {i: float(i) for i in range(100)}
            for i in range(200): f(d, i if i % 2 else -i - 1)
            """
        self.record_text(text)
        at = self.offset_of(text, "f", "BINARY_SUBSCR")
        self.assertEqual(set(self.rows("f")[at, "RESULT", 0]), {"float"})

    def test_cold_code_is_not_stored(self):
        self.record_text("def cold(): return 1\ncold()\n"
                         "def hot(n):\n for i in range(n): pass\nhot(100)\n")
        self.assertEqual(self.rows("cold"), {})
        self.assertNotEqual(self.rows("hot"), {})

    def test_totals_line_and_quiet(self):
        self.write("prog.py", self.LOOP)
        done = self.record("prog.py")
        match = TOTALS.search(done.stderr)
        codes, sites, samples = map(int, match.groups())
        with sqlite3.connect(self.db) as db:
            (stored,), = db.execute("SELECT sum(samples) FROM run")
        db.close()
        self.assertEqual(samples, stored)
        self.assertGreater(codes, 2)
        self.assertGreater(sites, 50)
        self.assertEqual(self.record("prog.py", quiet="1").stderr, b"")

    def test_second_run_adds(self):
        self.record_text(self.LOOP)
        once = self.rows("f")
        self.record_text(self.LOOP)
        twice = self.rows("f")
        self.assertEqual(self.count("f", "back"), 2 * 2999)
        self.assertLess(set(once), set(twice))
        self.assertNotIn((0, "ARG", 0), once)
        self.assertIn((0, "ARG", 0), twice)     # known to be hot from the start

    def test_short_runs_add_up(self):
        text = "def f(n):\n for i in range(n): pass\nf(30)\n"
        self.record_text(text)
        self.assertEqual({kind for _, kind, _ in self.rows("f")}, {"COUNT"})
        self.record_text(text)
        self.assertEqual({kind for _, kind, _ in self.rows("f")}, {"COUNT"})
        self.record_text(text)
        self.record_text(text)
        self.assertIn("TYPE", {kind for _, kind, _ in self.rows("f")})
        self.assertEqual(self.count("f", "back"), 4 * 30)

    def test_database_path_is_taken_at_the_start(self):
        self.write("prog.py", "import os; os.chdir('/')\n"
                   "for i in range(100): pass\n")
        done = self.record("prog.py", db="here.db")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(os.path.exists(os.path.join(self.dir, "here.db")))


if __name__ == "__main__":
    unittest.main()
