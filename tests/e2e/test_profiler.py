"""The recorder, driven through its start script: a recorded program runs as
it does alone, and what it did is in the database.

Needs PYAOT_BUILD (the build tree) and PYAOT_PYTHON (the CPython it was built
for); without them the usual places are tried.
"""
import glob
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("PYAOT_BUILD", os.path.join(ROOT, "build"))
PYTHON = os.environ.get("PYAOT_PYTHON") or sys.executable
BOOT = os.path.join(BUILD, "share", "pyaot", "pyaot_profile_boot.py")
MODULES = os.path.join(BUILD, "lib", "pyaot", "cp313")
PYAOT = os.path.join(BUILD, "bin", "pyaot")

KINDS = "? TYPE RESULT ARG BRANCH CALLEE GLOBAL LAYOUT COUNT".split()
TOTALS = re.compile(rb"pyaot: recorded (\d+) code objects, (\d+) hot sites, "
                    rb"(\d+) samples in .*\n\Z")


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pyaot_profiler_")
        self.addCleanup(self.folder.cleanup)
        self.dir = self.folder.name
        self.db = os.path.join(self.dir, "p.db")

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return path

    def run_python(self, *args, **options):
        options.setdefault("input", b"some input\n")
        options.setdefault("cwd", self.dir)
        options.setdefault("timeout", 120)
        return subprocess.run([PYTHON, *args], capture_output=True, **options)

    def record(self, *args, quiet="0", db=None, **options):
        return self.run_python(BOOT, MODULES, db or self.db, quiet, *args,
                               **options)

    def record_text(self, text, *args):
        """Record a program given as text; it must end well."""
        self.write("prog.py", text)
        done = self.record("prog.py", *args)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertRegex(done.stderr, TOTALS)
        return done

    def rows(self, qualname, file="prog.py"):
        """{(offset, kind, slot): {what: count}} of one function."""
        result = {}
        with sqlite3.connect(self.db) as db:
            for offset, kind, slot, what, count in db.execute(
                    "SELECT offset, kind, slot, what, count FROM feedback "
                    "JOIN code ON code.id = code_id "
                    "WHERE qualname = ? AND filename LIKE ?",
                    (qualname, "%" + file)):
                result.setdefault((offset, KINDS[kind], slot), {})[what] = count
        db.close()
        return result

    def seen(self, qualname, kind, slot=0, file="prog.py"):
        """All descriptors of one kind and slot in a function."""
        found = set()
        for (_, k, s), whats in self.rows(qualname, file).items():
            if k == kind and s == slot:
                found |= set(whats)
        return found

    def count(self, qualname, what, file="prog.py"):
        return sum(whats.get(what, 0)
                   for (_, k, _), whats in self.rows(qualname, file).items()
                   if k == "COUNT")

    def offset_of(self, text, function, opname, nth=0):
        """First unit of the nth such instruction (prefixes included).  The
        interpreter under test must do it: bytecode differs."""
        script = textwrap.dedent("""
            import dis, sys
            names = {}
            source, function, opname, nth = sys.argv[1:]
            code = compile(source, "x", "exec")
            for name in function.split("."):
                if name != "<module>":
                    code = [c for c in code.co_consts
                            if hasattr(c, "co_name") and c.co_name == name][0]
            first = None
            n = int(nth)
            for i in dis.get_instructions(code):
                if first is None:
                    first = i.offset // 2
                if i.opname == "EXTENDED_ARG":
                    continue
                if i.opname == opname:
                    if n == 0:
                        print(first)
                        break
                    n -= 1
                first = None
            """)
        done = self.run_python("-c", script, textwrap.dedent(text), function,
                               opname, str(nth))
        return int(done.stdout)

    def no_addresses(self, output):
        return re.sub("0x[0-9a-f]+", "0x", output.decode())

    def assertSameRun(self, *args, **options):
        plain = self.run_python(*args, **options)
        recorded = self.record(*args, **options)
        self.assertEqual(recorded.returncode, plain.returncode,
                         recorded.stderr.decode())
        self.assertEqual(self.no_addresses(recorded.stdout),
                         self.no_addresses(plain.stdout))
        self.assertEqual(
            self.no_addresses(TOTALS.sub(b"", recorded.stderr)),
            self.no_addresses(plain.stderr))
        return plain


class SameBehaviour(Case):
    def test_environment_of_a_script(self):
        self.write("env.py", """
            import sys
            print(list(globals()))
            print(__name__, __file__, __spec__, __package__, __doc__,
                  type(__loader__).__name__)
            print(sys.argv, sys.path, sys.orig_argv[1:])
            print(sys._getframe().f_back)
            print(sorted(sys.modules))
            import threading, traceback, warnings
            print(threading.active_count())
            traceback.print_stack(file=sys.stdout)
            warnings.warn("here"); warnings.warn("above", stacklevel=5)
            print(sys.flags, sys.gettrace(), sys.getprofile())
            print(repr(sys.stdin.read()))
            def depth(n):
                try: return depth(n + 1)
                except RecursionError: return n
            print(depth(0))
            import __main__
            print(vars(__main__) is globals())
            """)
        self.assertSameRun("env.py", "a", "b c", "-m", "--")
        self.assertSameRun("./env.py")
        self.assertSameRun(os.path.join(self.dir, "env.py"))
        self.assertSameRun("-m", "env", "x")
        os.mkdir(os.path.join(self.dir, "sub"))
        os.symlink("../env.py", os.path.join(self.dir, "sub", "link.py"))
        self.assertSameRun("sub/link.py")

    def test_safe_path(self):
        self.write("env.py", "import sys; print(sys.path)")
        environ = dict(os.environ, PYTHONSAFEPATH="1")
        self.assertSameRun("env.py", env=environ)
        self.assertSameRun("-m", "this", env=environ)

    def test_command(self):
        self.assertSameRun("-c", "import sys\nprint(sys.argv, sys.path[0],"
                           " __name__, sorted(globals()))\ndef f(): 1/0\nf()",
                           "-x", "y")
        self.assertSameRun("-c", "1 +")
        self.assertSameRun("-c", "import warnings; warnings.warn('x')")

    def test_module_and_package(self):
        self.write("pkg/__init__.py", "")
        self.write("pkg/other.py", "value = 3")
        self.write("pkg/__main__.py", """
            import sys
            from . import other
            print(__name__, __package__, __spec__.name, other.value)
            print(sys.argv, sys.path[0])
            1/0
            """)
        self.assertSameRun("-m", "pkg", "x", "-c")
        self.assertSameRun("-m", "no_such_module")

    def test_folder_and_zip(self):
        self.write("app/helper.py", "value = 5")
        self.write("app/__main__.py", """
            import sys, helper
            print(__name__, __file__, sys.argv, sys.path[0], helper.value)
            """)
        with zipfile.ZipFile(os.path.join(self.dir, "app.zip"), "w") as z:
            for name in "helper.py", "__main__.py":
                z.write(os.path.join(self.dir, "app", name), name)
        self.assertSameRun("app", "1")
        self.assertSameRun("app.zip", "2")

    def test_ends(self):
        for name, text in {
            "status": "import sys; sys.exit(7)",
            "message": "import sys; sys.exit('message')",
            "none": "raise SystemExit",
            "syntax": "def f(:",
            "os_exit": "import os; os._exit(5)",
            "term": "import os; os.kill(os.getpid(), 15)",
            "abort": "import os; os.abort()",
            "interrupt": "raise KeyboardInterrupt",
            "sigint": "import os, time; os.kill(os.getpid(), 2);"
                      "time.sleep(5)",
            "atexit": "import atexit; atexit.register(print, 'bye'); 1/0",
            "thread": "import threading; threading.Thread(target=lambda: 1/0)"
                      ".start()",
        }.items():
            with self.subTest(name):
                self.write(name + ".py", text)
                self.assertSameRun(name + ".py")

    def test_tracebacks(self):
        self.write("raises.py", """
            def f(x):
                if x == 0:
                    raise ValueError("bad") from KeyError("k")
                return f(x - 1)
            f(3)
            """)
        self.assertSameRun("raises.py")
        self.write("hook.py", """
            import sys
            def hook(kind, value, tb):
                while tb:
                    print(tb.tb_frame.f_code.co_name, tb.tb_lineno)
                    tb = tb.tb_next
            sys.excepthook = hook
            def g(): 1/0
            g()
            """)
        self.assertSameRun("hook.py")

    def test_exec_replaces_the_program(self):
        self.write("e.py", """
            import os, sys
            def f(n):
                s = 0
                for i in range(n): s += i
                return s
            f(2000)
            os.execv(sys.executable, [sys.executable, "-c", "print('new')"])
            """)
        self.assertSameRun("e.py")
        self.assertEqual(self.count("f", "entry", "e.py"), 1)

    def test_other_tools(self):
        self.write("cprof.py", """
            import cProfile, io, pstats
            def a(): return sum(i for i in range(1000))
            p = cProfile.Profile()
            p.enable()
            for _ in range(100): a()
            p.disable()
            print(pstats.Stats(p, stream=io.StringIO()).total_calls)
            """)
        self.assertSameRun("cprof.py")
        self.write("tracing.py", """
            import sys
            events = []
            def trace(frame, event, arg):
                events.append((frame.f_code.co_name, event, frame.f_lineno))
                return trace
            def f(n):
                s = 0
                for i in range(n):
                    if i % 2: s += i
                return s
            f(100)
            sys.settrace(trace); f(20); sys.settrace(None)
            print(events)
            """)
        self.assertSameRun("tracing.py")

    def test_co_code_stays(self):
        self.write("code.py", """
            import dis
            def f(n):
                s = 0
                for i in range(n): s += i
                return s
            before = f.__code__.co_code
            f(100000)
            print(before == f.__code__.co_code)
            dis.dis(f)
            """)
        self.assertSameRun("code.py")

    def test_fork_does_not_warn(self):
        self.write("forks.py", """
            import os, sys, warnings, logging
            warnings.simplefilter("always")
            def work(n):
                s = 0
                for i in range(n): s += i
                return s
            print(work(100000), flush=True)
            for i in range(5):
                pid = os.fork()
                if pid == 0:
                    print("child", work(100000), flush=True)
                    if i % 2: os._exit(9)
                    sys.exit(4)
                print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                work(10000)
            """)
        self.assertSameRun("forks.py")
        one = min(os.sched_getaffinity(0))
        self.assertSameRun("forks.py", preexec_fn=lambda: os.sched_setaffinity(
            0, {one}))

    def test_closed_descriptors(self):
        self.write("closed.py", """
            import os, time
            def f(n):
                s = 0
                for i in range(n): s += i
                return s
            f(1000)
            os.closerange(3, 256)
            names = [open("f%d" % i, "w") for i in range(20)]
            end = time.time() + 0.4
            while time.time() < end: f(1000)
            for n in names: n.write("mine"); n.close()
            print(all(open("f%d" % i).read() == "mine" for i in range(20)))
            """)
        self.assertSameRun("closed.py")
        self.assertGreater(self.count("f", "entry", "closed.py"), 1)

    def test_every_kind_of_code(self):
        self.write("kinds.py", """
            import asyncio
            def g(n):
                try:
                    for i in range(n):
                        x = yield i
                        if x: print("got", x)
                except ValueError:
                    yield "caught"
                finally:
                    print("finally")
            def d(n):
                return (yield from g(n))
            it = g(50)
            for i in range(40): next(it)
            it.send(5); print(it.throw(ValueError("x")))
            print(sum(d(1000)))
            async def co(n):
                s = 0
                for i in range(n):
                    await asyncio.sleep(0); s += i
                return s
            async def ag(n):
                for i in range(n): yield i
            async def main():
                print(await asyncio.gather(*[co(30) for _ in range(5)]))
                print([x async for x in ag(100)])
            asyncio.run(main())
            def ex(n):
                c = 0
                for i in range(n):
                    try:
                        if i % 3 == 0: raise KeyError(i)
                        [1][i]
                    except KeyError: c += 1
                    except IndexError: c += 2
                    finally: c += 1
                return c
            print(ex(500))
            class M(type):
                def __getattr__(cls, n): return n
            class X(metaclass=M):
                __slots__ = ("s", "__dict__")
                y = 4
                def __getattr__(self, n): return n * 2
                @property
                def p(self): return 3
                @classmethod
                def k(cls): return 1
            x = X(); t = ""
            for i in range(100):
                x.s = x.z = i; x.__dict__["q"] = 1
                t += x.foo + X.bar + str(x.p + x.y + x.s + x.z + x.k())
            print(len(t))
            big = 1
            for i in range(200): big = big * 3 + i
            print(big)
            def kw(*a, k=1, **q): return len(a) + k + len(q)
            print(sum(kw(1, 2, k=i, z=3) for i in range(100)),
                  sum(kw(*(1, 2), **{"k": 3}) for i in range(100)))
            n = 0
            for i in range(100):
                match (i % 3, i):
                    case (0, _): n += 1
                    case (1, y) if y > 50: n += 2
                    case _: pass
            print(n, [[a for a in range(b)] for b in range(30)][-1])
            def outer():
                n = 0
                def inner():
                    nonlocal n
                    n += 1
                    return n
                return inner
            f = outer()
            print([f() for _ in range(100)][-1])
            try:
                with open(__file__) as file:
                    for line in file:
                        if "ZZ" "Z" in line: raise OSError
            except* OSError as e: print("no")
            """)
        self.assertSameRun("kinds.py")


class Recording(Case):
    LOOP = """
        import math
        class P:
            def __init__(self, x): self.x = x
            def get(self): return self.x
        def g(a, b):
            return a * b + 1
        def f(n):
            s = 0.0
            i = 0
            out = []
            while i < n:
                s += i * 0.5
                if i % 4 == 0:
                    out.append(i)
                s += g(i, 2.0) + math.sqrt(i) + len(out)
                i += 1
            return s
        p = P(3)
        t = 0
        for k in range(300):
            t += p.get()
        print(f(3000), t)
        """

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


class Processes(Case):
    WORK = """
        import os, signal, sys, threading, time
        def work(n):
            s = 0
            for i in range(n): s += i
            return s
        """

    def test_threads(self):
        self.record_text(self.WORK + """
        ts = [threading.Thread(target=work, args=(700,)) for _ in range(4)]
        for t in ts: t.start()
        for t in ts: t.join()
        """)
        self.assertEqual(self.count("work", "back"), 2800)
        self.assertEqual(self.count("work", "entry"), 4)

    def test_forked_children(self):
        self.record_text(self.WORK + """
        work(500)
        for i in range(4):
            pid = os.fork()
            if pid == 0:
                work(700)
                if i % 2: os._exit(0)
                sys.exit(0)
            os.waitpid(pid, 0)
        work(500)
        """)
        self.assertEqual(self.count("work", "back"), 2 * 500 + 4 * 700)
        self.assertEqual(self.count("work", "entry"), 6)
        with sqlite3.connect(self.db) as db:
            (runs,), = db.execute("SELECT count(*) FROM run")
        db.close()
        self.assertEqual(runs, 5)

    def test_multiprocessing(self):
        done = self.record_text("""
            import multiprocessing
            def work(n):
                s = 0
                for i in range(n): s += i
                return s
            if __name__ == "__main__":
                context = multiprocessing.get_context("fork")
                ps = [context.Process(target=work, args=(600,))
                      for _ in range(4)]
                for p in ps: p.start()
                for p in ps: p.join()
                print([p.exitcode for p in ps])
            """)
        self.assertEqual(done.stdout, b"[0, 0, 0, 0]\n")
        self.assertEqual(self.count("work", "back"), 2400)

    def killed(self, ending):
        self.write("prog.py", textwrap.dedent(self.WORK) + textwrap.dedent("""
        for i in range(200): work(10)
        time.sleep(0.6)
        """) + ending)
        done = self.record("prog.py")
        self.assertEqual(self.count("work", "entry"), 200)
        self.assertEqual(self.count("work", "back"), 2000)
        for leftover in glob.glob(self.db + "-*"):
            self.fail(leftover)
        return done

    def test_killed(self):
        self.assertEqual(self.killed("os.kill(os.getpid(), 9)").returncode, -9)

    def test_terminated(self):
        self.assertEqual(self.killed("os.kill(os.getpid(), 15)").returncode,
                         -15)

    def test_killed_while_it_works(self):
        """All but the last interval, a second at most, is there."""
        self.write("prog.py", textwrap.dedent(self.WORK) + textwrap.dedent("""
        start = time.monotonic()
        while True:
            work(10)
            print(time.monotonic() - start, flush=True)
            time.sleep(0.01)
        """))
        for number in signal.SIGKILL, signal.SIGTERM:
            process = subprocess.Popen(
                [PYTHON, BOOT, MODULES, self.db, "1", "prog.py"],
                cwd=self.dir, stdout=subprocess.PIPE)
            ends = []
            while not ends or ends[-1] < 2.5:
                ends.append(float(process.stdout.readline()))
            process.send_signal(number)
            process.stdout.close()
            self.assertEqual(process.wait(), -number)
            before = sum(end < ends[-1] - 1.3 for end in ends)
            self.assertGreater(before, 20)
            self.assertGreaterEqual(self.count("work", "entry"), before)
            os.unlink(self.db)

    def test_interrupted_from_a_terminal(self):
        """Ctrl-C goes to the program, which may go on; so does recording."""
        self.write("prog.py", textwrap.dedent(self.WORK) + textwrap.dedent("""
        caught = 0
        for i in range(3000):
            try:
                if i == 0: print("ready", flush=True)
                work(1000)
                time.sleep(0.001)
                if caught: break
            except KeyboardInterrupt:
                caught += 1
        for i in range(50): work(10)
        sys.exit(40 + caught)
        """))
        process = subprocess.Popen(
            [PYTHON, BOOT, MODULES, self.db, "0", "prog.py"], cwd=self.dir,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 41, err)
        self.assertRegex(err, TOTALS)
        self.assertGreaterEqual(self.count("work", "entry"), 50)

    def test_os_exit_loses_nothing(self):
        self.write("prog.py", textwrap.dedent(self.WORK)
                   + "for i in range(200): work(100)\nos._exit(3)\n")
        done = self.record("prog.py")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, TOTALS)
        self.assertEqual(self.count("work", "entry"), 200)

    def test_killed_at_any_moment_leaves_a_good_database(self):
        self.write("prog.py", textwrap.dedent(self.WORK)
                   + "while True: work(1000)\n")
        for delay in 0.05, 0.08, 0.11, 0.15, 0.2, 0.3:
            process = subprocess.Popen(
                [PYTHON, BOOT, MODULES, self.db, "1", "prog.py"],
                cwd=self.dir)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        with sqlite3.connect(self.db) as db:
            (result,), = db.execute("PRAGMA integrity_check")
        db.close()
        self.assertEqual(result, "ok")

    def test_several_programs_at_once(self):
        self.write("prog.py", textwrap.dedent(self.WORK)
                   + "for i in range(30): work(100); time.sleep(0.005)\n")
        ps = [subprocess.Popen([PYTHON, BOOT, MODULES, self.db, "1",
                                "prog.py"], cwd=self.dir) for _ in range(4)]
        self.assertEqual([p.wait() for p in ps], [0] * 4)
        self.assertEqual(self.count("work", "entry"), 120)


class BadDatabases(Case):
    def refused(self, words):
        self.write("prog.py", "print('ran')\n")
        done = self.record("prog.py")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, b"")
        message = done.stderr.decode()
        self.assertTrue(message.startswith("pyaot: "), message)
        self.assertEqual(message.count("\n"), 1, message)
        self.assertIn(words, message)

    def test_not_sqlite(self):
        with open(self.db, "wb") as file:
            file.write(b"x" * 5000)
        self.refused("is not a profile database")
        with open(self.db, "rb") as file:
            self.assertEqual(file.read(), b"x" * 5000)

    def test_other_application(self):
        with sqlite3.connect(self.db) as db:
            db.execute("CREATE TABLE t (x)")
        db.close()
        self.refused("not a pyaot profile")

    def test_other_version(self):
        self.write("prog.py", "pass\n")
        self.record("prog.py")
        with sqlite3.connect(self.db) as db:
            db.execute("PRAGMA user_version = 7")
        db.close()
        self.refused("schema version 7")

    def test_truncated(self):
        self.write("prog.py", Recording.LOOP)
        self.record("prog.py")
        os.truncate(self.db, os.path.getsize(self.db) // 2)
        self.refused("damaged")

    def test_missing_folder(self):
        self.db = os.path.join(self.dir, "no", "p.db")
        self.refused("choose another place")

    def test_is_a_folder(self):
        os.mkdir(self.db)
        self.refused("not a regular file")

    def test_empty_file_is_a_new_database(self):
        open(self.db, "w").close()
        self.write("prog.py", "for i in range(100): pass\n")
        self.assertEqual(self.record("prog.py").returncode, 0)
        self.assertNotEqual(self.rows("<module>"), {})

    def test_database_vanishes(self):
        self.write("prog.py", f"""
            import os, time
            def f():
                for i in range(10): pass
            for i in range(20): f()
            time.sleep(0.2)
            os.unlink({self.db!r})
            for i in range(20): f()
            time.sleep(0.5)
            for i in range(20): f()
            """)
        done = self.record("prog.py")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, TOTALS)
        self.assertNotEqual(self.rows("f"), {})

    def test_database_breaks_while_running(self):
        self.write("prog.py", f"""
            import time
            def f():
                for i in range(10): pass
            for i in range(20): f()
            time.sleep(0.2)
            open({self.db!r}, "wb").write(b"garbage" * 1000)
            for i in range(20): f()
            time.sleep(0.5)
            print("done")
            """)
        done = self.record("prog.py")
        self.assertEqual((done.returncode, done.stdout), (0, b"done\n"))
        self.assertEqual(done.stderr.count(b"pyaot:"), 1)
        self.assertIn(b"is not a profile database", done.stderr)

    def test_locked_database_does_not_block(self):
        self.write("prog.py", "pass\n")
        self.record("prog.py")
        self.write("prog.py", f"""
            import sqlite3, time
            db = sqlite3.connect({self.db!r}, isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            def f():
                for i in range(10): pass
            worst = 0
            end = time.perf_counter() + 0.5
            while time.perf_counter() < end:
                start = time.perf_counter()
                f()
                worst = max(worst, time.perf_counter() - start)
            db.execute("COMMIT")
            db.close()
            print(worst < 0.3)
            """)
        done = self.record("prog.py")
        self.assertEqual(done.stdout, b"True\n")
        self.assertNotEqual(self.rows("f"), {})

    def test_nothing_to_run(self):
        for args in (), ("-m",), ("-c",):
            done = self.record(*args)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"nothing to run", done.stderr)

    def test_missing_script(self):
        done = self.record("nowhere.py")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"cannot open script 'nowhere.py'", done.stderr)


if __name__ == "__main__":
    unittest.main()
