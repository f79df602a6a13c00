"""The optimizer API: generators and coroutines that are sent values, first
resumes, returns, and delegation (`yield from`, `await`)."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402

ECHO = '''
            DRAWN_ONLY = pyopt.PYAOT_EXECUTOR_DRAWN_ONLY
            plain = pyopt.send_slots(), pyopt.next_slot()
            g = make("""
                def g(n):
                    got = "started"
                    while n > 0:
                        n -= 1
                        got = yield got
                    return n, got
            """)
            @types.coroutine
            def pause(value):
                return (yield value)
            c = make("""
                async def c(n):
                    got = "started"
                    while n > 0:
                        n -= 1
                        got = await pause(got)
                    return n, got
            """, pause=pause)
            at, yields = resumes(g)[0], find(g, "YIELD_VALUE")
            returns = find(g, "RETURN_VALUE")
'''

# a chain of three, whose innermost has the executors
CHAIN = ECHO + '''
            outer = make("""
                def outer(inner, depth=0):
                    if depth:
                        return (yield from outer(inner, depth - 1))
                    return (yield from inner)
            """)
            def names():
                """Of the frames above an executor."""
                f, out = sys._getframe(2), []
                while f is not None and f.f_code.co_name != "<module>":
                    out.append(f.f_code.co_name)
                    f = f.f_back
                return out
'''


class Send(optimizer_kit.OptimizerTest):
    def echo(self, script, **environment):
        return self.ok(ECHO + script, **environment)

    def chain(self, script, **environment):
        return self.ok(CHAIN + script, **environment)

    def test_all_ways_of_sending(self):
        self.echo('''
            x = put(g, at, lambda frame: seen.append(frame.stack),
                    flags=DRAWN_ONLY)
            for send in pyopt.send, pyopt.iter_send:
                seen = []
                it = g(3)
                assert send(it, None) == ("next", "started") and seen == []
                assert send(it, 1) == ("next", 1)
                assert send(it, None) == ("next", None)
                assert send(it, (2,)) == ("return", (0, (2,)))
                assert seen == [[1], [None], [(2,)]], seen
                assert send(it, 5) == ("return", None)      # exhausted
            seen = []
            it = g(2)
            assert it.send(None) == "started" and it.send(7) == 7
            assert raises(StopIteration, it.send, 8).value == (0, 8)
            assert raises(StopIteration, it.send, 9).value is None
            assert seen == [[7], [8]] and x.entries == 8
            it = g(1)
            e = raises(TypeError, it.send, 1)
            assert str(e) == ("can't send non-None value to a "
                              "just-started generator")
            e = raises(TypeError, pyopt.send, it, 1)
            assert "just-started" in str(e)
        ''')

    def test_what_an_executor_does_with_a_value(self):
        self.echo('''
            def doubles(frame):
                frame.set(0, frame.get(0) - 1)
                frame.leave(yields, [frame.stack[0] * 2])
            x = put(g, at, doubles)
            it = g(9)
            next(it)
            assert [it.send(k) for k in range(5)] == [0, 2, 4, 6, 8]
            assert it.gi_frame.f_locals == {"n": 3, "got": "started"}
            assert x.exits == {"yield": 5} and not it.gi_running
            # it may come to the end by itself
            def ends(frame):
                frame.leave(returns, [("ended", frame.stack[0])])
            x = put(g, at, ends)
            it = g(9)
            next(it)
            assert raises(StopIteration, it.send, (1, 2)).value == (
                "ended", (1, 2))
            assert it.gi_frame is None and list(it) == []
            it = g(9)
            next(it)
            assert pyopt.iter_send(it, 5) == ("return", ("ended", 5))
            it = g(9)
            next(it)
            assert raises(StopIteration, next, it).value == ("ended", None)
            def loop(it):
                for value in it:
                    pass
            loop(g(9))      # by the interpreter
            assert x.entries == 4
        ''')

    def test_first_resume(self):
        self.echo('''
            first = next(i.offset for i in dis.get_instructions(g)
                         if i.opname == "RESUME")
            def begins(frame):
                seen.append((frame.offset, frame.stack, frame.get(0)))
                frame.set(0, frame.get(0) - 1)
                frame.set(1, "executor")
                frame.leave(yields, ["begun"])
            for flags in 0, DRAWN_ONLY:
                seen = []
                x = put(g, 0, begins, flags=flags)
                assert next(g(4)) == "begun" and g(5).send(None) == "begun"
                assert pyopt.iter_send(g(6), None) == ("next", "begun")
                assert seen == [(first, [], 4), (first, [], 5),
                                (first, [], 6)], seen
                it = g(1)
                assert list(it) == ["begun"] and x.entries == 4
                def loop():
                    return [value for value in g(2)]
                for k in range(50):
                    loop()
                assert x.entries == (54 if flags == 0 else 4)
                assert bool(events(g)) == (flags == 0)
            # started with an error, or doing nothing
            def fails(frame):
                frame.leave(yields, ["x"])
                raise KeyError("first")
            put(g, 0, fails)
            it = g(1)
            e = raises(KeyError, next, it)
            assert entry_of(e, g).tb_lineno == 6 and it.gi_frame is None
            x = put(g, 0, nothing)
            assert list(g(2)) == ["started", None] and x.entries == 1
            it = g(1)
            it.close()
            assert x.entries == 1
        ''')

    def test_a_call_may_make_the_generator(self):
        self.echo('''
            made = []
            original = g.__code__.replace()
            plain_g = types.FunctionType(original, {})
            def call(function, args, kwargs):
                made.append(args)
                return plain_g(*args)
            def loop():
                for value in g(1):
                    pass
            # the host finds functions that are older when they are called
            for flags in 0, DRAWN_ONLY:
                x = put(g, 0, nothing, call=call, flags=flags)
                list(g(1))
                made.clear()
                assert list(g(2)) == ["started", None] and made == [(2,)]
                for k in range(30):
                    loop()
                assert len(made) == 31
        ''')

    def test_coroutines(self):
        self.echo('''
            import asyncio
            awaited = resumes(c)[0]
            starts = put(c, 0, nothing, flags=DRAWN_ONLY)
            x = put(c, awaited, lambda frame: seen.append(
                (type(frame.stack[0]).__name__, frame.stack[1])))
            seen = []
            it = c(2)
            assert it.send(None) == "started" and it.send(1) == 1
            assert raises(StopIteration, it.send, 2).value == (0, 2)
            assert seen == [("generator", 1), ("generator", 2)], seen
            assert starts.entries == 1 and x.entries == 2
            e = raises(RuntimeError, it.send, None)
            assert str(e) == "cannot reuse already awaited coroutine"
            async def main():
                out = await asyncio.gather(*(work(k) for k in range(10)))
                for k in range(10, 20):     # started by the interpreter
                    out.append(await asyncio.wait_for(work(k), 5))
                return out
            async def work(k):
                for n in range(3):
                    await asyncio.sleep(0)
                return k
            o.clear()
            w = put(work, 0, nothing, flags=DRAWN_ONLY)
            y = put(work, resumes(work)[0], nothing, flags=DRAWN_ONLY)
            assert asyncio.run(main()) == list(range(20))
            assert w.entries == 10 and y.entries == 60, (w.entries, y.entries)
            # thrown into, closed, never awaited
            it = work(1)
            assert it.send(None) is None
            e = raises(KeyError, it.throw, KeyError("k"))
            assert entry_of(e, work) and it.cr_frame is None
            import warnings
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                work(1)
                gc.collect()
            assert len(caught) == 1 and "never awaited" in str(
                caught[0].message)
        ''')

    def test_delegation_is_passed_through(self):
        self.chain('''
            def step(frame):
                chains.append(names())
                states.append((it.gi_running, it.gi_frame.f_lineno))
                frame.leave(yields, [frame.stack[-1]])
            x = put(g, at, step, flags=DRAWN_ONLY)
            for depth in 0, 1, 2, 7:
                chains, states = [], []
                it = outer(g(9), depth)
                line = 4 if depth else 5
                assert next(it) == "started"
                assert it.send(3) == 3 and next(it) is None
                assert pyopt.send(it, 4) == ("next", 4)
                assert pyopt.draw(it) is None
                expected = ["g"] + ["outer"] * (depth + 1)
                assert chains == [expected] * 4, chains
                assert set(states) == {(True, line)}, states
                assert it.gi_running is False and it.gi_frame.f_lineno == line
                inner = it
                while inner.gi_yieldfrom is not None:
                    assert inner.gi_frame.f_back is None
                    inner = inner.gi_yieldfrom
                assert inner.gi_code is g.__code__
                it.close()
                assert inner.gi_frame is None
        ''')

    def test_delegation_ends(self):
        self.chain('''
            def ends(frame):
                frame.leave(returns, [("end", frame.stack[0])])
            def fails(frame):
                frame.leave(yields, [1])
                raise LookupError("inner")
            for depth in range(4):
                put(g, at, ends)
                it = outer(g(9), depth)
                next(it)
                assert raises(StopIteration, it.send, depth).value == (
                    "end", depth)
                assert it.gi_frame is None
                put(g, at, fails)
                it = outer(g(9), depth)
                next(it)
                e = raises(LookupError, next, it)
                tb = [f.name for f in traceback.extract_tb(e.__traceback__)]
                assert tb == (["raises"] + ["outer"] * (depth + 1)
                              + ["g", "fails"]), tb
                assert it.gi_frame is None
            # caught on the way, and yielded from there
            catches = make("""
                def catches(inner):
                    try:
                        yield from inner
                    except LookupError as error:
                        yield "caught", str(error)
            """)
            it = outer(catches(g(9)), 1)
            next(it)
            assert next(it) == ("caught", "inner")
            assert raises(StopIteration, next, it).value is None
        ''')

    def test_delegation_stops_at_executors(self):
        self.chain('''
            x = put(g, at, nothing, flags=DRAWN_ONLY)
            delegating = [r for r in resumes(outer)]
            assert len(delegating) == 2
            y = put(outer, delegating[0], lambda frame: stacks.append(
                [type(v).__name__ for v in frame.stack]), flags=DRAWN_ONLY)
            stacks = []
            it = outer(g(5), 2)
            assert [next(it), it.send(1), it.send(2)] == ["started", 1, 2]
            # the outermost's; the interpreter goes on inside it
            assert y.entries == 2 and stacks == [["generator", "int"]] * 2
            # not entered, so left out, while others watch
            z = put(outer, delegating[0], nothing)
            before = z.entries
            sys.settrace(lambda *args: None)
            assert it.send(3) == 3
            sys.settrace(None)
            assert z.entries == before and not z.valid
        ''')

    def test_delegation_others_see(self):
        self.chain('''
            x = put(g, at, nothing, flags=DRAWN_ONLY)
            it = outer(g(50), 2)
            next(it); next(it)
            assert x.entries == 1
            # another tool watches one on the way: the interpreter does it
            E = sys.monitoring.events
            sys.monitoring.use_tool_id(2, "watcher")
            log = []
            for event in E.PY_RESUME, E.PY_YIELD:
                sys.monitoring.register_callback(
                    2, event, lambda code, at, *rest: log.append(code.co_name))
            sys.monitoring.set_local_events(
                2, outer.__code__, E.PY_RESUME | E.PY_YIELD)
            next(it)
            assert log == ["outer"] * 6 and x.entries == 1, log
            sys.monitoring.set_local_events(2, outer.__code__, 0)
            sys.monitoring.free_tool_id(2)
            next(it)
            assert x.entries == 2
            # resumed from inside
            def again(frame):
                return raises(ValueError, next, it).args
            def checks(frame):
                assert again(frame) == ("generator already executing",)
            put(g, at, checks)
            assert it.send(6) == 6
            # recursion is counted
            deep = outer(g(50), 200)
            next(deep)
            sys.setrecursionlimit(150)
            e = raises(RecursionError, next, deep)
            sys.setrecursionlimit(1000)
        ''')

    def test_references_balance(self):
        self.chain('''
            class Token: pass
            token = Token()
            def yields_token(frame):
                frame.leave(yields, [token])
            def ends(frame):
                frame.leave(returns, [token])
            def fails(frame):
                frame.leave(yields, [token])
                raise KeyError
            def run():
                for execute in yields_token, ends, fails, nothing:
                    for place in at, 0:
                        put(g, place, execute)
                        for depth in range(3):
                            it = outer(g(6), depth) if depth else g(6)
                            for k in range(8):
                                try:
                                    it.send(token if k else None)
                                except (KeyError, StopIteration):
                                    pass
                            del it
                        o.clear()
            run()
            gc.collect()
            before = sys.getrefcount(token)
            for k in range(50):
                run()
            gc.collect()
            assert sys.getrefcount(token) == before
        ''')

    def test_the_slots_are_restored(self):
        self.echo('''
            def taken():
                now = pyopt.send_slots(), pyopt.next_slot()
                changed = [a != b for a, b in zip(now[0], plain[0])]
                assert len(set(changed + [now[1] != plain[1]])) == 1
                return changed[0]
            f = make("def f(): pass")
            put(f, 0, nothing)
            assert not taken()
            for function, place in (g, at), (g, 0), (c, 0):
                put(function, place, nothing)
                assert taken()
                o.replace_executor(function, place, None)
                assert not taken()
            put(c, 0, nothing)
            o.clear()
            assert not taken() and not o.started()
        ''')


if __name__ == "__main__":
    unittest.main()
