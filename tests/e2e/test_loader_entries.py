"""Into native code and out of it: resumes, calls, back-edges, exits, exceptions."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
from loader_kit import LoaderTest, setUpModule, tearDownModule  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
