"""PYAOT_PROFILE: a process and its children are recorded, and cannot tell."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402  (needs the path above)
from profiler_kit import ByVariable, PYAOT, TOTALS  # noqa: E402

WORK = """
import os, signal, subprocess, sys, threading, time
def work(n):
    s = 0
    for i in range(n): s += i
    return s
"""


class Children(ByVariable):
    def program(self, text, name="prog.py"):
        self.write(name, WORK + textwrap.dedent(text))
        return name

    def same(self, *args, **options):
        """Runs as plain, and is recorded."""
        plain = self.assertSameRun(*args, **options)
        self.assertEqual(b"", plain.stderr)
        return plain

    def settled(self, expected, qualname="work", what="entry", file="prog.py"):
        """What others write who outlive the program comes soon."""
        end = time.monotonic() + 20
        while (self.count(qualname, what, file) != expected
               and time.monotonic() < end):
            time.sleep(0.05)
        self.assertEqual(expected, self.count(qualname, what, file))

    def runs(self):
        with sqlite3.connect(self.db) as db:
            (runs,), = db.execute("SELECT count(*) FROM run")
        db.close()
        return runs

    def test_one_process(self):
        self.program("print(work(700))")
        self.same("prog.py", "a")
        self.assertEqual(1, self.count("work", "entry"))
        self.assertEqual(700, self.count("work", "back"))
        self.assertEqual(1, self.runs())
        with sqlite3.connect(self.db) as db:
            meta = dict(db.execute("SELECT name, value FROM meta"))
        db.close()
        self.assertIn("python_abi", meta)

    def test_what_is_there_besides(self):
        """Loaded modules, handlers, threads, warnings, garbage."""
        self.program("""
            import gc, warnings
            print(gc.collect(), gc.get_count()[1:], sorted(sys.modules))
            print([signal.getsignal(n) for n in range(1, 32)])
            print([t.name for t in threading.enumerate()], warnings.filters)
            print([sys.monitoring.get_tool(i) for i in range(6)], sys.flags)
            print(sys.argv, sys.orig_argv[1:], sys.path, sys.path_hooks)
            print(sys.meta_path, list(sys.path_importer_cache))
            print(len(object.__subclasses__()), sys.gettrace(), list(globals()))
            import atexit
            print(atexit._ncallbacks() if os.environ["PYAOT_PROFILE"] == ""
                  else atexit._ncallbacks() - 1)
            print(list(os.environ))
            """)
        for flags in (), ("-W", "error"), ("-X", "dev"), ("-bb", "-O"), \
                ("-X", "frozen_modules=off"):
            with self.subTest(flags):
                self.assertSameRun(*flags, "prog.py")

    def test_subprocess_chain(self):
        self.program("""
            left = int(sys.argv[1])
            work(200)
            if left:
                done = subprocess.run([sys.executable, __file__, str(left - 1)])
                print(left, done.returncode)
            sys.exit(left)
            """)
        self.same("prog.py", "4")
        self.assertEqual(5, self.count("work", "entry"))
        self.assertEqual(1000, self.count("work", "back"))
        self.assertEqual(5, self.runs())

    def test_ways_to_start_a_child(self):
        self.program("""
            if sys.argv[1:]:
                work(100)
                print(sys.argv[1:], flush=True)
                sys.exit(3)
            args = [sys.executable, __file__]
            wait = lambda pid: print(os.waitstatus_to_exitcode(
                os.waitpid(pid, 0)[1]), flush=True)
            wait(os.posix_spawn(args[0], args + ["posix_spawn"], os.environ))
            wait(os.posix_spawnp(args[0], args + ["posix_spawnp"], os.environ))
            print(os.spawnv(os.P_WAIT, args[0], args + ["spawnv"]), flush=True)
            print(os.spawnle(os.P_WAIT, args[0], *args, "spawnle", os.environ),
                  flush=True)
            print(os.waitstatus_to_exitcode(os.system(
                f"'{args[0]}' {args[1]} system")), flush=True)
            with os.popen(f"'{args[0]}' {args[1]} popen") as pipe:
                print(pipe.read(), flush=True)
            for options in ({}, {"close_fds": False}, {"shell": False},
                            {"start_new_session": True},
                            {"preexec_fn": lambda: work(7)}):
                print(subprocess.run(args + [str(sorted(options))], **options)
                      .returncode, flush=True)
            import asyncio
            async def main():
                child = await asyncio.create_subprocess_exec(*args, "asyncio")
                print(await child.wait(), flush=True)
            asyncio.run(main())
            """)
        self.same("-W", "error", "prog.py")
        # The one in preexec_fn is lost or not: that child becomes another
        # program by C.
        self.assertIn(self.count("work", "back"), (1200, 1207))

    def test_exec(self):
        self.program("""
            steps = ["execv", "execve", "execl", "execlp", "execvpe", "end"]
            step = sys.argv[1] if sys.argv[1:] else "execv"
            work(150)
            print(step, flush=True)
            later = steps[steps.index(step) + 1:]
            if later:
                python = sys.executable
                args = [python, __file__, *later[:1]]
                try:
                    os.execv("/nowhere", ["x"])
                except FileNotFoundError:
                    pass
                if step == "execv": os.execv(python, args)
                if step == "execve": os.execve(python, args, os.environ)
                if step == "execl": os.execl(python, *args)
                if step == "execlp": os.execlp(python, *args)
                os.execvpe(python, args, os.environ)
            sys.exit(6)
            """)
        self.assertEqual(6, self.same("prog.py").returncode)
        self.assertEqual(6, self.count("work", "entry"))
        self.assertEqual(900, self.count("work", "back"))

    POOL = """
        import multiprocessing
        def task(n):
            return work(100) + n
        def main(how):
            context = multiprocessing.get_context(how)
            with context.Pool(3) as pool: # terminates its workers
                print(pool.map(task, range(20), chunksize=1))
            process = context.Process(target=task, args=(1,))
            process.start()
            process.join()
            print(process.exitcode)
            from concurrent.futures import ProcessPoolExecutor
            with ProcessPoolExecutor(2, mp_context=context) as pool:
                print(list(pool.map(task, range(9))))
        if __name__ == "__main__":
            main(sys.argv[1])
        """

    def pool(self, how):
        self.program(self.POOL)
        self.same("-W", "error", "prog.py", how)
        # Of what has run less than 8 times in a process nothing is kept.
        self.settled(3000, "work", "back")

    def test_pools_of_fork(self):
        self.pool("fork")

    def test_pools_of_spawn(self):
        self.pool("spawn")

    def test_pools_of_forkserver(self):
        self.pool("forkserver")

    def test_fork_storm(self):
        self.program("""
            import warnings
            warnings.simplefilter("error")
            def storm(depth):
                children = []
                for i in range(3):
                    pid = os.fork()
                    if pid == 0:
                        work(40)
                        if depth: storm(depth - 1)
                        if i == 1: os._exit(i)
                        sys.exit(i)
                    children.append(pid)
                for i, pid in enumerate(children):
                    status = os.waitpid(pid, 0)[1]
                    assert os.waitstatus_to_exitcode(status) == i, status
            storm(2)
            print("over")
            """)
        self.same("prog.py")
        self.assertEqual(3 + 9 + 27, self.count("work", "entry"))
        self.assertEqual(40 * 39, self.count("work", "back"))
        self.assertEqual(40, self.runs())

    def test_many_at_once_with_the_same_code(self):
        self.program("""
            if sys.argv[1:]:
                for i in range(50): work(20)
                sys.exit()
            children = [subprocess.Popen([sys.executable, __file__, "x"])
                        for i in range(24)]
            print([child.wait() for child in children])
            """)
        self.same("prog.py")
        self.assertEqual(24 * 50, self.count("work", "entry"))
        self.assertEqual(24 * 1000, self.count("work", "back"))

    def test_ends_of_children(self):
        self.program("""
            ends = {"exit": "sys.exit(3)", "_exit": "os._exit(4)",
                    "term": "os.kill(os.getpid(), 15)", "fails": "1/0",
                    "thread": "threading.Thread(target=os._exit, args=(5,))"
                              ".start(); time.sleep(9)",
                    "abort": "os.abort()"}
            if sys.argv[1:]:
                import resource
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                for i in range(30): work(10)
                if sys.argv[1] == "abort": time.sleep(0.5)
                exec(ends[sys.argv[1]])
                print("not reached")
            for end in ends:
                done = subprocess.run([sys.executable, __file__, end],
                                      capture_output=True, text=True)
                print(end, done.returncode, done.stdout, done.stderr)
            """)
        self.same("prog.py")
        self.assertEqual(6 * 30, self.count("work", "entry"))

    def test_terminated_children_lose_nothing(self):
        """SIGTERM, as terminate() sends it, at any moment."""
        self.program("""
            if sys.argv[1:]:
                threads = sys.argv[1] == "threads"
                if threads:
                    threading.Thread(target=time.sleep, args=(9,),
                                     daemon=True).start()
                for i in range(40): work(10)
                print("done", flush=True)
                if sys.argv[1] == "busy":
                    while True: pass
                time.sleep(9)
            for how in ("idle", "busy", "threads") * 4:
                child = subprocess.Popen([sys.executable, __file__, how],
                                         stdout=subprocess.PIPE)
                child.stdout.readline()
                child.terminate()
                print(how, child.wait(), child.stdout.read())
            """)
        self.same("prog.py")
        self.assertEqual(12 * 40, self.count("work", "entry"))

    def test_sigterm_is_the_programs(self):
        self.program("""
            def say(*words): print(*words, flush=True)
            def child(text):
                done = subprocess.run([sys.executable, "-c", text],
                                      capture_output=True, text=True)
                say(done.returncode, done.stdout, done.stderr)
            me = "import os, signal, sys, time; me = os.getpid();"
            child(me + "signal.signal(15, lambda *a: print('caught'));"
                  "os.kill(me, 15); print('on')")
            child(me + "print(signal.signal(15, signal.SIG_IGN));"
                  "os.kill(me, 15); print('on')")
            child(me + "signal.signal(15, lambda *a: 1);"
                  "print(signal.signal(15, signal.SIG_DFL) is not None);"
                  "os.kill(me, 15); print('on')")
            child(me + "signal.pthread_sigmask(0, [15]); os.kill(me, 15);"
                  "print(signal.sigpending(), signal.sigwait([15]))")
            child(me + "signal.pthread_sigmask(0, [15]); os.kill(me, 15);"
                  "print('on'); sys.stdout.flush();"
                  "signal.pthread_sigmask(1, [15]); print('not reached')")
            child(me + "os.kill(me, 15); os.write(1, b'not reached')")
            child(me + "pid = os.fork()\\n"
                  "if pid == 0: os.kill(os.getpid(), 15); print('on')\\n"
                  "print(os.waitpid(pid, 0)[1])")
            child(me + "import faulthandler\\n"
                  "os.execv(sys.executable, [sys.executable, '-c',"
                  "'import os; os.kill(os.getpid(), 15)'])")
            # Who ignores it hands that on.
            signal.signal(15, signal.SIG_IGN)
            child(me + "print(signal.getsignal(15)); os.kill(me, 15);"
                  "print('on')")
            """)
        self.same("prog.py")

    def test_relative_path_and_chdir(self):
        """What is relative is so to where the first process starts."""
        self.program("""
            work(10)
            os.mkdir("below")
            os.chdir("below")
            subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
            if os.fork() == 0:
                work(10)
                sys.exit()
            os.wait()
            import multiprocessing.util as util
            print(os.listdir())
            """)
        child = ("import sys; sys.path.insert(0, '..')\n"
                 "for i in range(3):\n def work(n):\n  for i in range(n): 1\n"
                 " work(10)\n")
        done = self.record("prog.py", child, db="p.db")
        self.assertEqual((b"[]\n", b""), (done.stdout, done.stderr))
        self.assertEqual(2, self.count("work", "entry"))
        self.assertEqual(30, self.count("work", "back", "<string>"))

    def test_cleared_environment(self):
        """Who gives children another environment is obeyed."""
        self.program("""
            code = "import os, sys; print(sorted(os.environ));" + sys.argv[1]
            def child(**options):
                print(subprocess.run([sys.executable, "-c", code],
                                     capture_output=True, **options))
            child(env={"LC_CTYPE": "C.UTF-8"})
            database = os.environ.pop("PYAOT_PROFILE")
            child(env={"LC_CTYPE": "C.UTF-8"})
            os.environ.clear()
            child(env={"LC_CTYPE": "C.UTF-8"})
            for i in range(3):
                if os.fork() == 0:
                    work(11)
                    os._exit(0)
                os.wait()
            """)
        self.same("prog.py", "\nfor i in range(99): 1")
        self.assertEqual(0, self.count("<module>", "back", "<string>"))
        self.assertEqual(33, self.count("work", "back"))

    def test_who_is_not_recorded(self):
        self.program("print(work(50))")
        for flag in "-I", "-E", "-S", "-IS":
            self.same(flag, "prog.py")
            self.assertFalse(os.path.exists(self.db), flag)
        self.same("prog.py", env=self.environment(PYAOT="0"))
        self.assertFalse(os.path.exists(self.db))
        for flag in "-s", "-P", "-B", "-u", "-O", "-OO":
            self.same(flag, "prog.py")
        self.assertEqual(6, self.count("work", "entry"))

    def test_not_under_its_loader(self):
        """With a cache, too, the program is recorded, and runs without it."""
        self.program("""
            for i in range(100): work(1000)
            print("_pyaot_loader" in sys.modules)
            """)
        self.record("prog.py")
        built = subprocess.run([PYAOT, "build", "-i", self.db, "-o", "cache"],
                               cwd=self.dir, capture_output=True)
        self.assertEqual(0, built.returncode, built.stderr)
        os.unlink(self.db)
        cache = {"PYAOT_CACHE": os.path.join(self.dir, "cache")}
        done = self.run_python("prog.py", env=self.environment(**cache))
        self.assertEqual((b"True\n", b""), (done.stdout, done.stderr))
        done = self.record("prog.py", env=self.environment(**cache))
        self.assertEqual((b"False\n", b""), (done.stdout, done.stderr))
        self.assertEqual(100, self.count("work", "entry"))
        done = self.record("prog.py", env=self.environment(
            **cache, PYAOT_VERBOSE="1", PYAOT_MODE="strict"))
        self.assertEqual(b"False\n", done.stdout)
        self.assertRegex(done.stderr, rb"\Apyaot: running uncompiled: "
                         rb"PYAOT_PROFILE is set\npyaot: recorded [^\n]*\n\Z")

    def test_totals_where_they_are_asked_for(self):
        self.program("""
            work(100)
            if os.fork() == 0: sys.exit()
            os.wait()
            """)
        done = self.record("prog.py",
                           env=self.environment(PYAOT_VERBOSE="1"))
        self.assertRegex(done.stderr, rb"\A" + TOTALS.pattern)
        self.assertEqual(1, done.stderr.count(b"\n"))

    def bad(self, db, word, **options):
        """Runs as plain; says one line where it is asked to; strict ends."""
        self.db = db
        self.program("print(work(1000)); sys.exit(5)")
        self.assertEqual(5, self.same("prog.py", **options).returncode)
        done = self.record("prog.py", **options,
                           env=self.environment(PYAOT_VERBOSE="1"))
        self.assertEqual((5, b"499500\n"), (done.returncode, done.stdout))
        self.assertRegex(done.stderr.decode(), r"\Apyaot: [^\n]*\n\Z")
        self.assertIn(word, done.stderr.decode())
        done = self.record("prog.py", **options,
                           env=self.environment(PYAOT_MODE="strict"))
        self.assertEqual((1, b""), (done.returncode, done.stdout))
        self.assertIn(word, done.stderr.decode())

    def test_bad_databases(self):
        self.bad(os.path.join(self.dir, "no", "p.db"), "choose another place")
        self.bad(self.dir, "not a regular file")
        self.bad("/dev/null", "not a regular file")
        self.bad("/proc/self/p.db", "choose another place")
        path = os.path.join(self.dir, "garbage")
        with open(path, "wb") as file:
            file.write(b"x" * 5000)
        self.bad(path, "is not a profile database")

    @unittest.skipIf(os.geteuid() == 0, "root may write anything")
    def test_database_of_another(self):
        self.program("work(10)")
        self.record("prog.py")
        os.chmod(self.db, 0o444)
        self.bad(self.db, "write")

    def test_full_disk(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
        self.bad(self.db, "p.db", preexec_fn=limit)

    def test_disk_fills_up(self):
        """Later than the database was made."""
        self.program("""
            import resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (25000, 25000))
            for i in range(300):
                exec(f"def f{i}(x):\\n for i in range(9): x += i\\n return x")
                exec(f"for k in range(99): f{i}(k)")
            time.sleep(0.3)
            print("done")
            """)
        self.same("prog.py")
        with sqlite3.connect(self.db) as db:
            (result,), = db.execute("PRAGMA integrity_check")
        db.close()
        self.assertEqual("ok", result)

    def test_locked_database(self):
        """By another for long: who starts and ends then is not lost."""
        self.program("for i in range(20): work(10)")
        self.record("prog.py")
        holder = sqlite3.connect(self.db, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        children = [
            subprocess.Popen([self.python, "prog.py"], cwd=self.dir,
                             stderr=subprocess.PIPE,
                             env=self.environment() | {
                                 "PYAOT_PROFILE": self.db})
            for _ in range(3)]
        time.sleep(3)
        holder.execute("COMMIT")
        holder.close()
        for child in children:
            self.assertEqual(b"", child.communicate()[1])
            self.assertEqual(0, child.returncode)
        self.assertEqual(80, self.count("work", "entry"))
        self.assertEqual(4, self.runs())

    def test_database_locked_for_good(self):
        """The program starts soon all the same."""
        self.program("print('started', flush=True); time.sleep(9)")
        self.record("-c", "pass")
        holder = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN EXCLUSIVE")
        child = subprocess.Popen([self.python, "prog.py"], cwd=self.dir,
                                 stdout=subprocess.PIPE,
                                 env=self.environment() | {
                                     "PYAOT_PROFILE": self.db})
        start = time.monotonic()
        self.assertEqual(b"started\n", child.stdout.readline())
        self.assertLess(time.monotonic() - start, 4)
        child.kill()
        child.communicate()

    def test_other_interpreters_in_the_process(self):
        """Only the main one is recorded; the others say nothing."""
        self.program("""
            import _interpreters
            for config in "isolated", "legacy":
                one = _interpreters.create(config)
                print(_interpreters.run_string(
                    one, "def f(n):\\n for i in range(n): pass\\nf(60)\\n"
                         "print('inside')"))
                _interpreters.destroy(one)
            work(60)
            """)
        self.same("prog.py")
        self.assertEqual(60, self.count("work", "back"))
        done = self.record("prog.py",
                           env=self.environment(PYAOT_VERBOSE="1"))
        self.assertRegex(done.stderr, rb"\A" + TOTALS.pattern)
        self.assertEqual(1, done.stderr.count(b"\n"))

    def test_pyaot_profile_there(self):
        """Its own database comes first; the children are the variable's."""
        other = os.path.join(self.dir, "other.db")
        self.program("""
            work(100)
            if sys.argv[1:]:
                subprocess.run([sys.executable, __file__])
            """)
        done = subprocess.run(
            [PYAOT, "profile", "-o", other, "--python", self.python,
             "prog.py", "x"], cwd=self.dir, capture_output=True,
            env=self.environment() | {"PYAOT_PROFILE": self.db})
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stderr, rb"\A" + TOTALS.pattern)
        self.assertEqual(1, self.count("work", "entry"))
        self.db = other
        self.assertEqual(1, self.count("work", "entry"))

    def test_short_runs_add_up(self):
        """Twenty that are short make what can be compiled; one does not, and
        building that is no error."""
        self.program("""
            def parse(line):
                out = []
                for word in line.split(): out.append(len(word))
                return sum(out)
            for i in range(4): parse("a b c " * 3)
            """)
        built = []
        for runs in 1, 19:
            for _ in range(runs):
                self.assertEqual(b"", self.record("prog.py").stderr)
            done = subprocess.run(
                [PYAOT, "build", "-i", self.db, "-o", "cache"], cwd=self.dir,
                capture_output=True, env=harness.clean_environment())
            self.assertEqual(0, done.returncode, done.stderr)
            built.append(done.stdout)
        self.assertIn(b"nothing was hot enough to compile", built[0])
        self.assertNotIn(b"nothing was hot", built[1])
        self.assertEqual(20 * 4, self.count("parse", "entry"))

    def test_same_cache_as_of_pyaot_profile(self):
        """Both ways see the same of a program."""
        self.program("""
            class P:
                def __init__(self, x): self.x = x
            total = 0
            for k in range(300): total += P(k).x + work(30)
            print(total)
            """)
        self.record("prog.py")
        first = {name: self.rows(name) for name in ("work", "P.__init__",
                                                    "<module>")}
        os.unlink(self.db)
        subprocess.run([PYAOT, "profile", "-q", "-o", self.db, "--python",
                        self.python, "prog.py"], cwd=self.dir, check=True,
                       env=harness.clean_environment(),
                       stdout=subprocess.DEVNULL)
        self.assertNotEqual({}, first["work"])
        for name, rows in first.items():
            self.assertEqual(rows, self.rows(name))


class ProfileChildren(ByVariable):
    """pyaot profile --children."""

    TEXT = WORK + """
print(work(100))
if sys.argv[1:]:
    print(subprocess.run([sys.executable, __file__]).returncode, flush=True)
    os.chdir("/")
    if os.fork() == 0:
        work(100)
        os._exit(0)
    os.wait()
    subprocess.run([sys.executable, __file__])
"""

    def profile(self, *options, python=None):
        return subprocess.run(
            [PYAOT, "profile", *options, "--python", python or self.python,
             os.path.join(self.dir, "prog.py"), "x"], cwd=self.dir,
            capture_output=True, env=harness.clean_environment())

    def test_children(self):
        self.write("prog.py", self.TEXT)
        plain = self.run_python(os.path.join(self.dir, "prog.py"), "x")
        done = self.profile("--children", "-o", "p.db")
        self.assertEqual((0, plain.stdout), (done.returncode, done.stdout))
        self.assertRegex(done.stderr, rb"\A" + TOTALS.pattern)
        self.assertEqual(4, self.count("work", "entry"))
        self.assertEqual(400, self.count("work", "back"))
        done = self.profile("-q", "--children", "-o", "./p.db")
        self.assertEqual(b"", done.stderr)
        self.assertEqual(8, self.count("work", "entry"))
        # Without it they are not.
        self.profile("-q", "-o", "p.db")
        self.assertEqual(10, self.count("work", "entry"))

    def test_switched_off(self):
        """PYAOT=0, and a cache that pyaot run would not use."""
        self.write("prog.py", self.TEXT)
        for command, more, word in (
                (["profile", "--children"], {"PYAOT": "0"}, b"PYAOT=0"),
                (["run"], {"PYAOT_PROFILE": self.db}, b"unset it")):
            done = subprocess.run(
                [PYAOT, *command, "--python", self.python, "prog.py"],
                cwd=self.dir, capture_output=True,
                env=harness.clean_environment(**more))
            self.assertEqual((1, b""), (done.returncode, done.stdout))
            self.assertTrue(done.stderr.startswith(b"pyaot: "))
            self.assertIn(word, done.stderr)
            self.assertEqual(1, done.stderr.count(b"\n"))
        done = subprocess.run(
            [PYAOT, "doctor", "--python", self.python], cwd=self.dir,
            capture_output=True,
            env=harness.clean_environment(PYAOT_PROFILE=self.db))
        self.assertIn(b"PYAOT_PROFILE=", done.stdout)

    def test_no_hook(self):
        self.write("prog.py", self.TEXT)
        bare = harness.make_venv(self.python, os.path.join(self.dir, "bare"))
        done = self.profile("--children", python=bare)
        self.assertEqual((1, b""), (done.returncode, done.stdout))
        self.assertRegex(done.stderr.decode(),
                         r"\Apyaot: [^\n]* does not load pyaot yet; run "
                         r"pyaot enable --python [^\n]*\n\Z")


if __name__ == "__main__":
    unittest.main()
