"""pyaot.optimizer, the examples, named refusals and PYAOT_DEBUG."""

import glob
import os
import re
import shutil
import sys
import textwrap
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402
import optimizer_kit  # noqa: E402

EXAMPLES = os.path.join(harness.ROOT, "loader", "examples")


class View(optimizer_kit.OptimizerTest):
    def test_executors_of_a_code_object(self):
        self.ok('''
            f = make("""
                def f(n):
                    for i in range(n):
                        yield i
            """)
            assert o.executors(f) == []
            kinds = o.entries(f)
            made = {at: put(f, at, nothing) for at in kinds}
            list(f(5))
            rows = o.executors(f)
            assert [row["offset"] for row in rows] == sorted(kinds)
            for row in rows:
                x = made[row["offset"]]
                assert row["executor"] is x and row["valid"] is True
                assert row["kind"] == kinds[row["offset"]]
                assert row["entries"] == x.entries
                assert row["exits"] == x.exits == {}
                assert (x.code, x.offset) == (f.__code__, row["offset"])
            assert sorted(row["entries"] for row in rows) == [1, 5, 5]
            class C:
                method = f
            assert o.executors(C().method) == o.executors(f)
            assert o.executors(f.__code__) == rows
            assert o.invalidate(made[0]) == 1 and o.invalidate(made[0]) == 0
            assert len(o.executors(f)) == 2
            assert o.clear(f) == 2
        ''')

    def test_exits_by_reason(self):
        self.ok('''
            import hot_loop_optimizer
            f = make("""
                def f(n):
                    s = i = 0
                    while i < n:
                        s += i
                        i += 1
                    return s
            """)
            x = hot_loop_optimizer.choose(f, heads(f)[0])
            assert f(10) == 45 and f(2.5) == 3
            assert x.exits == {"last turn": 1, "not small ints": 2}, x.exits
            o.clear()
            assert x.exits == {}
        ''')

    def test_import_runs_nothing(self):
        self.ok('''
            assert o.current() is None
            assert not o.started()
            import pyaot
            assert pyaot.optimizer is o is sys.modules["pyaot.optimizer"]
        ''')

    def test_while_the_loader_runs(self):
        script = os.path.join(self.kit.folder, "app.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write("def loop(n):\n    i = s = 0\n    while i < n:\n"
                       "        s += i\n        i += 1\n    return s\n\n\n"
                       "def leaf(n):\n    n = n * n % 7 * n - 3\n"
                       "    n = n * n % 5 * n - 3\n    return n + 1\n\n\n"
                       "print(sum(loop(400) for k in range(400)),\n"
                       "      sum(leaf(k) for k in range(4000)))\n"
                       "import os\nif 'SHOW' in os.environ:\n"
                       "    import pyaot.optimizer as o\n"
                       "    print(type(o.current()).__name__)\n"
                       "    for f in loop, leaf:\n"
                       "        for r in o.executors(f):\n"
                       "            print(f.__name__, r['offset'], r['kind'],\n"
                       "                  r['entries'] > 0, r['valid'])\n"
                       "    o.clear()\n    print(o.executors(loop))\n"
                       "    print(loop(10), leaf(1))\n")
        bench = self.kit.bench
        database = os.path.join(self.kit.folder, "app.db")
        cache = os.path.join(self.kit.folder, "cache")
        self.assertEqual(0, bench.profile(database, [script]).status)
        result = bench.build(database, cache)
        self.assertEqual(0, result.status, result.err)
        result = bench.cached(cache, [script], SHOW="1")
        out = result.out.decode().splitlines()
        self.assertEqual(out[1], "Loader", result.err)
        self.assertIn("loop 0 function entry True True", out)
        self.assertIn("leaf 0 function entry True True", out)
        self.assertEqual(out[-2:], ["[]", "45 -10"])


class Examples(optimizer_kit.OptimizerTest):
    def test_under_a_hundred_lines_with_the_public_header_only(self):
        names = os.listdir(EXAMPLES)
        self.assertEqual(2, len(names))
        for name in names:
            with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
                text = file.read()
            self.assertLess(text.count("\n"), 100, name)
            includes = [line for line in text.splitlines()
                        if line.startswith("#include")]
            self.assertEqual(["#include <pyaot/optimizer.h>"],
                             [i for i in includes if "stddef" not in i])

    def test_counter(self):
        self.ok('''
            import counter_optimizer
            counter = counter_optimizer.new(8.0)
            expected = list(range(100))
            o.register(counter)
            f = make("""
                def f(n):
                    for i in range(n):
                        yield i
            """)
            assert list(f(100)) == expected
            # the back-edge and the resume; the function once
            assert counter.count == 2 * (100 - 8), counter.count
        ''')

    def test_hot_loop_is_a_c_function(self):
        self.ok('''
            import hot_loop_optimizer
            f = make("""
                def f(n):
                    s = i = 0
                    while i < n:
                        s += i
                        i += 1
                    return s
            """)
            x = hot_loop_optimizer.choose(f, heads(f)[0])
            gc.disable()                    # or it may be asked for
            sys.setswitchinterval(100)
            assert f(300_000) == sum(range(300_000))
            assert (x.entries, x.exits) == (1, {"last turn": 1}), x.exits
            for n in (0, 1, 2, 3, 10, 2.5, 1 << 70):
                if n < 1 << 60:
                    assert f(n) == sum(range(int(n + 0.5))), n
            # signals are served while it runs
            def handler(*args):
                raise TimeoutError
            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            raises(TimeoutError, f, 1 << 60)
        ''')


class Refusals(optimizer_kit.OptimizerTest):
    def test_tool_id_of_another(self):
        self.ok('''
            sys.monitoring.use_tool_id(5, "other")
            counter = Optimizer(nothing)
            e = raises(RuntimeError, o.register, counter)
            assert "tool id belongs to another tool" in str(e)
            assert "tool id belongs to another tool" in o.refusal()
            f = make("def f(n):\\n    for i in range(n): pass")
            raises(RuntimeError, o.watch, f)
            raises(RuntimeError, o.replace_executor, f, 0, Executor(nothing))
            assert o.current() is None and f(10) is None
            assert o.executors(f) == [] and o.get_executor(f, 0) is None
            assert o.clear() == 0 and o.invalidate(f) == 0
            o.unregister()
            assert sys.monitoring.get_tool(5) == "other"
        ''')

    def test_tool_id_taken_later(self):
        """The program wants the id: it gets it, and calls are all that
        leads to executors from then on."""
        self.ok('''
            M = sys.monitoring
            f = make("def f(n):\\n    for i in range(n): pass\\n    return n")
            log = []
            put(f, 0, None, call=lambda *args: log.append("call") or 7)
            put(f, heads(f)[0], lambda frame: log.append("jump"))
            assert M.get_tool(5) is None and events(f) & M.events.JUMP
            f(1), f(1) # finds the function
            log.clear()
            seen = []
            def loop(n):
                for i in range(n):
                    if i == 5:
                        M.use_tool_id(5, "mine")
                        M.register_callback(5, M.events.JUMP,
                                            lambda *a: seen.append(a))
                return f(3)
            put(loop, heads(loop)[0], lambda frame: log.append("loop"))
            assert loop(9) == 7
            assert M.get_tool(5) == "mine" and seen == []
            assert events(f) == events(loop) == 0 and o.started()
            assert log == ["loop"] * 5 + ["call"], log
            M.set_local_events(5, loop.__code__, M.events.JUMP)
            raises(ValueError, M.use_tool_id, 5, "again")
            M.free_tool_id(5)
            o.clear()
            assert not o.started() and M.get_tool(5) is None
            M.use_tool_id(5, "mine")
            M.free_tool_id(5)
        ''')

    def test_kill_switch(self):
        self.ok('''
            assert "PYAOT=0" in str(raises(
                RuntimeError, o.register, Optimizer(nothing)))
            assert not o.started()
        ''', PYAOT="0")

    def test_subinterpreter(self):
        self.ok('''
            import _interpreters
            sub = _interpreters.create("legacy")
            result = _interpreters.exec(sub, textwrap.dedent("""
                import pyaot.optimizer as o
                assert o.refusal() == "subinterpreter", o.refusal()
            """))
            assert result is None, result
            assert o.refusal() is None
        ''')

    def with_version(self, version, script):
        """The symbol that tells the interpreter's version is replaced: by
        one of another name, since an interpreter that is linked statically
        would find its own before a preloaded one."""
        kit = self.kit
        folder = os.path.join(kit.folder, "false")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kit.prefix, folder)
        shutil.copy(os.path.join(kit.folder, "pyopt.so"), folder)
        [module] = glob.glob(folder + "/lib/pyaot/*/_pyaot_loader.so")
        with open(module, "rb") as file:
            data = file.read()
        self.assertTrue(b"\0Py_Version\0" in data)
        with open(module, "wb") as file:
            file.write(data.replace(b"\0Py_Version\0", b"\0Py_Vers_on\0"))
        source = os.path.join(folder, "version.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(f"const unsigned long Py_Vers_on = {version};\n")
        kit.build(source, "false/version")
        python = harness.make_venv(kit.bench.base_python, folder + "/venv")
        environment = harness.clean_environment(
            PYTHONPATH=folder, LD_PRELOAD=folder + "/version.so")
        for command in (
                [folder + "/bin/pyaot", "enable", "--python", python],
                [python, "-c", textwrap.dedent(script)]):
            result = harness.run(command, environment)
            self.assertEqual((0, b""), (result.status, result.err))

    def test_unknown_version(self):
        for version in ("0x030e00f0", "0x030c01f0"):
            self.with_version(version, """
                def refused(name):
                    try:
                        __import__(name)
                    except ImportError as e:
                        return "pyaot: this is not CPython 3.13" in str(e)
                assert refused("pyaot.optimizer") and refused("pyopt")
            """)

    def test_pre_release(self):
        self.with_version("0x030d00b1", """
            import pyaot.optimizer as o, pyopt, _pyaot_loader as loader
            reason = "a pre-release of CPython"
            try:
                o.register(pyopt.Optimizer(print))
            except RuntimeError as e:
                assert str(e) == "pyaot: " + reason == "pyaot: " + o.refusal()
            else:
                raise AssertionError("not refused")
            assert loader.install() is False
            assert loader.stats()["refused"] == {reason: 1}
        """)

    def test_watcher_ids_are_gone(self):
        self.ok('''
            import _testcapi
            ids = []
            try:
                while True:
                    ids.append(_testcapi.add_code_watcher(0))
            except RuntimeError:
                pass
            assert "no watcher id is free" in o.refusal()
            assert not o.started()
            _testcapi.clear_code_watcher(ids.pop())
            assert o.refusal() is None
        ''')

    def test_the_loader_meets_another_optimizer(self):
        """The loader replaces it and puts nothing back; both's executors
        stay where they are."""
        self.ok('''
            import _pyaot_loader as loader
            f = make("def f(n):\\n    for i in range(n): pass")
            x = put(f, heads(f)[0], nothing)
            counter = Optimizer(nothing)
            o.register(counter)
            assert loader.install() is True
            assert o.current() is not counter
            o.register(counter)
            loader.uninstall()
            assert o.current() is counter and x.valid
            f(3)
            assert x.entries == 3
        ''')


class Debug(optimizer_kit.OptimizerTest):
    SCRIPT = '''
        def compile(code, at):
            if code is f.__code__:
                return Executor(execute) if at in heads(f) else None
        def execute(frame):
            if frame.get(1) == 3:
                frame.trace(head)
                frame.set(1, 7)
                frame.leave(head)
        f = make("""
            def f(n):
                i = 0
                while i < n:
                    i += 1
                return i
        """)
        head = heads(f)[0]
        o.register(Optimizer(compile, 5, 2))
        o.watch(f)
        assert f(9) == 9
        print([i.offset for i in dis.get_instructions(f)], head)
        o.unregister()
        o.clear()
    '''

    def test_nothing(self):
        for level in ("0", "", "9", "x", "44"):
            self.assertEqual([], self.debug(self.SCRIPT, level))

    def test_levels(self):
        lines = {level: self.debug(self.SCRIPT, level)
                 for level in (1, 2, 3, 4)}
        for level, found in lines.items():
            self.assertEqual(set(map(str, range(1, level + 1))),
                             {n for n, text in found})
        one = [text for n, text in lines[1]]
        self.assertEqual(["host started", "host stopped"],
                         [one.pop(0), one.pop()])
        self.assertEqual(one[0].split(":")[0],
                         "optimizer pyopt.Optimizer registered")
        self.assertIn("(back-edge) installed", one[1])
        self.assertIn("unregistered", one[2])
        self.assertIn("invalidated", one[3])
        two = [text for n, text in lines[2] if n == "2"]
        self.assertEqual(4, len(two))
        self.assertTrue(two[0].startswith("entering f@"), two)
        self.assertTrue(two[1].startswith("left for f@"), two)
        three = [text for n, text in lines[3] if n == "3"]
        self.assertIn("is hot: asking pyopt.Optimizer", three[0])

    def test_every_instruction_lines_up_with_dis(self):
        result = self.ok(self.SCRIPT, PYAOT_DEBUG="4")
        offsets, head = eval("(%s)" % result.out.decode().replace(
            "] ", "], "))
        lines = [line.split() for line in result.err.decode().splitlines()
                 if line.startswith("pyaot 4: ")]
        places = {int(line[3].removeprefix("f@")) for line in lines}
        self.assertLessEqual(places, set(offsets))
        who = {line[2] for line in lines}
        self.assertEqual({"interpreter", "executor"}, who)
        executor = [line for line in lines if line[2] == "executor"]
        self.assertEqual([["pyaot", "4:", "executor", f"f@{head}",
                           "LOAD_FAST"]], executor)
        # each turn of the interpreter after the executor came
        jumps = [line for line in lines if line[4] == "JUMP_BACKWARD"]
        self.assertEqual(1, len(jumps), lines)

    def test_compiled_regions_tell_of_their_instructions(self):
        """Units compiled with PYAOT_TRACE."""
        script = os.path.join(self.kit.folder, "traced.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write("def loop(n):\n    i = s = 0\n    while i < n:\n"
                       "        s += i\n        i += 1\n    return s\n\n\n"
                       "for k in range(400):\n    loop(k)\n"
                       "import dis, sys\n"
                       "print({i.offset: i.opname for i in\n"
                       "       dis.get_instructions(loop)})\n"
                       "sys.stdout.flush()\n"
                       "print('HERE', file=sys.stderr)\n"
                       "loop(3)\n")
        bench = self.kit.bench
        database = os.path.join(self.kit.folder, "traced.db")
        cache = os.path.join(self.kit.folder, "traced.cache")
        self.assertEqual(0, bench.profile(database, [script]).status)
        bench.compiler = "cc -DPYAOT_TRACE"
        try:
            result = bench.build(database, cache)
        finally:
            bench.compiler = None
        self.assertEqual(0, result.status, result.err)
        result = bench.cached(cache, [script], PYAOT_DEBUG="4")
        instructions = eval(result.out.decode())
        last = result.err.decode().split("HERE")[1]
        told = [(int(at), name) for at, name in re.findall(
            r"^pyaot 4: native loop@(\d+) (\w+)$", last, re.M)]
        self.assertLessEqual(set(told), set(instructions.items()))
        self.assertEqual(3, [name for at, name in told
                             if instructions[at] == "BINARY_OP"
                             ].count("BINARY_OP") // 2, last)
        quiet = bench.cached(cache, [script])
        self.assertNotIn(b"pyaot", quiet.err)


if __name__ == "__main__":
    unittest.main()
