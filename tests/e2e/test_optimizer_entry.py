"""The optimizer API: hot spots, entering executors, advancing N instructions,
the eval breaker."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402


class HotSpots(optimizer_kit.OptimizerTest):
    def test_threshold_follows_from_costs(self):
        self.ok('''
            asked = []
            opt = Optimizer(lambda code, at: asked.append((code, at)),
                            capabilities=o.BACK_EDGE, optimization_cost=10,
                            run_cost=0.5)
            assert opt.threshold == 20
            assert Optimizer(nothing, optimization_cost=0).threshold == 0
            assert Optimizer(nothing, optimization_cost=3,
                             run_cost=7).threshold == 192
            assert Optimizer(nothing, optimization_cost=1e30
                             ).threshold == 1 << 20
            assert Optimizer(nothing, optimization_cost=float("nan")
                             ).threshold == 0
            o.register(opt)
            f = make("""
                def f(n):
                    for i in range(n):
                        pass
            """)
            f(20)
            assert asked == []
            f(1)
            assert asked == [(f.__code__, heads(f)[0])]
        ''')

    def test_asked_at_each_kind_of_entry(self):
        self.ok('''
            source = """
                def f(n):
                    total = 0
                    for i in range(n):
                        yield i
                    return total
            """
            for capabilities in range(1, 8):
                asked = set()
                def compile(code, at):
                    if code is f.__code__:
                        asked.add(at)
                f = make(source)
                opt = Optimizer(compile, capabilities=capabilities)
                o.register(opt)
                o.watch(f)
                list(f(3)), list(f(3))
                wanted = {at for at, kind in o.entries(f).items()
                          if {"function entry": 1, "resume after yield": 2,
                              "back-edge": 4}[kind] & capabilities}
                assert asked == wanted, (capabilities, asked, wanted)
                o.unregister()
        ''')

    def test_executor_is_entered_at_the_pass_that_made_it(self):
        self.ok('''
            entered = []
            def compile(code, at):
                return Executor(lambda frame: entered.append(frame.offset))
            o.register(Optimizer(compile, o.BACK_EDGE, 16))
            f = make("""
                def f(n):
                    for i in range(n):
                        pass
            """)
            f(100)
            assert entered == [heads(f)[0]] * 84, len(entered)
            assert o.executors(f)[0]["entries"] == 84
        ''')

    def test_function_entries_by_vectorcall_and_by_frame(self):
        self.ok('''
            log = []
            def call(function, args, kwargs):
                log.append((args, kwargs))
                return "native"
            o.register(Optimizer(lambda code, at: Executor(call=call),
                                 o.FUNCTION_ENTRY, 2))
            f = make("def f(a, b=2): return a + b")
            assert [f(1), f(1), f(1), f(1), f(1, b=5)] == [
                3, 3, 3, "native", "native"]
            assert log == [((1,), {}), ((1,), {"b": 5})]
            # a generator has no call without a frame
            seen = []
            def compile(code, at):
                if code.co_name == "g":
                    return Executor(lambda frame: seen.append(
                        (frame.offset, frame.get(0))))
            o.register(Optimizer(compile, o.FUNCTION_ENTRY, 0))
            g = make("def g(a):\\n    yield a\\n    yield a")
            assert list(g(7)) == [7, 7]
            assert seen == [(find(g, "RESUME"), 7)]
        ''')

    def test_calls_pass_specialised_call_sites(self):
        self.ok('''
            f = make("def f(a): return a")
            caller = make("""
                def caller(f, n):
                    s = 0
                    for i in range(n):
                        s += f(1)
                    return s
            """)
            caller(f, 100)          # the call site is specialised now
            assert "CALL_PY_EXACT_ARGS" in adaptive(caller)
            calls = 0
            def call(function, args, kwargs):
                global calls
                calls += 1
                return 10
            o.replace_executor(f, 0, Executor(call=call))
            assert caller(f, 1000) == 9991, calls  # the first finds f
            o.clear()
            assert caller(f, 1000) == 1000
            # functions made while an executor is there
            def outer():
                def inner(a):
                    return a
                return inner
            first = outer()
            o.replace_executor(first, 0, Executor(call=call))
            second = outer()
            assert caller(second, 1000) == 10000
        ''')

    def test_eager_before_any_execution(self):
        self.ok('''
            codes, functions, entered = [], [], []
            def code_created(code):
                codes.append(code)
                for at, kind in o.entries(code).items():
                    if kind == "back-edge":
                        o.replace_executor(code, at, Executor(
                            lambda frame: entered.append(frame.get(0))))
                    elif code.co_name == "f":
                        o.replace_executor(code, at, Executor(
                            call=lambda function, args, kwargs: "called"))
            def compile(code, at):
                raise AssertionError("asked")
            o.register(Optimizer(compile, code_created=code_created,
                                 function_created=functions.append))
            g = make("""
                def g(n):
                    for i in range(n):
                        pass
                    return n
            """)
            assert g.__code__ in codes and g in functions
            assert events(g) == sys.monitoring.events.JUMP
            assert g(3) == 3 and entered == [3, 3, 3]
            f = make("def f(): return 1")
            assert f() == "called"
            plain = make("def h(): return 2")
            assert events(plain) == 0 and plain() == 2
        ''')

    def test_code_older_than_the_optimizer_is_watched_when_asked(self):
        self.ok('''
            asked = []
            f = make("def f(n):\\n    for i in range(n): pass")
            o.register(Optimizer(lambda code, at: asked.append(at), 4, 2))
            f(10)
            assert asked == []
            o.watch(f)
            f(10)
            assert asked == heads(f) * 2, asked
            # or when a function is made of it
            g = make("def g(n):\\n    for i in range(n): pass")
            o.unregister()
            assert sys.monitoring.get_tool(5) is None
            def outer():
                def inner(n):
                    for i in range(n): pass
                return inner
            o.register(Optimizer(lambda code, at: asked.append("new"), 4, 2))
            outer()(10)
            assert asked[-1] == "new"
        ''')

    def test_refused_entries_back_off_and_get_their_speed_back(self):
        self.ok('''
            passes, asked = 0, []
            def body():
                global passes
                passes += 1
            o.register(Optimizer(lambda code, at: asked.append(passes), 4, 4))
            f = make("""
                def f(n):
                    for i in range(n):
                        body()
            """, body=body)
            f(5000)
            gaps = [b - a for a, b in zip(asked, asked[1:])]
            assert asked[0] == 5, asked
            assert gaps == [8, 16, 32, 64, 128, 256, 512], gaps
            assert "INSTRUMENTED_JUMP_BACKWARD" not in adaptive(f)
            assert "JUMP_BACKWARD" in adaptive(f)
        ''')


class Advance(optimizer_kit.OptimizerTest):
    def test_no_instruction_everywhere(self):
        self.ok('''
            programs = ["""
                def f(n):
                    out = []
                    for i in range(n):
                        for j in range(i):
                            while True:
                                try:
                                    if j % 2:
                                        continue
                                    out.append((i, j))
                                finally:
                                    j += 1
                                    if j > n:
                                        break
                    return out
            """, """
                def f(n):
                    def g(k):
                        try:
                            while k:
                                k -= 1
                                got = yield k
                                if got:
                                    yield from g(got)
                        finally:
                            yield "end"
                    return [*g(n)] + [k for k in g(n) if k]
            """, """
                def f(n):
                    s = 0
                    while n:
                        n -= 1
                        with memoryview(b"x"):
                            s += [x for x in range(n)].count(2)
                    return s
            """]
            entered = 0
            def execute(frame):
                global entered
                entered += 1
            plain = [make(p)(7) for p in programs]
            o.register(Optimizer(lambda code, at: Executor(execute)))
            assert [make(p)(7) for p in programs] == plain
            assert entered > 100
        ''')

    def test_no_instruction_at_a_jump_to_itself(self):
        self.ok('''
            f = make("def f():\\n    while True: pass")
            put(f, heads(f)[0], nothing)
            def handler(*args):
                raise TimeoutError
            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            raises(TimeoutError, f)
        ''')

    def test_leaving_at_the_jump_that_led_here_goes_on(self):
        self.ok('''
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            jump = find(f, "JUMP_BACKWARD")
            x = put(f, heads(f)[0], lambda frame: frame.leave(jump))
            assert f(10) == 10 and x.entries == 9
        ''')

    def test_many_instructions(self):
        self.ok('''
            f = make("""
                def f(n):
                    i = s = 0
                    while i < n:
                        s += i
                        i += 1
                    return s
            """)
            head = heads(f)[0]
            def execute(frame):
                n, i, s = frame.get(0), frame.get(1), frame.get(2)
                while i < n - 1:    # the last turn is the interpreter's
                    s += i
                    i += 1
                frame.set(1, i)
                frame.set(2, s)
                frame.leave(head)
            x = put(f, head, execute)
            assert f(1000) == sum(range(1000)) and x.entries == 1
            # to the end of the loop, and behind it
            end = find(f, "RETURN_VALUE") - 2
            def to_the_end(frame):
                frame.set(2, "result")
                frame.leave(end)
            put(f, head, to_the_end)
            assert f(1000) == "result"
        ''')

    def test_leaving_in_nested_loops_and_try_with_values_on_the_stack(self):
        self.ok('''
            f = make("""
                def f(rows):
                    out = []
                    for row in rows:
                        for x in row:
                            try:
                                out.append(x // (x - 5))
                            except ZeroDivisionError:
                                out.append("zero")
                    return out
            """)
            rows = [[1, 2], [5, 6], [7]]
            plain = f(rows)
            outer, inner = sorted(heads(f))
            # at the inner head the stack is [iterator, iterator]: take the
            # next item and leave in the `try`, before the division, with the
            # operands of the instruction on the stack
            divide = find(f, "BINARY_OP", 1)
            append = find(f, "LOAD_ATTR", 0)
            def execute(frame):
                rows_it, row_it = frame.stack
                try:
                    x = next(row_it)
                except StopIteration:
                    return          # nothing was done
                method = frame.get(1).append
                frame.set(3, x)
                stack = [rows_it, row_it] + bound(method) + [x, x - 5]
                frame.leave(divide, stack)
            def bound(method):
                return [list.append, method.__self__]
            x = put(f, inner, execute)
            assert f(rows) == plain, (f(rows), plain)
            assert x.entries == 5
        ''')

    def test_leaving_on_another_loop(self):
        self.ok('''
            f = make("""
                def f(n):
                    log = []
                    for i in range(n):
                        log.append("a")
                    for i in range(n):
                        log.append("b")
                    return log
            """)
            first, second = sorted(heads(f))
            def execute(frame):
                frame.leave(second, [iter(range(2))])
            x = put(f, first, execute)
            y = put(f, second, nothing)
            assert f(5) == ["a", "b", "b"]
            assert (x.entries, y.entries) == (1, 2)
        ''')

    def test_long_loop_with_extended_arguments(self):
        self.ok('''
            f = make("def f(n, g):\\n    for i in range(n):\\n"
                     + "        g(); g(); g()\\n" * 200)
            assert "EXTENDED_ARG" in adaptive(f)
            calls = 0
            def g():
                global calls
                calls += 1
            jump = find(f, "JUMP_BACKWARD")
            x = put(f, heads(f)[0], nothing)
            f(10, g)
            assert (x.entries, calls) == (10, 6000)
            # leave at the prefix of the jump: it is the jump that led here
            prefix = jump - 2
            x = put(f, heads(f)[0], lambda frame: frame.leave(prefix))
            calls = 0
            f(10, g)
            assert calls == 6000 and x.entries == 10, (calls, x.entries)
        ''')

    def test_hundreds_of_executors(self):
        self.ok('''
            n = 600
            f = make("def f(log):\\n" + "".join(
                f"    for i in range(2): log.append({k})\\n"
                for k in range(n)))
            assert len(heads(f)) == n
            def execute(number):
                return lambda frame: entered.append(number)
            entered, log = [], []
            for number, at in enumerate(sorted(heads(f))):
                put(f, at, execute(number))
            assert len(o.executors(f)) == n
            f(log)
            assert log == entered == [k // 2 for k in range(2 * n)]
            assert o.clear(f) == n and o.executors(f) == []
        ''')

    def test_resumed_in_all_ways(self):
        self.ok('''
            got = []
            def execute(frame):
                got.append(frame.stack[-1])
            def watch(f):
                for at in resumes(f):
                    put(f, at, execute)
                return f
            g = watch(make("""
                def g():
                    log = []
                    for k in range(3):
                        try:
                            log.append((yield k))
                        except KeyError as e:
                            log.append(repr(e))
                    return log
            """))
            it = g()
            assert [next(it), next(it), it.send("sent")] == [0, 1, 2]
            e = raises(StopIteration, it.throw, KeyError("thrown"))
            assert e.value == [None, "sent", "KeyError('thrown')"]
            assert got == [None, "sent"]        # throw() does not resume
            got.clear()
            assert [k for k in g()] == [0, 1, 2] and got == [None] * 3
            got.clear()
            h = watch(make("def h(): return (yield from g())", g=g))
            it = h()
            assert [next(it), it.send(1), it.send(2)] == [0, 1, 2]
            assert raises(StopIteration, it.send, 3).value == [1, 2, 3]
            # at an inner resume the value sent, at the outer one a value too
            assert got.count(1) >= 1 and got.count(3) >= 1, got
            got.clear()
            class Later:
                def __await__(self):
                    return (yield "wait")
            c = watch(make("""
                async def c():
                    return [await Later(), await Later()]
            """, Later=Later))
            it = c()
            assert [it.send(None), it.send("a")] == ["wait", "wait"]
            assert raises(StopIteration, it.send, "b").value == ["a", "b"]
            assert len(got) == 2, got
            a = watch(make("""
                async def a():
                    async for x in agen():
                        pass
                    return [x async for x in agen()]
            """, agen=watch(make("""
                async def agen():
                    yield await Later()
                    yield 2
            """, Later=Later))))
            it, sent = a(), []
            try:
                it.send(None)
                while True:
                    it.send("x")
            except StopIteration as e:
                assert e.value == ["x", 2]
            g2 = watch(make("def g2():\\n    while True: yield 1"))
            it = g2(); next(it); next(it); it.close()
            assert o.executors(g2)[0]["entries"] == 1
        ''')

    def test_resume_advances(self):
        self.ok('''
            g = make("""
                def g():
                    total = 0
                    while True:
                        total += yield total
            """)
            at = resumes(g)[0]
            load = find(g, "YIELD_VALUE") - 2      # LOAD_FAST total
            def execute(frame):
                sent = frame.stack[-1]
                frame.set(0, frame.get(0) + 10 * sent)
                # total is loaded for the addition, and for the yield
                head = find(g, "LOAD_FAST_LOAD_FAST", 0)
                frame.leave(head, [])
            loads = [i.opname for i in dis.get_instructions(g)]
            assert "LOAD_FAST_LOAD_FAST" in loads, loads
            put(g, at, execute)
            it = g()
            assert [next(it), it.send(1), it.send(2)] == [0, 10, 30]
        ''')


class EvalBreaker(optimizer_kit.OptimizerTest):
    def test_honoured_before_entry(self):
        self.ok('''
            log = []
            signal.signal(signal.SIGUSR1, lambda *args: log.append("handler"))
            f = make("""
                def f(n):
                    for i in range(n):
                        kill(me, number)
            """, kill=__import__("os").kill, me=__import__("os").getpid(),
                number=signal.SIGUSR1)
            put(f, heads(f)[0], lambda frame: log.append("executor"))
            f(20)
            assert log == ["handler", "executor"] * 20
        ''')

    def test_honoured_at_back_edges_inside(self):
        self.ok('''
            log = []
            signal.signal(signal.SIGUSR1, lambda *args: log.append("handler"))
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            jump, head = find(f, "JUMP_BACKWARD"), heads(f)[0]
            def execute(frame):
                i = frame.get(1)
                while i < frame.get(0) - 1:
                    i += 1
                    frame.set(1, i)
                    if i % 10 == 0:
                        signal.pthread_kill(threading.get_ident(),
                                            signal.SIGUSR1)
                    if not frame.ready():
                        log.append(i)
                        assert frame.pending(jump)
                frame.leave(head)
            put(f, head, execute)
            # SIGUSR1 is handled in Python code of the executor itself: what
            # is seen at ready() is what C code would see
            assert f(35) == 35
            assert log.count("handler") == 3, log
        ''')

    def test_pending_errors_leave_the_frame(self):
        self.ok('''
            import ctypes
            f = make("""
                def f(n):
                    i = 0
                    try:
                        while i < n:
                            i += 1
                    except KeyError:
                        return "caught", i
            """)
            jump, head = find(f, "JUMP_BACKWARD"), heads(f)[0]
            set_exc = ctypes.pythonapi.PyThreadState_SetAsyncExc
            inside = []
            def execute(frame):
                frame.set(1, 77)
                set_exc(ctypes.c_ulong(threading.get_ident()),
                        ctypes.py_object(KeyError))
            def late(frame):
                return None
            x = put(f, head, execute)
            assert f(100) == ("caught", 77)
        ''')

    def test_threads_switch_and_gc_runs(self):
        self.ok('''
            sys.setswitchinterval(0.0005)
            collected = []
            gc.callbacks.append(lambda phase, info: collected.append(phase))
            other = []
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            head, jump = heads(f)[0], find(f, "JUMP_BACKWARD")
            put(f, head, nothing)
            thread = threading.Thread(target=lambda: other.append(f(1000)))
            g = make("""
                def g(stop, collected):
                    while not (stop and collected):
                        x = []
                        x.append(x)
            """)
            put(g, heads(g)[0], nothing)
            thread.start()
            g(other, collected)
            thread.join()
            assert other == [1000] and collected
        ''')

    def test_instruction_pointer_is_exact_before_entry(self):
        self.ok('''
            seen = []
            def execute(frame):
                caller = sys._getframe(1)
                seen.append((caller.f_code, caller.f_lasti, caller.f_lineno,
                             frame.offset))
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            put(f, heads(f)[0], execute)
            f(3)
            assert seen == [(f.__code__, heads(f)[0], 5, heads(f)[0])] * 2
            seen.clear()
            g = make("def g():\\n    yield 1\\n    yield 2")
            for at in resumes(g):
                put(g, at, execute)
            put(g, 0, execute)
            list(g())
            first = find(g, "RESUME")
            assert [row[1:] for row in seen] == [
                (first, 1, first), (resumes(g)[0], 2, resumes(g)[0]),
                (resumes(g)[1], 3, resumes(g)[1])], seen
        ''')

    def test_calls_serve_what_is_pending_first(self):
        self.ok('''
            log = []
            def handler(*args):
                log.append("handler")
            signal.signal(signal.SIGUSR1, handler)
            f = make("def f(): pass")
            def call(function, args, kwargs):
                log.append("call")
            o.replace_executor(f, 0, Executor(call=call))
            o.watch  # the function is older: its first frame finds it
            f()
            kill = make("""
                def kill(f, n):
                    for i in range(n):
                        send(me, number)
                        f()
            """, send=__import__("os").kill, me=__import__("os").getpid(),
                number=signal.SIGUSR1)
            kill(f, 10)
            assert log == ["handler", "call"] * 10, log
        ''')


if __name__ == "__main__":
    unittest.main()
