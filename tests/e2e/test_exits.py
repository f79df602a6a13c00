"""Each exit of a program: the frames it makes are those that the interpreter has
at the same place.

exits_prog.py runs natively with guards that fail at random; each exit tells of
the frames it has left.  Then it runs plain, and at each instruction at which
there was an exit its frames are looked at.  What the exits told must have been
so, in this order.
"""

import json
import os
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))
import cache_decode
import harness

PROGRAM = os.path.join(HERE, "exits_prog.py")
TURNS = 4

# Of two stores in one instruction the first may be done already: it is done
# again.
HEAD = f"""
import json, opcode, sys
sys.path.insert(0, {HERE!r})
import exits_prog
def show(code, offset, cells):
    cells = [exits_prog.show(c) for c in cells]
    if code.co_code[offset] == opcode.opmap["STORE_FAST_STORE_FAST"]:
        cells[code.co_code[offset + 1] >> 4] = "stored"
    return cells
"""

PROFILED = HEAD + f"""
for _ in range(40):
    exits_prog.work()
"""

# A RESUME changes nothing, and has no event.
NATIVE = HEAD + f"""
import _pyaot_loader as loader
log = []
def place(code, offset):
    return offset + 2 * (code.co_code[offset] == opcode.opmap["RESUME"])
def exit(frames):
    log.append([[code.co_qualname, place(code, offset), len(cells),
                 show(code, offset, cells)]
                for code, offset, cells in frames
                if code.co_filename == exits_prog.__file__])
exits_prog.work()
loader.on_exit(exit)
results = [exits_prog.show(exits_prog.work()) for _ in range({TURNS})]
loader.on_exit(None)
with open(sys.argv[1], "w") as file:
    json.dump([log, results], file)
"""

# At the places of argv[2]: {{innermost: [[[qualname, cells], ...] ...]}}.
PLAIN = HEAD + f"""
sys.path.insert(0, sys.argv[3])
import _pyaot_loader as loader
with open(sys.argv[2]) as file:
    places = {{(name, offset): kinds for name, offset, kinds in json.load(file)}}
log = []
def instruction(code, offset):
    for kind in places.get((code.co_qualname, offset), ()):
        frame, told = sys._getframe(1), []
        for name, n in kind:
            if frame.f_code.co_qualname != name:
                break
            at = offset if not told else frame.f_lasti
            told.append([name, show(frame.f_code, at,
                                    loader.frame_cells(frame, n))])
            frame = frame.f_back
        else:
            log.append([code.co_qualname, offset, told])
m = sys.monitoring
m.use_tool_id(1, "exits")
m.register_callback(1, m.events.INSTRUCTION, instruction)
codes = [f.__code__ for f in vars(exits_prog).values()
         if hasattr(f, "__code__")]
codes += [f.__code__ for f in vars(exits_prog.Point).values()
          if hasattr(f, "__code__")]
codes += [c for c in exits_prog.work.__code__.co_consts
          if hasattr(c, "co_code")]
exits_prog.work()
for code in codes:
    if any(name == code.co_qualname for name, _ in places):
        m.set_local_events(1, code, m.events.INSTRUCTION)
results = [exits_prog.show(exits_prog.work()) for _ in range({TURNS})]
with open(sys.argv[1], "w") as file:
    json.dump([log, results], file)
"""


class ExitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pyaot-exits-")
        cls.bench = harness.Bench(cls.folder)
        cls.bench.compile_everything("exits_prog.py")
        for name, text in (("profiled", PROFILED), ("native", NATIVE),
                           ("plain", PLAIN)):
            with open(cls.path(name + ".py"), "w", encoding="utf-8") as file:
                file.write(text)
        result = cls.bench.profile(cls.path("db"), [cls.path("profiled.py")])
        if result.status != 0:
            raise harness.Failure(result.err.decode())
        for cache, options in cls.caches().items():
            bench = cls.bench.copy()
            bench.compiler, level = options
            bench.build_options = bench.build_options + ("-O", level)
            result = bench.build(cls.path("db"), cls.path(cache), stress=True)
            if result.status != 0:
                raise harness.Failure(result.err.decode())

    @classmethod
    def caches(cls):
        compilers = [c for c in ("gcc", "clang") if shutil.which(c)]
        return {f"{c}-O{level}": (c, str(level)) for c in compilers
                for level in (0, 2)}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def run_native(self, cache, seed):
        result = self.bench.cached(
            self.path(cache), [self.path("native.py"), self.path("log")],
            PYAOT_STRESS=str(seed))
        self.assertEqual(result.status, 0, result.err.decode())
        with open(self.path("log"), encoding="utf-8") as file:
            return json.load(file)

    def run_plain(self, exits):
        places = {}
        for frames in exits:
            kind = [[name, n] for name, _, n, _ in frames]
            kinds = places.setdefault(tuple(frames[0][:2]), [])
            if kind not in kinds:
                kinds.append(kind)
        with open(self.path("places"), "w", encoding="utf-8") as file:
            json.dump([[*place, kinds] for place, kinds in places.items()],
                      file)
        modules = os.path.dirname(os.path.dirname(self.bench.pyaot))
        modules = os.path.join(modules, "lib", "pyaot")
        modules = os.path.join(modules, os.listdir(modules)[0])
        result = self.bench.plain([self.path("plain.py"), self.path("log"),
                                   self.path("places"), modules])
        self.assertEqual(result.status, 0, result.err.decode())
        with open(self.path("log"), encoding="utf-8") as file:
            return json.load(file)

    def check(self, cache):
        taken = set()
        for seed in (1, 2):
            exits, results = self.run_native(cache, seed)
            exits = [frames for frames in exits if frames]
            plain, expected = self.run_plain(exits)
            self.assertEqual(results, expected)
            at = 0
            for frames in exits:
                told = [frames[0][0], frames[0][1],
                        [[name, cells] for name, _, _, cells in frames]]
                taken.add((frames[0][0], frames[0][1], len(frames)))
                start = at
                while at < len(plain) and plain[at] != told:
                    at += 1
                if at == len(plain):
                    near = [p for p in plain[start:] if p[:2] == told[:2]]
                    self.fail(f"{cache}, seed {seed}: an exit made\n{told}\n"
                              f"the interpreter next has\n{near[:3]}")
        return taken

    def test_frames_are_the_interpreters(self):
        for cache in self.caches():
            with self.subTest(cache):
                taken = self.check(cache)
                index, _ = cache_decode.decode(self.path(cache))
                if "exits" not in index["units"][0]:
                    continue # no zstd
                rows = sum(len(unit["exits"]["rows"])
                           for unit in index["units"])
                self.assertGreater(len(taken), rows // 3)
                self.assertTrue(any(n > 2 for _, _, n in taken),
                                "several frames at once")
                most = max(len(e["values"]) for unit in index["units"]
                           for e in unit["exits"]["exits"])
                self.assertGreater(most, 30)


if __name__ == "__main__":
    unittest.main()
