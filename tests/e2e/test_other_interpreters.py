"""Interpreters that pyaot is not for, which can meet it all the same (by
PYTHONPATH, or by a site-packages they share with one that it is for): other
minors of CPython and free-threaded builds. Whatever they are told to load is
refused by name; programs run as without pyaot.

Tried are those that are found: python3.N and python3.Nt of PATH, pyenv's, and
what PYAOT_OTHER_PYTHONS names (paths, with colons between).
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

ASK = """\
import sys, sysconfig
flags = getattr(sys, 'abiflags', '')
print('%d.%d' % sys.version_info[:2])
print('t' if 't' in flags else '')
print(sysconfig.get_path('include'))
"""

EXTENSION = """\
#include <pyaot/optimizer.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "third"};

PyMODINIT_FUNC
PyInit_third(void)
{
    return pyaot_optimizer_import() != NULL ? PyModule_Create(&module) : NULL;
}
"""

LOAD = """\
import sys
import importlib.machinery as machinery, importlib.util as util
name, path = sys.argv[1:]
spec = machinery.ModuleSpec(
    name, machinery.ExtensionFileLoader(name, path), origin=path)
spec.loader.exec_module(util.module_from_spec(spec))
"""


class Other:
    """An interpreter that is there."""

    def __init__(self, path):
        self.path = path
        result = harness.run([path, "-c", ASK], harness.clean_environment())
        self.version, threads, self.include = (
            result.out.decode().splitlines() or ["", "", ""])
        self.is_free_threaded = threads == "t"

    @property
    def is_other(self):
        return self.version and self.version != "2.7" and (
            self.is_free_threaded or self.version != "3.13")


def find_others():
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    paths = [path for path in
             os.environ.get("PYAOT_OTHER_PYTHONS", "").split(":") if path]
    paths += sorted(glob.glob(os.path.join(root, "versions/3.*/bin/python3")))
    for minor in range(6, 20):
        for threads in ("", "t"):
            path = shutil.which(f"python3.{minor}{threads}")
            if path:
                paths.append(path)
    # pyenv's shims are scripts: what they start is found by itself.
    paths = [path for path in paths if not path.startswith(root + "/shims/")]
    real = {os.path.realpath(path): path for path in reversed(paths)}
    return [other for other in map(Other, real.values()) if other.is_other]


class OtherInterpreters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pyaot others ")
        cls.bench = harness.Bench(cls.folder)
        result = cls.bench.plain(
            ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
        cls.site = result.out.decode().strip()
        cls.build = os.path.dirname(os.path.dirname(cls.bench.pyaot))
        cls.others = find_others()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def start(self, other, *arguments, **more):
        """In an environment where pyaot is enabled."""
        return harness.run(
            [other.path, *arguments],
            harness.clean_environment(PYTHONPATH=self.site, **more),
            self.folder)

    def check(self, other, word):
        with self.subTest(other.path):
            self.check_program(other, word)
            self.check_import(other, word)
            self.check_extension(other, word)
            self.check_modules(other)
            self.check_commands(other)

    def check_program(self, other, word):
        """The hook is read there, being on PYTHONPATH."""
        program = ("-c", "print(sum(i * i for i in range(1000)))")
        plain = harness.run([other.path, *program],
                            harness.clean_environment(), self.folder)
        self.assertEqual((0, b""), (plain.status, plain.err))
        for more in ({}, {"PYAOT_CACHE": self.folder}):
            result = self.start(other, *program, **more)
            self.assertEqual((0, plain.out, b""),
                             (result.status, result.out, result.err))
        result = self.start(other, *program, PYAOT_CACHE=self.folder,
                            PYAOT_VERBOSE="1")
        self.assertEqual((0, plain.out), (result.status, result.out))
        self.assertIn(": not started: ", result.err.decode())
        self.assertIn(word, result.err.decode())
        result = self.start(other, *program, PYAOT_CACHE=self.folder,
                            PYAOT_MODE="strict")
        self.assertEqual((1, b""), (result.status, result.out))
        self.assertIn(word, result.err.decode())

    def assert_refused(self, result, word):
        """An ImportError that says why, and nothing worse."""
        text = result.err.decode()
        last = (text.splitlines() or [""])[-1]
        self.assertEqual(1, result.status, text)
        self.assertTrue(last.startswith("ImportError: pyaot: "), text)
        self.assertIn(word, last)

    def check_import(self, other, word):
        self.assert_refused(
            self.start(other, "-c", "import pyaot.optimizer"), word)

    def check_extension(self, other, word):
        """As a third party builds one, against that interpreter's header."""
        if not os.path.exists(os.path.join(other.include, "Python.h")):
            print(f"{other.path}: no Python.h, no extension to try",
                  file=sys.stderr)
            return
        source = os.path.join(self.folder, "third.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(EXTENSION)
        subprocess.run(
            [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-I",
             os.path.join(self.build, "include"), "-isystem", other.include,
             source, "-o", os.path.join(self.folder, "third.so")], check=True)
        self.assert_refused(self.start(other, "-c", "import third"), word)
        result = harness.run([other.path, "-c", "import third"],
                             harness.clean_environment(), self.folder)
        self.assertIn(b"No module named 'pyaot'", result.err)

    def check_modules(self, other):
        """The extension modules themselves, whatever led there."""
        word = ("free-threaded" if other.is_free_threaded
                and other.version == "3.13" else "not CPython 3.13")
        for name in ("_pyaot_loader", "_pyaot_profiler"):
            path = os.path.join(self.build, "lib", "pyaot", "cp313",
                                name + ".so")
            self.assertTrue(os.path.exists(path))
            self.assert_refused(self.start(other, "-c", LOAD, name, path),
                                word)

    def check_commands(self, other):
        for command in (("enable",), ("disable",), ("profile", "-c", "1")):
            name, rest = command[0], command[1:]
            result = harness.run(
                [self.bench.pyaot, name, "--python", other.path, *rest],
                harness.clean_environment(), self.folder)
            text = result.err.decode()
            self.assertNotEqual(0, result.status)
            self.assertRegex(text, r"^pyaot: [^\n]*\n$")
            self.assertRegex(text, "free-threaded" if other.is_free_threaded
                             else "too old|does not know")

    def test_other_minors(self):
        others = [o for o in self.others if not o.is_free_threaded]
        if not others:
            self.skipTest("no CPython of another minor here; name some with "
                          "PYAOT_OTHER_PYTHONS")
        for other in others:
            self.check(other, f"no loader for Python {other.version}")

    def test_free_threaded_builds(self):
        others = [o for o in self.others if o.is_free_threaded]
        if not others:
            self.skipTest("no free-threaded CPython here (python3.13t); name "
                          "one with PYAOT_OTHER_PYTHONS")
        for other in others:
            self.check(other, "free-threaded builds are not supported")


if __name__ == "__main__":
    unittest.main()
