"""Frame evaluation hooks (PEP 523): while an extension has installed one, all
calls and resumes go through it, whatever native code is running; when it is
taken out native code is entered again.

Environment: PYAOT_PYTHON, PYAOT_BUILD, CC, as for the other tests.
"""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

import harness  # noqa: E402  (needs the path above)

PROGRAM = os.path.join(HERE, "frame_hook_prog.py")

# Is native code entered while there is no hook, and only then?
ENTERED = r'''
import _pyaot_loader, frame_hook, runpy, sys
program = runpy.run_path(sys.argv[1])
def entered():
    return _pyaot_loader.stats()["executors_entered"]
def entries_of(*calls):
    before = entered()
    for call, *args in calls:
        call(*args)
    return entered() - before
nothing = program["nothing"]
calls = [(program["hot"], 50), (program["loops"], 50),
         (program["rows"], 50, -1, nothing), (program["deep"], 9, None),
         (program["run_coroutine"], program["awaiting"](5)),
         (list, program["generated"](5))]
before = entries_of(*calls[:4])
frame_hook.on({})
hooked = entries_of(*calls)
frame_hook.off()
after = entries_of(*calls[:4])
assert before > 50 and after > 50, (before, after)
assert hooked == 0, hooked
'''


class FrameHookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="pyaot-hook-")
        cls.folder = cls.work.name
        cls.bench = harness.Bench(cls.folder)
        include = cls.bench.plain(
            ["-c", "import sysconfig; print(sysconfig.get_path('include'))"])
        subprocess.run(
            [os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-Wall",
             "-Wextra", "-Wno-missing-field-initializers", "-Werror",
             "-isystem", include.out.decode().strip(),
             os.path.join(HERE, "frame_hook.c"), "-o",
             os.path.join(cls.folder, "frame_hook.so")], check=True)
        database = os.path.join(cls.folder, "db")
        cls.cache = os.path.join(cls.folder, "cache")
        profiled = cls.run_python("profile", database)
        assert profiled.status == 0, profiled.err.decode()
        cls.bench.compiler = cls.bench.fast_compiler
        built = cls.bench.build(database, cls.cache)
        assert built.status == 0, built.err.decode()

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    @classmethod
    def run_python(cls, how, where=None, *arguments, **more):
        environment = harness.clean_environment(PYTHONPATH=cls.folder, **more)
        command = [cls.bench.python, PROGRAM]
        if how == "profile":
            command = [cls.bench.pyaot, "profile", "-q", "-o", where,
                       "--python", cls.bench.python, PROGRAM]
        elif where is not None:
            environment["PYAOT_CACHE"] = where
        return harness.run(command + list(arguments), environment)

    def test_sees_what_it_sees_without_us(self):
        plain = self.run_python("plain", None, "hook")
        self.assertEqual(plain.status, 0, plain.err.decode())
        stats = os.path.join(self.folder, "stats")
        cached = self.run_python("cached", self.cache, "hook",
                                 PYAOT_STATS=stats)
        self.assertEqual(cached.out.decode(), plain.out.decode())
        self.assertEqual(cached.err.decode(), plain.err.decode())
        self.assertEqual(cached.status, plain.status)
        self.assertGreater(harness.read_stats(stats)["executors_entered"],
                           1000)

    def test_profiled(self):
        plain = self.run_python("plain", None, "hook")
        database = os.path.join(self.folder, "db-hooked")
        profiled = self.run_python("profile", database, "hook")
        self.assertEqual(profiled.out.decode(), plain.out.decode())
        self.assertEqual(profiled.status, plain.status)

    def test_native_code_comes_back(self):
        result = harness.run(
            [self.bench.python, "-c", ENTERED, PROGRAM],
            harness.clean_environment(PYTHONPATH=self.folder,
                                      PYAOT_CACHE=self.cache))
        self.assertEqual(result.status, 0,
                         result.out.decode() + result.err.decode())


if __name__ == "__main__":
    unittest.main()
