"""What is evaluated first, and which error wins."""
import traceback
LOG = []


class Loud:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"Loud({self.n})"
    def __index__(self): LOG.append(("index", self.n)); return self.n
    def __add__(self, o): LOG.append(("add", self.n)); return self.n
    def __radd__(self, o): LOG.append(("radd", self.n)); return NotImplemented
    def __eq__(self, o): LOG.append(("eq", self.n)); return o == self.n
    def __lt__(self, o): LOG.append(("lt", self.n)); return NotImplemented
    def __hash__(self): LOG.append(("hash", self.n)); return hash(self.n)
    def __bool__(self): LOG.append(("bool", self.n)); return bool(self.n)
    def __len__(self): LOG.append(("len", self.n)); return self.n
    def __iter__(self): LOG.append(("iter", self.n)); return iter([self.n] * 2)
    def __getitem__(self, k): LOG.append(("get", k)); return self.n
    def __setitem__(self, k, v): LOG.append(("set", k, v))
    def __format__(self, s): LOG.append(("format", s)); return "L"
    def __call__(self, *a): LOG.append(("call", a)); return self.n


def say(x):
    LOG.append(x)
    return x


def sub_store(c, i, v): c[say(i)] = say(v); return c
def sub_aug(c, i, v): c[i] += v; return c
def attr_aug(c, i, v): c.n += v; c.n -= i; return c.n
def dict_aug(c, i, v): d = {1: c, 2: c}; d[i] += v; return d
def args(c, i, v): return divmod(c + i, v)
def two(c, i, v): return (c + i) * (i + v), [c, i][v]
def compare(c, i, v): return c < i < v, c == i, i in (c, v)
def pairs(c, i, v): (a, b), c2 = c, i; return a, b, c2
def build(c, i, v): return {c: i, i: v}, {c, i, v}, f"{c}{i:{v}}"
def call(c, i, v): return c(i, v)
def sl(c, i, v): return c[i:v], c[v:], c[:i]
def sl_store(c, i, v): c[i:v] = [v]; return c
def fill(c, i, v): c[i:v:1] = [i] * (v - i); return c
def rng(c, i, v): return [x for x in range(c, i, v)]
def unp(c, i, v): a, b = c; return b, a + i
def truth(c, i, v): return (c and i) or v
def loops(c, i, v):
    r = []
    for x in c:
        r.append(x + i)
        if len(r) > v: break
    return r
def kw(c, i, v): return dict(a=c, b=i)["a"], max(c, i, key=lambda q: v)
def ret(c, i, v):
    if c > i:
        return c
    elif i > v:
        return i
    return v
def swap(c, i, v):
    c, i, v = v, c, i
    return c, i, v
def enum(c, i, v): return [(p, q) for p, q in enumerate(c, i)], [z for z in zip(c, c)]


FUNCS = [sub_store, sub_aug, attr_aug, dict_aug, args, two, compare, pairs, build, call, sl, sl_store, fill, rng, unp, truth,
         loops, kw, ret, swap, enum]
VALUES = [1, 2, 0, 1.5, "a", None, [1, 2, 3], (1, 2), {"a": 1, 1: 2}, Loud(1), Loud(0), "abc", 1 << 70, True]


def fresh(v):
    return v.copy() if isinstance(v, (list, dict)) else Loud(v.n) if isinstance(v, Loud) else v


def run(f, *a):
    LOG.clear()
    try:
        r = repr(f(*map(fresh, a)))
    except Exception as e:
        r = repr(e) + str([(t.lineno, t.colno) for t in traceback.extract_tb(e.__traceback__)[1:]])
    return r + repr(LOG)


import zlib
TRAIN = [(1, 2, 3), ([1, 2, 3], 1, 2), ([4, 5, 6, 7], 0, 2), ("abc", 1, 2), ({1: 2, 2: 3}, 1, 2), ((1, 2), 1, 2), (1.5, 2.5, 0.5)]
for turn in range(60):
    for f in FUNCS:
        for t in TRAIN:
            run(f, *t)
for f in FUNCS:
    c = 0
    for a in VALUES:
        for b in VALUES:
            for d in VALUES:
                if isinstance(b, int) and b > 1 << 60 and f in (args, two, fill, rng): continue
                if isinstance(d, int) and d > 1 << 60 and f in (fill, rng): continue
                c = zlib.crc32(run(f, a, b, d).encode(), c)
    print(f.__name__, c)
