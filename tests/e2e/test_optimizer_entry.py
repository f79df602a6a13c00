"""The optimizer API: hot spots, and the eval breaker before and inside
executors."""

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
            assert not o.started()
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

    SPIN = '''
            import os
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            head, jump = heads(f)[0], find(f, "JUMP_BACKWARD")
            x = pyopt.Spinner(head, jump, 1)
            o.replace_executor(f, head, x)
            FOREVER = 1 << 60
            def stop(frame):
                frame.f_locals["n"] = 0
            def inside(frame):
                """Has the executor begun?  A slow machine may be late."""
                return frame.f_code is f.__code__ and x.entries > 0
            def alarm(function):
                def handler(number, frame):
                    if inside(frame):
                        function(frame)
                signal.signal(signal.SIGALRM, handler)
                signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
            def no_alarm():
                signal.setitimer(signal.ITIMER_REAL, 0)
    '''

    def test_signal_handlers_run_inside(self):
        self.ok(self.SPIN + '''
            seen = []
            def handler(frame):
                seen.append((frame.f_code, frame.f_lasti, frame.f_lineno))
                if len(seen) == 3:
                    no_alarm()
                    stop(frame)
            alarm(handler)
            f(FOREVER)
            # the frame stands at the back-edge
            assert seen == [(f.__code__, jump, 4)] * 3, seen
            assert x.pending >= 1
        ''')

    def test_errors_of_pending_work_leave_the_frame_at_the_back_edge(self):
        self.ok(self.SPIN + '''
            import ctypes
            def handler(frame):
                no_alarm()
                raise TimeoutError
            alarm(handler)
            e = raises(TimeoutError, f, FOREVER)
            t = entry_of(e, f)
            assert (t.tb_lasti, t.tb_lineno) == (jump, 4)
            assert t.tb_frame.f_locals["i"] > 1
            # an exception sent by another thread
            me = ctypes.c_ulong(threading.get_ident())
            def send():
                while x.entries < 2:
                    time.sleep(0.01)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    me, ctypes.py_object(KeyError))
            thread = threading.Thread(target=send)
            thread.start()
            raises(KeyError, f, FOREVER)
            thread.join()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            def interrupt(frame):
                no_alarm()
                signal.raise_signal(signal.SIGINT)
            alarm(interrupt)
            raises(KeyboardInterrupt, f, FOREVER)
        ''')

    def test_threads_switch_inside(self):
        self.ok(self.SPIN + '''
            sys.setswitchinterval(0.001)
            def other():
                while y.entries == 0 or y.pending == 0:
                    time.sleep(0.002)
                me.f_locals["n"] = 0
            def start(n):
                global me
                me = sys._getframe()
                threading.Thread(target=other).start()
                i = 0
                while i < n:
                    i += 1
                return i
            y = pyopt.Spinner(heads(start)[0], find(start, "JUMP_BACKWARD"),
                              start.__code__.co_varnames.index("i"))
            o.replace_executor(start, heads(start)[0], y)
            assert 0 < start(FOREVER) < FOREVER
            assert y.pending >= 1
        ''')

    def test_gc_and_pending_calls_run_inside(self):
        self.ok(self.SPIN + '''
            import _testcapi
            runs = []
            def pending():
                frame = sys._getframe(1)
                if inside(frame):
                    runs.append(frame.f_lasti)
                    stop(frame) if len(runs) == 3 else None
            def add():
                while len(runs) < 3:
                    _testcapi._pending_threadfunc(pending)
                    time.sleep(0.005)
            thread = threading.Thread(target=add)
            sys.setswitchinterval(0.001)
            thread.start()
            f(FOREVER)
            thread.join()
            assert runs[:3] == [jump] * 3 and x.pending >= 1, runs
        ''')

    def test_a_tool_that_begins_to_watch_ends_it(self):
        self.ok(self.SPIN + '''
            lines = []
            def trace(frame, event, arg):
                lines.append(frame.f_lineno)
                if len(lines) == 10:
                    stop(frame)
                return trace
            def handler(frame):
                no_alarm()
                frame.f_trace = trace
                sys.settrace(trace)
            alarm(handler)
            f(FOREVER)
            sys.settrace(None)
            assert lines[:4] == [5, 4, 5, 4] or lines[:4] == [4, 5, 4, 5], lines
            assert not x.valid
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

    def test_calls_are_the_interpreters_while_something_is_pending(self):
        self.ok('''
            import ctypes, functools, os
            log = []
            signal.signal(signal.SIGUSR1, lambda *args: log.append("handler"))
            f = make("def f(arg): log.append('interpreter')", log=log)
            def call(function, args, kwargs):
                log.append("executor")
            o.replace_executor(f, 0, Executor(call=call))
            f(0)                # older than the host: found now
            log.clear()
            # nothing looks at the eval breaker between kill and f; os.kill
            # would, itself
            kill = functools.partial(ctypes.CDLL(None).kill, os.getpid())
            list(map(f, map(kill, [signal.SIGUSR1] * 5)))
            assert log == ["handler", "interpreter"] * 5, log
            log.clear()
            list(map(f, range(3)))
            assert log == ["executor"] * 3
        ''')


if __name__ == "__main__":
    unittest.main()
