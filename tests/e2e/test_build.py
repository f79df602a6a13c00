"""pyaot build: what is compiled and what is not, compilers that fail, hang or
take too long, builds that are interrupted, killed or out of time.
"""

import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))

import big_program  # noqa: E402  (needs the path above)
import cli_kit  # noqa: E402
import harness  # noqa: E402
from cli_kit import LOOP, files  # noqa: E402


class Case(cli_kit.Case):
    """Precompiled headers in a folder of its own, the same for all tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.caches = os.path.join(cls.folder, "caches")

    def environment(self, **more):
        return harness.clean_environment(
            **{"XDG_CACHE_HOME": self.caches, **more})

    def compiler(self, text):
        path = self.path("fake-cc", "#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def no_leftovers(self):
        names = os.listdir(self.path("cache"))
        self.assertEqual([], [name for name in names
                              if name.startswith(".tmp-")])

    def first_build(self):
        self.profile()
        self.ok("build")
        old = files(self.path("cache"))
        self.profile(LOOP % 11)
        return old

    def unchanged(self, old):
        self.assertEqual(old, files(self.path("cache")))
        self.sound()

    def start_slow_build(self):
        cc = self.compiler("[ \"$1\" = --version ] && exit\n"
                           "touch started\nsleep 60\n")
        process = subprocess.Popen(
            [self.pyaot, "build"], cwd=self.work, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.environment(CC=cc))
        deadline = time.monotonic() + 30
        marker = self.path("cache/.tmp-0/started")
        while not os.path.exists(marker):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return process

    MODULE = """\
def work{0}(n):
    total = 0
    for i in range(n):
        total += i * {1} % 7
    return total
"""

    def profile_modules(self, *factors):
        text = ""
        for number, factor in enumerate(factors):
            self.path(f"part{number}.py", self.MODULE.format(number, factor))
            text += (f"from part{number} import work{number}\n"
                     f"for _ in range(30): work{number}(1000)\n")
        if os.path.exists(self.path("pyaot.db")):
            os.unlink(self.path("pyaot.db"))
        self.profile(text)


class Builds(Case):
    def test_build_prints_a_table(self):
        self.profile()
        result = self.ok("build")
        text = result.out.decode()
        for word in ("built", "refused", "time", "size"):
            self.assertRegex(text, rf"(?m)^{word} ")
        self.assertEqual(b"", result.err)
        self.sound()
        self.assertIn(b"app", self.ok("inspect").out)

    def test_build_again_compiles_nothing(self):
        self.profile()
        self.ok("build")
        old = files(self.path("cache"))
        result = self.ok("build")
        self.assertIn(b"0 compiled", result.out)
        self.unchanged(old)
        self.ok("build", "--force")
        self.unchanged(old)

    def test_another_compiler_compiles_again(self):
        self.profile()
        version = self.path("version", "one")
        cc = self.compiler(f'if [ "$1" = --version ]; then cat "{version}"\n'
                           'else exec cc "$@"; fi\n')
        for text, compiled in (("one", 1), ("one", 0), ("two", 1)):
            self.path("version", text)
            result = self.ok("build", CC=cc)
            self.assertIn(b" %d compiled" % compiled, result.out)
        self.sound()
        result = self.ok("build", CC="cc -O1")
        self.assertIn(b" 1 compiled", result.out)

    def test_headers_are_those_of_the_profiled_interpreter(self):
        self.profile()
        handle = sqlite3.connect(self.path("pyaot.db"))
        (include,), = handle.execute(
            "SELECT value FROM meta WHERE name = 'python_include'")
        result = harness.run(
            [self.python, "-c", "import sysconfig; "
             "print(sysconfig.get_path('include'))"],
            harness.clean_environment())
        self.assertEqual(result.out.decode().strip(), include)
        copy = self.path("headers")
        shutil.copytree(include, copy)
        handle.execute("UPDATE meta SET value = ?", (copy,))
        handle.commit()
        handle.close()
        result = self.ok("build", "-v")
        self.assertIn(f"-I{copy} ", result.err.decode())

    def test_build_is_the_same_elsewhere(self):
        self.profile()
        self.ok("build")
        self.ok("build", "-o", "other folder/cache", "-j", "1")
        self.assertEqual(files(self.path("cache")),
                         files(self.path("other folder/cache")))

    def test_no_compiler(self):
        old = self.first_build()
        self.fails("build", CC="/nowhere/cc", word="/nowhere/cc")
        self.unchanged(old)
        self.fails("build", PATH="/nowhere", word="compiler")
        self.unchanged(old)

    def test_compiler_fails(self):
        old = self.first_build()
        cc = self.compiler("echo 'x.c:1: error: I will not' >&2\n"
                           "echo 'and more' >&2\nexit 3\n")
        self.fails("build", CC=cc, word="I will not")
        self.unchanged(old)
        self.fails("build", CC=self.compiler("kill -9 $$\n"),
                   word="signal 9")
        self.fails("build", CC=self.compiler("exit 0\n"), word="nothing")
        self.unchanged(old)
        self.ok("build")
        self.sound()

    def test_compiler_with_arguments(self):
        self.profile()
        self.ok("build", CC="cc -O1")

    def test_output_cannot_be(self):
        self.profile()
        self.path("file", "x")
        for output in ("file", "file/below", "/proc/pyaot"):
            self.fails("build", "-o", output, word=output)

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_output_is_read_only(self):
        self.profile()
        os.mkdir(self.path("cache"), 0o555)
        self.fails("build", word="-o")

    def test_output_is_writable_by_others(self):
        self.profile()
        os.mkdir(self.path("cache"))
        os.chmod(self.path("cache"), 0o777)
        self.fails("build", word="chmod")
        self.ok("build", PYAOT_TRUST="any")

    def test_umask_of_a_group_gives_a_trusted_cache(self):
        self.profile()
        old = os.umask(0o002)
        try:
            self.ok("build")
        finally:
            os.umask(old)
        mode = os.stat(self.path("cache")).st_mode
        self.assertFalse(mode & (stat.S_IWGRP | stat.S_IWOTH))
        self.sound()

    def test_disk_is_full(self):
        old = self.first_build()
        process = subprocess.run(
            [self.pyaot, "build"], cwd=self.work, capture_output=True,
            env=self.environment(), check=False,
            preexec_fn=lambda: (
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))))
        self.assertEqual(1, process.returncode, process.stderr)
        self.assertEqual(1, process.stderr.count(b"\n"))
        self.unchanged(old)
        self.no_leftovers()

    def test_interrupted_build(self):
        old = self.first_build()
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start_slow_build()
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
            self.assertEqual((130, b""), (process.returncode, out))
            self.assertIn(b"interrupted", err)
            self.no_leftovers()
            self.unchanged(old)
        self.ok("build")
        self.sound()

    def test_killed_build(self):
        old = self.first_build()
        process = self.start_slow_build()
        process.kill()
        process.communicate(timeout=20)
        self.sound()
        self.assertEqual(old["index.pyaot"],
                         files(self.path("cache"))["index.pyaot"])
        self.ok("build")
        self.no_leftovers()
        self.sound()

    def test_two_builds_at_once(self):
        self.first_build()
        process = self.start_slow_build()
        try:
            self.fails("build", word="another build")
        finally:
            process.kill()
            process.communicate(timeout=20)
        self.ok("build")

    def test_needs_no_source_and_no_interpreter(self):
        self.profile()
        os.unlink(self.path("app.py"))
        os.mkdir(self.path("bin"))
        for name in ("python", "python3", "python3.13"):
            broken = self.path(os.path.join("bin", name),
                               "#!/bin/sh\ntouch was-run\nexit 1\n")
            os.chmod(broken, 0o755)
        self.ok("build", PATH=self.path("bin") + ":" + os.environ["PATH"],
                PYTHON=broken)
        self.assertFalse(os.path.exists(self.path("was-run")))
        self.sound()

    def test_only_what_changed_is_compiled(self):
        self.profile_modules(2, 3, 4)
        self.assertIn(b"3 compiled, 0 unchanged", self.ok("build").out)
        self.profile_modules(2, 5, 4)
        self.assertIn(b"1 compiled, 2 unchanged", self.ok("build").out)
        self.sound()

    def test_jobs(self):
        """Never more compilers at a time than asked for, and as many."""
        self.profile_modules(2, 3, 4, 5)
        log = self.path("log", "")
        cc = self.compiler(f'[ "$1" = --version ] && exit\n'
                           f'echo + >>"{log}"\nsleep 0.3\ncc -O0 "$@"\n'
                           f'echo - >>"{log}"\n')
        for jobs in (1, 2, 4):
            self.path("log", "")
            self.ok("build", "--force", "-j", str(jobs), CC=cc)
            with open(log, encoding="utf-8") as file:
                running = most = 0
                for line in file:
                    running += 1 if line == "+\n" else -1
                    most = max(most, running)
            self.assertEqual((0, jobs), (running, most))

    def test_progress_bar_on_a_terminal(self):
        try:
            ours, theirs = os.openpty()
        except OSError:
            self.skipTest("no terminals here (/dev/pts)")
        self.profile_modules(2, 3)
        process = subprocess.run(
            [self.pyaot, "build"], cwd=self.work, stdout=subprocess.PIPE,
            stderr=theirs, env=self.environment(), check=False)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:
            pass        # all of it was read
        os.close(ours)
        self.assertEqual(0, process.returncode)
        for done in (b"0/2 units", b"1/2 units", b"2/2 units"):
            self.assertIn(done, shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)   # wiped
        self.assertNotIn(b"\x1b", process.stdout)


class Headers(Case):
    """What all units include is compiled once."""

    def setUp(self):
        super().setUp()
        self.caches = self.path("caches")
        self.headers = os.path.join(self.caches, "pyaot", "headers")

    def folders(self):
        return sorted(os.listdir(self.headers))

    def only_header(self):
        (folder,) = self.folders()
        (name,) = os.listdir(os.path.join(self.headers, folder))
        return os.path.join(self.headers, folder, name)

    def compilers(self):
        for name in ("gcc", "clang"):
            if shutil.which(name):
                yield name

    def built(self, **environment):
        shutil.rmtree(self.path("cache"), ignore_errors=True)
        self.ok("build", **environment)
        return files(self.path("cache"))

    def test_made_once_and_makes_no_difference(self):
        self.profile_modules(2, 3)
        for name in self.compilers():
            with self.subTest(name):
                shutil.rmtree(self.caches, ignore_errors=True)
                none = self.built(CC=name, XDG_CACHE_HOME="/dev/null/none")
                self.assertFalse(os.path.exists(self.caches))
                first = self.built(CC=name)
                made = os.stat(self.only_header())
                self.assertEqual(first, self.built(CC=name))
                self.assertEqual(made.st_mtime_ns,
                                 os.stat(self.only_header()).st_mtime_ns)
                self.assertEqual(none, first)

    def test_compilers_are_told(self):
        self.profile_modules(2, 3)
        for name, flag in (("gcc", "-iquote"), ("clang", "-include-pch")):
            if not shutil.which(name):
                continue
            log = self.path("log", "")
            cc = self.compiler(f'echo "$@" >>"{log}"\nexec {name} "$@"\n')
            self.built(CC=cc)
            with open(log, encoding="utf-8") as file:
                lines = file.read().splitlines()
            self.assertEqual(1, sum("c-header" in line for line in lines))
            self.assertEqual(2, sum(flag in line for line in lines), lines)

    def test_other_flags_are_another_header(self):
        self.profile_modules(2, 3)
        for number, flags in enumerate(((), ("-O1",), ("--stress",), ("-O1",)),
                                       1):
            self.ok("build", "--force", *flags)
            self.assertEqual(min(number, 3), len(self.folders()))
        wrapper = self.compiler('exec cc "$@" -O0\n')
        self.ok("build", "--force", CC=wrapper)
        self.assertEqual(4, len(self.folders()))

    def test_broken_ones_are_dropped(self):
        self.profile_modules(2, 3)
        for name in self.compilers():
            shutil.rmtree(self.caches, ignore_errors=True)
            sound = self.built(CC=name)
            size = os.path.getsize(self.only_header())
            for content in (b"", b"x" * size, None):
                path = self.only_header()
                with open(path, "rb+") as file:
                    if content is None:
                        file.truncate(size // 2)
                    else:
                        file.truncate(0)
                        file.write(content)
                with self.subTest(name, content=content and content[:1]):
                    self.assertEqual(sound, self.built(CC=name))
                    shutil.rmtree(self.caches)
                    self.built(CC=name)

    def test_unused_ones_go(self):
        self.profile_modules(2, 3)
        self.ok("build")
        old = self.folders()
        then = time.time() - 31 * 86400
        os.utime(os.path.join(self.headers, old[0]), (then, then))
        os.mkdir(os.path.join(self.headers, "mine"))
        os.utime(os.path.join(self.headers, "mine"), (then, then))
        self.ok("build", "--force", "-O1")
        now = self.folders()
        self.assertEqual(2, len(now))
        self.assertIn("mine", now)
        self.assertNotIn(old[0], now)
        then = time.time() - 29 * 86400
        os.utime(os.path.join(self.headers, now[0]), (then, then))
        self.ok("build", "--force")
        self.assertIn(now[0], self.folders())


class Units(Case):
    """Code objects that call each other are compiled together, if they are not
    too many; what is as it was is not compiled again."""

    def same_output(self):
        """The app's plain and native output; the loader's statistics."""
        self.ok("enable", "--python", self.python)
        self.addCleanup(self.ok, "disable", "--python", self.python)
        plain = harness.run([self.python, "app.py"],
                            harness.clean_environment(), self.work)
        stats = self.path("stats")
        native = self.ok("run", "--python", self.python, "app.py",
                         PYAOT_STATS=stats)
        self.assertEqual(plain.out, native.out)
        return harness.read_stats(stats)

    def counts(self, *arguments, **environment):
        """How many units were compiled, and how many were unchanged."""
        text = self.ok("build", *arguments, **environment).out.decode()
        found = re.search(r"(\d+) compiled, (\d+) unchanged", text)
        return int(found[1]), int(found[2])

    def test_calls_between_units(self):
        self.profile(big_program.program("calls", 40))
        compiled, unchanged = self.counts("-O0")
        self.assertGreater(compiled, 3)
        self.assertEqual(0, unchanged)
        stats = self.same_output()
        self.assertEqual(0, stats["switched_off"], stats)
        self.assertGreater(stats["executors_entered"], 0)

    def test_one_function_is_changed(self):
        text = big_program.program("calls", 40)
        self.profile(text)
        compiled, _ = self.counts("-O0")
        os.unlink(self.path("pyaot.db"))
        changed = "# Other lines.\n\n" + text.replace("9977", "9967", 1)
        self.assertNotEqual(text, changed)
        self.profile(changed)
        again, unchanged = self.counts("-O0")
        self.assertEqual(compiled, again + unchanged)
        self.assertLessEqual(again, 2)
        self.same_output()

    def test_giants(self):
        """Whatever their size, a build of them ends, and programs run."""
        for kind, size in (("generator", 16000), ("generator", 700),
                           ("parser", 9000), ("parser", 700),
                           ("straight", 9000), ("straight", 1500),
                           ("loops", 1500), ("consumer", 300)):
            with self.subTest(kind, size=size):
                for name in ("pyaot.db", "cache"):
                    shutil.rmtree(self.path(name), ignore_errors=True)
                if os.path.exists(self.path("pyaot.db")):
                    os.unlink(self.path("pyaot.db"))
                self.profile(big_program.program(kind, size))
                used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
                self.ok("build", "-O0", "-j", "1")
                used = resource.getrusage(
                    resource.RUSAGE_CHILDREN).ru_utime - used
                self.assertLess(used, 60)
                self.same_output()


class Limits(Case):
    """Compilers that take long, and builds that must end."""

    def left(self):
        """Processes that work in this test's folder."""
        found = []
        for pid in os.listdir("/proc"):
            try:
                if pid.isdigit() and os.readlink(
                        f"/proc/{pid}/cwd").startswith(self.work):
                    found.append(pid)
            except OSError:
                pass
        return found

    def nothing_runs(self):
        deadline = time.monotonic() + 20
        while self.left():
            self.assertLess(time.monotonic(), deadline, self.left())
            time.sleep(0.05)

    SPIN = ('case "$*" in *--version*|*c-header*) exit 1;; esac\n'
            'for word; do\n'
            '  case $word in *.c) c=$word;; -O[0-3]) level=$word;; esac\n'
            'done\n')

    def test_too_long_is_tried_with_less_effort(self):
        """Below a level the compiler is quick: that is what is taken."""
        self.profile_modules(2, 3)
        log = self.path("log", "")
        cc = self.compiler(
            f'echo "$@" >>"{log}"\n' + self.SPIN
            + 'case $level in -O2) while :; do :; done;; esac\n'
            'exec cc "$@"\n')
        result = self.ok("build", "--unit-seconds", "1", CC=cc)
        self.assertIn(b"2 compiled", result.out)
        with open(log, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual((2, 2), (text.count(" -O2 "), text.count(" -O1 ")))
        self.sound()
        self.assertIn(b"0 compiled, 2 unchanged", self.ok(
            "build", "--unit-seconds", "1", CC=cc).out)

    def test_too_long_at_any_level(self):
        """A unit that no effort is small enough for is left out, by name."""
        self.profile_modules(2, 3)
        cc = self.compiler(self.SPIN + 'if grep -q work1 $c; then\n'
                           '  while :; do :; done\nfi\nexec cc "$@"\n')
        result = self.ok("build", "--unit-seconds", "1", CC=cc)
        self.assertIn(b"1 compiled", result.out)
        self.assertRegex(result.out, rb"given up +1 ")
        self.assertRegex(result.err, rb"part1.py line 1, work1 .*too long\n$")
        self.assertEqual(1, result.err.count(b"\n"))
        self.sound()
        self.no_leftovers()
        self.nothing_runs()

    def test_budget(self):
        """What is ready in time is the cache, the hottest first; the next build
        goes on from there."""
        self.profile_modules(2, 3, 4, 5)
        text = self.MODULE.format(9, 9)
        self.path("part9.py", text)
        self.profile("from part9 import work9\n"
                     "for _ in range(300): work9(5000)\n")
        log = self.path("log", "")
        cc = self.compiler('[ "$1" = --version ] && exit\n'
                           f'echo >>"{log}"\n'
                           f'[ $(wc -l <"{log}") -gt 2 ] && exec sleep 99\n'
                           'exec cc "$@"\n')
        result = self.ok("build", "-j", "1", "--max-seconds", "8", "-O0",
                         CC=cc)
        self.assertRegex(result.out, rb"left out +[45]  units with [0-9.]+%")
        self.sound()
        self.no_leftovers()
        self.nothing_runs()
        self.assertIn(b"part9.py", self.ok("inspect").out)
        done = int(re.search(rb"(\d+) compiled", result.out)[1])
        self.assertGreaterEqual(done, 1)
        cc = self.compiler('[ "$1" = --version ] && exit\nexec cc "$@"\n')
        again = self.ok("build", "-O0", CC=cc).out
        self.assertIn(b"%d compiled, %d unchanged" % (6 - done, done), again)
        self.assertNotIn(b"left out", again)

    def test_budget_without_time(self):
        """Even a build that gets nowhere leaves a valid cache."""
        self.profile()
        cc = self.compiler('[ "$1" = --version ] && exit\nexec sleep 60\n')
        result = self.ok("build", "--max-seconds", "1", CC=cc)
        self.assertRegex(result.out, rb"left out +1 ")
        self.sound()
        self.nothing_runs()
        self.ok("build")
        self.assertIn(b" 1 units", self.ok("inspect").out)

    def test_wrong_numbers(self):
        for option in ("--max-seconds", "--unit-seconds", "-j"):
            for number in ("0", "-1", "x", "1x", ""):
                self.fails("build", option, number, status=2, word=option)

    def test_compilers_end_with_the_build(self):
        """Whatever ends the build, and although a shell stands between."""
        self.first_build()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                       signal.SIGKILL):
            process = self.start_slow_build()
            self.assertTrue(self.left())
            process.send_signal(number)
            process.communicate(timeout=20)
            self.nothing_runs()
        self.ok("build")
        self.no_leftovers()


class Progress(Case):
    SLOW = '[ "$1" = --version ] && exit\nsleep 2\nexec cc "$@"\n'

    def test_lines_without_a_terminal(self):
        """A build that takes long says how long; a short one nothing."""
        self.profile_modules(2, 3, 4)
        self.assertEqual(b"", self.ok("build", "-O0").err)
        result = self.ok("build", "-O0", "--force", "-j", "1",
                         CC=self.compiler(self.SLOW))
        self.assertRegex(result.err,
                         rb"^pyaot: \d of 3 units, about \d+ s left\n")
        self.assertNotIn(b"\x1b", result.err)
        self.assertLessEqual(result.err.count(b"\n"), 2)

    def test_quiet(self):
        self.profile_modules(2, 3)
        result = self.ok("build", "-q", "-j", "1",
                         CC=self.compiler(self.SLOW))
        self.assertEqual((b"", b""), (result.out, result.err))


if __name__ == "__main__":
    unittest.main()
