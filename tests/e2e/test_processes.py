"""What is told of programs of several processes: each its own, once, however
it ends."""

import glob
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402  (needs the path above)
from cli_kit import Case  # noqa: E402

APP = """\
import os
import sys


def work(n):
    total = 0
    for i in range(n):
        total += i * 3 % 7
    return total


def pool(method):
    import multiprocessing
    context = multiprocessing.get_context(method)
    with context.Pool(2) as workers:
        print(sum(workers.map(work, [3000] * 8, 1)))


def executor(method):
    import concurrent.futures
    import multiprocessing
    with concurrent.futures.ProcessPoolExecutor(
            2, mp_context=multiprocessing.get_context(method)) as workers:
        print(sum(workers.map(work, [3000] * 8)))


def fork():
    for _ in range(50):
        work(1000)
    if os.fork() == 0:
        os.chdir("/")
        work(2000)
        os._exit(0)
    os.wait()


def run_other():
    work(2000)
    try:
        os.execv("/nowhere/at/all", ["x"])
    except OSError:
        pass
    os.execv(sys.executable, [sys.executable, __file__, "train"])


def handled():
    import signal
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if os.fork() == 0:
        work(2000)
        signal.signal(signal.SIGTERM, lambda *a: os._exit(3))
        os.kill(os.getpid(), signal.SIGTERM)
    print(os.wait()[1] >> 8)
    if os.fork() == 0:
        work(2000)
        os.kill(os.getpid(), signal.SIGTERM)
    print(os.wait()[1])


def train():
    for _ in range(30):
        work(1000)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
"""


class Processes(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.work = os.path.join(cls.folder, "app")
        os.mkdir(cls.work)
        with open(os.path.join(cls.work, "app.py"), "w",
                  encoding="utf-8") as file:
            file.write(APP)
        for command in (("enable", "--python", cls.python),
                        ("profile", "-q", "--python", cls.python, "app.py",
                         "train"), ("build", "-q", "-O", "0")):
            result = harness.run([cls.pyaot, *command],
                                 harness.clean_environment(), cls.work)
            assert result.status == 0, result.err

    def setUp(self):
        """The folder stays, what is told goes."""
        for path in glob.glob(os.path.join(self.work, "stats*")):
            os.unlink(path)

    def run_app(self, *arguments, **environment):
        plain = harness.run([self.python, "app.py", *arguments],
                            harness.clean_environment(), self.work)
        result = harness.run(
            [self.python, "app.py", *arguments],
            harness.clean_environment(PYAOT_CACHE="cache", **environment),
            self.work)
        self.assertEqual((0, plain.out), (result.status, result.out),
                         result.err)
        return result

    def told(self, *arguments, stats="stats.%p", **environment):
        """What each process has told, as the files' names and contents."""
        self.run_app(*arguments, PYAOT_STATS=stats, **environment)
        found = {}
        for path in glob.glob(os.path.join(self.work, "stats*")):
            self.assertNotIn(".tmp", path)
            with open(path, encoding="utf-8") as file:
                found[os.path.basename(path)] = json.load(file)
        return found

    def own(self, told):
        """Their figures by pid; each has one file, named by it."""
        for name, figures in told.items():
            self.assertEqual(f"stats.{figures['pid']}", name)
        return told.values()

    def test_pools(self):
        for kind in ("pool", "executor"):
            for method in ("fork", "spawn", "forkserver"):
                with self.subTest(kind, method=method):
                    self.setUp()
                    told = self.own(self.told(kind, method))
                    main = [f for f in told
                            if f["argv"][1:] == ["app.py", kind, method]
                            and not f["executors_entered"]]
                    # The main one, and a forked worker may get no work.
                    self.assertIn(len(main), (1, 2), told)
                    self.assertEqual(
                        8, sum(f["executors_entered"] for f in told))
                    if (kind, method) == ("pool", "fork"):
                        self.assertEqual(3, len(told))

    def test_fork_counts_anew(self):
        told = list(self.own(self.told("fork")))
        self.assertEqual(2, len(told))
        self.assertEqual([1, 50], sorted(f["executors_entered"]
                                         for f in told))
        self.assertEqual(told[0]["argv"], told[1]["argv"])

    def test_replaced_by_another_program(self):
        told = self.told("run_other")
        self.assertEqual(2, len(told))
        (first, before), (second, after) = sorted(told.items())
        self.assertEqual(first + ".2", second)
        self.assertEqual("run_other", before["argv"][2])
        self.assertEqual("train", after["argv"][2])
        self.assertEqual((1, 30), (before["executors_entered"],
                                   after["executors_entered"]))

    def test_ended_by_a_signal(self):
        told = list(self.own(self.told("handled")))
        self.assertEqual([0, 1, 1], sorted(f["executors_entered"]
                                           for f in told))

    def test_one_name_for_all(self):
        """The last one stays, whole; nothing else is left."""
        told = self.told("pool", "fork", stats="stats")
        self.assertEqual(["stats"], list(told))
        told = self.told("fork", stats="stats")
        self.assertEqual(50, told["stats"]["executors_entered"])

    def test_what_is_no_plain_file(self):
        target = self.path("stats target")
        os.symlink(target, self.path("stats link"))
        self.run_app("train", PYAOT_STATS="stats link")
        self.assertTrue(os.path.islink(self.path("stats link")))
        self.assertEqual(30, harness.read_stats(target)["executors_entered"])
        result = self.run_app("train", PYAOT_STATS="/dev/stderr")
        self.assertEqual(30, json.loads(result.err)["executors_entered"])
        result = self.run_app("train", PYAOT_STATS="no/such/folder",
                              PYAOT_VERBOSE="1")
        self.assertIn(b"cannot write", result.err)

    def test_lines_name_their_process(self):
        result = self.run_app("fork", PYAOT_VERBOSE="2")
        lines = result.err.decode().splitlines()
        heads = [re.match(r"pyaot\[(\d+)\]: ", line) for line in lines]
        self.assertTrue(all(heads), lines)
        self.assertEqual(2, len({head[1] for head in heads}))
        for entered in (1, 50):
            self.assertEqual(1, sum(
                "]: app.py fork: " in line and f"entered {entered} times"
                in line for line in lines), lines)
        result = harness.run(
            [self.python, "-c", "1\n2", "x" * 300],
            harness.clean_environment(PYAOT_CACHE="nowhere",
                                      PYAOT_VERBOSE="1"), self.work)
        self.assertRegex(result.err.decode(),
                         r"^pyaot\[\d+\]: -c 1 2 x{90,100}\.\.\.: "
                         r"running uncompiled: .*nowhere.*\n$")


if __name__ == "__main__":
    unittest.main()
