# identity kept through default arguments, closures, generators, *args, dict views, copies; id() stability of attributes
# args: run
# profile-args: train
import sys, copy, traceback
RUN = sys.argv[1:] == ['run']
class P:
    cls_val = 3.75
    def __init__(self, x): self.x = x
    def same(self, o): return self.x is o.x
    def swap(self, o): self.x, o.x = o.x, self.x
    @property
    def px(self): return self.x
class Q:
    __slots__ = ('x',)
    def __init__(self, x): self.x = x
    same = P.same; swap = P.swap; px = P.px

def default(v, memo={}, last=[None]):
    k = memo.setdefault(v, v)
    r = last[0] is k
    last[0] = k
    return k, r
def closure(v, n):
    kept = None
    def put(x):
        nonlocal kept
        kept = x
        return kept
    r = 0
    for i in range(n):
        a = put(v)
        r += (a is kept) + (kept is v) * 10
        kept = kept
        b = put(a)
        r += (b is v) * 100
    return r
def gen(v, n):
    got = v
    for i in range(n):
        got = yield got
def through_gen(v, n):
    g = gen(v, n)
    x = next(g)
    r = int(x is v)
    try:
        while True:
            y = g.send(x)
            r += 10 if y is x else 1000000
            x = y
    except StopIteration:
        pass
    return r
def objs(mk, v, w, n):
    a, b = mk(v), mk(w)
    r = 0
    i0, i1 = id(v), id(w)
    for i in range(n):
        a.swap(b)
        r += a.same(b)
        r += (a.x is (w if i % 2 == 0 else v)) * 10
        r += (id(a.x) == (i1 if i % 2 == 0 else i0)) * 1000000
        r += (a.px is a.x) * 10 ** 10
        a.x = a.x
        t = a.x; a.x = b.x; b.x = t
        t = a.x; a.x = b.x; b.x = t
    return r
def stars(*a, **k): return a[0] is a[1], a[0] is k.get('z'), k.get('z') is a[-1]
def star(v, n):
    r = [0, 0, 0]
    for i in range(n):
        for j, q in enumerate(stars(v, v, z=v)): r[j] += q
        for j, q in enumerate(stars(*[v, v], **{'z': v})): r[j] += q
        for j, q in enumerate(stars(*(v,) * 3, z=v)): r[j] += q
    return r
def conts(v, n):
    r = {}
    for i in range(n):
        l = [v] * 3
        t = tuple(l)
        d = dict.fromkeys('ab', v)
        m = l + [v]
        l.sort() if not isinstance(v, complex) else None
        l.reverse()
        sl = l[::-1]
        z = [y for y in zip(l, m)][0]
        c = copy.copy(l)
        key = (l[0] is v, t[2] is v, d['a'] is d['b'], m[-1] is v, sl[0] is v, z[0] is z[1], c[1] is v, copy.deepcopy(l)[0] is v,
               list(d.values())[0] is v, next(iter(d.items()))[1] is v, (*l, *t)[5] is v, {**d}['b'] is v, l.pop() is v, d.pop('a') is v,
               sum([v], type(v)()) is v, max(l) is v if not isinstance(v, complex) else None, [*map(lambda q: q, m)][0] is v)
        r[key] = r.get(key, 0) + 1
    return list(r.items())
def consts(n):
    r = 0
    for i in range(n):
        a = 1.5; b = 1.5
        r += a is b
        c = (1, 2, 'x'); d = (1, 2, 'x')
        r += (c is d) * 10
        e = 'ab' + 'cd'; f = 'abcd'
        r += (e is f) * 100
        g = P.cls_val; h = P(0).cls_val
        r += (g is h) * 1000
        s = str(i % 10); u = str(i % 10)
        r += (s is u) * 100000
        s = 'abc'[i % 3]; u = 'xbc'[i % 3]
        r += (s is u) * 10 ** 9
        j = 10 ** 5 + (i & 1); k = 100000 + (i & 1)
        r += (j is k) * 10 ** 13
    return r
def loopvars(l):
    r = 0
    prev = None
    for k in range(2):
        for i, x in enumerate(l):
            r += x is l[i]
            r += (prev is x) * 1000
            prev = x
    return r
def unary(v):
    r = []
    for f in (lambda x: +x, lambda x: x + 0, lambda x: 0 + x, lambda x: x * 1, lambda x: x - 0, lambda x: x // 1, lambda x: x | 0, lambda x: x & -1,
              lambda x: x << 0, lambda x: x ** 1, lambda x: int(x), lambda x: float(x), lambda x: str(x), lambda x: round(x), lambda x: x[:], lambda x: x.__class__(x)):
        w = None
        for i in range(150):
            try: w = f(v) is v
            except Exception as e: w = type(e).__name__
        r.append(w)
    return r
vals = [2.5, 12345678, 'hello world', 5]
for v in vals:
    print(default(v)[1], [default(v)[1] for _ in range(800)].count(True), closure(v, 1500), through_gen(v, 1500))
    print(objs(P, v, vals[0] + 1 if isinstance(v, float) else v, 1500), objs(Q, v, v, 1500), star(v, 500), conts(v, 400) if v != 'x' and not isinstance(v, str) else '')
print(consts(2000), loopvars([i + 0.5 for i in range(900)]), unary(5))
if RUN:
    nan = float('nan')
    for v, w in ((nan, nan), (nan, 1.0), (-0.0, 0.0), (1 << 64, 1 << 65), (1 << 62, 4), (300, 300.0), (1j, 2j), (True, 1), ('a', 'b'), (type('I', (int,), {})(3), 3), (-7, -5), (2.5, 'x'), ((), ())):
        row = []
        for f in (lambda: default(v)[1], lambda: default(v)[1], lambda: closure(v, 3), lambda: through_gen(v, 3), lambda: objs(P, v, w, 3), lambda: objs(Q, v, w, 3), lambda: star(v, 2), lambda: conts(v, 2), lambda: unary(v)):
            try: row.append(f())
            except Exception as e: row.append((type(e).__name__, str(e), traceback.extract_tb(e.__traceback__)[-1].lineno))
        print(repr(v), repr(w), row)
    print(loopvars([nan, nan, 1.5, 1 << 70, 'q', 'q', None, None]))
