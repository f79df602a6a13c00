"""The loader, driven by a unit written by hand (loader_unit.c): entries,
back-edges, exits, exceptions, slots, threads, signals, tracing, fork.

Environment: PYAOT_PYTHON (a CPython 3.13; default: the running one),
PYAOT_TEST_INCLUDE (its headers, if elsewhere), PYAOT_BUILD (the build tree;
default: ../../build), CC.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("PYAOT_BUILD", os.path.join(ROOT, "build"))
PYTHON = os.environ.get("PYAOT_PYTHON", sys.executable)
MODULES = os.path.join(BUILD, "lib", "pyaot", "cp313")
PROGRAM = os.path.join(HERE, "loader_prog.py")

# Writes loader_unit_facts.h for all functions of the program.
FACTS = r'''
import collections, dis, opcode, sys, types
import _pyaot_loader
with open(sys.argv[1]) as f:
    code = compile(f.read(), sys.argv[1], "exec")
for fn in code.co_consts:
    if not isinstance(fn, types.CodeType):
        continue
    name = fn.co_name
    key = bytes.fromhex(_pyaot_loader.code_key(fn))
    print(f"#define KEY_{name} {{{', '.join(map(str, key))}}}")
    print(f"#define {name}_UNITS {len(fn.co_code) // 2}")
    for i, text in enumerate(fn.co_names):
        print(f"#define {name}_NAME_{text} {i}")
    seen = collections.Counter()
    rows = [i for i in dis.get_instructions(fn, show_caches=False)
            if i.opname != "EXTENDED_ARG"]
    for row, after in zip(rows, rows[1:] + [None]):
        label = f"{name}_{row.opname}_{seen[row.opname]}"
        seen[row.opname] += 1
        print(f"#define {label} {row.start_offset // 2}")
        if after is not None:
            print(f"#define {label}_NEXT {after.start_offset // 2}")
        if row.jump_target is not None:
            print(f"#define {label}_TO {row.jump_target // 2}")
'''

# Runs before each script: p is the program, natively where the unit has code.
PREAMBLE = r'''
import _pyaot_loader as L, sys, types, traceback, os, threading, signal
assert L.install() is True
assert L.load_unit(UNIT) > 0
p = types.ModuleType("p")
sys.modules["p"] = p
def load(module, path=PROGRAM):
    with open(path) as f:
        exec(compile(f.read(), "prog.py", "exec"), module.__dict__)
load(p)
plain = types.ModuleType("plain")
def unmatched(fn):
    """The same function, as another code object, which nothing matches."""
    return types.FunctionType(other_key(fn.__code__), p.__dict__, fn.__name__)
def other_key(code):
    return code.replace(co_stacksize=code.co_stacksize + 1)
def region(fn, kind=None):
    rows = [r for r in L.regions(fn.__code__)
            if kind is None or r["kind"] == kind]
    return rows[0]
def tb(exc):
    rows = []
    t = exc.__traceback__
    while t is not None:
        c = t.tb_frame.f_code
        pos = list(c.co_positions())[t.tb_lasti // 2]
        rows.append((c.co_name, t.tb_lineno, pos))
        t = t.tb_next
    return rows
def same_error(a, b):
    try:
        a()
    except BaseException as e:
        ea = e
    else:
        raise AssertionError("no exception")
    try:
        b()
    except BaseException as e:
        eb = e
    assert type(ea) is type(eb) and str(ea) == str(eb), (ea, eb)
    assert tb(ea)[2:] == tb(eb)[2:], (tb(ea), tb(eb))
'''


def setUpModule():
    global work, unit
    work = tempfile.TemporaryDirectory(prefix="pyaot-test-")
    facts = run_python(FACTS, PROGRAM).stdout
    with open(os.path.join(work.name, "loader_unit_facts.h"), "w") as f:
        f.write(facts)
    include = os.environ.get("PYAOT_TEST_INCLUDE") or subprocess.run(
        [PYTHON, "-c", "import sysconfig;"
         "print(sysconfig.get_path('include'))"],
        check=True, text=True, capture_output=True).stdout.strip()
    unit = os.path.join(work.name, "unit.so")
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-g", "-shared", "-fPIC", "-mno-red-zone", "-Wall",
         "-Wextra", "-Wno-missing-field-initializers", "-I", work.name,
         "-I", ROOT, "-isystem", include,
         "-isystem", os.path.join(include, "internal"),
         os.path.join(HERE, "loader_unit.c"), "-o", unit], check=True)


def tearDownModule():
    work.cleanup()


def run_python(script, *args, env=None, python=PYTHON):
    full = {k: v for k, v in os.environ.items()
            if not k.startswith("PYAOT") or k == "PYAOT_TRUST"}
    full["PYTHONPATH"] = MODULES
    full.update(env or {})
    done = subprocess.run([python, "-X", "faulthandler", "-c", script, *args],
                          text=True, capture_output=True, env=full,
                          timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"exit status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


class LoaderTest(unittest.TestCase):
    def script(self, text, **kwargs):
        head = f"UNIT = {unit!r}\nPROGRAM = {PROGRAM!r}\n" + PREAMBLE
        return run_python(head + textwrap.dedent(text), **kwargs)


class ResumeTest(LoaderTest):
    """Generators: an entry on the frame, and regions after a yield."""

    def test_native_from_resume_to_yield(self):
        self.script("""
            def drive(g):
                out = [next(g)]
                try:
                    while True:
                        out.append(g.send(len(out)))
                except StopIteration as e:
                    return out, e.value
            other = unmatched(p.accumulate)
            for n in 1, 2, 20, 500:
                assert drive(p.accumulate(n)) == drive(other(n))
            start, = [r for r in L.regions(p.accumulate.__code__)
                      if r["kind"] == 1]
            resume, = [r for r in L.regions(p.accumulate.__code__)
                       if r["kind"] == 2]
            assert start["entries"] == 4 and not start["off"]
            assert resume["entries"] > 30 and resume["early"] == 0, resume
            reasons = L.optimizer_module().executors(p.accumulate)
            assert [r["kind"] for r in reasons] == [
                "function entry", "resume after yield"]
            assert reasons[1]["exits"] == {
                "yield": resume["entries"] - 4, "end": 4}, reasons
            """)

    def test_all_ways_of_resuming(self):
        self.script("""
            def outer(f, n):
                return (yield from f(n))
            def ways(f):
                log = []
                g = f(9)
                log += [next(g), g.send(1), g.send(2)]
                try:
                    g.throw(KeyError("thrown"))
                except KeyError as e:
                    log.append(repr(e))
                log.append(list(g))
                g = f(9); next(g); g.send(3); g.close()
                g = outer(f, 5)
                log += [next(g), g.send(4)]
                try:
                    g.send(4)
                except StopIteration as e:
                    log.append(e.value)
                g = f(9)
                try:
                    for x in g:         # sends None
                        log.append(x)
                except TypeError as e:
                    log.append((str(e), e.__traceback__.tb_next.tb_lineno))
                class Add:
                    def __radd__(self, other): return 100
                g = f(99); next(g)
                try:
                    g.send(Add())
                except StopIteration as e:
                    log.append(e.value)
                g = f(1.5)              # refused
                return log + [next(g), g.send(1), f(2).gi_frame.f_lasti]
            assert ways(p.accumulate) == ways(unmatched(p.accumulate))
            assert region(p.accumulate, 2)["entries"] > 5
            """)

    def test_watched_generators_run_in_the_interpreter(self):
        self.script("""
            g = p.accumulate(100)
            next(g), g.send(1)
            before = region(p.accumulate, 2)["entries"]
            lines = []
            def trace(frame, event, arg):
                if frame.f_code is p.accumulate.__code__:
                    lines.append(event)
                return trace
            sys.settrace(trace)
            assert g.send(1) == 2
            sys.settrace(None)
            assert "line" in lines and "return" in lines, lines
            assert region(p.accumulate, 2)["entries"] == before
            assert g.send(1) == 3
            assert region(p.accumulate, 2)["entries"] == before + 1
            """)


class EntryTest(LoaderTest):
    def test_native_result(self):
        self.script("""
            for n in 0, 1, 10, 1000:
                assert p.total(n) == n * (n - 1) // 2
            r = region(p.total)
            assert r["entries"] == 4 and r["early"] == 0, r
            assert L.stats()["exits"] == {}
        """)

    def test_specialised_calls_stay_native(self):
        self.script("""
            def call():
                for i in range(5000):
                    p.total(5)
            call()
            assert region(p.total)["entries"] == 5000
        """)

    def test_refused_values_run_plain(self):
        self.script("""
            assert p.total(2.5) == 3
            assert p.total(True) == 0
            same_error(lambda: p.total("x"), lambda: unmatched(p.total)("x"))
            assert L.stats()["refused"]
        """)

    def test_unusual_calls_run_plain(self):
        self.script("""
            assert p.total(n=5) == 10
            assert p.total(*[5]) == 10
            same_error(lambda: p.total(), lambda: unmatched(p.total)())
            same_error(lambda: p.total(1, 2), lambda: unmatched(p.total)(1, 2))
        """)

    def test_exit_in_the_middle(self):
        self.script("""
            assert p.total(2000) == 2000 * 1999 // 2
            assert L.stats()["exits"] == {"guard": 1}, L.stats()
            assert L.stats()["frames_rebuilt"] == 1
        """)

    def test_exit_keeps_identity_of_parameters(self):
        self.script("""
            import gc
            big = int("2" + "0" * 3)
            before = sys.getrefcount(big)
            assert p.total(big) == 1999000
            assert sys.getrefcount(big) == before
        """)

    def test_other_globals_run_plain(self):
        self.script("""
            other = types.FunctionType(p.names.__code__, {"step": 5})
            assert p.names(3) == 3 and other(3) == 15
            assert region(p.names)["entries"] == 1
        """)

    def test_globals_replaced_after_death(self):
        self.script("""
            import gc
            code = p.names.__code__
            for k in range(5):
                m = types.ModuleType("m")
                load(m)
                m.step = k
                assert m.names(3) == 3 * k
                del m
                gc.collect()
        """)

    def test_code_replaced(self):
        self.script("""
            def other(n):
                return "other"
            def call():
                return p.total(4)
            assert call() == 6
            p.total.__code__, kept = other.__code__, p.total.__code__
            assert call() == "other"
            p.total.__code__ = kept
            assert call() == 6
            p.total.__defaults__ = (9,)
            assert p.total() == 36 and call() == 6
        """)

    def test_code_dies(self):
        self.script("""
            import gc
            for i in range(50):
                m = types.ModuleType("m")
                load(m)
                m.depth(10); m.down; m.names(4); m.attrs(m.Point(3))
                del m
                gc.collect()
            assert L.stats()["code_matched"] >= 500
        """)

    def test_switches_itself_off(self):
        self.script("""
            for i in range(1000):
                assert p.leaf(i) == i + 1
            r = region(p.leaf)
            assert r["off"] and r["early"] < 100, r
            assert L.stats()["switched_off"] == 1
            # and calls are specialised again
            import dis
            def call():
                for i in range(1000):
                    p.leaf(i)
            call()
            assert "CALL_PY_EXACT_ARGS" in [
                i.opname for i in dis.get_instructions(call, adaptive=True)]
            m = types.ModuleType("m")
            m.leaf = types.FunctionType(p.leaf.__code__, {})
            assert m.leaf(1) == 2
        """)


class ExitChainTest(LoaderTest):
    def test_native_recursion(self):
        self.script("""
            assert p.depth(200) == 200
            assert region(p.depth)["entries"] == 1
            assert L.stats()["exits"] == {}
        """)

    def test_exception_through_chain(self):
        self.script("""
            q = types.ModuleType("q")
            same = types.FunctionType(
                other_key(p.down.__code__), q.__dict__, "down")
            q.down, q.zero = same, 0
            for n in 0, 1, 5, 300:
                same_error(lambda: p.down(n), lambda: q.down(n))
            assert L.stats()["frames_rebuilt"] > 300
        """)

    def test_result_through_chain(self):
        self.script("""
            p.zero = 1
            for n in 0, 1, 5, 300:
                assert p.down(n) == n + 1
        """)

    def test_frames_seen_from_inside(self):
        self.script("""
            class Zero:
                def __rfloordiv__(self, other):
                    names, lines = [], []
                    f = sys._getframe(1)
                    while f is not None:
                        names.append(f.f_code.co_name)
                        lines.append((f.f_lineno, f.f_locals.get("n")))
                        f = f.f_back
                    seen.append((names, lines))
                    return 7
            seen = []
            p.zero = Zero()
            assert p.down(3) == 10
            names, lines = seen[0]
            assert names == ["down"] * 4 + ["<module>"], names
            assert [n for _, n in lines[:4]] == [0, 1, 2, 3], lines
            assert lines[0][0] == lines[1][0] - 1, lines
        """)

    def test_recursion_error_at_the_same_depth(self):
        self.script("""
            q = types.ModuleType("q")
            q.depth = types.FunctionType(
                other_key(p.depth.__code__), q.__dict__, "depth")
            def deepest(f):
                low, high = 1, 2000
                while low < high:
                    mid = (low + high + 1) // 2
                    try:
                        f(mid)
                        low = mid
                    except RecursionError as e:
                        assert "maximum recursion depth" in str(e)
                        high = mid - 1
                return low
            assert deepest(lambda n: p.depth(n)) == \\
                deepest(lambda n: q.depth(n))
            same_error(lambda: p.depth(5000), lambda: q.depth(5000))
            assert p.depth(100) == 100
        """)

    def test_deep_recursion(self):
        self.script("""
            sys.setrecursionlimit(1_000_000)
            assert p.depth(100_000) == 100_000
            p.zero = 1
            assert p.down(100_000) == 100_001
        """)

    def test_exit_of_two_frames(self):
        """One exit makes the frame of the region and that of a callee inside
        it, as inlining needs; down() has one at 1001."""
        self.script("""
            sys.setrecursionlimit(5000)
            p.zero = 1
            assert p.down(3) == 4
            before = L.stats()["frames_rebuilt"]
            seen = []
            class Zero(int):
                def __rfloordiv__(self, one):
                    frame = sys._getframe(1)
                    while frame.f_code is p.down.__code__:
                        seen.append(frame.f_locals["n"])
                        frame = frame.f_back
                    return 1
            p.zero = Zero(1)
            assert p.down(1001) == 1002
            assert seen == list(range(1002)), seen
            assert L.stats()["frames_rebuilt"] >= before + 2
        """)

    def test_deep_recursion_through_plain_calls(self):
        # A Python function between each two native ones: each level takes C
        # stack, until the loader stops taking any.
        self.script("""
            sys.setrecursionlimit(1_000_000)
            def back(i):
                return p.apply(back, 1) if i == 0 and next(left) else 1
            left = iter([True] * 50_000 + [False])
            assert p.apply(back, 1) == 1
            assert L.stats()["low_stack_entries"] > 0
            before = region(p.apply)["entries"]
            assert p.apply(lambda i: i, 5) == 10
            assert region(p.apply)["entries"] == before + 1
        """)

    def test_recursion_limit_lowered_inside(self):
        self.script("""
            class Zero:
                def __rfloordiv__(self, other):
                    sys.setrecursionlimit(900)
                    return 7
            p.zero = Zero()
            assert p.down(100) == 107
            assert sys.getrecursionlimit() == 900
            def f(n):
                return 0 if n == 0 else f(n - 1) + 1
            low = 0
            try:
                f(880)
                f(899)
                assert False
            except RecursionError:
                pass
        """)


class FramedTest(LoaderTest):
    def test_calls_python(self):
        self.script("""
            assert p.apply(lambda i: i * 2, 10) == 90
            r = region(p.apply)
            assert r["entries"] == 1 and r["early"] == 0
        """)

    def test_callee_sees_the_frame(self):
        self.script("""
            def look(i):
                f = sys._getframe(1)
                seen.append((f.f_code.co_name, f.f_lineno, f.f_locals["n"]))
                return i
            seen = []
            p.apply(look, 2)
            line = p.apply.__code__.co_firstlineno + 3
            assert seen == [("apply", line, 2)] * 2, seen
        """)

    def test_exit_with_values_on_the_stack(self):
        self.script("""
            assert p.apply(lambda i: i if i < 5 else i + 0.5, 10) == 47.5
            assert L.stats()["exits"] == {"guard": 1}
        """)

    def test_exception(self):
        self.script("""
            def f(i):
                return 1 // (3 - i)
            same_error(lambda: p.apply(f, 9), lambda: unmatched(p.apply)(f, 9))
        """)

    def test_kept_frame(self):
        self.script("""
            def keep(i):
                frames.append(sys._getframe(1))
                return i
            frames = []
            p.apply(keep, 3)
            assert frames[0] is frames[2]
            assert frames[0].f_locals["n"] == 3
        """)


class BackEdgeTest(LoaderTest):
    def test_loop(self):
        self.script("""
            assert p.spin(1_000_000) == 1_000_000
            assert L.stats()["exits"]["end"] == 1
            assert region(p.spin)["entries"] >= 1
        """)

    def test_new_code_each_time(self):
        self.script("""
            for i in range(100):
                m = types.ModuleType("m")
                load(m)
                assert m.spin(1000) == 1000
        """)

    def test_always_leaving_switches_off(self):
        self.script("""
            class Never(int):
                pass
            def slow(n):
                return p.spin(n)
            # values of other types: refused each time
            assert slow(2000.5) == 2001
            assert region(p.spin)["off"], region(p.spin)
            assert slow(10) == 10
        """)

    def test_calls_and_exception_without_handler(self):
        self.script("""
            def f(i):
                return 1 // (50 - i)
            assert p.calls(lambda i: i, 100) == 4950
            same_error(lambda: p.calls(f, 90), lambda: unmatched(p.calls)(f, 90))
            assert region(p.calls)["entries"] == 2
        """)

    def test_exception_with_handler(self):
        self.script("""
            def f(i):
                if i % 10 == 7:
                    raise ValueError
                return i
            def g(i):
                if i == 40:
                    raise KeyError(i)
                return f(i)
            assert p.calls_try(f, 50) == unmatched(p.calls_try)(f, 50)
            same_error(lambda: p.calls_try(g, 50),
                       lambda: unmatched(p.calls_try)(g, 50))
            assert region(p.calls_try)["entries"] > 5
            assert sys.exception() is None
        """)

    def test_generator(self):
        self.script("""
            import gc
            def f(i):
                gc.collect()
                f = sys._getframe(1)
                assert f.f_code.co_name == "gen_calls" and f.f_locals["n"] == 9
                return i
            assert list(p.gen_calls(f, 9)) == [36]
            def bad(i):
                return 1 // (5 - i)
            same_error(lambda: list(p.gen_calls(bad, 9)),
                       lambda: list(unmatched(p.gen_calls)(bad, 9)))
            g = p.gen_calls(lambda i: next(g), 9)
            try:
                next(g)
                assert False
            except ValueError as e:
                assert "already executing" in str(e)
            assert region(p.gen_calls)["entries"] == 2
        """)

    def test_nested_use(self):
        self.script("""
            def f(i):
                return p.spin(100) + p.calls(lambda k: k, 4)
            assert p.calls(f, 50) == 50 * 106
        """)

    def test_refcounts(self):
        self.script("""
            import gc
            def f(i):
                if i == 5:
                    raise ValueError
                return i
            o = object()
            def use():
                p.calls_try(f, 20)
                p.calls(lambda i: i, 20)
                p.spin(50)
                p.apply(lambda i: i + 0.5, 7)
                p.total(1500)
                p.depth(30)
            use()
            gc.collect()
            blocks = sys.getallocatedblocks()
            for i in range(200):
                use()
            gc.collect()
            assert sys.getallocatedblocks() - blocks < 100, \\
                sys.getallocatedblocks() - blocks
        """)


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


# Puts the unit into a cache: DIR UNIT, and on stdin "key filter qualname"
# lines.
WRITER = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache/code_key.h"
#include "cache/exit_table.h"
#include "cache/pyaot_cache.h"
int main(int argc, char **argv)
{
    const char *abi = "cpython-313-x86_64-linux-gnu";
    static PyaotCacheCodeSpec codes[100];
    static PyaotCacheRegion regions[100][8];
    static char names[100][64];
    PyaotCacheUnitSpec spec = {.module = "prog", .source = "prog.py",
                               .codes = codes};
    char err[PYAOT_ERR_MAX] = "", hex[40];
    unsigned long long filter;
    PyaotCacheWriter *w;
    unsigned n;
    while (argc == 3 && spec.n_codes < 100
           && scanf("%39s %llu %63s %u", hex, &filter,
                    names[spec.n_codes], &n) == 4 && n <= 8) {
        PyaotCacheCodeSpec *c = &codes[spec.n_codes];
        PyaotCacheRegion *r = regions[spec.n_codes];
        c->n_regions = n;
        c->regions = r;
        for (; n > 0; n--, r++) {
            if (scanf("%u %hu %hhu %hhu", &r->offset, &r->n_stack, &r->kind,
                      &r->flags) != 4) return 2;
        }
        PyaotKey key;
        if (!pyaot_key_from_hex(hex, &key)) return 2;
        memcpy(c->key, key.bytes, sizeof c->key);
        c->filter = filter;
        c->qualname = names[spec.n_codes++];
    }
    FILE *f = fopen(argv[2], "rb");
    static uint8_t so[10000000];
    StrBuf exits;
    strbuf_init(&exits, 0);
    size_t len = f ? fread(so, 1, sizeof so, f) : 0;
    if (pyaot_cache_writer_open(argv[1], abi, pyaot_cache_abi_hash(abi), 1,
                                &w, err)
        || pyaot_exits_link(so, &len, &exits, err)
        || pyaot_cache_writer_add_unit(w, &spec, so, len,
                                       (const uint8_t *)exits.data, exits.len,
                                       err)
        || pyaot_cache_writer_commit(w, NULL, err)) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    pyaot_cache_writer_close(w);
    return 0;
}
"""

KEYS = r"""
import sys, types, _pyaot_loader as L
L.install()
L.load_unit(sys.argv[2])
with open(sys.argv[1]) as f:
    code = compile(f.read(), sys.argv[1], "exec")
for fn in code.co_consts:
    if isinstance(fn, types.CodeType):
        if regions := L.regions(fn):
            print(L.code_key(fn), L.code_filter(fn), fn.co_qualname,
                  len(regions), *(r[what] for r in regions for what in
                                  ("offset", "n_stack", "kind", "flags")))
"""


class CacheTest(LoaderTest):
    @classmethod
    def setUpClass(cls):
        library = os.path.join(BUILD, "cache", "libpyaot_cache.a")
        if not os.path.exists(library):
            raise unittest.SkipTest("no cache library in the build tree")
        source = os.path.join(work.name, "writer.c")
        writer = os.path.join(work.name, "writer")
        with open(source, "w") as f:
            f.write(WRITER)
        subprocess.run([os.environ.get("CC", "cc"), "-I", ROOT, source,
                        library, "-lzstd", "-o", writer], check=True)
        cls.cache = os.path.join(work.name, "cache")
        cls.writer = writer
        cls.codes = run_python(KEYS, PROGRAM, unit).stdout
        subprocess.run([writer, cls.cache, unit], check=True, text=True,
                       input=cls.codes)

    def run_app(self, text, cache=None, **env):
        script = "import sys, _pyaot_loader as L\nok = L.install()\n" \
            f"sys.path.insert(0, {HERE!r})\n" \
            "import loader_prog as p\n" + textwrap.dedent(text)
        env.setdefault("PYTHONDONTWRITEBYTECODE", "1")
        return run_python(script, env={"PYAOT_CACHE": cache or self.cache,
                                       **env})

    def test_matched(self):
        self.run_app("""
            assert ok
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            s = L.stats()
            assert s["code_matched"] == 13, s
            assert 12 <= s["code_candidates"] < s["code_seen"], s
            assert L.regions(p.depth.__code__)[0]["entries"] == 1
            assert L.regions(p.spin.__code__)[0]["entries"] >= 1
        """)

    def test_unit_is_read_when_entered(self):
        copy = os.path.join(work.name, "taken away")
        shutil.copytree(self.cache, copy)
        self.run_app(f"""
            import os
            assert L.stats()["code_matched"] == 13
            assert L.stats()["executors_registered"] >= 13
            for name in os.listdir({copy!r}):
                os.remove(os.path.join({copy!r}, name))
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            s = L.stats()
            assert s["code_matched"] == s["executors_registered"] == 0, s
            assert s["executors_entered"] == 0 and s["refused"], s
            assert all(r["off"] for r in L.regions(p.spin.__code__))
            def again(): return 1
            assert p.depth(50) == 50 and again() == 1
        """, cache=copy)

    def test_index_and_unit_disagree(self):
        cache = os.path.join(work.name, "disagrees")
        lines = [line.split() for line in self.codes.splitlines()]
        for words in lines:
            for at in range(5, len(words), 4):      # n_stack
                words[at] = str(int(words[at]) + 1)
        subprocess.run([self.writer, cache, unit], check=True, text=True,
                       input="".join(" ".join(w) + "\n" for w in lines))
        self.run_app("""
            before = L.stats()["code_matched"]
            assert before > 0
            assert p.depth(50) == 50 and p.spin(1000) == 1000
            s = L.stats()
            assert s["code_matched"] < before, s
            assert s["executors_entered"] == 0, s
            assert "unit disagrees with its index" in s["refused"], s
        """, cache=cache)

    def test_without_memory_files(self):
        # a private temporary file serves where memory files are forbidden
        source = os.path.join(work.name, "forbid.c")
        shim = os.path.join(work.name, "forbid.so")
        with open(source, "w") as f:
            f.write("int memfd_create(const char *n, unsigned f)"
                    "{ (void)n; (void)f; return -1; }\n")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC",
                        source, "-o", shim], check=True)
        directory = os.path.join(work.name, "tmp")
        os.mkdir(directory)
        bare = os.path.join(work.name, "bare")
        shutil.copytree(self.cache, bare,
                        ignore=shutil.ignore_patterns("image-*"))
        self.run_app("""
            import os
            assert p.depth(50) == 50
            assert L.stats()["code_matched"] == 13
            assert os.listdir(os.environ["TMPDIR"]) == []
        """, cache=bare, LD_PRELOAD=shim, TMPDIR=directory)
        gone = os.path.join(directory, "gone")
        self.run_app("""
            assert p.depth(50) == 50
            assert L.stats()["code_matched"] == 0
            assert L.stats()["refused"]
        """, cache=bare, LD_PRELOAD=shim, TMPDIR=gone)
        # an image needs neither
        self.run_app("""
            assert p.depth(50) == 50
            assert L.stats()["code_matched"] == 13
        """, LD_PRELOAD=shim, TMPDIR=gone)

    def test_damaged(self):
        for name in sorted(os.listdir(self.cache)):
            path = os.path.join(self.cache, name)
            if not os.path.isfile(path) or os.path.getsize(path) == 0:
                continue
            for what in "cut", "flip", "gone", "empty", "open":
                copy = os.path.join(work.name, "copy")
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.cache, copy)
                target = os.path.join(copy, name)
                with open(target, "rb") as f:
                    data = bytearray(f.read())
                if what == "gone":
                    os.remove(target)
                elif what == "open":
                    os.chmod(target, 0o666)
                else:
                    if what == "flip":
                        data[len(data) // 2] ^= 4
                    cut = {"cut": len(data) // 2, "empty": 0,
                           "flip": len(data)}[what]
                    with open(target, "wb") as f:
                        f.write(data[:cut])
                # without an image the unit is unpacked
                matched = 13 if name.startswith("image-") else 0
                with self.subTest(file=name, what=what):
                    done = self.run_app(f"""
                        assert p.depth(50) == 50 and p.spin(1000) == 1000
                        assert L.stats()["code_matched"] == {matched}
                    """, cache=copy)
                    self.assertEqual(done.stdout + done.stderr, "")
                    done = self.run_app("p.depth(5)", cache=copy,
                                        PYAOT_VERBOSE="1")
                    self.assertIn("pyaot: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
