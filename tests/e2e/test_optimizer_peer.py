"""Behaviours that CPython 3.13's own tests of its internal optimizer API
(Lib/test/test_capi/test_opt.py) assert, asserted of pyaot's.

Covered, by the peer's test:

  new_counter_optimizer_dealloc   an optimizer may be dropped unused
  get_set_optimizer               the current one is what was set last, or None
  counter_optimizer               entries counted from the threshold on, again
                                  for each new optimizer and code object
  long_loop                       jumps with extended arguments
  code_restore_for_ENTER_EXECUTOR a code object with executors equals its copy
  invalidate_object               by dependency: those that depend, only those,
                                  any number of times
  uop_optimizer_invalidation      a code object is a dependency of its executors
  sys__clear_internal_caches      all at once; none is found afterwards.  Here
                                  it is pyaot.optimizer.clear(): the function of
                                  sys knows nothing of us on a stock build
  extended_arg                    back-edges of code with more than 256 locals

Asserted elsewhere in CPython's suite and here: tracing disables executors.

Not applicable: the classes about micro-operations (TestUops,
TestUopsOptimization).  They look at the instructions inside CPython's own
executors; an executor of ours is opaque.  Looking for an executor where none
is raises ValueError there and gives None here.  The peer's thresholds are
constants of the interpreter; here they follow from the optimizer's costs.
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import optimizer_kit  # noqa: E402

COUNTER = r'''
            import contextlib
            from counter_optimizer import new as new_counter

            @contextlib.contextmanager
            def registered(optimizer):
                before = o.current()
                o.register(optimizer)
                try:
                    yield optimizer
                finally:
                    o.unregister() if before is None else o.register(before)

            def first_executor(function):
                for at in range(0, len(function.__code__.co_code), 2):
                    found = o.get_executor(function, at)
                    if found is not None:
                        return found
'''


class Peer(optimizer_kit.OptimizerTest):
    def peer(self, script):
        return self.ok(COUNTER + script)

    def test_an_optimizer_may_be_dropped_unused(self):
        self.peer('''
            def f():
                new_counter()
            f()
            gc.collect()
        ''')

    def test_get_and_set(self):
        self.peer('''
            assert o.current() is None
            counter = new_counter()
            o.register(counter)
            assert o.current() is counter
            other = new_counter()
            with registered(other):
                assert o.current() is other
            assert o.current() is counter
            o.unregister()
            assert o.current() is None
        ''')

    def test_counter(self):
        self.peer('''
            loop = make("""
                def loop():
                    for number in range(1000):
                        pass
            """)
            for repeat in range(5):
                loop.__code__ = loop.__code__.replace()
                with registered(new_counter(16.0)) as counter:
                    assert counter.count == 0
                    loop.__code__ = loop.__code__.replace()
                    loop()
                    assert counter.count == 1000 - counter.threshold
                assert counter.threshold == 16
        ''')

    def test_long_loop(self):
        self.peer('''
            with registered(new_counter(4.0)) as counter:
                long_loop = make(
                    "def long_loop():\\n    for turn in range(20):\\n"
                    + "        nop(); nop(); nop(); nop(); nop(); nop()\\n"
                    * 11, nop=dict)
                assert "EXTENDED_ARG" in [
                    i.opname for i in dis.get_instructions(long_loop)]
                long_loop()
                assert counter.count == 20 - counter.threshold
        ''')

    def test_code_with_executors_equals_its_copy(self):
        self.peer('''
            with registered(new_counter()):
                f = make("""
                    def f(n):
                        i = 0
                        while i < n:
                            i += 1
                """)
                f(1000)
                assert first_executor(f) is not None
                code, copy = f.__code__, f.__code__.replace()
                assert code == copy and hash(code) == hash(copy)
                assert code.co_code == copy.co_code
        ''')

    def test_invalidation_by_dependency(self):
        self.peer('''
            class Thing: pass
            with registered(new_counter()):
                functions = [make("""
                    def f():
                        for number in range(1000):
                            pass
                """) for k in range(5)]
                for f in functions:
                    f()
                things = [Thing() for f in functions]
                executors = [first_executor(f) for f in functions]
                for k, executor in enumerate(executors):
                    assert executor.valid
                    for thing in things[:k + 1]:
                        o.add_dependency(executor, thing)
                        o.add_dependency(executor, thing)
                    assert executor.valid
                for k in reversed(range(5)):
                    assert o.invalidate(things[k]) == 1
                    assert o.invalidate(things[k]) == 0
                    assert [e.valid for e in executors] == (
                        [True] * k + [False] * (5 - k))
        ''')

    def test_one_object_many_executors(self):
        self.peer('''
            thing = []
            with registered(new_counter()):
                fs = [make("def f():\\n    for i in range(99): pass")
                      for k in range(30)]
                for f in fs:
                    f()
                for f in fs[::2]:
                    o.add_dependency(first_executor(f), thing)
                assert o.invalidate(thing) == 15
                assert [first_executor(f) is None for f in fs] == [
                    True, False] * 15
        ''')

    def test_invalidation_by_code(self):
        self.peer('''
            with registered(new_counter()):
                f = make("def f():\\n    for i in range(1000): pass")
                f()
                executor = first_executor(f)
                assert executor.valid
                assert o.invalidate(f.__code__) == 1
                assert not executor.valid and first_executor(f) is None
                f()     # and it is found again
                assert first_executor(f).valid
        ''')

    def test_invalidation_of_all(self):
        self.peer('''
            with registered(new_counter()):
                fs = [make("def f():\\n    for i in range(1000): pass")
                      for k in range(3)]
                for f in fs:
                    f()
                executors = [first_executor(f) for f in fs]
                assert o.clear() == 3
                assert [e.valid for e in executors] == [False] * 3
                assert [first_executor(f) for f in fs] == [None] * 3
                assert o.clear() == 0
        ''')

    def test_many_locals(self):
        self.peer('''
            source = "def f():\\n    " + " = ".join(
                f"v{k}" for k in range(270)) + " = 42\\n"
            source += "    while v269 > 0:\\n        v269 = v269 - 1\\n"
            with registered(new_counter()) as counter:
                f = make(source)
                assert first_executor(f) is None
                f()
                assert first_executor(f).offset == heads(f)[0]
                assert counter.count == 41 - counter.threshold
        ''')

    def test_tracing_disables(self):
        self.peer('''
            with registered(new_counter()) as counter:
                f = make("def f():\\n    for i in range(1000): pass")
                f()
                before = counter.count
                sys.settrace(lambda *args: None)
                f()
                assert first_executor(f) is None
                sys.settrace(None)
                assert counter.count == before > 0
        ''')


if __name__ == "__main__":
    unittest.main()
