"""Names in code run with locals of its own; class bodies."""
SRC = '''
total = 0
for i in range(300):
    total += i
    if i > 290:
        base = total
for j in range(300):
    total = total + step
names = sorted(k for k in locals() if len(k) < 6)
'''
code = compile(SRC, "<src>", "exec")
step = 1
for turn in range(4):
    g = {"step": 2 + turn, "total": "global"}
    exec(code, g)
    print(g["total"], g["base"], g["names"][-4:])
for turn in range(4):
    g = {"step": 2, "total": "global"}
    l = {"step": 5 + turn}
    exec(code, g, l)
    print(g["total"], l["total"], l["base"], sorted(g)[-2:])


class Chain(dict):
    def __missing__(self, key):
        if key == "step":
            return 7
        raise KeyError(key)

    def __setitem__(self, key, value):
        dict.__setitem__(self, key, value)


for turn in range(3):
    l = Chain()
    exec(code, {"step": 1}, l)
    print(l["total"])


def make(n):
    class Body:
        t = 0
        for k in range(n):
            t += k
            u = t * n
        v = n
    return Body


for n in (3, 300, 400):
    b = make(n)
    print(b.t, b.u, b.v, b.k)
ev = compile("sum(x * step for x in range(10)) + step", "<ev>", "eval")
for turn in range(300):
    r = eval(ev, {"step": turn})
print(r, eval(ev, {"step": 1.5}), eval(ev, {"step": 3}, {"step": 9}))
try:
    exec("for i in range(500):\n    zz = i\n    if i == 450: del zz\n    zz += 1\n", {})
except NameError as e:
    print(e)
