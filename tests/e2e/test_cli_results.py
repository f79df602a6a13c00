"""Profiles and caches by the commands: failing and interrupted builds,
reports."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402  (needs the path above)
from cli_kit import Case, LOOP  # noqa: E402


class Profiles(Case):
    def test_script_is_missing(self):
        text = self.fails("profile", "nope.py", status=2, word="nope.py")
        self.assertIn("No such file", text)
        self.fails("run", "nope.py", status=2)
        self.assertFalse(os.path.exists(self.path("pyaot.db")))

    def test_database_cannot_be_written(self):
        self.fails("profile", "-o", "no/such/x.db", "-c", "1", word="-o")
        self.fails("profile", "-o", ".", "-c", "1", word="folder")

    def test_program_is_itself(self):
        self.path("app.py", "import sys\nprint(sys.argv)\n"
                            "print(sys.stdin.read())\nsys.exit(7)\n")
        command = ["app.py", "-o", "x", "--", "-q"]
        plain = harness.run([self.python, *command],
                            harness.clean_environment(), self.work,
                            stdin=b"in")
        result = harness.run(
            [self.pyaot, "profile", "-q", "--python", self.python, *command],
            harness.clean_environment(), self.work, stdin=b"in")
        self.assertEqual(plain.out, result.out)
        self.assertEqual((7, b""), (result.status, result.err))

    def test_program_as_text_or_module(self):
        for flags in (("-c", "import sys; print(sys.argv, 5)", "a", "-c"),
                      ("-cprint(5)",), ("-m", "mod", "x"), ("-mmod",)):
            self.path("mod.py", "import sys; print(sys.argv[1:], __name__)")
            plain = harness.run([self.python, *flags],
                                harness.clean_environment(), self.work)
            result = self.ok("profile", "-q", "--python", self.python, *flags)
            self.assertEqual(plain.out, result.out)

    def test_program_raises(self):
        self.path("app.py", "def f():\n    1 / 0\nf()\n")
        plain = harness.run([self.python, "app.py"],
                            harness.clean_environment(), self.work)
        result = self.pyaot_run("profile", "-q", "--python", self.python,
                                "app.py")
        self.assertEqual((1, plain.err), (result.status, result.err))

    def test_program_is_killed_by_its_signal(self):
        result = self.pyaot_run(
            "profile", "-q", "--python", self.python, "-c",
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
        self.assertEqual(-signal.SIGTERM, result.status)

    def bad_databases(self):
        self.profile()
        with open(self.path("pyaot.db"), "rb") as file:
            good = file.read()
        yield "none", None
        yield "empty", b""
        yield "text", b"this is no database\n" * 100
        yield "truncated", good[:len(good) // 2]
        path = self.path("other.db")
        shutil.copy(self.path("pyaot.db"), path)
        handle = sqlite3.connect(path)
        version = handle.execute("PRAGMA user_version").fetchone()[0]
        handle.execute(f"PRAGMA user_version = {version + 1}")
        handle.execute("UPDATE meta SET value = '999' "
                       "WHERE name LIKE '%version%' AND name LIKE '%schema%'")
        handle.commit()
        handle.close()
        with open(path, "rb") as file:
            yield "version", file.read()
        os.unlink(path)
        handle = sqlite3.connect(path)
        handle.execute("CREATE TABLE something (x)")
        handle.commit()
        handle.close()
        with open(path, "rb") as file:
            yield "foreign", file.read()

    def test_bad_databases(self):
        for name, content in list(self.bad_databases()):
            with self.subTest(name):
                path = self.path(f"{name}.bad.db")
                if content is not None:
                    with open(path, "wb") as file:
                        file.write(content)
                for command in ("build", "report", "explain"):
                    self.fails(command, "-i", path)
                self.fails("merge", path, "-o", "merged.db")
                self.assertFalse(os.path.exists(self.path("cache")))

    def full_disk(self, *command):
        """One line of error where no file may grow beyond 500 bytes."""
        process = subprocess.run(
            [self.pyaot, *command], cwd=self.work, capture_output=True,
            env=harness.clean_environment(), check=False,
            preexec_fn=lambda: (
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))))
        text = process.stderr.decode()
        self.assertNotEqual(0, process.returncode)
        self.assertEqual(b"", process.stdout)
        self.assertTrue(text.startswith("pyaot: "), text)
        self.assertEqual(1, text.count("\n"), text)

    def test_disk_is_full(self):
        self.profile()
        old = self.ok("report").out
        program = ["--python", self.python, "app.py"]
        self.full_disk("profile", *program)
        self.full_disk("profile", "-o", "new.db", *program)
        self.full_disk("merge", "pyaot.db", "-o", "new.db")
        self.full_disk("merge", "pyaot.db", "-o", "newer.db")
        self.assertEqual(old, self.ok("report").out)
        self.ok("profile", *program)

    @unittest.skipIf(os.geteuid() == 0, "root may read and write anything")
    def test_database_of_another(self):
        self.profile()
        os.chmod(self.path("pyaot.db"), 0)
        for command in ("build", "report", "explain"):
            self.fails(command, word="name one")
        self.fails("merge", "pyaot.db", "-o", "x.db", word="name one")
        self.fails("profile", "-c", "1", word="-o")
        os.chmod(self.path("pyaot.db"), 0o444)
        self.fails("profile", "-c", "1", word="-o")
        self.ok("report")
        self.ok("build")
        os.chmod(self.work, 0o555)
        try:
            self.fails("profile", "-o", "x.db", "-c", "1", word="-o")
        finally:
            os.chmod(self.work, 0o755)

    def test_merge_and_report(self):
        self.profile(db="a.db")
        self.profile(LOOP % 9, db="b.db")
        self.ok("merge", "a.db", "b.db", "-o", "both.db")
        report = self.ok("report", "-i", "both.db").out.decode()
        self.assertIn("2 runs", report)
        self.assertEqual(2, report.count("work ("), report)
        self.fails("merge", "a.db", "-o", "a.db", word="-o")


class Stale(Case):
    """What is no longer in its source is told in a line or two."""

    PART = """
def gone(n):
    total = 0
    for i in range(n):
        total += i * 5
    return total
def same(n):
    total = 0
    for i in range(n):
        total += i * 3
    return total
"""
    APP = """
import part
for _ in range(300):
    part.gone(100)
    part.same(100)
"""

    def setUp(self):
        super().setUp()
        self.path("part.py", self.PART)
        self.profile(self.APP)

    def told(self, **environment):
        """The lines about it, the same of both commands."""
        found = []
        for command in ("build", "report"):
            out = self.ok(command, **environment).out.decode()
            found.append(re.findall(
                r"(?m)^(?:stale|changed) .*\n.*$", out))
            self.assertEqual(out.count("pyaot profile again"), len(found[-1]))
        self.assertEqual(*found)
        self.assertLessEqual(len(found[0]), 1)
        return found[0][0] if found[0] else ""

    def test_as_recorded(self):
        self.assertEqual("", self.told())
        # Another time, other places in the file: all is there.
        self.path("part.py", "# A comment.\n" + self.PART)
        self.assertEqual("", self.told())

    def test_changed(self):
        self.path("part.py", self.PART.replace("5", "55"))
        text = self.told()
        self.assertRegex(text, r"^stale +1  of \d recorded functions are no "
                               r"longer in their source: part\.py\n")
        self.assertIn("remove ./pyaot.db", text)
        for command in ("build", "report"):
            said = self.ok(command, "-v").err.decode()
            self.assertIn(f"stale: gone ({self.path('part.py')})\n", said)
            self.assertNotIn("stale: same", said)
        self.assertEqual(b"", self.ok("build", "-q").out)
        # Recorded again, the old one is still in the profile.
        self.profile(self.APP)
        self.assertRegex(self.told(), r"^stale +1 ")

    def test_does_not_compile_or_is_gone(self):
        self.path("part.py", self.PART + "else:")
        self.assertRegex(self.told(),
                         r"^changed +1  source file since recorded: part\.py")
        os.unlink(self.path("part.py"))
        self.assertRegex(self.told(), r"^stale +2  .*: part\.py\n")
        # Nothing is there: built on another machine.
        os.unlink(self.path("app.py"))
        self.assertEqual("", self.told())

    def test_nobody_to_ask(self):
        handle = sqlite3.connect(self.path("pyaot.db"))
        handle.execute("UPDATE run SET executable = '/nowhere'")
        handle.commit()
        handle.close()
        self.path("part.py", self.PART + "\n# A comment.\n")
        self.assertRegex(self.told(PYTHON="/nowhere"),
                         r"^changed +1  source file since recorded: part\.py")

    def test_merged(self):
        os.rename(self.path("pyaot.db"), self.path("a.db"))
        self.path("part.py", self.PART.replace("5", "55"))
        self.profile(self.APP, db="b.db")
        self.ok("merge", "a.db", "b.db", "-o", "pyaot.db")
        self.assertRegex(self.told(), r"^stale +1 ")


class Worth(Case):
    """What a cache is expected to gain, and where the time goes."""

    IN_C = """
def tiny(n):
    total = 0
    for i in range(n):
        total += i
    return total
for _ in range(200):
    sorted(range(20000), key=str)
    tiny(150)
"""

    def shares(self):
        out = self.ok("report").out.decode()
        found = {what: float(share) for share, what in re.findall(
            r"(?m)^ *([\d.]+)%  ([a-zC].*)$", out)}
        self.assertTrue(90 < sum(found.values()) < 110, out)
        return found

    def test_worth_it(self):
        self.profile(LOOP.replace("3000", "30000") % 7)
        self.assertLess(20, self.shares()["native after pyaot build"])
        out = self.ok("build").out.decode()
        found = re.search(r"(?m)^expected +[\d.]+ m?s  less than the [\d.]+ "
                          r"m?s of the recorded run, by estimate: ([\d.]+) "
                          r"times as fast$", out)
        self.assertIsNotNone(found, out)
        self.assertLess(1.2, float(found[1]))
        shares = self.shares()
        self.assertLess(20, shares["native with ./cache"])
        self.assertNotIn("native after pyaot build", shares)
        self.ok("report", "--cache", "nowhere")

    def test_not_worth_it(self):
        self.profile(self.IN_C)
        out = self.ok("build").out.decode()
        self.assertRegex(out, r"(?m)^expected +not worth it, by estimate: ")
        self.assertIn("run without a cache", out)
        self.sound()
        shares = self.shares()
        self.assertLess(80, shares["C code, start-up, and what was too cold "
                                   "to be recorded"])

    def test_recorded_facts(self):
        self.profile()
        handle = sqlite3.connect(self.path("pyaot.db"))
        rows = handle.execute("SELECT cpu_seconds, turn_ns, executable, cwd, "
                              "argv FROM run").fetchall()
        handle.close()
        self.assertEqual(1, len(rows))
        seconds, turn, *rest = rows[0]
        self.assertTrue(0 < seconds < 60)
        self.assertTrue(1 < turn < 10000)
        self.assertEqual([self.python, os.path.realpath(self.work),
                          b"app.py\0"], rest)


class Measure(Case):
    """The recorded program is run again, plain and cached in turn."""

    TELL = """
import os, sys
with open("told", "a") as file:
    print(sys.argv[1:], "PYAOT_CACHE" in os.environ, sys.stdin.read(),
          file=file)
"""

    def setUp(self):
        super().setUp()
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)

    def record(self, text):
        self.path("app.py", text + self.TELL)
        self.ok("profile", "-q", "--python", self.python, "app.py", "a b",
                "-c")
        os.unlink(self.path("told"))

    def told(self):
        with open(self.path("told"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        os.unlink(self.path("told"))
        return lines

    def test_keeps_what_wins(self):
        self.record(LOOP.replace("3000", "60000") % 7)
        os.mkdir(self.path("elsewhere"))
        result = harness.run(
            [self.pyaot, "build", "-i", "../pyaot.db", "-o", "../cache",
             "--measure", "--pairs", "3"],
            self.environment(PYAOT="0", PYAOT_STATS="x"),
            self.path("elsewhere"))
        self.assertEqual(0, result.status, result.err)
        lines = self.told()
        self.assertEqual(8, len(lines))
        for cached in "False", "True":
            self.assertEqual(4, lines.count(f"['a b', '-c'] {cached} "))
        self.assertEqual([], os.listdir(self.path("elsewhere")))
        found = re.search(rb"(?m)^measured +([\d.]+)  times as fast \([\d.]+ "
                          rb"to [\d.]+\): [\d.]+ s plain, [\d.]+ s with the "
                          rb"cache, medians of 3 pairs of runs$", result.out)
        self.assertIsNotNone(found, result.out)
        self.assertLess(1, float(found[1]))
        self.assertNotIn(b"0 units", self.ok("inspect").out)
        self.assertEqual(b"", self.ok("build", "-q", "--measure").out)
        self.assertEqual(12, len(self.told()))

    def test_empties_what_does_not(self):
        # With a cache there is more to do.
        self.record(Worth.IN_C + """
import os
if "PYAOT_CACHE" in os.environ:
    sorted(range(400000), key=str)
""")
        out = self.ok("build", "--measure", "--pairs", "2").out
        self.assertIn(b"the cache does not win: ./cache is empty now", out)
        self.assertIn(b": 0 units", self.ok("inspect").out)
        self.sound()
        self.assertEqual(6, len(self.told()))

    def test_ends_otherwise(self):
        self.record(LOOP % 7)
        self.path("app.py", LOOP % 7 + "import os\n"
                  "sys.exit('PYAOT_CACHE' in os.environ)\n")
        out = self.ok("build", "--measure").out
        self.assertIn(b"nothing to compare", out)
        self.assertIn(b"is empty now", out)

    def test_what_it_needs(self):
        """It is said before anything is compiled or run."""
        self.record(LOOP % 7)
        self.ok("disable", "--python", self.python)
        self.fails("build", "--measure", word="pyaot enable")
        self.fails("build", "--pairs", "0", status=2)
        self.ok("enable", "--python", self.python)
        handle = sqlite3.connect(self.path("pyaot.db"))
        handle.execute("UPDATE run SET cwd = '/nowhere'")
        handle.commit()
        self.fails("build", "--measure", word="/nowhere")
        handle.execute("UPDATE run SET argv = x''")
        handle.commit()
        handle.close()
        self.fails("build", "--measure", word="how the program was started")
        self.assertFalse(os.path.exists(self.path("cache")))
        self.assertFalse(os.path.exists(self.path("told")))
        self.assertIn("RUN THE RECORDED PROGRAM 12 TIMES",
                      self.ok("build", "--help").out.decode())


class SeveralPrograms(Case):
    def setUp(self):
        super().setUp()
        for name, number in (("first", 7), ("second", 9)):
            self.path(f"{name}.py", LOOP % number)
            self.ok("profile", "-q", "-o", f"{name}.db", "--python",
                    self.python, f"{name}.py")
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)

    def entered(self, name):
        stats = self.path("stats")
        self.ok("run", "--python", self.python, f"{name}.py",
                PYAOT_STATS=stats)
        return harness.read_stats(stats)["executors_entered"]

    def test_one_cache_for_several(self):
        temporary = self.path("temporary")
        os.mkdir(temporary)
        built = self.ok("build", "-i", "first.db", "-i", "second.db",
                        TMPDIR=temporary)
        self.assertEqual([], os.listdir(temporary))
        self.assertEqual(b"", built.err)
        self.sound()
        for name in "first", "second":
            self.assertLess(0, self.entered(name))
        # As by merge, to the byte.
        self.ok("merge", "first.db", "second.db", "-o", "both.db")
        self.ok("build", "-i", "both.db", "-o", "other")
        for name in os.listdir(self.path("cache")):
            with open(self.path("cache/" + name), "rb") as one, \
                    open(self.path("other/" + name), "rb") as two:
                self.assertEqual(one.read(), two.read())
        self.fails("build", "-i", "first.db", "-i", "none.db", word="none.db",
                   TMPDIR=temporary)
        self.assertEqual([], os.listdir(temporary))

    def test_first_is_not_lost_without_a_word(self):
        self.assertEqual(b"", self.ok("build", "-i", "first.db").err)
        self.assertEqual(b"", self.ok("build", "-i", "first.db").err)
        for quiet in ((), ("-q",)):
            self.ok("build", "-q", "-i", "first.db", "-i", "second.db")
            said = self.ok("build", "-i", "second.db", *quiet).err.decode()
            self.assertEqual(1, said.count("\n"), said)
            for word in (self.path("first.py"), "-i for each profile",
                         "1 code object ", "second.db"):
                self.assertIn(word, said)
            self.assertEqual(0, self.entered("first"))
            self.assertLess(0, self.entered("second"))
        # Edited and recorded anew: nothing is lost that is still there.
        os.unlink(self.path("second.db"))
        self.path("second.py", LOOP % 11)
        self.ok("profile", "-q", "-o", "second.db", "--python", self.python,
                "second.py")
        self.assertEqual(b"", self.ok("build", "-i", "second.db").err)


class Results(Case):
    def run_built(self, wanted):
        """The statistics of app.py, built and run, which is to print that."""
        self.ok("build")
        stats = self.path("stats")
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)
        result = self.ok("run", "--python", self.python, "app.py",
                         PYAOT_STATS=stats)
        self.assertEqual(wanted, result.out)
        return harness.read_stats(stats)

    def test_clear(self):
        self.profile()
        self.ok("build")
        self.ok("cache", "clear")
        self.assertFalse(os.path.exists(self.path("cache")))
        self.fails("cache", "clear")
        self.fails("cache", "verify", word="pyaot build")

    def test_explain(self):
        self.profile()
        text = self.ok("explain").out.decode()
        self.assertIn("work", text)
        text = self.ok("explain", "app.py:6").out.decode()
        self.assertTrue(text)
        self.fails("explain", "other.py:6", word="other.py")

    EXPLAINED = """\
class Point:
    def __init__(self, x):
        self.x = x
    def twice(self):
        return self.x * 2
def parse_line(line):
    out = []
    for word in line.split():
        if word != "the":
            out.append(len(word))
    return out
def star(*args):
    total = 0
    for a in args:
        total += a
    return total
def outer(n):
    def inner(k):
        return k + n
    return inner(n)
def seldom(n):
    return n
def main():
    total = 0
    for i in range(2000):
        total += Point(i).twice() + star(i, 0.5)
        total += sum(parse_line("the quick brown fox")) + outer(i)
        if i % 50 == 0:
            total += seldom(i)
    return total
main()
"""

    def test_explain_by_name(self):
        """A file, a line, a function, a method: in words of the language."""
        self.profile(self.EXPLAINED)

        def about(place, *options):
            return self.ok("explain", *options, place).out.decode()

        def head(name, line):
            return f"{name} ({self.path('app.py')}, line {line}): "

        text = about("parse_line")
        self.assertTrue(text.startswith(head("parse_line", 6) + "compiled\n"))
        self.assertRegex(text, r"  ran about [12],\d+ times, its loops turned ")
        self.assertRegex(text, r"; by estimate [\d.]+ [num]?s, compiled "
                               r"[\d.]+ [num]?s \([\d.]+ times as fast\)\n")
        self.assertIn("  arguments: line: str\n", text)
        self.assertRegex(text, r"  loop at line 8: [\d,]+ turns, over list of "
                               r"str; compiled with what is around it\n")
        self.assertIn("  returns at line 11: list\n", text)
        self.assertTrue(about("Point.twice").startswith(
            head("Point.twice", 4) + "compiled"))
        self.assertEqual(about("twice"), about("Point.twice"))
        for name in "inner", "outer.inner", "outer.<locals>.inner":
            self.assertTrue(about(name).startswith(
                head("outer.<locals>.inner", 18)), name)
        self.assertIn("takes *args", about("star"))
        self.assertIn("loop at line 14: ", about("star"))
        self.assertIn("inner functions use its variables", about("outer"))
        # What is not compiled is there as well, if it is asked for.
        self.assertTrue(about("seldom").startswith(
            head("seldom", 21) + "not compiled: it ran too seldom"))
        whole = about("app.py")
        self.assertIn(about("parse_line"), whole)
        self.assertIn(about("seldom"), whole)
        self.assertIn(head("main", 23) + "compiled", whole)
        self.assertNotIn(head("seldom", 21), self.ok("explain").out.decode())
        # Only whole names of files and functions.
        for place in "pp.py", "ine", "line", "Point.parse_line", "other":
            self.fails("explain", place, word="nothing was recorded")
        line = about("app.py:10")
        self.assertTrue(line.startswith(about("parse_line")))
        self.assertIn("    call of list.append(): None\n", line)
        self.assertIn("    call of len(): int\n", line)
        self.assertIn("    * of int and int: int\n", about("app.py:5"))
        self.assertIn("unbox.i", about("app.py:5", "-v"))
        for word in ("superblock", "region", "back-edge", "signature"):
            self.assertNotIn(word, whole)

    def test_short_runs_of_a_small_tool(self):
        self.path("app.py", """
def square(x):
    return x * x
total = 0
for i in range(12):
    total += square(i)
print(total)
""")
        for _ in range(20):
            self.ok("profile", "-q", "--python", self.python, "app.py")
        self.assertIn(b"of 2 code objects", self.ok("build").out)

    LOOPS = """
def work(n):
    total = 0
    for i in range(n):
        for j in range(n):
            total += i ^ j
    for i in range(n):
        total += i
    return total
if __name__ == "__main__":
    print(work(200))
"""

    def test_explain_says_why_a_loop_is_compiled_again(self):
        self.profile(self.LOOPS)
        lines = [line.split(";")[0]     # without what it is worth
                 for line in self.ok("explain", "-v").out.decode().splitlines()]
        inner = lines.index("  loop at line 5: compiled")
        self.assertIn("in the loop at line 4 around it", lines[inner + 1])
        behind = lines.index("  loop at line 7: compiled")
        self.assertFalse(any("also" in line and "line 5" in line
                             for line in lines[behind + 1:]), lines)

    def test_one_loop_goes_on_in_another(self):
        self.profile(self.LOOPS)
        stats = self.run_built(b"4817052\n")
        # From the inner loop to the outer, from that to the one behind it;
        # the interpreter gets to the first back-edge, and the end.
        self.assertEqual(2, stats["exits"]["another loop"])
        self.assertEqual(1, stats["exits"]["return"])

    CLASSES = """
class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b
    def sum(self):
        return self.a + self.b
class Other(Pair):
    pass
def work(n):
    total = 0
    for i in range(n):
        total += Pair(i, 1).sum()
    return total
def mixed(n):
    total = 0
    pairs = [Pair(1, 2), Other(3, 4)]
    for i in range(n):
        total += pairs[i & 1].sum()
    return total
if __name__ == "__main__":
    print(%s(3000))
"""

    def test_class_of_the_main_module_is_the_imported_one(self):
        self.profile(self.CLASSES % "work")
        self.ok("profile", "-q", "--python", self.python, "-c",
                "import app; app.work(3000)")
        text = self.ok("explain", "-v", "app.py:13").out.decode()
        for word in ("object.new", "LOAD_ATTR              method",
                     "CALL                   call "):
            self.assertIn(word, text)

    def test_methods_of_several_classes_stay_native(self):
        self.profile(self.CLASSES % "mixed")
        self.assertEqual(0, self.run_built(b"15000\n")["switched_off"])

    def test_nothing_is_hot(self):
        self.profile("print(1)\n")
        self.fails("explain", word="run longer")
        self.assertIn(b"hot enough", self.ok("build").out)
        self.sound()
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)
        self.assertEqual(b"1\n", self.ok("run", "--python", self.python,
                                         "app.py").out)
        self.profile("for i in range(70): len('')\n")
        for command in ("build", "explain"):
            self.assertIn(b"hot enough", self.ok(command).out)
        self.assertIn(b"0 units", self.ok("inspect").out)
        self.sound()

    def bad_caches(self):
        yield "nowhere", None
        yield "file", "file"
        for name in ("empty", "truncated", "version", "flipped", "writable"):
            folder = self.path(name)
            shutil.copytree(self.path("cache"), folder)
            index = os.path.join(folder, "index.pyaot")
            with open(index, "rb") as file:
                data = bytearray(file.read())
            if name == "empty":
                shutil.rmtree(folder)
                os.mkdir(folder)
                continue
            if name == "truncated":
                del data[len(data) // 2:]
            elif name == "version":
                data[8] ^= 0x40
            elif name == "flipped":
                data[len(data) // 2] ^= 1
            else:
                os.chmod(folder, 0o777)
            with open(index, "wb") as file:
                file.write(data)
            yield name, folder

    def test_bad_caches(self):
        """What looks at a cache says in one line what is wrong with it."""
        self.profile()
        self.ok("build")
        self.path("file", "")
        self.ok("enable", "--python", self.python)
        for name, _ in list(self.bad_caches()):
            with self.subTest(name):
                for command in (("inspect", name), ("cache", "list", name),
                                ("cache", "verify", name),
                                ("run", "--cache", name, "--python",
                                 self.python, "app.py")):
                    text = self.fails(*command, word=name)
                    self.assertRegex(text, "run |name ")
                result = self.pyaot_run("doctor", "--python", self.python,
                                        PYAOT_CACHE=name)
                self.assertEqual(1, result.status)
                self.assertIn(b"FAIL  cache ", result.out)
        self.ok("run", "--python", self.python, "app.py")
        self.ok("disable", "--python", self.python)

    def test_wrong_interpreter_is_named(self):
        self.profile()
        self.fails("build", "--python", "/nowhere/python", word="/nowhere")
        self.fails("build", "--python", "/bin/true", word="/bin/true")

    def test_dump(self):
        self.profile()
        self.assertTrue(self.ok("build", "--dump=all").out)

    def test_run_needs_the_hook(self):
        self.profile()
        self.ok("build")
        self.fails("run", "--python", self.python, "app.py", word="enable")
        self.fails("run", "--cache", "nowhere", "--python", self.python,
                   "app.py", word="--cache")
        self.ok("enable", "--python", self.python)
        try:
            result = self.ok("run", "--python", self.python, "app.py", "x")
            self.assertTrue(result.out.endswith(b" 2\n"))
        finally:
            self.ok("disable", "--python", self.python)


if __name__ == "__main__":
    unittest.main()
