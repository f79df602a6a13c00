"""A recorded program runs as it does alone."""

import os
import sys
import textwrap
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
from profiler_kit import ByVariable, Case  # noqa: E402


class SameBehaviour(Case):
    def test_environment_of_a_script(self):
        self.write("env.py", """
            import sys
            print(list(globals()))
            print(__name__, __file__, __spec__, __package__, __doc__,
                  type(__loader__).__name__)
            print(sys.argv, sys.path, sys.orig_argv[1:])
            print(sys._getframe().f_back)
            print(sorted(sys.modules))
            import threading, traceback, warnings
            print(threading.active_count())
            traceback.print_stack(file=sys.stdout)
            warnings.warn("here"); warnings.warn("above", stacklevel=5)
            print(sys.flags, sys.gettrace(), sys.getprofile())
            print(repr(sys.stdin.read()))
            def depth(n):
                try: return depth(n + 1)
                except RecursionError: return n
            print(depth(0))
            import __main__
            print(vars(__main__) is globals())
            """)
        self.assertSameRun("env.py", "a", "b c", "-m", "--")
        self.assertSameRun("./env.py")
        self.assertSameRun(os.path.join(self.dir, "env.py"))
        self.assertSameRun("-m", "env", "x")
        os.mkdir(os.path.join(self.dir, "sub"))
        os.symlink("../env.py", os.path.join(self.dir, "sub", "link.py"))
        self.assertSameRun("sub/link.py")

    def test_safe_path(self):
        self.write("env.py", "import sys; print(sys.path)")
        environ = dict(os.environ, PYTHONSAFEPATH="1")
        self.assertSameRun("env.py", env=environ)
        self.assertSameRun("-m", "this", env=environ)

    def test_command(self):
        self.assertSameRun("-c", "import sys\nprint(sys.argv, sys.path[0],"
                           " __name__, sorted(globals()))\ndef f(): 1/0\nf()",
                           "-x", "y")
        self.assertSameRun("-c", "1 +")
        self.assertSameRun("-c", "import warnings; warnings.warn('x')")

    def test_module_and_package(self):
        self.write("pkg/__init__.py", "")
        self.write("pkg/other.py", "value = 3")
        self.write("pkg/__main__.py", """
            import sys
            from . import other
            print(__name__, __package__, __spec__.name, other.value)
            print(sys.argv, sys.path[0])
            1/0
            """)
        self.assertSameRun("-m", "pkg", "x", "-c")
        self.assertSameRun("-m", "no_such_module")

    def test_folder_and_zip(self):
        self.write("app/helper.py", "value = 5")
        self.write("app/__main__.py", """
            import sys, helper
            print(__name__, __file__, sys.argv, sys.path[0], helper.value)
            """)
        with zipfile.ZipFile(os.path.join(self.dir, "app.zip"), "w") as z:
            for name in "helper.py", "__main__.py":
                z.write(os.path.join(self.dir, "app", name), name)
        self.assertSameRun("app", "1")
        self.assertSameRun("app.zip", "2")

    def test_ends(self):
        for name, text in {
            "status": "import sys; sys.exit(7)",
            "message": "import sys; sys.exit('message')",
            "none": "raise SystemExit",
            "syntax": "def f(:",
            "os_exit": "import os; os._exit(5)",
            "term": "import os; os.kill(os.getpid(), 15)",
            "abort": "import os; os.abort()",
            "interrupt": "raise KeyboardInterrupt",
            "sigint": "import os, time; os.kill(os.getpid(), 2);"
                      "time.sleep(5)",
            "atexit": "import atexit; atexit.register(print, 'bye'); 1/0",
            "thread": "import threading; threading.Thread(target=lambda: 1/0)"
                      ".start()",
        }.items():
            with self.subTest(name):
                self.write(name + ".py", text)
                self.assertSameRun(name + ".py")

    def test_finalisers_at_the_end(self):
        text = textwrap.dedent("""
            import atexit, sys
            def say(*words): print(*words, globals().get("__file__") is None)
            class Dies:
                def __init__(self, name): self.name = name
                def __del__(self): say(self.name)
            kept = Dies("kept")
            cycle = [Dies("cycle")]
            cycle.append(cycle)
            atexit.register(say, "atexit")
            def leave(n):
                local = Dies("local")
                if n == 0:
                    END
                leave(n - 1)
            leave(2)
            """)
        for name, end in {"returns": "return", "exits": "sys.exit(3)",
                          "says": "sys.exit('word')",
                          "fails": "1 / 0"}.items():
            text_of = text.replace("END", end)
            self.write(name + ".py", text_of)
            for args in ([name + ".py"], ["-m", name], ["-c", text_of]):
                with self.subTest(name, how=args[0]):
                    self.assertSameRun(*args)

    def test_tracebacks(self):
        self.write("raises.py", """
            def f(x):
                if x == 0:
                    raise ValueError("bad") from KeyError("k")
                return f(x - 1)
            f(3)
            """)
        self.assertSameRun("raises.py")
        self.write("hook.py", """
            import sys
            def hook(kind, value, tb):
                while tb:
                    print(tb.tb_frame.f_code.co_name, tb.tb_lineno)
                    tb = tb.tb_next
            sys.excepthook = hook
            def g(): 1/0
            g()
            """)
        self.assertSameRun("hook.py")

    def test_exec_replaces_the_program(self):
        self.write("e.py", """
            import os, sys
            def f(n):
                s = 0
                for i in range(n): s += i
                return s
            f(2000)
            os.execv(sys.executable, [sys.executable, "-c", "print('new')"])
            """)
        self.assertSameRun("e.py")
        self.assertEqual(self.count("f", "entry", "e.py"), 1)

    def test_other_tools(self):
        self.write("cprof.py", """
            import cProfile, io, pstats
            def a(): return sum(i for i in range(1000))
            p = cProfile.Profile()
            p.enable()
            for _ in range(100): a()
            p.disable()
            print(pstats.Stats(p, stream=io.StringIO()).total_calls)
            """)
        self.assertSameRun("cprof.py")
        self.write("tracing.py", """
            import sys
            events = []
            def trace(frame, event, arg):
                events.append((frame.f_code.co_name, event, frame.f_lineno))
                return trace
            def f(n):
                s = 0
                for i in range(n):
                    if i % 2: s += i
                return s
            f(100)
            sys.settrace(trace); f(20); sys.settrace(None)
            print(events)
            """)
        self.assertSameRun("tracing.py")

    def test_co_code_stays(self):
        self.write("code.py", """
            import dis
            def f(n):
                s = 0
                for i in range(n): s += i
                return s
            before = f.__code__.co_code
            f(100000)
            print(before == f.__code__.co_code)
            dis.dis(f)
            """)
        self.assertSameRun("code.py")

    def test_fork_does_not_warn(self):
        self.write("forks.py", """
            import os, sys, warnings, logging
            warnings.simplefilter("always")
            def work(n):
                s = 0
                for i in range(n): s += i
                return s
            print(work(100000), flush=True)
            for i in range(5):
                pid = os.fork()
                if pid == 0:
                    print("child", work(100000), flush=True)
                    if i % 2: os._exit(9)
                    sys.exit(4)
                print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                work(10000)
            """)
        self.assertSameRun("forks.py")
        one = min(os.sched_getaffinity(0))
        self.assertSameRun("forks.py", preexec_fn=lambda: os.sched_setaffinity(
            0, {one}))

    def test_slow_hooks_after_a_fork(self):
        """The recorder's thread starts again only when os.fork has returned:
        the interpreter counts the threads after all hooks have run."""
        self.write("hooks.py", """
            import os, time, warnings
            warnings.simplefilter("always")
            def work(n):
                s = 0
                for i in range(n): s += i
                return s
            def late(n):
                for i in range(n): pass
            def hook():
                for i in range(10): work(10000); late(3)
            os.register_at_fork(after_in_parent=lambda: (work(100000), hook()))
            def child(): # never returns to the frame that forked
                end = time.time() + 0.3
                while time.time() < end: late(1000)
                os._exit(work(3))
            for i in range(4):
                work(100000)
                pid = os.fork()
                if pid == 0:
                    child()
                print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """)
        self.assertSameRun("hooks.py")
        self.assertGreater(self.count("child", "entry", "hooks.py"), 3)

    def test_closed_descriptors(self):
        self.write("closed.py", """
            import os, time
            def f(n):
                s = 0
                for i in range(n): s += i
                return s
            f(1000)
            os.closerange(3, 256)
            names = [open("f%d" % i, "w") for i in range(20)]
            end = time.time() + 0.4
            while time.time() < end: f(1000)
            for n in names: n.write("mine"); n.close()
            print(all(open("f%d" % i).read() == "mine" for i in range(20)))
            """)
        self.assertSameRun("closed.py")
        self.assertGreater(self.count("f", "entry", "closed.py"), 1)

    def test_every_kind_of_code(self):
        self.write("kinds.py", """
            import asyncio
            def g(n):
                try:
                    for i in range(n):
                        x = yield i
                        if x: print("got", x)
                except ValueError:
                    yield "caught"
                finally:
                    print("finally")
            def d(n):
                return (yield from g(n))
            it = g(50)
            for i in range(40): next(it)
            it.send(5); print(it.throw(ValueError("x")))
            print(sum(d(1000)))
            async def co(n):
                s = 0
                for i in range(n):
                    await asyncio.sleep(0); s += i
                return s
            async def ag(n):
                for i in range(n): yield i
            async def main():
                print(await asyncio.gather(*[co(30) for _ in range(5)]))
                print([x async for x in ag(100)])
            asyncio.run(main())
            def ex(n):
                c = 0
                for i in range(n):
                    try:
                        if i % 3 == 0: raise KeyError(i)
                        [1][i]
                    except KeyError: c += 1
                    except IndexError: c += 2
                    finally: c += 1
                return c
            print(ex(500))
            class M(type):
                def __getattr__(cls, n): return n
            class X(metaclass=M):
                __slots__ = ("s", "__dict__")
                y = 4
                def __getattr__(self, n): return n * 2
                @property
                def p(self): return 3
                @classmethod
                def k(cls): return 1
            x = X(); t = ""
            for i in range(100):
                x.s = x.z = i; x.__dict__["q"] = 1
                t += x.foo + X.bar + str(x.p + x.y + x.s + x.z + x.k())
            print(len(t))
            big = 1
            for i in range(200): big = big * 3 + i
            print(big)
            def kw(*a, k=1, **q): return len(a) + k + len(q)
            print(sum(kw(1, 2, k=i, z=3) for i in range(100)),
                  sum(kw(*(1, 2), **{"k": 3}) for i in range(100)))
            n = 0
            for i in range(100):
                match (i % 3, i):
                    case (0, _): n += 1
                    case (1, y) if y > 50: n += 2
                    case _: pass
            print(n, [[a for a in range(b)] for b in range(30)][-1])
            def outer():
                n = 0
                def inner():
                    nonlocal n
                    n += 1
                    return n
                return inner
            f = outer()
            print([f() for _ in range(100)][-1])
            try:
                with open(__file__) as file:
                    for line in file:
                        if "ZZ" "Z" in line: raise OSError
            except* OSError as e: print("no")
            """)
        self.assertSameRun("kinds.py")


class SameByVariable(ByVariable, SameBehaviour):
    """The same, recorded by PYAOT_PROFILE."""


if __name__ == "__main__":
    unittest.main()
