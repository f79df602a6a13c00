"""The optimizer API: what fails, and what is done wrong."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402


class CompileFails(optimizer_kit.OptimizerTest):
    def test_nothing_leaves_everything_as_it_was(self):
        self.ok('''
            f = make("""
                def f(n):
                    out = []
                    for i in range(n):
                        out.append([i for i in range(2)] + [i])
                    return out
            """)
            plain = f(20)
            before = f.__code__.co_code, adaptive(f)
            asked = []
            o.register(Optimizer(lambda code, at: asked.append(at), 7, 0))
            o.watch(f)
            assert f(20) == plain and asked
            o.unregister()
            assert f.__code__.co_code == before[0]
            assert f(20) == plain
            assert len(adaptive(f)) == len(before[1])
            assert not [op for op in adaptive(f) if "INSTRUMENTED" in op]
        ''')

    def test_error_has_the_traceback_of_the_jump(self):
        self.ok('''
            def compile(code, at):
                if code is f.__code__:
                    raise LookupError("compile")
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1

                        i += 0
                    return i
            """)
            o.register(Optimizer(compile, o.BACK_EDGE, 0))
            o.watch(f)
            e = raises(LookupError, f, 10)
            assert e.args == ("compile",)
            tb = entry_of(e, f)
            assert tb.tb_next.tb_frame.f_code is compile.__code__
            assert tb.tb_lasti == find(f, "JUMP_BACKWARD"), tb.tb_lasti
            assert tb.tb_frame.f_locals == {"n": 10, "i": 1}
        ''')

    def test_error_is_caught_where_the_jump_is_covered(self):
        self.ok('''
            failures = 0
            def compile(code, at):
                global failures
                if code is f.__code__:
                    failures += 1
                    raise LookupError(failures)
            f = make("""
                def f(n):
                    caught = []
                    for k in range(n):
                        try:
                            for i in [1, 2, 3]:
                                caught.append(i)
                        except LookupError as e:
                            caught.append(str(e))
                    return caught
            """)
            inner = max(heads(f))
            def only_inner(code, at):
                return compile(code, at) if at == inner else None
            o.register(Optimizer(only_inner, o.BACK_EDGE, 0))
            o.watch(f)
            # the first pass fails; the entry backs off, all runs on
            assert f(3) == [1, "1", 1, 2, "2", 1, 2, 3], f(3)
        ''')

    def test_error_at_a_resume_and_at_a_start(self):
        self.ok('''
            def compile(code, at):
                if code is g.__code__ and at in (0, resumes(g)[0]):
                    raise LookupError(at)
            g = make("""
                def g():
                    log = []
                    for k in range(3):
                        try:
                            log.append((yield k))
                        except LookupError as e:
                            log.append("failed")
                    yield log
            """)
            o.register(Optimizer(compile, o.RESUME_AFTER_YIELD, 0))
            o.watch(g)
            # after a refusal it is asked again twice as late
            assert list(g())[-1] == ["failed", None, "failed"]
            o.unregister()
            o.register(Optimizer(compile, o.FUNCTION_ENTRY, 0))
            o.watch(g)
            it = g()
            e = raises(LookupError, next, it)
            assert entry_of(e, g).tb_lasti == find(g, "RESUME")
            assert list(it) == []
            assert list(g())[-1] == [None] * 3
        ''')

    def test_after_an_error_the_entry_backs_off_and_is_asked_again(self):
        self.ok('''
            asked = 0
            def compile(code, at):
                global asked
                asked += 1
                if asked == 1:
                    raise LookupError
                return Executor(nothing)
            o.register(Optimizer(compile, o.BACK_EDGE, 2))
            f = make("""
                def f(n):
                    for i in range(n):
                        pass
            """)
            raises(LookupError, f, 100)
            f(3)
            assert asked == 1
            f(10)
            assert asked == 2 and o.executors(f)[0]["entries"] == 10
        ''')

    def test_what_compile_makes_is_checked(self):
        self.ok('''
            for wrong, error in ((7, TypeError), (Executor(), ValueError),
                                 (Executor(call=nothing), ValueError)):
                f = make("def f(n):\\n    for i in range(n): pass")
                def compile(code, at):
                    return wrong if code.co_name == "f" else None
                opt = Optimizer(compile, o.BACK_EDGE, 0)
                o.register(opt)
                o.watch(f)
                raises(error, f, 3)
                assert o.executors(f) == []
            assert "capabilities" in str(raises(
                ValueError, o.register, Optimizer(nothing, 8)))
            raises(ValueError, o.register, Optimizer(nothing, 0))
            raises(ValueError, o.register, Optimizer())
            assert o.current() is opt
        ''')

    def test_eager_hooks_that_fail_are_unraisable(self):
        self.ok('''
            seen = []
            sys.unraisablehook = lambda info: seen.append(info.exc_type)
            def fail(arg):
                raise LookupError
            o.register(Optimizer(code_created=fail))
            f = make("def f(): return 1")
            assert LookupError in seen and f() == 1
            seen.clear()
            o.register(Optimizer(function_created=fail))
            f = make("def f(): return 1")
            assert LookupError in seen and f() == 1
        ''')


class ExecuteFails(optimizer_kit.OptimizerTest):
    def test_error_where_the_frame_was_left(self):
        self.ok('''
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                        str(i)
                    return i
            """)
            def execute(frame):
                frame.set(1, 55)
                frame.leave(find(f, "CALL"), [str, frame.get(1), 3])
                raise LookupError("execute")
            put(f, heads(f)[0], execute)
            e = raises(LookupError, f, 100)
            tb = entry_of(e, f)
            assert (tb.tb_lineno, tb.tb_lasti) == (6, find(f, "CALL"))
            assert tb.tb_frame.f_locals == {"n": 100, "i": 55}
        ''')

    def test_error_before_anything_was_done(self):
        self.ok('''
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            def execute(frame):
                raise LookupError
            put(f, heads(f)[0], execute)
            e = raises(LookupError, f, 100)
            tb = entry_of(e, f)
            assert (tb.tb_lineno, tb.tb_lasti) == (5, heads(f)[0])
        ''')

    def test_handler_of_the_failing_instruction(self):
        self.ok('''
            f = make("""
                def f(items):
                    log = []
                    for item in items:
                        try:
                            log.append(item)
                        except LookupError as e:
                            log.append(repr(e))
                            log.append(e.__traceback__.tb_lineno)
                    return log
            """)
            at = find(f, "CALL")
            def execute(frame):
                iterator, = frame.stack
                if next(iterator, None) is not None:
                    frame.leave(at, [iterator, list.append, frame.get(1), 1])
                    raise LookupError
            put(f, heads(f)[0], execute)
            failed = ["LookupError()", 6]
            assert f("abc") == ["a"] + failed * 2, f("abc")
        ''')

    def test_handler_of_the_entry_does_not_catch(self):
        """The interpreter looks for handlers at the entry; the instruction
        that failed has none."""
        self.ok('''
            f = make("""
                def f(items):
                    try:
                        for item in items:
                            pass
                    except LookupError:
                        return "wrong"
                    x = str(items)
                    return x
            """)
            at = find(f, "CALL")
            def execute(frame):
                frame.leave(at, [str, frame.get(0), 1])
                raise LookupError("uncovered")
            put(f, heads(f)[0], execute)
            for k in range(10):
                e = raises(LookupError, f, "ab")
                tb = entry_of(e, f)
                assert tb.tb_lineno == 8 and tb.tb_next is not None
                assert tb.tb_lasti == at and tb.tb_frame.f_lineno == 8
                assert tb.tb_frame.f_lasti == at
            caller = make("""
                def caller():
                    try:
                        f("ab")
                    except LookupError:
                        return "right"
            """, f=f)
            assert caller() == "right"
            # a tool that watches exceptions meanwhile sees no other place
            gc.collect()
        ''')

    def test_finally_and_with_run_once(self):
        self.ok('''
            log = []
            class Manager:
                def __enter__(self):
                    log.append("enter")
                def __exit__(self, *info):
                    log.append(info[0])
            f = make("""
                def f(n):
                    try:
                        with manager:
                            for i in range(n):
                                pass
                    finally:
                        log.append("finally")
            """, manager=Manager(), log=log)
            def execute(frame):
                raise LookupError
            put(f, heads(f)[0], execute)
            raises(LookupError, f, 3)
            assert log == ["enter", LookupError, "finally"]
        ''')

    def test_call_that_fails(self):
        self.ok('''
            def call(function, args, kwargs):
                raise LookupError(args)
            f = make("def f(a): return a")
            o.replace_executor(f, 0, Executor(call=call))
            f(1)                # older than the host: found now
            assert raises(LookupError, f, 2).args == ((2,),)
            o.replace_executor(f, 0, Executor(
                call=lambda function, args, kwargs: pyopt.REFUSED))
            assert f(3) == 3
            assert o.executors(f)[0]["entries"] == 1
            raises(TypeError, f)
            # recursion is counted
            def again(function, args, kwargs):
                return function(*args)
            o.replace_executor(f, 0, Executor(call=again))
            raises(RecursionError, f, 1)
        ''')

    def test_call_recursion_ends_where_it_does_without(self):
        self.ok('''
            source = """
                def f(n):
                    if n == 0:
                        return 0
                    return f(n - 1) + 1
            """
            def deepest(f):
                n = 1
                while True:
                    try:
                        f(n)
                    except RecursionError:
                        return n
                    n += 1
            names = {}
            exec(textwrap.dedent(source), names)
            plain = deepest(names["f"])
            o.replace_executor(names["f"], 0, Executor(
                call=lambda function, args, kwargs: pyopt.REFUSED))
            names["f"](1)
            depth = deepest(names["f"])
            # each refusal is one level of Python code deeper for a moment
            assert plain - 3 <= depth <= plain, (plain, depth)
            assert o.executors(names["f"])[0]["entries"] > plain
        ''')


class Misuse(optimizer_kit.OptimizerTest):
    def test_frames_left_badly(self):
        self.ok('''
            f = make("""
                def f(n):
                    i = 0
                    while i < n:
                        i += 1
                    return i
            """)
            head = heads(f)[0]
            cache = find(f, "COMPARE_OP") + 2
            for at in (-2, -1, head + 1, cache, len(f.__code__.co_code),
                       1 << 20):
                put(f, head, lambda frame: frame.leave(at))
                e = raises(SystemError, f, 10)
                assert "no instruction" in str(e), e
            stack = [1] * (f.__code__.co_stacksize + 1)
            put(f, head, lambda frame: frame.leave(head, stack))
            assert "stack" in str(raises(SystemError, f, 10))
            put(f, head, lambda frame: pyopt.BAD)
            assert "without an exception" in str(raises(SystemError, f, 10))
            o.clear()
            assert f(10) == 10
        ''')

    def test_frames_are_over_with_the_executor(self):
        self.ok('''
            kept = []
            f = make("def f(n):\\n    for i in range(n): pass")
            put(f, heads(f)[0], kept.append)
            f(1)
            raises(RuntimeError, lambda: kept[0].offset)
        ''')

    def test_places_where_no_executor_can_be(self):
        self.ok('''
            f = make("def f(n):\\n    for i in range(n): pass")
            head = heads(f)[0]
            for at in (2, head + 2, -1, -2, head + 1, 1 << 20):
                e = raises(ValueError, o.replace_executor, f, at,
                           Executor(nothing))
                assert "no executor can be entered" in str(e)
                assert o.get_executor(f, at) is None
            x = put(f, head, nothing)
            e = raises(ValueError, o.replace_executor, f, 0, x)
            assert "elsewhere" in str(e)
            g = make("def g(n):\\n    for i in range(n): pass")
            raises(ValueError, o.replace_executor, g, head, x)
            o.replace_executor(f, head, x)          # its own place
            assert x.valid
            for make_one in (Executor, lambda: Executor(call=nothing)):
                raises(ValueError, o.replace_executor, g, head, make_one())
            raises(TypeError, o.replace_executor, f, head, 7)
            raises(TypeError, o.replace_executor, 7, head, None)
            raises(TypeError, o.register, 7)
            raises(TypeError, o.add_dependency, 7, 7)
            raises(TypeError, o.watch, 7)
            raises(TypeError, o.Executor)
            raises(TypeError, o.Optimizer)
            o.clear()
            raises(ValueError, o.add_dependency, x, 7)
            # nothing is left of all that
            assert not o.started()
        ''')

    def test_callbacks_are_not_had_by_others(self):
        self.ok('''
            f = make("def f(n):\\n    for i in range(n): pass")
            x = put(f, heads(f)[0], nothing)
            event = sys.monitoring.events.JUMP
            f(5)
            assert x.entries == 5 and events(f) != 0
            # the id is the caller's from now on
            assert sys.monitoring.register_callback(5, event, print) is None
            assert events(f) == 0
            f(5)
            assert x.entries == 5
            assert sys.monitoring.register_callback(5, event, None) is print
        ''')


if __name__ == "__main__":
    unittest.main()
