"""Evaluated code with locals that are not its globals: names are looked up in
the locals first, however often it ran with one dict for both."""

T = "the module's"
U = "global"


def evaluate(n, code, space, local):
    out = []
    for i in range(n):
        out.append(eval(code, space, local) if i % 100 == 99
                   else eval(code, space))
    return out[98], out[99]


space = {"T": "globals'", "x": 1}
local = {"T": "locals'", "x": 2}
for text in ("T", "(T, x)", "[T, x + 1, len(T)]", "x * 3 + x"):
    print(evaluate(400, compile(text, "<text>", "eval"), space, local))

text = """
for i in range(50):
    y = x + i
    T = (T, i)[0]
"""
code = compile(text, "<statements>", "exec")
for k in range(20):
    names = dict(space)
    exec(code, names)
    own = dict(local)
    exec(code, dict(space), own)
    if k == 19:
        print(names["y"], names["T"], own)


def body(n):
    seen = []
    for i in range(n):
        class C:
            T = i if i & 1 else U
            t = T
        seen.append(C.t)
    return seen[-4:]


print(body(100), eval("T", globals(), {"T": "own"}), eval("T"))
