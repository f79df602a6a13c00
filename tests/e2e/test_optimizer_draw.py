"""The optimizer API: generators that C code draws from."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402

COUNT = '''
            g = make("""
                def g(n, at=-1, action=None):
                    i = 0
                    while i < n:
                        yield i
                        i += 1
                        if i == at:
                            action()
                    return "end"
            """)
            at, head, yields = resumes(g)[0], heads(g)[0], find(g, "YIELD_VALUE")
            DRAWN_ONLY = pyopt.PYAOT_EXECUTOR_DRAWN_ONLY
            plain = pyopt.next_slot()
            def step(frame):
                """From yield to yield: n is not looked at."""
                assert frame.offset == at and frame.stack == [None]
                frame.set(3, frame.get(3) + 1)
                frame.leave(yields, [frame.get(3)])
            def by_the_interpreter(n):
                out = []
                for k in range(100):        # specialised: no C call at all
                    for i in g(2): pass
                for i in g(n):
                    out.append(i)
                return out
'''


class Draw(optimizer_kit.OptimizerTest):
    def count(self, script, **environment):
        return self.ok(COUNT + script, **environment)

    def test_entered_by_all_who_draw(self):
        self.count('''
            import collections, itertools
            def execute(frame):
                assert sys._getframe(1).f_code is g.__code__
                step(frame)
            x = put(g, at, execute)
            def entries():
                before = entries.seen
                entries.seen = x.entries
                return x.entries - before
            entries.seen = 0
            def take(it):
                return list(itertools.islice(it, 5))
            assert take(g(9)) == [0, 1, 2, 3, 4] and entries() == 4
            it = g(9)
            assert [next(it), next(it), pyopt.draw(it)] == [0, 1, 2]
            assert entries() == 2 and it.gi_running is False
            assert it.gi_frame.f_locals["i"] == 2
            assert list(zip(g(9), "abc")) == list(zip(range(3), "abc"))
            assert 7 in g(9) and dict(zip("ab", g(9))) == {"a": 0, "b": 1}
            entries()
            # it comes to the yield by itself; the interpreter ends the loop
            test = find(g, "LOAD_FAST_LOAD_FAST")       # i < n
            def until_five(frame):
                i = frame.get(3) + 1
                frame.set(3, i)
                if i < 5:
                    frame.leave(yields, [i])
                else:
                    frame.leave(test, [])
            x = put(g, at, until_five)
            entries.seen = 0
            n = 5
            assert sum(g(n)) == 10 and entries() == 5
            assert list(g(n)) == [0, 1, 2, 3, 4] and entries() == 5
            it = g(n)
            assert [next(it) for k in range(5)] == [0, 1, 2, 3, 4]
            assert raises(StopIteration, next, it).value == "end"
            assert entries() == 5 and it.gi_frame is None
            assert x.exits == {"yield": 12}, x.exits
        ''')

    def test_no_instruction(self):
        for flags in "0", "DRAWN_ONLY":
            self.count(f'''
            entered = []
            x = put(g, at, lambda frame: entered.append(frame.offset),
                    flags={flags})
            assert sum(g(5)) == 10 and len(entered) == x.entries == 5
            assert list(g(5)) == [0, 1, 2, 3, 4] and x.entries == 10
            def leaves(frame):
                frame.leave(at)
            x = put(g, at, leaves, flags={flags})
            it = g(5)
            assert [next(it) for k in range(5)] == [0, 1, 2, 3, 4]
            assert raises(StopIteration, next, it).value == "end"
            assert x.entries == 5, x.entries    # once each
            ''')

    def test_nested(self):
        self.count('''
            outer = make("""
                def outer(it):
                    while True:
                        yield next(it)
            """)
            a = put(g, at, nothing)
            b = put(outer, resumes(outer)[0], nothing)
            it = outer(outer(g(5)))
            assert [next(it) for k in range(5)] == [0, 1, 2, 3, 4]
            assert (a.entries, b.entries) == (4, 8)
            e = raises(RuntimeError, next, it)
            assert type(e.__cause__) is StopIteration
            # an executor that draws
            inner = g(99)
            next(inner)
            def draws(frame):
                if frame.get(0) == 99:      # is drawn from
                    return step(frame)
                frame.leave(yields, [pyopt.draw(inner)])
            put(g, at, draws)
            it = g(1)
            assert [next(it) for k in range(4)] == [0, 1, 2, 3]
            # or from itself
            def loops(frame):
                pyopt.draw(it)
            put(g, at, loops)
            it = g(1)
            next(it)
            assert raises(ValueError, next, it).args == (
                "generator already executing",)
        ''')

    def test_errors(self):
        self.count('''
            def fail(frame):
                raise LookupError("here")
            put(g, at, fail)
            it = g(5)
            next(it)
            before = sys.exception()
            e = raises(LookupError, next, it)
            tb = entry_of(e, g)
            assert tb.tb_lasti == at, tb.tb_lasti
            assert tb.tb_next.tb_frame.f_code is fail.__code__
            assert it.gi_frame is None and sys.exception() is before
            raises(StopIteration, next, it)
            e = raises(LookupError, sum, g(5))
            assert e.args == ("here",) and e.__context__ is None
            def stops(frame):
                frame.set(3, 99)
                frame.leave(yields, [3])
                raise StopIteration
            put(g, at, stops)
            e = raises(RuntimeError, list, g(5))
            assert type(e.__cause__) is StopIteration
            tb = entry_of(e.__cause__, g)
            assert tb.tb_lasti == yields and tb.tb_frame.f_locals["i"] == 99
            # a handler of the generator's own
            h = make("""
                def h():
                    k = 0
                    while True:
                        try:
                            yield k
                            k += 1
                        except LookupError as e:
                            k = e.args[0]
            """)
            put(h, resumes(h)[0], fail)
            it = h()
            assert [next(it), next(it), next(it)] == [0, "here", "here"]
            def bad(frame):
                return pyopt.BAD
            put(g, at, bad)
            e = raises(SystemError, list, g(5))
            def nowhere(frame):
                frame.leave(yields + 1)
            put(g, at, nowhere)
            e = raises(SystemError, list, g(5))
        ''')

    def test_stops_when_cleared(self):
        self.count('''
            for stop in (o.clear, lambda: o.clear(g),
                         lambda: o.invalidate(g.__code__),
                         lambda: o.invalidate(x),
                         lambda: o.replace_executor(g, at, None)):
                x = put(g, at, step, flags=DRAWN_ONLY)
                it = g(4)
                assert [next(it), next(it)] == [0, 1] and x.entries == 1
                stop()
                assert not x.valid and o.executors(g) == []
                assert list(it) == [2, 3]
            # by dependency; by itself
            x, thing = put(g, at, step), object()
            o.add_dependency(x, thing)
            it = g(4); next(it)
            o.invalidate(thing)
            assert list(it) == [1, 2, 3]
            entered = []
            def last(frame):
                entered.append(1)
                o.clear()
                step(frame)
            put(g, at, last)
            assert list(g(4)) == [0, 1, 2, 3] and entered == [1]
            assert not o.started()
            assert pyopt.next_slot() == plain
        ''')

    def test_not_while_others_watch_or_something_is_pending(self):
        self.count('''
            x = put(g, at, step, flags=DRAWN_ONLY)
            y = put(g, head, nothing, flags=pyopt.PYAOT_EXECUTOR_COMES_BACK)
            lines = []
            def trace(frame, event, arg):
                if frame.f_code is g.__code__:
                    lines.append(event)
                return trace
            it = g(9)
            assert [next(it), next(it)] == [0, 1] and x.entries == 1
            sys.settrace(trace)
            assert next(it) == 2
            sys.settrace(None)
            assert lines.count("call") == lines.count("return") == 1, lines
            assert not x.valid and x.entries == 0 and y.valid
            x = put(g, at, step, flags=DRAWN_ONLY
                    | pyopt.PYAOT_EXECUTOR_COMES_BACK)
            sys.monitoring.use_tool_id(2, "other")
            sys.monitoring.set_local_events(
                2, g.__code__, sys.monitoring.events.LINE)
            assert next(it) == 3 and x.entries == 0 and not x.valid
            sys.monitoring.set_local_events(2, g.__code__, 0)
            assert next(it) == 4 and x.entries == 1 and x.valid
            # a tool that comes while it runs sees the yield
            seen = []
            E = sys.monitoring.events
            sys.monitoring.register_callback(
                2, E.PY_YIELD, lambda code, at, value: seen.append(value))
            def watched(frame):
                sys.monitoring.set_local_events(2, g.__code__, E.PY_YIELD)
                step(frame)
            put(g, at, watched)
            assert next(it) == 5 and seen == [5], seen
            sys.monitoring.set_local_events(2, g.__code__, 0)
            # signals
            caught = []
            signal.signal(signal.SIGALRM,
                          lambda number, frame: caught.append(frame.f_code))
            x = put(g, at, step)
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            for i in zip(g(1e9)):
                if caught:
                    break
            assert x.entries > 10
        ''')

    def test_drawn_only(self):
        self.count('''
            x = put(g, at, step, flags=DRAWN_ONLY)
            assert events(g) == 0
            assert not [op for op in adaptive(g) if "INSTRUMENTED" in op]
            row, = o.executors(g)
            assert row["executor"] is x and row["kind"] == "resume after yield"
            assert by_the_interpreter(4) == [0, 1, 2, 3] and x.entries == 0
            it = g(4); next(it)
            assert it.__next__() == 1 and x.entries == 0
            assert next(it) == 2 and x.entries == 1
            # with events that others want: still not entered there
            h = make("def h():\\n yield 1\\n yield 2\\n yield 3\\n yield 4")
            first, second, third, fourth = resumes(h)
            put(h, first, nothing, flags=DRAWN_ONLY)
            put(h, second, nothing)
            for k in range(50):
                for i in h(): pass
            a, b = (row["entries"] for row in o.executors(h))
            assert (a, b) == (0, 50), (a, b)
            list(h())
            a, b = (row["entries"] for row in o.executors(h))
            assert (a, b) == (1, 51), (a, b)
            # and one with an event in its place gets it
            z = put(h, first, nothing)
            for k in range(50):
                for i in h(): pass
            assert z.entries == 50, z.entries
            raises(ValueError, o.replace_executor, g, head,
                   Executor(nothing, flags=DRAWN_ONLY))
            ordinary = make("def ordinary(): pass")
            raises(ValueError, o.replace_executor, ordinary, 0,
                   Executor(nothing, flags=DRAWN_ONLY))
        ''')

    def test_its_place_is_counted_again(self):
        self.count('''
            made = []
            def compile(code, offset):
                if code is g.__code__:
                    made.append(offset)
            o.register(Optimizer(compile, o.RESUME_AFTER_YIELD, 3))
            o.watch(g)
            put(g, at, nothing, flags=DRAWN_ONLY)
            assert by_the_interpreter(9) == list(range(9)) and made == []
            o.clear(g)
            by_the_interpreter(9)
            assert made and set(made) == {at}
        ''')

    def test_hot_resumes_are_found_by_those_who_draw(self):
        self.count('''
            def compile(code, offset):
                if code is g.__code__:
                    return Executor(step)
            o.register(Optimizer(compile, o.RESUME_AFTER_YIELD, 3))
            o.watch(g)
            it = g(99)
            assert [next(it) for k in range(10)] == list(range(10))
            x = o.get_executor(g, at)
            assert x.entries == 6 and x.exits == {"yield": 6}, x.entries
        ''')

    def test_the_slot_is_restored(self):
        self.count('''
            def taken():
                return pyopt.next_slot() != plain
            put(g, head, nothing)
            assert not taken()
            put(g, at, nothing)
            assert taken()
            o.replace_executor(g, at, None)
            assert not taken()
            put(g, at, nothing, flags=DRAWN_ONLY)
            assert taken()
            o.clear()
            assert not taken() and not o.started()
            for capabilities in range(1, 8):
                o.register(Optimizer(lambda code, at: None, capabilities, 1e9))
                assert taken() == bool(capabilities & 2)
            o.unregister()
            assert not taken()
            # when its code dies
            x = put(g, at, nothing)
            g.__code__ = compile("0", "", "eval")
            gc.collect()
            assert not x.valid and not taken()
        ''')

    def test_another_replaces_the_slot_too(self):
        self.count('''
            x = put(g, at, nothing)
            pyopt.hook(True)
            theirs = pyopt.next_slot()
            assert list(g(4)) == [0, 1, 2, 3] and x.entries == 4
            o.clear()
            assert pyopt.next_slot() == theirs      # not ours to restore
            assert list(g(4)) == [0, 1, 2, 3]
            x = put(g, at, nothing)
            assert pyopt.next_slot() == theirs
            assert list(g(4)) == [0, 1, 2, 3] and x.entries == 4
            pyopt.hook(False)
            assert list(g(4)) == [0, 1, 2, 3] and x.entries == 8
            o.clear()
            assert pyopt.next_slot() == plain
        ''')

    def test_references_balance(self):
        self.count('''
            class Token: pass
            token = Token()
            def yields_token(frame):
                frame.leave(yields, [token])
            def fail(frame):
                frame.leave(yields, [token])
                raise KeyError
            def run():
                for execute in yields_token, fail, nothing:
                    x = put(g, at, execute)
                    it = g(99)
                    for k in range(20):
                        try:
                            next(it)
                        except (KeyError, StopIteration):
                            pass
                    del it
                o.clear()
            run()
            gc.collect()
            before = sys.getrefcount(token), sys.getrefcount(None)
            for k in range(50):
                run()
            gc.collect()
            assert sys.getrefcount(token) == before[0]
        ''')

    def test_the_collector_does_not_look_at_a_stack_in_use(self):
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
            for k in range(6):
                next(it)
            assert it.gi_frame.f_locals["log"] == ["taken"] * 5
        ''', PYTHONMALLOC="debug")

    def test_subinterpreters_draw_plainly(self):
        self.count('''
            import _interpreters
            x = put(g, at, step)
            for config in "isolated", "legacy":
                i = _interpreters.create(config)
                failed = _interpreters.exec(i, """if True:
                    def g():
                        k = 0
                        while k < 9:
                            yield k
                            k += 1
                    assert sum(g()) == 36
                """)
                assert failed is None, failed
                _interpreters.destroy(i)
            assert list(zip(g(9), "ab")) == [(0, "a"), (1, "b")]
            assert x.entries == 2
        ''')


class Loader(optimizer_kit.OptimizerTest):
    def test_small_regions_are_executors_like_others(self):
        kit, bench = self.kit, self.kit.bench
        script = os.path.join(kit.folder, "small.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write("def small(n):\n    i = 0\n    while i < n:\n"
                       "        yield i\n        i += 1 - i % 3 * 0\n\n\n"
                       "print(sum(sum(small(400)) for k in range(400)))\n"
                       "import os\nif 'SHOW' in os.environ:\n"
                       "    import pyaot.optimizer as o\n"
                       "    def show():\n"
                       "        rows = o.executors(small)\n"
                       "        print([(r['kind'], r['valid'],\n"
                       "                r['entries'] > 9, r['exits'])\n"
                       "               for r in rows if 'res' in r['kind']])\n"
                       "    show()\n    print(o.clear(small) > 0)\n"
                       "    show()\n    print(sum(small(400)))\n"
                       "    show()\n")
        database = os.path.join(kit.folder, "small.db")
        cache = os.path.join(kit.folder, "small-cache")
        self.assertEqual(0, bench.profile(database, [script]).status)
        result = bench.build(database, cache)
        self.assertEqual(0, result.status, result.err)
        result = bench.cached(cache, [script], SHOW="1")
        out = result.out.decode().splitlines()
        self.assertEqual("31920000", out[0], result.err)
        self.assertIn("('resume after yield', True, True, {'yield': ", out[1])
        self.assertEqual(["True", "[]", "79800", "[]"], out[2:])


if __name__ == "__main__":
    unittest.main()
