#!/usr/bin/env python3
"""What instructions cost, interpreted and native: the figures of aot/costs.def.

    tests/bench/instruction_costs.py [--build DIR] [--python PY] [--rounds N]

Each statement of the table below is repeated in a loop, which runs plain and
with a cache, alternately; the least processor time of the rounds counts. From it go
the loop's own, and what the statement's other instructions take, which are rows
themselves. Of calls of Python functions the callee runs interpreted, or natively where
it is compiled, so the difference is what the way there costs.

Printed are rows as they stand in costs.def, with what the statement takes
natively behind them: nanoseconds of this machine, of which only the proportions
matter. Use an interpreter that is built with optimisation.
"""

import argparse
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "tools"))
import harness  # noqa: E402

# Row, statement, and how many instructions of other rows are in the statement.
STATEMENTS = [
    ("LOAD_LOCAL", "x", "PLAIN 1"),
    ("LOAD_GLOBAL", "T", "PLAIN 1"),
    ("BINARY_OP known", "x + y", "PLAIN 2"),
    ("BINARY_OP float", "u * v", "PLAIN 2"),
    ("BINARY_OP other", "T + T", "GLOBAL 2 PLAIN 1"),
    ("COMPARE_OP known", "x < y", "PLAIN 2"),
    ("COMPARE_OP other", "t < t", "PLAIN 2"),
    ("CONTAINS_OP", "x in d", "PLAIN 2"),
    ("CONTAINS_OP other", "x in t", "PLAIN 2"),
    ("IS_OP", "x is y", "PLAIN 2"),
    ("TO_BOOL other", "not t", "PLAIN 2"),
    ("BINARY_SUBSCR known", "a[x]", "PLAIN 2"),
    ("BINARY_SUBSCR dict", "d[x]", "PLAIN 2"),
    ("STORE_SUBSCR known", "a[x] = y", "PLAIN 3"),
    ("STORE_SUBSCR dict", "d[x] = y", "PLAIN 3"),
    ("LOAD_ATTR", "o.a", "PLAIN 2"),
    ("LOAD_ATTR property", "o.p", "PLAIN 2"),
    ("LOAD_ATTR class", "o.c", "PLAIN 2"),
    ("STORE_ATTR", "o.a = x", "PLAIN 2"),
    ("CALL python", "f()", "PLAIN 2"),
    ("CALL python 2", "f2(x, y)", "PLAIN 4"),
    ("CALL method", "o.m()", "PLAIN 2"),
    ("CALL class", "K()", "GLOBAL 1 PLAIN 1"),
    ("CALL len", "len(a)", "GLOBAL 1 PLAIN 2"),
    ("CALL isinstance", "isinstance(x, K)", "GLOBAL 2 PLAIN 2"),
    ("CALL md", "s.isdigit()", "PLAIN 2"),
    ("CALL md 1", "d.get(x)", "PLAIN 3"),
    ("CALL_KW", "f2(x, b=y)", "PLAIN 4"),
    ("CALL_FUNCTION_EX", "f2(*t)", "PLAIN 4"),
    ("BUILD_TUPLE", "(x, y)", "PLAIN 3"),
    ("BUILD_LIST", "[x, y]", "PLAIN 3"),
    ("BUILD_MAP", "{x: y}", "PLAIN 3"),
    ("FORMAT_SIMPLE", "f'{s}{s}'", "PLAIN 3"),
    ("UNPACK_SEQUENCE", "p, q = t", "PLAIN 3"),
    ("MAKE_FUNCTION", "lambda: 1", "PLAIN 2"),
    ("GET_ITER", "iter(t)", "GLOBAL 1 PLAIN 2"),
    ("UNARY_NEGATIVE", "-x", "PLAIN 2"),
    ("RAISE", "\n        try: d[K]\n        except KeyError: pass\n        ", "GLOBAL 2 PLAIN 6"),
]
# The same from a loop that stays interpreted: what calls lose, or gain, by a native
# entry of what they call; `map` calls from C.
CALLS = [
    ("VECTORCALL", "f()"),
    ("VECTORCALL 1", "f1(o)"),
    ("VECTORCALL 2", "f2(x, y)"),
    ("FRAME", "ff(o)"),
    ("EXIT", "fe(t)"),
    ("method", "o.m()"),
    ("PROPERTY", "o.p"),
    ("SUBSCR", "o[x]"),
    ("INIT", "K2(x)"),
    ("C_VECTORCALL", "map(f1, A)"),
    ("hash", "hash(o)"),
    ("DRAW", "list(gg(A))"),
    ("DRAW for", "gg(A)"),
]
COPIES = 8

PROGRAM = '''
import json, sys, time
class K:
    c = 1
    def __init__(self): self.a = 1
    @property
    def p(self): return None
    def m(self): return None
    def __getitem__(self, i): return None
    def __hash__(self): return 1
class K2:
    def __init__(self, a): self.b = self.a = a
A = [1] * 100
T = (1,)
def f(): return None
def f1(a): return None
def f2(a, b): return None
def ff(a): return a == a
def gg(a):
    for x in a: yield x
def fe(a): return lambda: 1
def loop(n, o, a, d, t, x, y, u, v, s, f, f2):
    for i in range(n): pass
%s
def time_of(g, n):
    start = time.process_time()
    if g in calls:
        g(n, K(), None, 1, 2)
    else:
        g(n, K(), [1, 2, 3], {1: 2}, (1, 2), 1, 2, 1.5, 2.5, "ab", f, f2)
    return (time.process_time() - start) / n * 1e9
n = int(sys.argv[1])
exec(compile(%r, "<driver>", "exec"))
calls = [globals()[f"h{i}"] for i in range(%d)]
loops = [loop] + [globals()[f"g{i}"] for i in range(%d)] + calls
for g in loops:
    time_of(g, 400)
print(json.dumps([min(time_of(g, n) for k in range(5)) for g in loops]))
'''


def program():
    functions = []
    for i, (row, statement, rest) in enumerate(STATEMENTS):
        lines = f"        {statement}\n" * COPIES
        functions.append(f"def g{i}(n, o, a, d, t, x, y, u, v, s, f, f2):\n"
                         f"    for i in range(n):\n{lines}")
    drivers = []
    for i, (row, statement) in enumerate(CALLS):
        lines = f"        {statement}\n" * COPIES
        if statement.startswith(("map", "gg")):
            lines = f"        for k in {statement}: pass\n"
        elif "A" in statement:
            lines = f"        {statement}\n"
        drivers.append(f"def h{i}(n, o, t, x, y):\n    for i in range(n):\n{lines}")
    return PROGRAM % ("\n".join(functions), "\n".join(drivers), len(CALLS),
                      len(STATEMENTS))


def figures(result):
    if result.status != 0:
        raise harness.Failure(result.err.decode(errors="replace"))
    return json.loads(result.out)


def measure(options, folder):
    """Nanoseconds of each statement, plain and native, and of an empty turn."""
    bench = harness.Bench(folder, options.build, options.python)
    path = os.path.join(folder, "program.py")
    database = os.path.join(folder, "p.db")
    cache = os.path.join(folder, "cache")
    with open(path, "w", encoding="utf-8") as file:
        file.write(program())
    # Without the cost model, which is what is to be made of this.
    bench.build_options = ("--everything", "-O", "2", "--source", "program.py")
    for result in (bench.profile(database, [path, "2000"]),
                   bench.build(database, cache)):
        if result.status != 0:
            raise harness.Failure(result.err.decode(errors="replace"))
    rows = [[], []]
    for k in range(options.rounds):
        for cached in (0, 1) if k % 2 else (1, 0):
            command = [path, str(options.turns)]
            rows[cached].append(figures(
                bench.cached(cache, command) if cached else
                bench.plain(command)))
    return [[min(column) for column in zip(*kind)] for kind in rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--turns", type=int, default=20000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plain, native = measure(options, folder)
    print(f"FOR_ITER and JUMP_BACKWARD: {plain[0]:.1f} {native[0]:.1f}")
    known = {}
    for i, (row, statement, rest) in enumerate(STATEMENTS):
        ns = (plain[i + 1] - plain[0]) / COPIES
        all_native = (native[i + 1] - native[0]) / COPIES
        if not known:   # of the first, both instructions are alike
            known["PLAIN"] = ns / 2
        words = rest.split()
        alone = ns - sum(known[name] * int(times) for name, times
                         in zip(words[::2], words[1::2]))
        if row == "LOAD_GLOBAL":
            known["GLOBAL"] = alone
        print(f"{row:20} {alone:6.1f}   {statement.strip()[:24]:24} "
              f"plain {ns:6.1f} native {all_native:6.1f}", flush=True)
    for i, (row, statement) in enumerate(CALLS):
        copies = COPIES if "A" not in statement else 100
        ns, entered = ((row[len(STATEMENTS) + 1 + i] - plain[0]) / copies
                       for row in (plain, native))
        print(f"{row:20} {entered - ns:+6.1f}   {statement:24} plain {ns:6.1f} "
              f"native callee {entered:6.1f}")


if __name__ == "__main__":
    main()
