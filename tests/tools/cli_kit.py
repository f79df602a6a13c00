"""What the tests of pyaot's own commands share."""

import os
import shutil
import tempfile
import unittest

import harness

LOOP = """\
import sys
def work(n):
    total = 0
    i = 0
    while i < n:
        total += i * 2 %% %d
        i += 1
    return total
for _ in range(30):
    result = work(3000)
print(result, len(sys.argv))
"""


def files(folder):
    """Name and content of every file below a folder."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pyaot cli ")
        cls.pyaot = harness.find_pyaot()
        cls.base = harness.find_python()
        cls.python = harness.make_venv(cls.base,
                                       os.path.join(cls.folder, "venv"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        self.work = os.path.join(self.folder, "work")
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)

    def path(self, name, text=None):
        path = os.path.join(self.work, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def environment(self, **more):
        return harness.clean_environment(**more)

    def pyaot_run(self, *arguments, **environment):
        return harness.run([self.pyaot, *arguments],
                           self.environment(**environment), self.work)

    def ok(self, *arguments, **environment):
        result = self.pyaot_run(*arguments, **environment)
        self.assertEqual(0, result.status, result.err)
        return result

    def fails(self, *arguments, status=1, word="", **environment):
        """One line of error, nothing on stdout."""
        result = self.pyaot_run(*arguments, **environment)
        text = result.err.decode()
        self.assertEqual(status, result.status, text)
        self.assertEqual(b"", result.out)
        self.assertTrue(text.startswith("pyaot: "), text)
        self.assertEqual(1, text.count("\n"), text)
        self.assertIn(word, text)
        return text

    def profile(self, text=LOOP % 7, db="pyaot.db"):
        self.path("app.py", text)
        return self.ok("profile", "-q", "-o", db, "--python", self.python,
                       "app.py")

    def sound(self):
        result = self.ok("cache", "verify")
        self.assertIn(b"sound", result.out)
