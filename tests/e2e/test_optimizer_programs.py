"""The optimizer API under whole programs: with an executor at every hot entry
that does nothing, or leaves where it stands, or refuses the call, and with
executors taken away at odd moments, each program of tests/programs writes what
it writes without."""

import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402
import optimizer_kit  # noqa: E402

# Runs at each start of the interpreter; does nothing unless asked to.
HOOK = ("import os; os.environ.get('CHAOS') and "
        "__import__('chaos_start')\n")
START = """
import atexit, gc, os, chaos_optimizer
chaos_optimizer.start()
def report(path=os.environ['CHAOS']):
    try:
        with open(path, 'x') as file:       # the first process's
            file.write(str(chaos_optimizer.count()))
    except FileExistsError:
        pass
atexit.register(report)
gc.collect()        # what these lines have left
"""
# Fewer programs than this being entered would mean that nothing is tested.
FLOOR = 60


def words(path, comment):
    """What the comments on top of a program say."""
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                break
            if line.startswith(comment):
                found.append(line[len(comment):].strip())
    return found


class Programs(optimizer_kit.OptimizerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kit = cls.kit
        kit.build(os.path.join(harness.TESTS, "e2e", "chaos_optimizer.c"),
                  "chaos_optimizer")
        site = kit.bench.plain(
            ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
            ).out.decode().strip()
        with open(os.path.join(site, "zz_chaos.pth"), "w",
                  encoding="utf-8") as file:
            file.write(HOOK)
        with open(os.path.join(kit.folder, "chaos_start.py"), "w",
                  encoding="utf-8") as file:
            file.write(START)

    def run_program(self, path, **more):
        args = words(path, "# args:")[:1]
        stdin = "".join(line + "\n" for line in words(path, "# stdin:"))
        result = harness.run(
            [self.kit.bench.python, path] + (args[0].split() if args else []),
            harness.clean_environment(PYTHONPATH=self.kit.folder, **more),
            stdin=stdin.encode(), timeout=120)
        return result.status, result.out, result.err

    def test_nobody_can_tell(self):
        entered = 0
        for path in sorted(glob.glob(os.path.join(
                harness.TESTS, "programs", "*.py"))):
            count = os.path.join(self.kit.folder, "count")
            if os.path.exists(count):
                os.remove(count)
            with self.subTest(os.path.basename(path)):
                self.assertEqual(self.run_program(path),
                                 self.run_program(path, CHAOS=count))
            if os.path.exists(count):
                with open(count, encoding="utf-8") as file:
                    entered += int(file.read() or 0) > 100
        self.assertGreaterEqual(entered, FLOOR)


if __name__ == "__main__":
    unittest.main()
