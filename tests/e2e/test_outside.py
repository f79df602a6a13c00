"""Debuggers and profilers outside the process, which read what they know of
native code from its memory: gdb attaches, starts a program, makes a core file
and goes up from native code by its names; perf gets a map of names.

gdb's tests are skipped where it is not installed, or may not attach.

Environment: PYAOT_PYTHON, PYAOT_BUILD, as for the other tests.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

import harness  # noqa: E402  (needs the path above)

PROGRAM = os.path.join(HERE, "outside_prog.py")
FOREVER = str(10 ** 12)
GDB = shutil.which("gdb")
# It is killed rather than asked to end: it may wait for a file to be opened.
GDB_SECONDS = 60
NOT_ALLOWED = re.compile("ptrace: |Could not attach|not permitted")


class OutsideTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="pyaot-outside-")
        cls.folder = cls.work.name
        cls.bench = harness.Bench(cls.folder)
        database = os.path.join(cls.folder, "db")
        cls.cache = os.path.join(cls.folder, "cache")
        profiled = cls.bench.profile(database, [PROGRAM])
        assert profiled.status == 0, profiled.err.decode()
        built = cls.bench.build(database, cls.cache)
        assert built.status == 0, built.err.decode()

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def environment(self, **more):
        return harness.clean_environment(PYAOT_CACHE=self.cache, **more)

    def gdb(self, arguments, **more):
        """What gdb prints; its standard input is a pipe that nobody writes
        to, which is where it used to hang."""
        process = subprocess.Popen(
            [GDB, "-nx", "-batch", *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=self.environment(**more), start_new_session=True)
        try:
            out, _ = process.communicate(timeout=GDB_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            self.fail(f"gdb hangs:\n{out[-2000:]}")
        if NOT_ALLOWED.search(out):
            self.skipTest("gdb may not attach here")
        return out

    def check_backtrace(self, out):
        """From the loop through native functions and the interpreter up to
        the start of the program."""
        frames = re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\S[^(]*) ", out,
                            re.MULTILINE)
        self.assertIn("spin", [name.strip() for name in frames[:4]], out)
        self.assertIn("busy", frames, out)
        self.assertIn("_PyEval_EvalFrameDefault", frames, out)
        self.assertRegex(out, r"(?m)^#\d+ .* in _start \(")

    def test_faulthandler_at_any_time(self):
        """What it dumps from a signal's handler: frames that plain Python has
        there, in their order. Those of native code without frames are missing
        (see loader/README.md)."""
        dump = os.path.join(self.folder, "dump")
        code = ("import faulthandler, runpy, signal, sys;"
                f"file = open({dump!r}, 'w');"
                "faulthandler.register(signal.SIGUSR1, file);"
                f"sys.argv[:] = [{PROGRAM!r}, {FOREVER!r}];"
                f"runpy.run_path({PROGRAM!r})")
        process = subprocess.Popen(
            [self.bench.python, "-c", code], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, env=self.environment())
        try:
            self.assertEqual(process.stdout.readline().strip(),
                             str(process.pid))
            for _ in range(300):
                process.send_signal(signal.SIGUSR1)
                time.sleep(0.003)
            self.assertIsNone(process.poll(), "the program goes on")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        with open(dump, encoding="utf-8") as file:
            dumps = file.read().split("Current thread")[1:]
        self.assertGreater(len(dumps), 50)
        plain = ["leaf", "spin", "busy", "framed", "<module>"]
        shown = set()
        for text in dumps:
            names = re.findall(r'outside_prog.py", line \d+ in (\S+)', text)
            rest = iter(plain)
            self.assertTrue(all(name in rest for name in names), text)
            self.assertEqual(names[-1], "<module>", text)
            shown.update(names)
        self.assertIn("framed", shown)

    @unittest.skipUnless(GDB, "no gdb here")
    def test_gdb_attaches(self):
        process = subprocess.Popen(
            [self.bench.python, PROGRAM, FOREVER], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, env=self.environment())
        try:
            pid = process.stdout.readline().strip()
            self.assertEqual(pid, str(process.pid))
            core = os.path.join(self.folder, "core")
            out = self.gdb(["-p", pid, "-ex", "bt", "-ex", "gcore " + core])
            self.check_backtrace(out)
            self.assertIsNone(process.poll(), "the program goes on")
            out = self.gdb([self.bench.python, core, "-ex", "bt"])
            self.check_backtrace(out)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    @unittest.skipUnless(GDB, "no gdb here")
    def test_gdb_runs_a_program(self):
        out = self.gdb(["-ex", "run", "-ex", "info inferiors", "--args",
                        self.bench.python, PROGRAM, "1000"])
        self.assertRegex(out, r"exited normally")

    def test_perf_map(self):
        result = harness.run([self.bench.python, PROGRAM, "1000"],
                             self.environment(PYAOT_PERF="map"))
        self.assertEqual(result.status, 0, result.err.decode())
        pid, _, mapped = result.out.decode().split()
        path = f"/tmp/perf-{pid}.map"
        with open(path, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split(" ", 2) for line in file]
        os.unlink(path)
        names = {row[2] for row in rows}
        self.assertLessEqual({"py::spin", "py::busy", "py::leaf",
                              "py::spin (called)"}, names)
        ends = [int(row[0], 16) + int(row[1], 16) for row in rows]
        self.assertTrue(all(int(row[0], 16) >= end
                            for row, end in zip(rows[1:], ends)), rows)
        # perf looks into the map for memory without a file only
        self.assertEqual(mapped, "0")

    def test_no_perf_map_unless_asked_for(self):
        result = harness.run([self.bench.python, PROGRAM, "1000"],
                             self.environment())
        pid, _, mapped = result.out.decode().split()
        self.assertNotEqual(mapped, "0")
        self.assertFalse(os.path.exists(f"/tmp/perf-{pid}.map"))


if __name__ == "__main__":
    unittest.main()
