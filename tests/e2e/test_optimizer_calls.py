"""The optimizer API: executors entered through the vectorcall of functions:
taken away while they run, many of them, threads, stacks, depth."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402


class TakenAway(optimizer_kit.OptimizerTest):
    def test_replaced_while_calls_of_it_run(self):
        self.ok('''
            f = make("def f(n): return 'interpreter'")
            log, counts, ended = [], [], []
            def new_call(function, args, kwargs):
                return "new", args[0]
            def old_call(function, args, kwargs):
                n = args[0]
                if n > 0:
                    return "old", f(n - 1)
                counts.append(sys.getrefcount(old))
                o.replace_executor(f, 0, Executor(call=new_call))
                assert not old.valid and ended == [1]
                counts.append(sys.getrefcount(old)) # three calls of it run
                return "last", f(7)
            old = Executor(call=old_call, invalidated=lambda: ended.append(1))
            free = sys.getrefcount(old)
            o.replace_executor(f, 0, old)
            f(3)
            entries = o.executors(f)[0]["entries"]
            o.replace_executor(f, 0, old)
            ended.clear()
            assert sys.getrefcount(old) == free + 1
            counts.clear()
            assert f(3) == ("old", ("old", ("old", ("last", ("new", 7)))))
            assert counts[0] == counts[1], counts
            assert sys.getrefcount(old) == free
            assert f(1) == ("new", 1)
            assert o.executors(f)[0]["entries"] == 2
        ''')

    def test_put_elsewhere_while_it_runs(self):
        self.ok('''
            f = make("def f(n): return 'f'")
            g = make("def g(n): return 'g'")
            def call(function, args, kwargs):
                if function is f and args[0]:
                    o.replace_executor(f, 0, None)
                    o.replace_executor(g, 0, x)
                    g.__code__ = g.__code__
                    return g(1), f(0)
                return "called", o.executors(g)[0]["entries"]
            x = Executor(call=call)
            count = sys.getrefcount(x)
            o.replace_executor(f, 0, x)
            f.__code__ = f.__code__         # found without an event
            assert f(1) == (("called", 1), "f")
            assert x.valid and x.code is g.__code__
            o.clear()
            assert sys.getrefcount(x) == count
        ''')

    def test_by_another_thread(self):
        self.ok('''
            f = make("def f(n): return 'interpreter'")
            inside, go = threading.Event(), threading.Event()
            def call(function, args, kwargs):
                inside.set()
                go.wait(30)
                return "finished", x.valid
            x = Executor(call=call)
            count = sys.getrefcount(x)
            o.replace_executor(f, 0, x)
            f.__code__ = f.__code__
            results = []
            thread = threading.Thread(target=lambda: results.append(f(1)))
            thread.start()
            inside.wait(30)
            o.clear()
            assert sys.getrefcount(x) == count + 1
            assert f(1) == "interpreter"
            go.set()
            thread.join()
            assert results == [("finished", False)]
            assert sys.getrefcount(x) == count
        ''')

    def test_refused_and_failed_while_it_was_taken_away(self):
        self.ok('''
            f = make("def f(n, m=2): return ('interpreter', n, m)")
            def call(function, args, kwargs):
                o.clear()
                if args[0]:
                    return pyopt.REFUSED
                raise KeyError
            for k in range(2):
                x = Executor(call=call)
                count = sys.getrefcount(x)
                o.replace_executor(f, 0, x)
                f.__code__ = f.__code__
                if k == 0:
                    assert f(5, m=7) == ("interpreter", 5, 7)
                else:
                    raises(KeyError, f, 0)
                assert sys.getrefcount(x) == count
                assert f(0) == ("interpreter", 0, 2)
        ''')

    def test_code_replaced_and_dropped_inside(self):
        self.ok('''
            def other(n): return "other"
            def call(function, args, kwargs):
                f.__code__ = other.__code__
                gc.collect()
                return f(1)
            f = make("def f(n): return 'f'")
            x = Executor(call=call)
            o.replace_executor(f, 0, x)
            f.__code__ = f.__code__
            assert f(0) == "other" and not x.valid
        ''')


class Many(optimizer_kit.OptimizerTest):
    def test_more_functions_than_vectorcalls(self):
        self.ok('''
            def new(k):
                f = make(f"def f{k}(a): return {k}")
                def call(function, args, kwargs, k=k):
                    assert function.__name__ == "f" + str(k)
                    return k, args[0]
                o.replace_executor(f, 0, Executor(call=call))
                f.__code__ = f.__code__
                return f
            fs = [new(k) for k in range(700)]
            def check():
                for n in range(3):
                    assert [f(n) for f in fs] == [
                        (k, n) for k in numbers], n
            numbers = list(range(700))
            check()
            assert {o.executors(f)[0]["entries"] for f in fs} == {3}
            # half of them die; others take their places
            del fs[::2], numbers[::2]
            gc.collect()
            check()
            fs += [new(k) for k in range(1000, 1300)]
            numbers += range(1000, 1300)
            check()
            # functions over the same code share its executor
            twins = [types.FunctionType(f.__code__, {}) for f in fs]
            def same(function, args, kwargs):
                return function, args
            for f in fs:
                o.replace_executor(f, 0, Executor(call=same))
            assert all(f(1) == (f, (1,)) for f in fs + twins)
            assert o.clear() == len(fs)
            assert [f(0) for f in fs] == numbers
        ''')

    def test_vectorcall_taken_over_from_another_function(self):
        """What somebody has copied into a function of other code."""
        self.ok('''
            import ctypes
            f = make("def f(a): return 'f'")
            g = make("def g(a): return 'g'")
            o.replace_executor(f, 0, Executor(
                call=lambda function, args, kwargs: "executor"))
            f.__code__ = f.__code__
            assert f(1) == "executor"
            size = type(f).__basicsize__
            word = ctypes.sizeof(ctypes.c_void_p)
            def words(function):
                return (ctypes.c_void_p * (size // word)).from_address(
                    id(function))
            plain = words(g)[:]
            where = [k for k in range(size // word)
                     if words(f)[k] != plain[k]
                     and words(new := make("def h(): 1"))[k] == plain[k]]
            at = max(where)     # of those that all functions share
            words(g)[at] = words(f)[at]
            assert g(1) == "g"
            assert f(1) == "executor"
            words(g)[at] = plain[at]
        ''')


class Conditions(optimizer_kit.OptimizerTest):
    def test_threads_with_stacks_of_their_own(self):
        """Each thread in turn, deep and shallow, on stacks that are used
        again."""
        self.ok('''
            sys.setswitchinterval(1e-5)
            sys.setrecursionlimit(100_000)
            def down(n):
                return 0 if n == 0 else f(n - 1) + 1
            f = make("def f(n): return down(n)", down=down)
            o.replace_executor(f, 0, Executor(
                call=lambda function, args, kwargs: down(*args)))
            f.__code__ = f.__code__
            assert f(50) == 50
            results = []
            def work(n):
                results.append(f(n) == n)
            for size in (256 << 10, 1 << 20, 0, 512 << 10):
                threading.stack_size(size)
                threads = [threading.Thread(target=work, args=(n,))
                           for n in (3000, 10, 2000, 1)]
                for t in threads:
                    t.start()
                assert f(20) == 20
                for t in threads:
                    t.join()
                assert f(3000) == 3000
            assert results == [True] * 16
            assert o.executors(f)[0]["entries"] > 100
        ''')

    def test_depth_is_the_interpreters(self):
        self.ok('''
            def deepest(f):
                low, high = 1, 1000
                while low < high:
                    middle = (low + high + 1) // 2
                    try:
                        f(middle)
                        low = middle
                    except RecursionError:
                        high = middle - 1
                return low
            source = "def f(n): return n and f(n - 1)"
            plain, called = make(source), make(source)
            wanted = deepest(plain)
            o.replace_executor(called, 0, Executor(
                call=lambda function, args, kwargs: pyopt.REFUSED))
            called.__code__ = called.__code__
            # the executor below needs the last level
            assert deepest(called) == wanted - 1
            assert called(5) == 0 and deepest(plain) == wanted
        ''')

    def test_inside_the_callback_of_another_tool(self):
        """There nobody watches, whatever the tool watches elsewhere."""
        self.ok('''
            f = make("def f(a):\\n    return 'interpreter'")
            o.replace_executor(f, 0, Executor(
                call=lambda function, args, kwargs: "executor"))
            f.__code__ = f.__code__
            watched = make("def watched():\\n    pass")
            seen = []
            E = sys.monitoring.events
            sys.monitoring.use_tool_id(2, "other")
            sys.monitoring.register_callback(
                2, E.LINE, lambda code, line: seen.append(f(line)))
            sys.monitoring.set_local_events(2, watched.__code__, E.LINE)
            watched()
            assert seen == ["executor"], seen
            # its own code is watched
            sys.monitoring.set_local_events(2, f.__code__, E.LINE)
            assert f(1) == "interpreter"
            assert seen == ["executor", "interpreter"], seen
            sys.monitoring.set_local_events(2, f.__code__, 0)
            sys.monitoring.free_tool_id(2)
        ''')

    def test_debugged(self):
        lines = self.debug('''
            f = make("def f(a): return 'interpreter'")
            answers = iter([1, pyopt.REFUSED])
            o.replace_executor(f, 0, Executor(
                call=lambda function, args, kwargs: next(answers)))
            f.__code__ = f.__code__
            assert [f(0), f(0)] == [1, "interpreter"]
            raises(StopIteration, f, 0)
        ''', 2)
        told = [text for level, text in lines if text.endswith("(call)")]
        self.assertEqual([
            "entering f@0 (call)", "returned from f@0 (call)",
            "entering f@0 (call)", "refused from f@0 (call)",
            "entering f@0 (call)", "exception from f@0 (call)"], told)


if __name__ == "__main__":
    unittest.main()
