"""PYAOT_PROFILE records a process and all its children, however they are
started and however they end, into one database; the program cannot tell."""

import os
import sqlite3
import sys
import tempfile
import textwrap
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

PROGRAM = """
    import multiprocessing, os, subprocess, sys, threading, warnings

    WORK = ["def in_{0}(n):", " total = 0", " for k in range(n):",
            "  total += k * k % 7", " return total"]
    for name in ("main", "fork", "killed", "executed", "pool_fork", "pool_spawn",
                 "pool_forkserver", "child", "grandchild", "spawned", "isolated",
                 "module"):
        exec(compile("\\n".join(WORK).format(name), __file__, "exec"))

    def work(f):
        return [f(40) for turn in range(200)][-1]

    def pooled(name):
        return work(globals()["in_pool_" + name])

    def pools():
        for name in "fork", "spawn", "forkserver":
            context = multiprocessing.get_context(name)
            with context.Pool(2) as pool:
                print(name, pool.map(pooled, [name] * 4))
                pool.close()
                pool.join()

    def forked():
        pid = os.fork()
        if pid == 0:
            work(in_fork)
            os._exit(3)
        print(os.waitpid(pid, 0)[1])
        pid = os.fork()
        if pid == 0:
            work(in_killed)
            os.execv(sys.executable, [sys.executable, __file__, "executed"])
        print(os.waitpid(pid, 0)[1])

    def start(*words, **more):
        done = subprocess.run([sys.executable, *words], capture_output=True,
                              text=True, **more)
        print(words[-1], done)

    def main():
        warnings.simplefilter("always")
        print(work(in_main), sys.argv[1:], sys.flags.ignore_environment)
        forked()
        pools()
        start(__file__, "child", cwd="/")
        start("-I", __file__, "isolated")
        sys.stdout.flush()
        environment = dict(os.environ, EXTRA="1")
        pid = os.posix_spawn(sys.executable, [sys.executable, __file__, "spawned"],
                             environment)
        print(os.waitpid(pid, 0)[1])
        several = [subprocess.Popen([sys.executable, __file__, "module"])
                   for turn in range(4)]
        print([p.wait() for p in several])
        print(threading.active_count(), sorted(name for name in sys.modules
                                               if "profiler" in name))

    if __name__ == "__main__":
        if sys.argv[1:]:
            print(work(globals()["in_" + sys.argv[1]]))
            if sys.argv[1] == "child":
                start(__file__, "grandchild")
        else:
            main()
"""


def recorded(database):
    """Code objects with their counts."""
    with sqlite3.connect(database) as connection:
        return dict(connection.execute(
            "SELECT qualname, sum(count) FROM code JOIN feedback "
            "ON code.id = code_id WHERE kind = 8 AND what = 'entry' "
            "GROUP BY qualname"))


class Variable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = cls.temporary.name
        cls.bench = harness.Bench(cls.folder)
        cls.program = os.path.join(cls.folder, "app.py")
        with open(cls.program, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(PROGRAM))

    def run_with(self, *words, cwd=None, **more):
        return harness.run([self.bench.python, *words],
                           harness.clean_environment(**more), cwd=cwd)

    def test_children(self):
        plain = self.run_with(self.program)
        self.assertEqual(plain.status, 0, plain.err)
        # relative: of where the first process was started
        found = self.run_with(self.program, cwd=self.folder,
                              PYAOT_PROFILE="children.db")
        self.assertEqual((found.status, found.out, found.err),
                         (plain.status, plain.out, plain.err))
        counts = recorded(os.path.join(self.folder, "children.db"))
        for name in ("main", "fork", "killed", "executed", "pool_fork",
                     "pool_spawn", "pool_forkserver", "child", "grandchild",
                     "spawned", "module"):
            self.assertGreaterEqual(counts.get("in_" + name, 0), 200,
                                    (name, counts))
        self.assertGreaterEqual(counts["in_module"], 4 * 200, "lost some")
        self.assertNotIn("in_isolated", counts)
        # and of that a cache can be built
        database = os.path.join(self.folder, "children.db")
        cache = os.path.join(self.folder, "cache")
        built = self.bench.build(database, cache)
        self.assertEqual(built.status, 0, built.err)
        cached = self.run_with(self.program, PYAOT_CACHE=cache)
        self.assertEqual(cached.out, plain.out, cached.err)
        # again, with the cache
        both = self.run_with(self.program, PYAOT_CACHE=cache,
                             PYAOT_PROFILE=database)
        self.assertEqual((both.out, both.err), (plain.out, plain.err))

    def test_switched_off(self):
        database = os.path.join(self.folder, "none.db")
        for more in ({"PYAOT": "0"}, {"PYAOT_PROFILE": ""}):
            more = {"PYAOT_PROFILE": database} | more
            result = self.run_with(self.program, "module", **more)
            self.assertEqual((result.status, result.err), (0, b""))
        self.assertFalse(os.path.exists(database))

    def test_database_that_cannot_be(self):
        for path in (self.folder, os.path.join(self.folder, "none", "app.db"),
                     self.program, self.program + "/app.db"):
            result = self.run_with(self.program, "module", PYAOT_PROFILE=path)
            self.assertEqual((result.status, result.err), (0, b""), path)
            result = self.run_with(self.program, "module", PYAOT_PROFILE=path,
                                   PYAOT_VERBOSE="1")
            self.assertEqual(result.status, 0)
            self.assertIn(b"pyaot: not started: ", result.err, path)

    def test_with_the_command(self):
        database = os.path.join(self.folder, "command.db")
        other = os.path.join(self.folder, "other.db")
        self.bench.environment = {"PYAOT_PROFILE": other}
        result = self.bench.profile(database, [self.program, "module"])
        self.bench.environment = {}
        self.assertEqual((result.status, result.err), (0, b""))
        self.assertIn("in_module", recorded(database))
        self.assertFalse(os.path.exists(other))


if __name__ == "__main__":
    unittest.main()
