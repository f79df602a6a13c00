"""All C is as clang-format leaves it."""

import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ROOMS = ("aot", "cache", "cli", "loader", "profiler", "tests")
# Of Debian 12 and 13: the tree is one that both leave alone. Others may differ.
VERSIONS = (14, 19)


def sources():
    for room in ROOMS:
        for folder, _, names in os.walk(os.path.join(ROOT, room)):
            for name in names:
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def version(program):
    text = subprocess.run([program, "--version"], check=True,
                          capture_output=True, text=True).stdout
    found = re.search(r"version (\d+)\.", text)
    return int(found.group(1)) if found else 0


class Format(unittest.TestCase):
    def test_format(self):
        program = shutil.which("clang-format")
        if program is None:
            self.skipTest("there is no clang-format")
        if version(program) not in VERSIONS:
            self.skipTest(f"clang-format {version(program)} is not one of "
                          f"{VERSIONS}")
        files = sorted(sources())
        self.assertGreater(len(files), 200)
        done = subprocess.run([program, "--dry-run", "--Werror", *files],
                              capture_output=True, text=True)
        wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines()
                        if ": error: " in line})
        self.assertEqual((done.returncode, wrong), (0, []), done.stderr[:2000])


if __name__ == "__main__":
    unittest.main()
