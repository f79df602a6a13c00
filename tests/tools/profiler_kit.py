"""What the tests of the recorder share, who drive it through its start script.

Needs PYAOT_BUILD (the build tree) and PYAOT_PYTHON (the CPython it was built
for); without them the usual places are tried.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import unittest

import harness

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

    # Sites of many kinds.
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


class ByVariable(Case):
    """Recorded by PYAOT_PROFILE, in a virtual environment with the hook.  In
    plain runs the variable is there, too, and empty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="pyaot hook ")
        cls.addClassCleanup(folder.cleanup)
        cls.python = harness.make_venv(PYTHON, folder.name)
        subprocess.run([PYAOT, "enable", "--python", cls.python], check=True,
                       stdout=subprocess.DEVNULL,
                       env=harness.clean_environment())

    def environment(self, **more):
        return harness.clean_environment(PYAOT_PROFILE="", **more)

    def run_python(self, *args, env=None, **options):
        options.setdefault("input", b"some input\n")
        options.setdefault("cwd", self.dir)
        options.setdefault("timeout", 120)
        env = {"PYAOT_PROFILE": "", **(env or self.environment())}
        return subprocess.run([self.python, *args], capture_output=True,
                              env=env, **options)

    def record(self, *args, db=None, env=None, **options):
        env = {**(env or self.environment()), "PYAOT_PROFILE": db or self.db}
        return self.run_python(*args, env=env, **options)

    def record_text(self, text, *args, **options):
        self.write("prog.py", text)
        done = self.record("prog.py", *args, **options)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done
