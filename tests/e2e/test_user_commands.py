"""The three user commands on the sample app, PYAOT=0, and bad caches.

    pyaot profile app.py
    pyaot build
    PYAOT_CACHE=./cache python app.py

Then every way a cache can be bad: the program must run as without one, say
nothing, and say why under PYAOT_VERBOSE=1.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)

APP = os.path.join(TESTS, "apps", "debgraph.py")

# A made-up package database, so that the test is the same on every machine.
STANZA = """\
Package: package{n}
Status: install ok installed
Priority: {priority}
Section: {section}
{essential}Installed-Size: {size}
Architecture: amd64
Version: {epoch}1.{n}-{revision}~deb1
Depends: package{a} (>= 1.0), package{b}:any | virtual{c} (>= 0.1),
 package{d} [amd64]
Recommends: package{e} | missing{n}
Provides: virtual{v} (= 1.{n})
Description: number {n}
 A folded line, with: a colon.
 .
 Another.
"""


def package_database(count):
    stanzas = []
    for n in range(count):
        stanzas.append(STANZA.format(
            n=n, priority=("required", "optional", "extra")[n % 3],
            section=f"section{n % 7}", size=n * 37 % 1000,
            essential="Essential: yes\n" if n % 20 == 0 else "",
            epoch="1:" if n % 4 == 0 else "", revision=n % 3,
            a=n * 7 % count, b=(n * n + 1) % count, c=n % 11,
            d=n // 2, e=(n * 3 + 1) % count, v=n % 13))
    return "\n".join(stanzas)


class UserCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pyaot user ")
        cls.bench = harness.Bench(cls.folder)
        cls.status = os.path.join(cls.folder, "status")
        with open(cls.status, "w", encoding="utf-8") as file:
            file.write(package_database(150))
        cls.app = [APP, cls.status, "--top", "5"]
        cls.plain = cls.bench.plain(cls.app)
        assert cls.plain.status == 0, cls.plain.err
        # To the letter, in a folder of its own, with default names.
        cls.work = os.path.join(cls.folder, "work")
        os.mkdir(cls.work)
        cls.profiled = harness.run(
            [cls.bench.pyaot, "profile", "--python", cls.bench.python,
             *cls.app], harness.clean_environment(), cls.work)
        cls.built = harness.run([cls.bench.pyaot, "build"],
                                harness.clean_environment(), cls.work, 600)
        cls.cache = os.path.join(cls.work, "cache")
        cls.bench.compiler = cls.bench.fast_compiler    # for other builds

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def cached(self, cache=None, **more):
        return self.bench.cached(cache or self.cache, self.app, **more)

    def assert_as_plain(self, result):
        self.assertEqual(self.plain.status, result.status, result.err)
        self.assertEqual(self.plain.out, result.out)
        self.assertEqual(self.plain.err, result.err)

    def assert_refused(self, cache, word=None):
        """Runs as plain and in silence; verbose says one reason or more."""
        self.assert_as_plain(self.cached(cache))
        verbose = self.cached(cache, PYAOT_VERBOSE="1")
        self.assertEqual(self.plain.out, verbose.out)
        self.assertEqual(self.plain.status, verbose.status)
        text = verbose.err.decode()
        self.assertIn("pyaot", text)
        if word:
            self.assertIn(word, text)
        stats = os.path.join(self.folder, "stats.json")
        if os.path.exists(stats):
            os.remove(stats)
        self.assert_as_plain(self.cached(cache, PYAOT_STATS=stats))
        self.assertFalse((harness.read_stats(stats) or {}).get(
            "executors_entered"), "native code of a bad cache was run")

    def copy(self):
        folder = os.path.join(self.folder, "copy")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.cache, folder)
        return folder

    @staticmethod
    def files(folder):
        return sorted(os.path.join(where, name)
                      for where, _, names in os.walk(folder)
                      for name in names)

    # --- the three commands

    def test_profile(self):
        self.assertEqual(0, self.profiled.status, self.profiled.err)
        self.assertEqual(self.plain.out, self.profiled.out)
        lines = self.profiled.err.decode().splitlines()
        self.assertEqual(1, len(lines), lines)
        for word in ("code objects", "sites", "samples"):
            self.assertIn(word, lines[0])
        self.assertTrue(os.path.exists(os.path.join(self.work, "pyaot.db")))

    def test_build(self):
        self.assertEqual(0, self.built.status, self.built.err)
        text = (self.built.out + self.built.err).decode()
        self.assertIn("built", text)
        self.assertTrue(self.files(self.cache))

    def test_cached(self):
        stats = os.path.join(self.folder, "used.json")
        self.assert_as_plain(self.cached(PYAOT_STATS=stats))
        figures = harness.read_stats(stats)
        self.assertIsNotNone(figures, "no statistics")
        for key in ("code_matched", "executors_registered",
                    "executors_entered", "exits", "native_seconds"):
            self.assertIn(key, figures)
        self.assertGreater(figures["code_matched"], 0)
        self.assertGreater(figures["executors_registered"], 0)
        self.assertGreater(figures["executors_entered"], 0)

    def test_units_of_several_modules(self):
        """Each module is a unit of its own; all of them are loaded."""
        folder = os.path.join(self.folder, "modules")
        os.mkdir(folder)
        text = ""
        for number in range(5):
            with open(os.path.join(folder, f"part{number}.py"), "w",
                      encoding="utf-8") as file:
                file.write(f"def work(n):\n    total = {number}\n"
                           "    for i in range(n):\n        total += i * 3\n"
                           "    return total\n")
            text += (f"import part{number}\n"
                     f"for _ in range(30): r = part{number}.work(2000)\n"
                     "print(r)\n")
        app = os.path.join(folder, "app.py")
        with open(app, "w", encoding="utf-8") as file:
            file.write(text)
        database = os.path.join(folder, "p.db")
        cache = os.path.join(folder, "cache")
        stats = os.path.join(folder, "stats.json")
        plain = self.bench.plain([app])
        self.bench.profile(database, [app])
        self.assertEqual(0, self.bench.build(database, cache).status)
        result = self.bench.cached(cache, [app], PYAOT_STATS=stats)
        self.assertEqual((0, plain.out), (result.status, result.out))
        figures = harness.read_stats(stats)
        self.assertEqual(5, figures["code_matched"])
        self.assertEqual({}, figures["refused"])

    def test_relative_cache(self):
        result = harness.run(
            [self.bench.python, *self.app],
            harness.clean_environment(PYAOT_CACHE="./cache"), self.work)
        self.assert_as_plain(result)

    def test_other_input(self):
        other = os.path.join(self.folder, "status2")
        with open(other, "w", encoding="utf-8") as file:
            file.write(package_database(61))
        for arguments in ([APP, other], [APP, other + ".none"],
                          [APP, "--top", "x"], [APP, "--help"]):
            plain = self.bench.plain(arguments)
            cached = self.bench.cached(self.cache, arguments)
            self.assertEqual((plain.status, plain.out, plain.err),
                             (cached.status, cached.out, cached.err))

    def test_verbose(self):
        result = self.cached(PYAOT_VERBOSE="1")
        self.assertEqual(self.plain.out, result.out)
        text = result.err.decode()
        for word in ("matched", "registered", "entered"):
            self.assertIn(word, text)

    def test_off_switch(self):
        stats = os.path.join(self.folder, "off.json")
        self.assert_as_plain(self.cached(PYAOT="0", PYAOT_STATS=stats))
        self.assertFalse((harness.read_stats(stats) or {}).get(
            "executors_entered"))

    def test_isolated_ignores_cache(self):
        for flag in ("-E", "-I"):
            result = self.bench.cached(self.cache, [flag, *self.app],
                                       PYAOT_VERBOSE="1")
            self.assert_as_plain(result)

    def test_second_profile_adds(self):
        database = os.path.join(self.folder, "twice.db")
        for _ in range(2):
            result = self.bench.profile(database, self.app)
            self.assertEqual((self.plain.status, self.plain.out,
                              self.plain.err),
                             (result.status, result.out, result.err))
        cache = os.path.join(self.folder, "twice")
        built = self.bench.build(database, cache)
        self.assertEqual(0, built.status, built.err)
        self.assert_as_plain(self.cached(cache))

    def test_rebuild_is_equal(self):
        database = os.path.join(self.work, "pyaot.db")
        caches = []
        for name in ("one", "two"):
            caches.append(os.path.join(self.folder, name))
            built = self.bench.build(database, caches[-1])
            self.assertEqual(0, built.status, built.err)
        first, second = map(self.files, caches)
        self.assertEqual([os.path.basename(f) for f in first],
                         [os.path.basename(f) for f in second])
        for a, b in zip(first, second):
            with open(a, "rb") as file, open(b, "rb") as other:
                self.assertEqual(file.read(), other.read(), a)

    # --- caches that must not be used

    def test_cache_missing(self):
        self.assert_refused(os.path.join(self.folder, "nowhere"))

    def test_cache_is_a_file(self):
        self.assert_refused(self.status)

    def test_cache_empty(self):
        folder = os.path.join(self.folder, "empty")
        os.makedirs(folder, exist_ok=True)
        self.assert_refused(folder)

    def test_cache_writable_by_others(self):
        folder = self.copy()
        os.chmod(folder, 0o777)
        self.assert_refused(folder, "writ")
        os.chmod(folder, 0o755)
        for path in self.files(folder):
            os.chmod(path, 0o666)
        self.assert_refused(folder, "writ")

    def test_cache_files_empty(self):
        folder = self.copy()
        for path in self.files(folder):
            with open(path, "wb"):
                pass
        self.assert_refused(folder)

    def test_cache_truncated(self):
        for share in (0.01, 0.5, 0.99):
            folder = self.copy()
            for path in self.files(folder):
                os.truncate(path, int(os.path.getsize(path) * share))
            self.assert_refused(folder)

    def test_cache_flipped(self):
        """A few bytes of each file; test_cache_corruption flips them all."""
        for share in (0.0, 0.1, 0.5, 0.9, 0.999):
            folder = self.copy()
            for path in self.files(folder):
                with open(path, "r+b") as file:
                    data = bytearray(file.read())
                    if data:
                        data[int(len(data) * share)] ^= 0x10
                        file.seek(0)
                        file.write(data)
            self.assert_refused(folder)

    def test_cache_garbage(self):
        folder = self.copy()
        for path in self.files(folder):
            with open(path, "wb") as file:
                file.write(b"garbage " * 1000)
        self.assert_refused(folder)

    def test_cache_partly_gone(self):
        files = self.files(self.cache)
        for gone in range(len(files)):
            folder = self.copy()
            os.remove(self.files(folder)[gone])
            self.assert_as_plain(self.cached(folder))

    @unittest.skipIf(os.getuid() == 0, "root may read everything")
    def test_cache_unreadable(self):
        folder = self.copy()
        os.chmod(folder, 0)
        try:
            self.assert_refused(folder)
        finally:
            os.chmod(folder, 0o755)

    @unittest.skipUnless(os.getuid() == 0, "only root can give files away")
    def test_cache_of_another_user(self):
        folder = self.copy()
        for path in [folder, *self.files(folder)]:
            os.chown(path, 12345, 12345)
        self.assert_refused(folder)

    # --- what it costs when it is not asked for

    def test_cost_when_unset(self):
        """Reported, not judged: the clock is not a test."""
        bare = harness.make_venv(self.bench.base_python,
                                 os.path.join(self.folder, "bare"))
        times = {bare: [], self.bench.python: []}
        environment = harness.clean_environment()
        for number in range(21):
            order = list(times)
            for python in order if number % 2 else order[::-1]:
                start = time.perf_counter()
                harness.run([python, "-c", "pass"], environment)
                times[python].append(time.perf_counter() - start)
        without, with_hook = (statistics.median(t) * 1e3
                              for t in times.values())
        print(f"start-up: {without:.2f} ms without the hook,"
              f" {with_hook:.2f} ms with it and PYAOT_CACHE unset")


if __name__ == "__main__":
    unittest.main()
