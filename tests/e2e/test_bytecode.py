"""The decoders of bytecode against dis, with all code of the standard library:
CPython 3.13's by the interpreter under test, 3.14's by a python3.14, if there
is one (of PATH, or PYAOT_PYTHON314). PYAOT_BYTECODE=all takes the standard
library's own tests, too.
"""

import os
import shutil
import subprocess
import sys
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)
BUILD = os.environ.get("PYAOT_BUILD", os.path.join(ROOT, "build"))
DECODER = os.path.join(BUILD, "tests", "bytecode_decode")
CHECK = os.path.join(TESTS, "tools", "bytecode_check.py")
LEAST_INSTRUCTIONS = 300_000


def environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith("PYAOT")}


class Bytecode(unittest.TestCase):
    def check(self, python):
        more = ["--tests"] if os.environ.get("PYAOT_BYTECODE") == "all" else []
        run = subprocess.run([python, CHECK, DECODER, *more],
                             env=environment(), capture_output=True, text=True)
        self.assertEqual("", run.stderr)
        summary = run.stdout.splitlines()[-1]
        self.assertEqual(0, run.returncode, run.stdout)
        numbers = [int(word) for word in summary.split() if word.isdigit()]
        self.assertGreater(numbers[2], LEAST_INSTRUCTIONS, summary)

    def test_3_13(self):
        self.check(os.environ.get("PYAOT_PYTHON", sys.executable))

    def test_3_14(self):
        python = os.environ.get("PYAOT_PYTHON314") \
            or shutil.which("python3.14")
        if python is None:
            self.skipTest("no python3.14; PYAOT_PYTHON314 may name one")
        self.check(python)

    def test_a_wrong_decoder_is_noticed(self):
        """The check can fail: a decoder that says something else of jumps."""
        wrong = os.path.join(TESTS, "tools", "bytecode_wrong.py")
        run = subprocess.run(
            [sys.executable, CHECK, wrong, os.path.join(
                os.path.dirname(os.__file__), "json")],
            env={**environment(), "DECODER": DECODER}, capture_output=True,
            text=True)
        self.assertEqual(1, run.returncode, run.stderr)
        self.assertIn("target of JUMP_BACKWARD", run.stdout)


if __name__ == "__main__":
    unittest.main()
