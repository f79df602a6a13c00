"""Running a program again and again in one process takes no more memory with
native code than plain: blocks, bytes of the C library and, where a debug
interpreter counts them, references. Each turn brings new code objects, so that
what is matched, linked and watched for them must be given back as well.

    PYAOT_LEAKS=all        all programs that can be repeated, not a sample
    PYAOT_LEAKS_TURNS=N    so many turns (default 30)
"""

import concurrent.futures
import json
import os
import sys
import tempfile
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = os.path.join(TESTS, "tools"), os.path.join(TESTS, "e2e")

import harness  # noqa: E402  (needs the path above)
import run_diff  # noqa: E402

PROGRAMS = os.path.join(TESTS, "programs")
TURNS_PROGRAM = os.path.join(TESTS, "tools", "turns.py")
TURNS = int(os.environ.get("PYAOT_LEAKS_TURNS", "30"))
# Caches fill, tables grow: what the first turns take is nobody's leak.
FIRST = max(TURNS // 5, 4)
# A leak of one block in a turn grows by a third more than this.
SLACK = (TURNS - FIRST) / 2
# The low points of the C library's heap lie some hundred bytes apart, plain too.
BYTES_SLACK = SLACK * 64 + 1024
WORDS = {"blocks": SLACK, "references": SLACK, "bytes": BYTES_SLACK}
# What lies in the C library's own caches counts as given out: without them.
MALLOC = {"GLIBC_TUNABLES":
          "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0"}

# Of each kind of thing that native code owns, counts or links one.
SAMPLE = ("arguments_twice", "attr_dict_seen", "attr_numbers", "call_keywords",
          "class_calls", "class_init_errors", "closure_cells",
          "coro_delegation", "data_slices", "death_arguments",
          "death_finalisers", "dict_work", "exc_tracebacks", "gen_resumed",
          "identity_numbers", "links_deaths", "list_work", "rebind_methods",
          "str_append", "unpacking")


def growth(series):
    """From just behind the first turns to the end: twice what the lowest point
    of each third lies above the one before, whichever is less. What grows once
    is a table that was full, what goes up and down is garbage.
    """
    third = max((len(series) - FIRST) // 3, 1)
    low = [min(series[FIRST + k * third:FIRST + (k + 1) * third])
           for k in range(3)]
    return 2 * min(low[1] - low[0], low[2] - low[1])


class Leaks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pyaot_leaks_")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.bench = harness.Bench(cls.folder)
        cls.bench.compile_everything(".py")
        cls.jobs = int(os.environ.get("PYAOT_JOBS", "0")) or min(
            2, os.cpu_count() or 1)

    @staticmethod
    def words(name):
        path = os.path.join(PROGRAMS, name + ".py")
        return [path, *run_diff.Program(path).arguments[0]]

    def turns(self, name, turns, cache=None):
        """The measures of one process, or None where it ended otherwise."""
        words = [TURNS_PROGRAM, str(turns), *self.words(name)]
        stats = os.path.join(self.folder, name + ".json")
        more = {"PYAOT_CACHE": cache, "PYAOT_STATS": stats} if cache else {}
        result = harness.run([self.bench.python, *words],
                             harness.clean_environment(**MALLOC, **more),
                             self.folder, 300)
        if result.status != 0:
            return None
        self.entered[name] = (harness.read_stats(stats) or {}).get(
            "executors_entered", 0) if cache else 0
        return json.loads(result.out)

    def record(self, name, database):
        words = [TURNS_PROGRAM, "2", *self.words(name)]
        return self.bench.profile(database, words, 300, True, self.folder)

    def test_programs(self):
        names = list(SAMPLE)
        if os.environ.get("PYAOT_LEAKS") == "all":
            names = sorted(name[:-3] for name in os.listdir(PROGRAMS)
                           if name.endswith(".py"))
        self.entered = {}
        database = os.path.join(self.folder, "pyaot.db")
        cache = os.path.join(self.folder, "cache")
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            plain = dict(zip(names, pool.map(
                lambda name: self.turns(name, TURNS), names)))
            # Some programs cannot run twice in one process.
            names = [name for name in names if plain[name]]
            list(pool.map(lambda name: self.record(name, database), names))
            built = self.bench.build(database, cache, 3600, jobs=self.jobs)
            self.assertEqual(built.status, 0, built.err.decode())
            cached = dict(zip(names, pool.map(
                lambda name: self.turns(name, TURNS, cache), names)))
        for name in names:
            with self.subTest(name):
                self.assertIsNotNone(cached[name], "ended in another way")
                if name in SAMPLE:
                    self.assertGreater(self.entered[name], 0)
                for word, slack in WORDS.items():
                    # One that leaks plain may keep its code, and with that
                    # what belongs to it, alive.
                    if (word in plain[name]
                            and growth(plain[name][word]) <= slack):
                        self.assertLessEqual(
                            growth(cached[name][word]),
                            max(growth(plain[name][word]), 0) + slack,
                            f"{word}: plain {plain[name][word]}, "
                            f"cached {cached[name][word]}")
        if names and len(names) < len(plain):
            print("cannot run twice:", *sorted(set(plain) - set(names)))
        self.assertGreaterEqual(len(names), len(SAMPLE))


if __name__ == "__main__":
    unittest.main()
