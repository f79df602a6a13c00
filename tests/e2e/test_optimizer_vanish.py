"""The optimizer API: executors vanish and the frame stays valid; references
balance; uninstalling leaves everything as it was before."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402

LOOP = '''
            f = make("""
                def f(n, at=-1, action=None):
                    i = 0
                    while i < n:
                        i += 1
                        if i == at:
                            action()
                    return i
            """)
            head = heads(f)[0]
'''


class Vanish(optimizer_kit.OptimizerTest):
    def loop(self, script, **environment):
        return self.ok(LOOP + script, **environment)

    def test_when_another_tool_instruments_the_code(self):
        self.loop('''
            seen = []
            sys.monitoring.use_tool_id(2, "other")
            E = sys.monitoring.events
            sys.monitoring.register_callback(
                2, E.LINE, lambda code, line: seen.append(line))
            def watch():
                sys.monitoring.set_local_events(2, f.__code__, E.LINE)
            invalidated = []
            x = put(f, head, nothing, invalidated=lambda: invalidated.append(1))
            assert f(10, 5, watch) == 10
            assert x.entries == 0 and not x.valid and invalidated == [1]
            assert o.get_executor(f, head) is None and o.executors(f) == []
            assert seen.count(5) == 5 and seen[-1] == 8, seen
            seen.clear()
            sys.monitoring.set_local_events(2, f.__code__, 0)
            assert f(10) == 10 and not x.valid and seen == []
        ''')

    def test_entries_until_another_tool_came(self):
        self.loop('''
            sys.monitoring.use_tool_id(2, "other")
            count = 0
            def execute(frame):
                global count
                count += 1
            def watch():
                sys.monitoring.set_local_events(
                    2, f.__code__, sys.monitoring.events.LINE)
            put(f, head, execute)
            f(10, 5, watch)
            assert count == 4, count
        ''')

    def test_when_traced_and_profiled(self):
        for tool in ("settrace", "setprofile"):
            self.loop('''
            tool = sys.TOOL
            count, seen = 0, []
            def execute(frame):
                global count
                count += 1
            def trace(frame, event, arg):
                if frame.f_code is f.__code__:
                    seen.append((event, frame.f_lineno))
                return trace
            def start():
                tool(trace)
                frame = sys._getframe(1)
                frame.f_trace = trace
            x = put(f, head, execute)
            def other():
                for k in range(3): pass
            y = put(other, heads(other)[0], nothing)
            assert f(10, 5, start) == 10
            tool(None)
            assert count == 4, count
            assert len(seen) > 0
            assert not x.valid and not y.valid  # all vanish
            assert o.executors(f) == o.executors(other) == []
            f(10)
            assert count == 4
            '''.replace("TOOL", tool))

    def test_and_is_found_again_afterwards(self):
        self.loop('''
            made = []
            def compile(code, at):
                if code is f.__code__ and at == head:
                    made.append(Executor(nothing))
                    return made[-1]
            o.register(Optimizer(compile, o.BACK_EDGE, 3))
            o.watch(f)
            f(10)
            assert made[0].valid
            sys.settrace(lambda *args: None)
            f(10)
            sys.settrace(None)
            assert len(made) == 1 and not made[0].valid
            f(10)
            assert len(made) == 2 and made[1].valid and made[1].entries == 6
        ''')

    def test_an_executor_that_comes_back(self):
        self.loop('''
            x = put(f, head, nothing, flags=pyopt.PYAOT_EXECUTOR_COMES_BACK)
            f(10)
            sys.settrace(lambda *args: None)
            f(10)
            assert not x.valid and o.get_executor(f, head) is None
            sys.settrace(None)
            assert x.valid and o.get_executor(f, head) is x
            f(10)
            assert x.entries == 18
        ''')

    def test_when_code_is_replaced(self):
        self.loop('''
            x = put(f, head, nothing)
            old = f.__code__
            def replace():
                f.__code__ = f.__code__.replace(co_name="g")
            assert f(10, 5, replace) == 10      # the frame keeps its code
            assert x.entries == 9 and x.valid
            assert f(10) == 10 and x.entries == 9
            assert o.executors(f) == [] and o.get_executor(f, head) is None
            assert len(o.executors(old)) == 1
            # functions without a frame
            def call(function, args, kwargs):
                return "native"
            g, h = make("def g(): return 1"), make("def h(): return 2")
            y = Executor(call=call)
            o.replace_executor(g, 0, y)
            g()
            assert g() == "native"
            old = g.__code__
            g.__code__ = h.__code__
            assert g() == 2 and h() == 2
            g.__code__ = old
            assert g() == "native"
            del old, g
            gc.collect()
            assert not y.valid
        ''')

    def test_when_code_dies(self):
        self.loop('''
            invalidated = []
            x = put(f, head, nothing, invalidated=lambda: invalidated.append(1))
            count = sys.getrefcount(x)
            f(10)
            f.__code__ = f.__code__.replace(co_name="g")
            assert invalidated == [1] and not x.valid
            assert (x.code, x.offset, x.entries) == (None, None, 0)
            assert sys.getrefcount(x) == count - 1
        ''')

    def test_dying_in_the_middle(self):
        """The function and its code die while a frame runs there."""
        self.loop('''
            ended = []
            x = put(f, head, nothing, invalidated=lambda: ended.append(1))
            def kill():
                global f
                f = None
                gc.collect()
            assert f(10, 5, kill) == 10
            gc.collect()
            assert x.entries == 0 and ended == [1]
        ''')

    def test_generators_closed_and_dropped_while_suspended(self):
        self.loop('''
            g = make("""
                def g():
                    try:
                        while True:
                            yield 1
                    finally:
                        log.append("closed")
            """, log=(log := []))
            for at in resumes(g) + heads(g) + [0]:
                put(g, at, nothing)
            it = g(); next(it); next(it)
            o.clear()
            assert next(it) == 1
            del it
            gc.collect()
            assert log == ["closed"]
        ''')


class Running(optimizer_kit.OptimizerTest):
    def loop(self, script, **environment):
        return self.ok(LOOP + script, **environment)

    def test_replaced_and_invalidated_while_it_runs(self):
        self.loop('''
            log = []
            def execute(frame):
                global x
                log.append("old")
                mine = o.get_executor(f, head)
                put(f, head, lambda frame: log.append("new"))
                assert not mine.valid
                x = None
                del mine
                gc.collect()
                frame.set(3, frame.get(3) + 5)
                frame.leave(head)
            x = put(f, head, execute)
            assert f(10) == 10
            assert log == ["old"] + ["new"] * 3, log
            def suicide(frame):
                log.append("gone")
                o.invalidate(f.__code__)
            put(f, head, suicide)
            log.clear()
            assert f(10) == 10 and log == ["gone"]
            assert not o.started()
        ''')

    def test_pending_work_says_that_it_is_no_longer_valid(self):
        self.loop('''
            jump = find(f, "JUMP_BACKWARD")
            answers = []
            def execute(frame):
                answers.append(frame.pending(jump))
                o.clear()
                answers.append(frame.pending(jump))
                frame.leave(head)
            put(f, head, execute)
            assert f(10) == 10 and answers == [True, False]
        ''')

    def test_everything_ends_inside_a_call(self):
        self.ok('''
            f = make("def f(a): return a")
            def call(function, args, kwargs):
                o.unregister()
                o.clear()
                return "last"
            o.register(Optimizer(lambda code, at: Executor(call=call),
                                 o.FUNCTION_ENTRY, 1))
            o.watch(f)
            assert [f(k) for k in range(4)] == [0, 1, "last", 3]
            assert not o.started()
        ''')

    def test_nested_and_recursive(self):
        self.ok('''
            f = make("""
                def f(n):
                    total = 0
                    for i in range(n):
                        total += f(i)
                    return total + 1
            """)
            entered = 0
            def execute(frame):
                global entered
                entered += 1
                if entered == 5:
                    assert f(3) == 8
            put(f, heads(f)[0], execute)
            assert f(6) == 64 and entered == 63 + 7, entered
        ''')

    def test_references_balance(self):
        self.loop('''
            class Token: pass
            token = Token()
            def execute(frame):
                frame.set(2, token)
                frame.set(2, token)
                frame.leave(head, [])
            def fail(frame):
                frame.set(2, token)
                raise KeyError
            def run():
                x = put(f, head, execute)
                for k in range(50):
                    f(10)
                put(f, head, fail)
                for k in range(50):
                    raises(KeyError, f, 10)
                o.clear()
            run()
            gc.collect()
            # each frame drops what it held; nothing of an error stays.  The
            # allocator comes to rest at some time: a leak would never
            before = sys.getrefcount(token)
            growth = []
            for window in range(5):
                blocks = sys.getallocatedblocks()
                for k in range(20):
                    run()
                    gc.collect()
                growth.append(sys.getallocatedblocks() - blocks)
            assert sys.getrefcount(token) == before
            assert min(growth) < 10, growth
        ''')

    def test_executors_and_optimizers_are_released(self):
        self.loop('''
            class Token: pass
            import weakref
            def make_one():
                token = Token()
                ref = weakref.ref(token)
                def compile(code, at, token=token):
                    if code is f.__code__ and at:
                        return Executor(lambda frame, token=token: None)
                o.register(Optimizer(compile, 7, 1))
                o.watch(f)
                f(10)
                assert o.executors(f)[0]["entries"] == 8, o.executors(f)
                return ref
            ref = make_one()
            assert ref() is not None
            o.unregister()
            assert ref() is not None    # the executor is there still
            o.clear()
            gc.collect()
            assert ref() is None
        ''')


class Uninstall(optimizer_kit.OptimizerTest):
    def test_code_objects_are_as_before(self):
        self.ok('''
            source = """
                def f(n):
                    out = []
                    for i in range(n):
                        out.append(g(i))
                    return out
                def g(i):
                    return i
                def gen(n):
                    for i in range(n):
                        yield i
            """
            def snapshot(names):
                rows = []
                for k in range(100):
                    names["f"](20), list(names["gen"](20))
                for name in ("f", "g", "gen"):
                    code = names[name].__code__
                    rows.append((
                        code.co_code, hash(code), code == code.replace(),
                        [(i.opname, i.arg) for i in dis.get_instructions(
                            code, adaptive=True)],
                        o.events(code)))
                return rows, o.started()
            names = {}
            exec(textwrap.dedent(source), names)
            before = snapshot(names)
            assert "CALL_PY_EXACT_ARGS" in str(before)
            def compile(code, at):
                if code.co_filename != "<string>":
                    return None         # the test's own
                if at == 0:
                    return Executor(execute=nothing,
                        call=lambda function, args, kwargs: pyopt.REFUSED)
                return Executor(nothing)
            o.register(Optimizer(compile, 7, 1))
            for name in ("f", "g", "gen"):
                o.watch(names[name])
            during = snapshot(names)
            assert during[1] and not before[1] and during != before
            assert [row[:3] for row in during[0]] == [
                row[:3] for row in before[0]]
            assert "INSTRUMENTED" in str(during)
            o.unregister()
            assert o.clear() > 3
            assert snapshot(names) == before
            # and the id is free for others
            sys.monitoring.use_tool_id(5, "other")
            assert o.refusal() is not None
            sys.monitoring.free_tool_id(5)
            assert o.refusal() is None
        ''')

    def test_functions_get_their_specialised_calls_back(self):
        self.ok('''
            def outer():
                def inner(a):
                    return a
                return inner
            first = outer()
            o.replace_executor(first, 0, Executor(
                call=lambda function, args, kwargs: pyopt.REFUSED))
            second = outer()
            caller = make("""
                def caller(f):
                    for k in range(100):
                        f(k)
            """)
            caller(second)
            assert "CALL_PY_EXACT_ARGS" not in adaptive(caller)
            o.clear()
            caller(second)
            caller(second)
            assert "CALL_PY_EXACT_ARGS" in adaptive(caller), adaptive(caller)
        ''')

    def test_other_tools_keep_their_events(self):
        self.ok('''
            E = sys.monitoring.events
            sys.monitoring.use_tool_id(1, "other")
            sys.monitoring.set_local_events(1, make.__code__, E.LINE)
            f = make("def f(n):\\n    for i in range(n): pass")
            sys.monitoring.set_local_events(1, f.__code__, E.JUMP)
            jumps = []
            def on_jump(code, a, b):
                if b < a:
                    jumps.append((a, b))
                    return sys.monitoring.DISABLE if len(jumps) > 5 else None
            sys.monitoring.register_callback(1, E.JUMP, on_jump)
            x = put(f, heads(f)[0], nothing)
            f(10)
            assert len(jumps) == 6 and x.entries == 0
            o.clear()
            assert sys.monitoring.get_local_events(1, f.__code__) == E.JUMP
            assert sys.monitoring.get_tool(1) == "other"
        ''')

    def test_the_loader_installs_and_uninstalls(self):
        self.ok('''
            import _pyaot_loader as loader
            assert loader.install() is True
            assert type(o.current()).__name__ == "Loader"
            assert o.current().eager and o.current().capabilities == 7
            assert o.started()
            loader.uninstall()
            assert o.current() is None
            assert not o.started()
        ''')


if __name__ == "__main__":
    unittest.main()
