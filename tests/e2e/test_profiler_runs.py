"""Recording threads, children and killed programs; bad databases."""

import glob
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
from profiler_kit import BOOT, Case, MODULES, PYTHON, TOTALS  # noqa: E402


class Processes(Case):
    WORK = """
        import os, signal, sys, threading, time
        def work(n):
            s = 0
            for i in range(n): s += i
            return s
        """

    def test_threads(self):
        self.record_text(self.WORK + """
        ts = [threading.Thread(target=work, args=(700,)) for _ in range(4)]
        for t in ts: t.start()
        for t in ts: t.join()
        """)
        self.assertEqual(self.count("work", "back"), 2800)
        self.assertEqual(self.count("work", "entry"), 4)

    def test_forked_children(self):
        self.record_text(self.WORK + """
        work(500)
        for i in range(4):
            pid = os.fork()
            if pid == 0:
                work(700)
                if i % 2: os._exit(0)
                sys.exit(0)
            os.waitpid(pid, 0)
        work(500)
        """)
        self.assertEqual(self.count("work", "back"), 2 * 500 + 4 * 700)
        self.assertEqual(self.count("work", "entry"), 6)
        with sqlite3.connect(self.db) as db:
            (runs,), = db.execute("SELECT count(*) FROM run")
        db.close()
        self.assertEqual(runs, 5)

    def test_multiprocessing(self):
        done = self.record_text("""
            import multiprocessing
            def work(n):
                s = 0
                for i in range(n): s += i
                return s
            if __name__ == "__main__":
                context = multiprocessing.get_context("fork")
                ps = [context.Process(target=work, args=(600,))
                      for _ in range(4)]
                for p in ps: p.start()
                for p in ps: p.join()
                print([p.exitcode for p in ps])
            """)
        self.assertEqual(done.stdout, b"[0, 0, 0, 0]\n")
        self.assertEqual(self.count("work", "back"), 2400)

    def killed(self, ending):
        self.write("prog.py", textwrap.dedent(self.WORK) + textwrap.dedent("""
        for i in range(200): work(10)
        time.sleep(0.6)
        """) + ending)
        done = self.record("prog.py")
        self.assertEqual(self.count("work", "entry"), 200)
        self.assertEqual(self.count("work", "back"), 2000)
        for leftover in glob.glob(self.db + "-*"):
            self.fail(leftover)
        return done

    def test_killed(self):
        self.assertEqual(self.killed("os.kill(os.getpid(), 9)").returncode, -9)

    def test_terminated(self):
        self.assertEqual(self.killed("os.kill(os.getpid(), 15)").returncode,
                         -15)

    def test_killed_while_it_works(self):
        """All but the last interval, a second at most, is there."""
        self.write("prog.py", textwrap.dedent(self.WORK) + textwrap.dedent("""
        start = time.monotonic()
        while True:
            work(10)
            print(time.monotonic() - start, flush=True)
            time.sleep(0.01)
        """))
        for number in signal.SIGKILL, signal.SIGTERM:
            process = subprocess.Popen(
                [PYTHON, BOOT, MODULES, self.db, "1", "prog.py"],
                cwd=self.dir, stdout=subprocess.PIPE)
            ends = []
            while not ends or ends[-1] < 2.5:
                ends.append(float(process.stdout.readline()))
            process.send_signal(number)
            process.stdout.close()
            self.assertEqual(process.wait(), -number)
            before = sum(end < ends[-1] - 1.3 for end in ends)
            self.assertGreater(before, 20)
            self.assertGreaterEqual(self.count("work", "entry"), before)
            os.unlink(self.db)

    def test_interrupted_from_a_terminal(self):
        """Ctrl-C goes to the program, which may go on; so does recording."""
        self.write("prog.py", textwrap.dedent(self.WORK) + textwrap.dedent("""
        caught = 0
        for i in range(3000):
            try:
                if i == 0: print("ready", flush=True)
                work(1000)
                time.sleep(0.001)
                if caught: break
            except KeyboardInterrupt:
                caught += 1
        for i in range(50): work(10)
        sys.exit(40 + caught)
        """))
        process = subprocess.Popen(
            [PYTHON, BOOT, MODULES, self.db, "0", "prog.py"], cwd=self.dir,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 41, err)
        self.assertRegex(err, TOTALS)
        self.assertGreaterEqual(self.count("work", "entry"), 50)

    def test_os_exit_loses_nothing(self):
        self.write("prog.py", textwrap.dedent(self.WORK)
                   + "for i in range(200): work(100)\nos._exit(3)\n")
        done = self.record("prog.py")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, TOTALS)
        self.assertEqual(self.count("work", "entry"), 200)

    def test_killed_at_any_moment_leaves_a_good_database(self):
        self.write("prog.py", textwrap.dedent(self.WORK)
                   + "while True: work(1000)\n")
        for delay in 0.05, 0.08, 0.11, 0.15, 0.2, 0.3:
            process = subprocess.Popen(
                [PYTHON, BOOT, MODULES, self.db, "1", "prog.py"],
                cwd=self.dir)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        with sqlite3.connect(self.db) as db:
            (result,), = db.execute("PRAGMA integrity_check")
        db.close()
        self.assertEqual(result, "ok")

    def test_several_programs_at_once(self):
        self.write("prog.py", textwrap.dedent(self.WORK)
                   + "for i in range(30): work(100); time.sleep(0.005)\n")
        ps = [subprocess.Popen([PYTHON, BOOT, MODULES, self.db, "1",
                                "prog.py"], cwd=self.dir) for _ in range(4)]
        self.assertEqual([p.wait() for p in ps], [0] * 4)
        self.assertEqual(self.count("work", "entry"), 120)


class BadDatabases(Case):
    def refused(self, words):
        self.write("prog.py", "print('ran')\n")
        done = self.record("prog.py")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, b"")
        message = done.stderr.decode()
        self.assertTrue(message.startswith("pyaot: "), message)
        self.assertEqual(message.count("\n"), 1, message)
        self.assertIn(words, message)

    def test_not_sqlite(self):
        with open(self.db, "wb") as file:
            file.write(b"x" * 5000)
        self.refused("is not a profile database")
        with open(self.db, "rb") as file:
            self.assertEqual(file.read(), b"x" * 5000)

    def test_other_application(self):
        with sqlite3.connect(self.db) as db:
            db.execute("CREATE TABLE t (x)")
        db.close()
        self.refused("not a pyaot profile")

    def test_other_version(self):
        self.write("prog.py", "pass\n")
        self.record("prog.py")
        with sqlite3.connect(self.db) as db:
            db.execute("PRAGMA user_version = 7")
        db.close()
        self.refused("schema version 7")

    def test_truncated(self):
        self.write("prog.py", self.LOOP)
        self.record("prog.py")
        os.truncate(self.db, os.path.getsize(self.db) // 2)
        self.refused("damaged")

    def test_missing_folder(self):
        self.db = os.path.join(self.dir, "no", "p.db")
        self.refused("choose another place")

    def test_is_a_folder(self):
        os.mkdir(self.db)
        self.refused("not a regular file")

    def test_empty_file_is_a_new_database(self):
        open(self.db, "w").close()
        self.write("prog.py", "for i in range(100): pass\n")
        self.assertEqual(self.record("prog.py").returncode, 0)
        self.assertNotEqual(self.rows("<module>"), {})

    def test_database_vanishes(self):
        self.write("prog.py", f"""
            import os, time
            def f():
                for i in range(10): pass
            for i in range(20): f()
            time.sleep(0.2)
            os.unlink({self.db!r})
            for i in range(20): f()
            time.sleep(0.5)
            for i in range(20): f()
            """)
        done = self.record("prog.py")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, TOTALS)
        self.assertNotEqual(self.rows("f"), {})

    def test_database_breaks_while_running(self):
        self.write("prog.py", f"""
            import time
            def f():
                for i in range(10): pass
            for i in range(20): f()
            time.sleep(0.2)
            open({self.db!r}, "wb").write(b"garbage" * 1000)
            for i in range(20): f()
            time.sleep(0.5)
            print("done")
            """)
        done = self.record("prog.py")
        self.assertEqual((done.returncode, done.stdout), (0, b"done\n"))
        self.assertEqual(done.stderr.count(b"pyaot:"), 1)
        self.assertIn(b"is not a profile database", done.stderr)

    def test_locked_database_does_not_block(self):
        self.write("prog.py", "pass\n")
        self.record("prog.py")
        self.write("prog.py", f"""
            import sqlite3, time
            db = sqlite3.connect({self.db!r}, isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            def f():
                for i in range(10): pass
            worst = 0
            end = time.perf_counter() + 0.5
            while time.perf_counter() < end:
                start = time.perf_counter()
                f()
                worst = max(worst, time.perf_counter() - start)
            db.execute("COMMIT")
            db.close()
            print(worst < 0.3)
            """)
        done = self.record("prog.py")
        self.assertEqual(done.stdout, b"True\n")
        self.assertNotEqual(self.rows("f"), {})

    def test_nothing_to_run(self):
        for args in (), ("-m",), ("-c",):
            done = self.record(*args)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"nothing to run", done.stderr)

    def test_missing_script(self):
        done = self.record("nowhere.py")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"cannot open script 'nowhere.py'", done.stderr)


if __name__ == "__main__":
    unittest.main()
