"""The optimizer API: an executor advances the frame by N instructions, N >= 0,
in loops, `try`, generators and coroutines."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402


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

    def test_an_entry_that_was_passed_in_vain_before(self):
        """Its events were disabled; they fire again for the executor."""
        self.ok('''
            f = make("""
                def f(n):
                    for i in range(n):
                        pass
                    for i in range(n):
                        yield i
            """)
            first, second = sorted(heads(f))
            x = put(f, second, nothing)
            assert list(f(5)) == [0, 1, 2, 3, 4] and x.entries == 5
            y, z = put(f, first, nothing), put(f, resumes(f)[0], nothing)
            assert list(f(5)) == [0, 1, 2, 3, 4]
            assert (x.entries, y.entries, z.entries) == (10, 5, 5)
            o.replace_executor(f, first, None)
            list(f(5)), list(f(5))
            y = put(f, first, nothing)
            list(f(5))
            assert (x.entries, y.entries) == (25, 5)
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

    def test_the_collector_does_not_look_at_a_stack_in_use(self):
        """A generator's frame is reached by the collector while an executor
        has consumed its stack."""
        self.ok('''
            class Dies: pass
            g = make("""
                def g():
                    log = []
                    while True:
                        log.append((Dies(), (yield)))
            """, Dies=Dies)
            def execute(frame):
                assert type(frame.stack[2]) is Dies
                frame.drop()
                gc.collect()
                frame.leave(find(g, "CALL", 1),
                            [list.append, frame.get(0), "taken"])
            put(g, resumes(g)[0], execute)
            it = g()
            next(it)
            for k in range(5):
                it.send(k)
            assert it.gi_frame.f_locals["log"] == ["taken"] * 5
        ''', PYTHONMALLOC="debug")

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


if __name__ == "__main__":
    unittest.main()
