"""What goes on around native code: threads, signals, tracing, fork; slots; the
life of the loader."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
from loader_kit import (  # noqa: E402, F401
    LoaderTest, run_python, setUpModule, tearDownModule)


class WorldTest(LoaderTest):
    def test_keyboard_interrupt(self):
        self.script("""
            import time
            for fn, arg in (p.spin, 10**15), (p.total, 10**15):
                threading.Timer(0.2, os.kill,
                                (os.getpid(), signal.SIGINT)).start()
                start = time.monotonic()
                try:
                    fn(arg)
                except KeyboardInterrupt as e:
                    assert tb(e)[-1][0] == fn.__name__
                else:
                    assert False
                assert time.monotonic() - start < 5
                if fn is p.spin:
                    p.spin(5000)
        """)

    def test_signal_handler_sees_the_loop(self):
        self.script("""
            seen = []
            def handler(number, frame):
                seen.append((frame.f_code.co_name, frame.f_locals["i"] > 0))
                if len(seen) == 5:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    raise TimeoutError
            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            try:
                p.spin(10**15)
            except TimeoutError:
                pass
            assert seen == [("spin", True)] * 5, seen
            # the loop is entered again without an interpreted turn
            assert region(p.spin)["entries"] >= 5
        """)

    def test_threads_switch(self):
        self.script("""
            import time
            stop = []
            ticks = []
            def tick():
                while not stop:
                    ticks.append(1)
                    time.sleep(0.01)
            t = threading.Thread(target=tick)
            t.start()
            end = time.monotonic() + 0.5
            p.spin(100_000_000)
            while time.monotonic() < end:
                p.spin(1_000_000)
            stop.append(1)
            t.join()
            assert len(ticks) > 10, len(ticks)
            out = []
            ts = [threading.Thread(target=lambda: out.append(
                [p.depth(500), p.total(1500), p.spin(100000)]))
                for i in range(8)]
            [t.start() for t in ts]
            [t.join() for t in ts]
            assert out == [[500, 1124250, 100000]] * 8
        """)

    def test_small_thread_stack(self):
        self.script("""
            threading.stack_size(256 * 1024)
            out = []
            def work():
                out.append(p.depth(800))
            t = threading.Thread(target=work)
            t.start()
            t.join()
            assert out == [800]
        """)

    def test_async_exception(self):
        self.script("""
            import ctypes, time
            out = []
            def work():
                try:
                    p.spin(10**15)
                except KeyError as e:
                    out.append(e)
            t = threading.Thread(target=work)
            t.start()
            time.sleep(0.1)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(t.ident), ctypes.py_object(KeyError))
            t.join()
            assert len(out) == 1
        """)

    def test_settrace_before(self):
        self.script("""
            def trace(frame, event, arg):
                events.append((frame.f_code.co_name, event, frame.f_lineno))
                return trace
            def events_of(f, *args):
                global events
                events = []
                sys.settrace(trace)
                try:
                    f(*args)
                finally:
                    sys.settrace(None)
                return events
            for name, args in [("total", (5,)), ("spin", (5,)),
                               ("depth", (3,)), ("apply", (abs, 3)),
                               ("calls_try", (abs, 3))]:
                fn = getattr(p, name)
                fn(*args)
                a = events_of(fn, *args)
                code = fn.__code__
                fn.__code__ = other_key(code)
                b = events_of(fn, *args)
                fn.__code__ = code
                assert a == b, (a, b)
            before = region(p.total)["entries"]
            p.total(5)
            assert region(p.total)["entries"] == before + 1
        """)

    def test_settrace_starts_inside_a_loop(self):
        self.script("""
            def trace(frame, event, arg):
                events.append((frame.f_code.co_name, event, frame.f_lineno))
                return trace
            def start(i):
                if i == 20:
                    sys._getframe(1).f_trace = trace
                    sys.settrace(trace)
                elif i == 22:
                    sys.settrace(None)
                return i
            def events_of(f):
                global events
                events = []
                assert f(start, 50) == 1225
                return [e for e in events if e[0] != "start"]
            a = events_of(p.calls)
            b = events_of(unmatched(p.calls))
            assert a and a == b, (a, b)
            a = events_of(p.apply)
        """)

    def test_setprofile(self):
        self.script("""
            events = []
            sys.setprofile(lambda f, e, a: events.append(
                (f.f_code.co_name, e)))
            p.total(3)
            p.depth(2)
            sys.setprofile(None)
            assert [e for e in events if e[0] in ("total", "depth")] == [
                ("total", "call"), ("total", "return"),
                ("depth", "call"), ("depth", "call"), ("depth", "call"),
                ("depth", "return"), ("depth", "return"),
                ("depth", "return")], events
        """)

    def test_other_monitoring_tool(self):
        self.script("""
            M = sys.monitoring
            M.use_tool_id(3, "other")
            seen = []
            M.register_callback(3, M.events.PY_START,
                                lambda c, o: seen.append(c.co_name))
            p.depth(5)
            M.set_local_events(3, p.depth.__code__, M.events.PY_START)
            p.depth(5)
            assert seen == ["depth"] * 6, seen
            M.set_local_events(3, p.depth.__code__, 0)
            M.free_tool_id(3)
            before = region(p.depth)["entries"]
            p.depth(5)
            p.depth(5)
            assert region(p.depth)["entries"] <= before + 3
        """)

    def test_events_below_a_loop(self):
        self.script("""
            # a tool that watches callees by local events only
            M = sys.monitoring
            def leafy(i):
                return i
            M.use_tool_id(2, "other")
            seen = []
            M.register_callback(2, M.events.PY_START,
                                lambda c, o: seen.append(c.co_name))
            M.set_local_events(2, leafy.__code__, M.events.PY_START)
            p.calls(leafy, 30)
            assert len(seen) == 30
            assert region(p.calls)["entries"] >= 1
        """)

    def test_fork(self):
        self.script("""
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            pid = os.fork()
            if pid == 0:
                ok = p.depth(60) == 60 and p.spin(5000) == 5000 \\
                    and p.total(1500) == 1124250
                os._exit(0 if ok else 1)
            assert os.waitpid(pid, 0)[1] == 0
        """)

    def test_gc_runs(self):
        self.script("""
            import gc, weakref
            class Node:
                pass
            def make(i):
                a = Node()
                a.self = a
                alive.append(weakref.ref(a))
                return i
            alive = []
            gc.set_threshold(100)
            p.calls(make, 5000)
            assert sum(r() is not None for r in alive) < 2000
        """)

    def test_introspection_shows_the_original(self):
        self.script("""
            import dis
            code = p.spin.__code__
            twin = other_key(code)
            p.spin(1000)
            assert code.co_code == twin.co_code
            assert [i.opname for i in dis.get_instructions(code)] == \\
                [i.opname for i in dis.get_instructions(twin)]
        """)


class SlotTest(LoaderTest):
    def test_global(self):
        self.script("""
            assert p.names(4) == 4
            p.step = 2
            assert p.names(4) == 8
            del p.step
            import builtins
            same_error(lambda: p.names(1), lambda: unmatched(p.names)(1))
            builtins.step = 5
            assert p.names(2) == 10
            p.step = 1
            assert p.names(2) == 2
            del p.step
            assert p.names(2) == 10
            del builtins.step
            p.__dict__["st" + "ep"[:2]] = 9
            assert p.names(2) == 18
            for i in range(50):
                p.step = i
                assert p.names(3) == 3 * i
            p.__dict__.update(step=3)
            assert p.names(2) == 6
        """)

    def test_callee(self):
        self.script("""
            assert p.depth(9) == 9
            kept = p.depth
            p.depth = lambda n: 100
            assert kept(9) == 101
            p.depth = kept
            assert kept(9) == 9
            def other(n):
                return 50
            code = kept.__code__
            kept.__code__ = other.__code__
            assert kept(3) == 50
            kept.__code__ = code
            assert kept(9) == 9
        """)

    def test_attribute(self):
        self.script("""
            for cls in p.Point, p.Slotted:
                a = cls(5)
                assert p.attrs(a) == 5
                a.x = 6
                assert p.attrs(a) == 6
            before = L.stats()["refused"]
            assert not before, before
            a = p.Point(1)
            a.__dict__ = {"x": 9}
            assert p.attrs(a) == 9
            del a.x
            same_error(lambda: p.attrs(a), lambda: unmatched(p.attrs)(a))
            b = p.Point(4)
            p.attrs(b)
            p.Point.x = property(lambda self: "property")
            assert p.attrs(b) == "property"
            del p.Point.x
            assert p.attrs(b) == 4
            class Sub(p.Point):
                def __getattribute__(self, name):
                    return name
            assert p.attrs(Sub(3)) == "x"
        """)

    def test_method(self):
        self.script("""
            a = p.Point(5)
            assert p.methods(a) == 5
            a.get = lambda: "own"
            assert p.methods(a) == "own"
            b = p.Point(6)
            assert p.methods(b) == 6
            p.Point.get = lambda self: "new"
            assert p.methods(b) == "new"
            class Sub(p.Point):
                pass
            c = Sub(1)
            assert p.methods(c) == "new"
            p.Point.get = lambda self: "newer"
            assert p.methods(c) == "newer"
            c.__class__ = p.Point
            assert p.methods(c) == "newer"
        """)


class LifeTest(LoaderTest):
    def test_uninstall(self):
        self.script("""
            p.spin(100), p.depth(5), p.apply(abs, 4)
            L.uninstall()
            assert not L.optimizer_module().started()
            assert sys.monitoring.get_local_events(4, p.spin.__code__) == 0
            def call():
                for i in range(1000):
                    p.leaf(i)
            call()
            import dis
            assert "CALL_PY_EXACT_ARGS" in [
                i.opname for i in dis.get_instructions(call, adaptive=True)]
            assert not [i for i in dis.get_instructions(p.spin, adaptive=True)
                        if i.opname.startswith("INSTRUMENTED")]
            assert p.spin(1000) == 1000 and p.depth(5) == 5
            assert p.total(1500) == 1124250
            def f(i):
                return i
            assert L.install()
            m = types.ModuleType("m")
            load(m)
            assert m.depth(7) == 7
            assert region(m.depth)["entries"] == 1
            # from inside native code
            def inside(i):
                if i == 3:
                    L.uninstall()
                return i
            assert m.apply(inside, 10) == 45
            assert m.calls(inside, 10) == 45
        """)

    def test_gives_way_and_says_so(self):
        done = self.script("""
            sys.monitoring.use_tool_id(5, "mine")
            assert p.spin(100) == plain.__dict__.setdefault("n", p.spin(100))
            """, env={"PYAOT_VERBOSE": "1"})
        self.assertIn("refused 1 times: the program took the optimizer's "
                      "tool id", done.stderr)

    def test_tool_id_taken(self):
        done = run_python("""if 1:
            import sys, _pyaot_loader as L
            sys.monitoring.use_tool_id(5, "other")
            assert L.install() is False
            print(L.stats()["refused"])
        """, env={"PYAOT_VERBOSE": "1"})
        self.assertIn("optimizer tool id", done.stdout)
        self.assertIn("running uncompiled", done.stderr)

    def test_switched_off_by_environment(self):
        run_python("""if 1:
            import _pyaot_loader as L
            assert L.install() is False
        """, env={"PYAOT": "0"})

    def test_missing_cache_is_silent(self):
        done = run_python("""if 1:
            import _pyaot_loader as L
            assert L.install("/nonexistent/cache") is False
        """)
        self.assertEqual(done.stderr, "")
        with self.assertRaises(AssertionError):
            run_python("""if 1:
                import _pyaot_loader as L
                L.install("/nonexistent/cache")
            """, env={"PYAOT_MODE": "strict"})

    def test_statistics(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "stats.json")
            done = self.script("p.total(1500); p.spin(100000)",
                               env={"PYAOT_STATS": path,
                                    "PYAOT_VERBOSE": "1"})
            self.assertIn("code objects matched", done.stderr)
            import json
            with open(path) as f:
                stats = json.load(f)
        for key in ("code_matched", "executors_registered",
                    "executors_entered", "exits", "native_seconds", "refused",
                    "switched_off"):
            self.assertIn(key, stats)
        self.assertGreater(stats["native_seconds"], 0)
        self.assertEqual(stats["exits"]["guard"], 1)

    def test_silent_by_default(self):
        done = self.script("p.total(1500); p.spin(100000)")
        self.assertEqual(done.stdout + done.stderr, "")

    def test_subinterpreter(self):
        self.script("""
            import _interpreters
            i = _interpreters.create("legacy")
            r = _interpreters.run_string(i, '''if 1:
                def f(n):
                    return n
                assert sum(f(k) for k in range(100)) == 4950
                import _pyaot_loader
                assert _pyaot_loader.install() is True or True
            ''')
            assert r is None, r
            _interpreters.destroy(i)
            assert p.total(5) == 10
        """)


if __name__ == "__main__":
    unittest.main()
