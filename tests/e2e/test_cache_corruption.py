"""A damaged, foreign or untrusted cache, byte by byte: pyaot names it in one
line, the program runs as without one. Also: the independent decoder reads
what pyaot writes.
"""

import json
import os
import shutil
import struct
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import cache_decode  # noqa: E402  (needs the path above)
import harness  # noqa: E402

MOST_FLIPS = 1500   # per file; larger files are sampled evenly
MOST_RUNS = 25      # of the program, per file

APP = """\
def work(n):
    total = 0.5
    i = 0
    while i < n:
        total += i * 0.25
        i += 1
    return total

for _ in range(30):
    result = work(2000)
print(result)
"""


class Corruption(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pyaot-corruption-")
        cls.bench = harness.Bench(cls.folder)
        cls.app = os.path.join(cls.folder, "app.py")
        with open(cls.app, "w", encoding="utf-8") as file:
            file.write(APP)
        database = os.path.join(cls.folder, "pyaot.db")
        cls.good = os.path.join(cls.folder, "good")
        for result in (cls.bench.profile(database, [cls.app]),
                       cls.bench.build(database, cls.good)):
            assert result.status == 0, result.err
        cls.plain = cls.bench.plain([cls.app])
        names = sorted(name for name in os.listdir(cls.good)
                       if name.endswith(".pyaot"))
        cls.files = [name for name in names if not name.startswith("image-")]
        cls.images = [name for name in names if name.startswith("image-")]
        assert len(cls.images) == len(cls.files) - 1, names
        assert len(cls.files) >= 2, cls.files

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        self.cache = os.path.join(self.folder, "cache")
        shutil.rmtree(self.cache, ignore_errors=True)
        shutil.copytree(self.good, self.cache)

    def read(self, name):
        with open(os.path.join(self.cache, name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(os.path.join(self.cache, name), "wb") as file:
            file.write(data)

    def pyaot(self, *arguments, **environment):
        return harness.run([self.bench.pyaot, *arguments],
                           harness.clean_environment(**environment))

    def assert_named(self, what=None):
        """`pyaot cache verify` says what is wrong."""
        result = self.pyaot("cache", "verify", self.cache)
        text = result.err.decode()
        self.assertEqual(1, result.status, f"{what}: seen as sound")
        self.assertTrue(text.startswith("pyaot: "), text)
        self.assertEqual(1, text.count("\n"), text)

    def assert_runs(self, **environment):
        result = self.bench.cached(self.cache, [self.app], **environment)
        self.assertEqual(self.plain.status, result.status, result.err)
        self.assertEqual(self.plain.out, result.out)
        return result.err.decode()

    def assert_runs_and_says_why(self, word):
        self.assertEqual("", self.assert_runs())
        self.assertIn(word, self.assert_runs(PYAOT_VERBOSE="1"))

    @staticmethod
    def places(length, most):
        """Positions to damage: both ends densely, the rest evenly."""
        if length <= most:
            return range(length)
        step = length / (most - most // 2)
        dense = set(range(most // 4)) | set(range(length - most // 4, length))
        return sorted(dense | {int(i * step)
                               for i in range(most - most // 2)})

    def test_decoder_reads_what_pyaot_writes(self):
        index, objects = cache_decode.decode(self.cache)
        self.assertEqual(len(self.files) - 1, len(index["units"]))
        self.assertTrue(index["abi"].startswith("cpython-3"))
        self.assertIn("work", [code["qualname"] for code in index["codes"]])
        for content in objects:
            if content is not None:
                self.assertEqual(b"\x7fELF", content[:4])
        listed = self.pyaot("inspect", self.cache).out.decode()
        for code in index["codes"]:
            self.assertIn(code["key"], listed)

    def test_any_changed_byte_is_named(self):
        for name in self.files:
            data = bytearray(self.read(name))
            for at in self.places(len(data), MOST_FLIPS):
                data[at] ^= 0x20
                self.write(name, data)
                self.assert_named(f"{name}: byte {at}")
                data[at] ^= 0x20
            self.write(name, data)
        self.assertEqual(0, self.pyaot("cache", "verify", self.cache).status)

    def test_program_runs_with_any_changed_byte(self):
        for name in self.files:
            data = bytearray(self.read(name))
            for at in self.places(len(data), MOST_RUNS):
                data[at] ^= 0xff
                self.write(name, data)
                self.assertEqual("", self.assert_runs())
                data[at] ^= 0xff
            self.write(name, data)

    def test_truncated_files(self):
        for name in self.files:
            data = self.read(name)
            for length in self.places(len(data), 40):
                self.write(name, data[:length])
                self.assert_named(f"{name}: {length} bytes")
            for length in (0, 1, 100, 300, len(data) - 1):
                self.write(name, data[:length])
                self.assert_runs_and_says_why(self.cache)
            self.write(name, data)

    def test_missing_files(self):
        for name in self.files:
            with self.subTest(name):
                data = self.read(name)
                os.unlink(os.path.join(self.cache, name))
                self.assert_named(name)
                self.assert_runs_and_says_why(self.cache)
                self.write(name, data)
        shutil.rmtree(self.cache)
        self.assert_runs_and_says_why(self.cache)
        os.mkdir(self.cache)
        self.assert_runs_and_says_why(self.cache)

    def assert_runs_natively(self, mapped):
        """The program runs native code, and says nothing; from an image?"""
        stats = os.path.join(self.folder, "stats.json")
        self.assertEqual("", self.assert_runs(PYAOT_STATS=stats))
        with open(stats, encoding="utf-8") as file:
            report = json.load(file)
        self.assertGreater(report["executors_entered"], 0)
        self.assertEqual({}, report["refused"])
        result = self.bench.cached(
            self.cache, ["-c", f"exec(open({self.app!r}).read())\n"
                         "maps = open('/proc/self/maps').read()\n"
                         "print('/image-' in maps)"])
        self.assertEqual(str(mapped), result.out.decode().split()[-1])

    def test_images_are_mapped(self):
        self.assert_runs_natively(True)
        os.chmod(self.cache, 0o555)
        self.assert_runs_natively(True)
        os.chmod(self.cache, 0o755)

    def test_damaged_images_are_left_alone(self):
        name = self.images[0]
        data = bytearray(self.read(name))
        for at in self.places(len(data), 12):
            data[at] ^= 0xff
            self.write(name, data)
            self.assert_named(f"{name}: byte {at}")
            self.assert_runs_natively(False)
            data[at] ^= 0xff
        for length in (0, 1, 100, len(data) - 1):
            self.write(name, data[:length])
            self.assert_named(f"{name}: {length} bytes")
            self.assert_runs_natively(False)
        self.write(name, data + b"\0")
        self.assert_named(f"{name}: longer")
        self.assert_runs_natively(False)
        other = bytearray(data[:-16])
        other[-1] ^= 1
        self.write(name, other + cache_decode.xxh3_128(bytes(other)))
        self.assert_named(f"{name}: of another unit")
        self.assert_runs_natively(False)
        self.write(name, data)
        self.assertEqual(0, self.pyaot("cache", "verify", self.cache).status)

    def test_odd_images_are_left_alone(self):
        path = os.path.join(self.cache, self.images[0])
        os.chmod(path, 0o666)
        self.assert_named("writable by others")
        self.assert_runs_natively(False)
        os.unlink(path)
        os.mkfifo(path)
        self.assert_runs_natively(False)
        os.unlink(path)
        os.symlink("/dev/zero", path)
        self.assert_runs_natively(False)

    def test_missing_images(self):
        for name in self.images:
            os.unlink(os.path.join(self.cache, name))
        self.assertEqual(0, self.pyaot("cache", "verify", self.cache).status)
        self.assert_runs_natively(False)
        database = os.path.join(self.folder, "pyaot.db")
        self.assertEqual(0, self.bench.build(database, self.cache).status)
        self.assert_runs_natively(True)

    def test_images_go_with_their_units(self):
        self.pyaot("cache", "clear", self.cache)
        self.assertFalse(os.path.exists(self.cache))

    def patched(self, at, content):
        """The index with other bytes, its hash made right again."""
        data = bytearray(self.read("index.pyaot"))
        data[at:at + len(content)] = content
        data[-16:] = cache_decode.xxh3_128(bytes(data[:-16]))
        self.write("index.pyaot", data)

    def test_other_format_version(self):
        version, = struct.unpack_from("<I", self.read("index.pyaot"), 8)
        self.patched(8, struct.pack("<I", version + 1))
        self.assert_named()
        self.assert_runs_and_says_why("version")

    def test_other_cpu(self):
        self.patched(32, struct.pack("<I", 5))
        self.assert_runs_and_says_why("x86-64-v5")

    def test_other_interpreter(self):
        self.patched(72, b"cpython-399-")
        self.assert_runs_and_says_why("cpython-399")

    def test_other_pyaot(self):
        self.patched(24, struct.pack("<Q", 1))
        self.assert_runs_and_says_why("another build")

    def test_writable_by_others(self):
        for name in ("", "index.pyaot", self.files[-1]):
            with self.subTest(name):
                path = os.path.join(self.cache, name)
                mode = os.stat(path).st_mode & 0o777
                for bit in (0o020, 0o002):
                    os.chmod(path, mode | bit)
                    self.assert_named(name)
                    self.assert_runs_and_says_why("writable by others")
                self.assert_runs(PYAOT_TRUST="any")
                os.chmod(path, mode)

    @unittest.skipIf(os.geteuid() != 0, "only root can give a file away")
    def test_of_another_user(self):
        for name in ("", "index.pyaot", self.files[-1]):
            with self.subTest(name):
                path = os.path.join(self.cache, name)
                os.chown(path, 54321, -1)
                self.assert_named(name)
                self.assert_runs_and_says_why("another user")
                os.chown(path, 0, -1)

    def test_strict_mode_makes_it_an_error(self):
        self.write("index.pyaot", b"")
        result = self.bench.cached(self.cache, [self.app],
                                   PYAOT_MODE="strict")
        self.assertNotEqual(0, result.status)
        self.assertNotEqual(b"", result.err)
        self.assertEqual(b"", result.out)


if __name__ == "__main__":
    unittest.main()
