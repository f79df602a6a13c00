# args: run
# profile-args: train
"""Unpacking, tuple comparisons, chained comparisons, identity ('is') of values going through locals/lists/attributes, small-int cache, swap chains, walrus, conditional expressions, and/or results."""
import sys, os
from fractions import Fraction as F
RUN = sys.argv[1:] == ['run']
LOG = []

class B:
    """truth value and comparisons are logged"""
    def __init__(self, v, t=True): self.v = v; self.t = t
    def __bool__(self):
        LOG.append(('bool', self.v))
        if isinstance(self.t, Exception): raise self.t
        return self.t
    def __lt__(self, o): LOG.append(('lt', self.v)); return B((self.v, 'lt'), self.t)
    def __gt__(self, o): LOG.append(('gt', self.v)); return NotImplemented
    def __eq__(self, o): LOG.append(('eq', self.v)); return B((self.v, 'eq'), self.t)
    def __repr__(self): return f'B({self.v})'
    __hash__ = None
class Len:
    def __init__(self, n): self.n = n
    def __len__(self): LOG.append('len'); return self.n
class It2:
    def __iter__(self): LOG.append('iter'); yield 1; LOG.append('mid'); yield 2; LOG.append('end')

def swap(xs):
    a, b, c = 0, 1, 2
    for x in xs:
        a, b, c = b, c, x
        if a is c: a, c = c, a
    return a, b, c
def rot4(xs):
    a, b, c, d = xs[:4]
    for i in range(len(xs) * 3):
        a, b, c, d = b, a, d, c
        (a, c), (b, d) = (c, a), (d, b)
    return [a, b, c, d]
def chain(a, xs, b):
    out = []
    for x in xs: out.append(a < x < b)
    return out
def chain4(xs): return [0 < x <= y == z for x, y, z in xs]
def logic(xs):
    out = []
    for a, b in xs:
        out.append((a and b, a or b, not a, a and b or 5, (a or b) and 7, b if a else 9))
    return out
def branch(xs):
    n = 0
    for x in xs:
        if x and not (x == 3): n += 1
        while not x: n += 100; break
        n += 10 if x else 20
        assert n is not None
    return n
def ident(xs):
    """for every value: does identity survive local, list, tuple, dict, attr, closure, default, star-args?"""
    class O: pass
    o = O(); out = []
    def through(v, *a, **k): return v, a[0], k['k']
    for x in xs:
        y = x; l = [x]; t = (x, y); d = {0: x}; o.v = x
        def clo(): return x
        p, q, r = through(x, x, k=x)
        z = x if l else None; w = x or x; u = x and x
        out.append((y is x) + (l[0] is x) * 2 + (t[1] is t[0]) * 4 + (d[0] is x) * 8 + (o.v is x) * 16 + (clo() is x) * 32 + (p is q is r is x) * 64 + (z is x) * 128 + (w is x) * 256 + (u is x) * 512 + (l == [y]) * 1024 + (t == (y, x)) * 2048 + (x in l) * 4096 + (max(x, y) is x if not isinstance(x, (complex, type(None))) else True) * 8192)
    return out
def small(xs, k):
    """results of arithmetic compared by identity: -5..256 are shared"""
    n = []
    for x in xs:
        a = x + k; b = x + k
        c = a - 1 + 1
        n.append((a is b, a is c, a == b, (x - x) == 0))
    return n
def sumpairs(ps):
    t = 0; last = None
    for i, (a, (b, *c)) in enumerate(ps):
        t += a * b + len(c)
        last = [i, a, b, c]
    return t, last
def store(d, ps):
    x = [0, 0]; i = 0
    for p in ps: i, x[i], d['k'], d[i] = p
    return i, x, d
def walrus(xs):
    out = []; it = iter(xs)
    while (v := next(it, None)) is not None:
        if (w := v * 2) > 10 and (u := w - 1): out.append((v, w, u))
    return out[-2:], v, len(out), [y for x in xs if (y := x)][-2:]
def tcmp(ps): return [(a < b, a == b, a <= b, a != b) for a, b in ps]
def star(xs):
    a, *b, c = xs
    [d, *e] = b
    return a, b, c, d, e, [*xs, *b], {*()} or (*b, a)
def dels(xs):
    n = 0
    for x in xs:
        y = x
        if x % 5 == 4: del y
        try: n += y
        except NameError as e: n -= 1; m = e.name
    try: return n, m, e
    except UnboundLocalError as q: return n, m, str(q)
def safe(f, *a):
    LOG.clear()
    try: r = repr(f(*a)); print(f.__name__, r[:260] if ' at 0x' not in r else 'addr', LOG[:12])
    except Exception as e: print(f.__name__, 'EXC', type(e).__name__, e if ' at 0x' not in str(e) else '', LOG[:12], e.__traceback__.tb_next and e.__traceback__.tb_next.tb_lineno)

N = list(range(1, 2000))
for _ in range(2):
    print(swap(N), rot4(N), sum(chain(5, N, 900)), sum(chain4([(i, i + 1, i + 1) for i in N])), logic([(i % 3, i) for i in N])[-1], branch(N), set(ident(N)), sumpairs([(i, (i, 1, 2)) for i in N]), walrus(N), star(N)[3], dels(N))
    print(store({}, [(i % 2, i, i, i) for i in N])[:2], sum(a[0] for a in tcmp([((i, 1), (i, i)) for i in N])))
    s = small(range(-40, 300), 3); print([i for i, (p, q) in enumerate(zip(s, s[1:])) if p != q], s[0], s[60], s[-1])
if RUN:
    nan = float('nan')
    V = [[1.5, nan, -0.0], [2**62, 2**63, 2**70], ['ab', '', '\u20ac'], [True, False, None], [[], [1], ()], [1j, 0j, F(1, 2)], [0, 0.0, 257, -6, 256, -5, 1e300], [Len(0), Len(3), Len(-1)], [Len('x')], [b'', b'x', bytearray()], [int, len, Ellipsis], [B(1), B(2, False), B(3)], [B(1, ValueError('t'))]]
    for n, vs in enumerate(V):
        print('---', n); safe(swap, vs * 2); safe(rot4, vs * 3); safe(branch, vs); safe(logic, list(zip(vs, vs[::-1]))); safe(chain, vs[0], vs, vs[-1]); safe(chain, 0, vs, 5); safe(chain4, [(v, v, v) for v in vs]); safe(chain4, [(1, v, vs[0]) for v in vs])
        if n not in (7, 8, 11, 12): safe(ident, vs)
        safe(walrus, vs); safe(tcmp, [((v, 1), (v, 2)) for v in vs]); safe(tcmp, [((1, v), (1, w)) for v, w in zip(vs, vs[1:])]); safe(tcmp, [([v], [v]) for v in vs]); safe(star, vs); safe(dels, vs); safe(sumpairs, [(v, (2, v)) for v in vs]); safe(store, {}, [(1, v, v, v) for v in vs])
    for ps in ([(1, (2,))], [(1.5, [2, 'x'])], [(2, 'ab')], [(2, '')], [(1, 2)], [(1,)], [1], [(1, It2())], [It2()], ['ab'], [(2, {3: 1, 4: 2})], [(2**62, (2**62, 1))], [(1, (None,))], [(1, 2, 3)], [[1, iter('z')]], [(1, range(2**62, 2**62 + 3))], None): safe(sumpairs, ps)
    for ps in ([(1, 2, 3, 4)], [(5, 1, 2, 3)], [(-3, 1, 2, 3)], [('a', 1, 2, 3)], [(True, 1, 2, 3)], [(1, 2, 3)], [(1, 2, 3, 4, 5)], ['0bcd'], [([], 1, 2, 3)], [(0, [], {}, ())], [(1.0, 2, 3, 4)], [slice(0)], [(slice(0, 1), 'xy', 3, 4)], [iter([1, 2, 3, 4])], [iter([1, 2])]): d = {}; safe(store, d, ps); print(d if ps and not isinstance(ps[0], slice) else '')
    for xs in ([1, 2], [1], [], 'abc', 'ab', (1, 2, 3, 4), {5: 1, 6: 2, 7: 3}, It2(), range(3), b'xyz', 5, None, iter('ijk')): safe(star, xs); safe(rot4, xs)
    T = [((), ()), ((1,), (1, 2)), ((1, 'a'), (1, 2)), ((1, 'a'), (2, 2)), ((nan,), (nan,)), ((nan, 1), (nan, 2)), ((float('nan'),), (float('nan'),)), ((1, 2), [1, 2]), ((1.0, True), (1, 1)), ((2**53 + 1,), (2.0**53,)), ((None,), (None,)), ((None, 1), (None, 2)), ((None,), (1,)), ('ab', 'b'), ('a', 1), ((0.0,), (-0.0,)), (({1},), ({1, 2},)), ((1j,), (2j,)), ((1j, 1), (1j, 2)), ((B(1), 1), (B(2), 2)), ((1, (2, 3)), (1, (2, 'x'))), ((), None), ([1], [1.0, 0]), (range(2), range(2))]
    for p in T: safe(tcmp, [p])
    x = B('q'); safe(lambda: 1 < x < 3); safe(lambda: x < 1 < 3); safe(lambda: not (x == 1)); safe(lambda: x in [x], ); safe(lambda: x in [B('r', False), 1]); safe(lambda: [x] == [B('s', False)]); safe(lambda: 3 > x); safe(lambda: (x > 1) if x else 0); safe(lambda: any([x < 1, x])); safe(lambda: sorted([x, B('t', False)]))
    print(small([1.5, 2**62, True, -8], 3), small([0.0, F(1), 253, 254], 1), [i is j for i, j in zip(range(250, 260), range(250, 260))], [(i * i) is (i * i) for i in (3, 16, 17, -1, 2**31)], [a is b for a, b in [(v, v) for v in (nan, 300, 2.5)]])
    safe(small, ['a', 'b'], 'c'); safe(small, [1, None], 1); safe(dels, [4]); safe(dels, [1, 4, 'x%d'])
i = j = k = 0
while i < 3000:
    i, j, k = i + 1, k, i
    if RUN and i == 2000: k = 0.5
    if RUN and i == 2500: j = i = 2**62; break
print(i, j, k, type(j).__name__, type(k).__name__, i is j)
