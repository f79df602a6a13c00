"""Every row of the tables of operations, builtins and methods, trained with
operands of one class and run with operands of every class: as plain.

A sample of the functions that tests/tools/table_program.py writes; all of them
(some minutes) with PYAOT_TABLES=all.
"""

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "tools"))

import harness  # noqa: E402  (needs the path above)
import table_program  # noqa: E402

SAMPLE = 150        # functions of each part
CHUNK = 300         # functions of one program, if all are run
SECONDS = 600
LEAST_NATIVE = 0.9  # share of the functions that have native code
SHOWN = 20


class TestTables(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pyaot-tables-")
        cls.bench = harness.Bench(cls.folder.name)
        cls.bench.compile_everything("table.py")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def walk(self, writer, first, step):
        folder = tempfile.mkdtemp(dir=self.folder.name)
        path = os.path.join(folder, "table.py")
        text = writer.text(first, len(writer.functions), step)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        count = len(range(first, len(writer.functions), step))
        plain = self.bench.plain([path], SECONDS, folder)
        self.assertEqual((plain.status, plain.err), (0, b""))
        self.assertEqual(len(plain.out.splitlines()), count)
        database = os.path.join(folder, "db")
        cache = os.path.join(folder, "cache")
        profiled = self.bench.profile(database, [path, "train"], SECONDS,
                                      True, folder)
        self.assertEqual((profiled.status, profiled.err), (0, b""))
        built = self.bench.build(database, cache)
        self.assertEqual(built.status, 0, built.err.decode())
        stats_path = os.path.join(folder, "stats.json")
        cached = self.bench.cached(cache, [path], SECONDS, folder,
                                   PYAOT_STATS=stats_path)
        self.assertEqual((cached.status, cached.err), (0, b""),
                         cached.out[-2000:].decode(errors="replace"))
        different = [line.decode() for line, other in
                     zip(plain.out.splitlines(), cached.out.splitlines())
                     if line != other]
        self.assertEqual(different[:SHOWN], [])
        self.assertEqual(plain.out, cached.out)
        stats = harness.read_stats(stats_path) or {}
        self.assertGreater(stats.get("code_matched", 0), LEAST_NATIVE * count)
        self.assertGreater(stats.get("executors_entered", 0), 50 * count)

    def walk_part(self, part):
        writer = table_program.functions_of(part)
        n = len(writer.functions)
        if os.environ.get("PYAOT_TABLES") != "all":
            # In the middle of a step, which is odd so that it meets all rows.
            step = n // SAMPLE | 1
            self.walk(writer, step // 2, step)
            return
        chunks = -(-n // CHUNK)
        for chunk in range(chunks):
            with self.subTest(part=part, chunk=chunk):
                self.walk(writer, chunk, chunks)

    def test_builtins(self):
        self.walk_part("builtins")

    def test_methods(self):
        self.walk_part("methods")

    def test_operators(self):
        self.walk_part("operators")

    def test_forms(self):
        self.walk_part("forms")


if __name__ == "__main__":
    unittest.main()
