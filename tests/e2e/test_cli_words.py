"""pyaot's own commands: help, bad input, interpreters. Each mistake is one
clear line on stderr, with a way out, and a non-zero status; nothing is lost.
"""

import os
import shutil
import subprocess
import sys
import textwrap
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402  (needs the path above)
from cli_kit import Case, LOOP  # noqa: E402


COMMANDS = ("profile", "build", "run", "enable", "disable", "doctor",
            "report", "explain", "inspect", "merge", "cache")


class Words(Case):
    def test_help_and_version(self):
        overview = self.ok("--help").out.decode()
        for command in COMMANDS:
            self.assertIn(command, overview)
            text = self.ok(command, "--help").out.decode()
            self.assertTrue(text.startswith(f"usage: pyaot {command}"))
            self.assertEqual(text, self.ok("help", command).out.decode())
        self.assertRegex(self.ok("--version").out.decode(),
                         r"^pyaot \d+\.\d+\.\d+\n$")

    def test_wrong_usage(self):
        self.fails(status=2)
        self.fails("nonsense", status=2, word="nonsense")
        for command in COMMANDS:
            self.fails(command, "--nonsense", status=2, word="--nonsense")
        self.fails("build", "-o", status=2, word="-o")
        self.fails("build", "-j", "0", status=2)
        self.fails("build", "extra", status=2, word="extra")
        self.fails("cache", status=2)
        self.fails("cache", "burn", status=2)
        self.fails("merge", "a.db", status=2)
        self.fails("explain", "app.py:x", status=2)
        self.fails("profile", status=2)
        self.fails("run", status=2)

    def test_options_of_python(self):
        self.path("options.py", textwrap.dedent("""\
            import sys, warnings
            print(sys.flags, sys.warnoptions, sys._xoptions)
            print(sys.orig_argv[1:], sys.argv, sys.path[:1], __debug__)
            warnings.warn("seen")
            """))
        for options in (["-X", "dev", "-OO"], ["-Xutf8=1", "-W", "ignore", "-bb"],
                        ["-IB", "-u"], ["-EsX", "frozen_modules=off"], ["-P"],
                        ["-Werror::DeprecationWarning", "-S"]):
            for program in ["options.py", "-X", "a"], ["-m", "options", "b"]:
                plain = harness.run([self.python, *options, *program],
                                    self.environment(), self.work)
                recorded = self.pyaot_run("profile", "-q", "--python",
                                          self.python, *options, *program)
                self.assertEqual((recorded.status, recorded.out, recorded.err),
                                 (plain.status, plain.out, plain.err), options)
        for command in "profile", "run":
            self.fails(command, "-X", status=2, word="-X needs a value")
            self.fails(command, "-i", "options.py", status=2, word="-i")
            self.fails(command, "-Oh", "options.py", status=2, word="-Oh")

    def test_tree_may_be_moved(self):
        build = os.path.dirname(os.path.dirname(self.pyaot))
        moved = self.path("prefix")
        for name in ("bin/pyaot", "lib/pyaot", "share/pyaot"):
            source = os.path.join(build, name)
            target = os.path.join(moved, name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            else:
                os.makedirs(os.path.dirname(target))
                shutil.copy(source, target)
        result = harness.run(
            [os.path.join(moved, "bin", "pyaot"), "doctor", "--python",
             self.python], harness.clean_environment(), self.work)
        text = result.out.decode()
        for what in ("profiler", "loader", "headers", "compiler"):
            self.assertRegex(text, rf"(?m)^ok    {what} ")
        self.assertIn(os.path.join(moved, "lib"), text)

    def test_installed_under_a_prefix(self):
        """cmake --install, then everything from there."""
        prefix = self.path("the prefix")
        build = os.path.dirname(os.path.dirname(self.pyaot))
        done = subprocess.run(["cmake", "--install", build, "--prefix",
                               prefix], capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        pyaot = os.path.join(prefix, "bin", "pyaot")
        python = harness.make_venv(self.base, self.path("venv"))
        self.path("app.py", LOOP % 7)
        for command in (["enable", "--python", python],
                        ["profile", "--python", python, "app.py"],
                        ["build"], ["doctor", "--python", python]):
            result = harness.run([pyaot, *command],
                                 harness.clean_environment(), self.work)
            self.assertEqual(0, result.status, (command, result))
            self.assertNotIn(build.encode() + b"/lib", result.out)
        for where, _, names in os.walk(self.path("venv")):
            for name in names:
                if "pyaot" in name:
                    with open(os.path.join(where, name), "rb") as file:
                        self.assertNotIn(build.encode() + b"/", file.read())
        stats = self.path("stats")
        result = harness.run([python, "app.py"], harness.clean_environment(
            PYAOT_CACHE="cache", PYAOT_STATS=stats), self.work)
        self.assertEqual(0, result.status)
        self.assertLess(0, harness.read_stats(stats)["executors_entered"])

    def test_output_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.run(
                [self.pyaot, "--help"], stdout=full, stderr=subprocess.PIPE,
                env=harness.clean_environment(), check=False)
        self.assertEqual(1, process.returncode)
        self.assertIn(b"cannot write", process.stderr)


class Interpreters(Case):
    def script(self, name, text):
        path = self.path(name, "#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def fake(self, minor, flags=""):
        return self.script(
            f"fake{minor}{flags}",
            f"printf '\\npyaot facts\\ncpython\\n3\\n{minor}\\n3.{minor}.1\\n.so\\n{flags}\\n"
            f"/x\\n/i\\n/s\\n/p\\n0\\n0\\n' | head -n $#0 | head -n "
            "$(if [ $# -gt 6 ]; then echo 14; else echo 9; fi)\n")

    def test_interpreter_is_missing_or_wrong(self):
        for command in (("profile", "-c", "1"), ("enable",), ("disable",)):
            name, rest = command[0], command[1:]
            self.fails(name, "--python", "/nowhere/python", *rest,
                       word="--python")
            self.fails(name, "--python", "/bin/true", *rest,
                       word="does not run")
            self.fails(name, *rest, PYTHON="/nowhere/python",
                       word="/nowhere")

    def test_interpreter_is_too_old(self):
        for minor in (6, 11, 12):
            text = self.fails("profile", "--python", self.fake(minor), "-c",
                              "1", word="too old")
            self.assertIn(f"3.{minor}.1", text)

    def test_interpreter_is_free_threaded(self):
        self.fails("profile", "--python", self.fake(13, "t"), "-c", "1",
                   word="free-threaded")

    def test_interpreter_is_too_new(self):
        self.fails("profile", "--python", self.fake(99), "-c", "1",
                   word="does not know")

    def test_doctor_says_what_is_wrong(self):
        result = self.pyaot_run("doctor", "--python", self.fake(11))
        self.assertEqual(1, result.status)
        self.assertIn(b"FAIL  python", result.out)
        result = self.pyaot_run("doctor", "--python", self.python, CC="false")
        self.assertEqual(1, result.status)
        self.assertIn(b"FAIL  compiler", result.out)
        self.assertIn(b"ok    headers", result.out)


if __name__ == "__main__":
    unittest.main()
