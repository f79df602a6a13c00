"""Each process tells of itself: PYAOT_STATS with %p in the name, PYAOT_VERBOSE
with its number and words; pool workers and processes that end early, too."""

import glob
import os
import re
import sys
import tempfile
import textwrap
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

PROGRAM = """
    import multiprocessing, os, sys

    def work(n):
        total = 0
        for k in range(n):
            total += k * k % 7
        return total

    def several(n):
        return [work(50) for turn in range(n)][-1], os.getpid()

    def pids(pool):
        return {pid for _, pid in pool.map(several, [300] * 8, chunksize=1)}

    if __name__ == "__main__":
        several(1000)
        if not sys.argv[1:]:
            print("end", os.getpid())
            for kind in "fork", "spawn":
                with multiprocessing.get_context(kind).Pool(2) as pool:
                    for pid in pids(pool):
                        print("end", pid)
                    pool.close()
                    pool.join()
            for how in "exit", "exec":
                sys.stdout.flush()
                pid = os.fork()
                if pid == 0:
                    several(77)
                    if how == "exit":
                        os._exit(0)
                    os.execv("/bin/true", ["true"])
                os.wait()
                print(how, pid)
"""


class Processes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = cls.temporary.name
        cls.bench = harness.Bench(cls.folder)
        cls.program = os.path.join(cls.folder, "app.py")
        with open(cls.program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAM))
        cls.cache = os.path.join(cls.folder, "cache")
        database = os.path.join(cls.folder, "app.db")
        for result in (cls.bench.profile(database, [cls.program, "alone"]),
                       cls.bench.build(database, cls.cache)):
            assert result.status == 0, result.err

    def test_each_process(self):
        pattern = os.path.join(self.folder, "%p of %x.json")
        result = self.bench.cached(self.cache, [self.program],
                                   PYAOT_STATS=pattern, PYAOT_VERBOSE="1")
        self.assertEqual(result.status, 0, result.err)
        lines = re.findall(r"^(\w+) (\d+)$", result.out.decode(), re.M)
        self.assertGreaterEqual(len(lines), 5)
        entered = {}
        for how, pid in lines:
            stats = harness.read_stats(pattern.replace("%p", pid))
            self.assertIsNotNone(stats, (how, pid))
            entered[how, pid] = stats["executors_entered"]
            self.assertRegex(result.err.decode(),
                             rf"pyaot: process {pid}: \S+python\S* \S")
        first = str(lines[0][1])
        self.assertGreater(entered["end", first], 0)
        for (how, pid), count in entered.items():
            if how != "end":       # a child's own, not its parent's as well
                self.assertLess(count, entered["end", first])
        self.assertFalse(glob.glob(os.path.join(self.folder, "*~")))

    def test_one_name(self):
        """Of several processes the file is the last one's, and whole."""
        path = os.path.join(self.folder, "one.json")
        result = self.bench.cached(self.cache, [self.program], PYAOT_STATS=path)
        self.assertEqual((result.status, result.err), (0, b""))
        self.assertIsNotNone(harness.read_stats(path))
        result = self.bench.cached(self.cache, [self.program, "alone"],
                                   PYAOT_STATS=self.folder, PYAOT_VERBOSE="1")
        self.assertEqual(result.status, 0)
        self.assertIn(b"pyaot: cannot write ", result.err)


if __name__ == "__main__":
    unittest.main()
