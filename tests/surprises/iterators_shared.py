# args: run
# profile-args: train
"""Iterators advanced inside the loop body, zip of the same iterator, next() with default, iter(callable, sentinel), odd iterables, generators closed in mid-loop."""
import sys, os
RUN = sys.argv[1:] == ['run']

class It:
    """well behaved or not, by mode"""
    def __init__(self, n, mode=''): self.i = 0; self.n = n; self.mode = mode
    def __iter__(self):
        if self.mode == 'notiter': return 5
        return self
    def __next__(self):
        self.i += 1
        if self.i > self.n:
            if self.mode == 'revive' and self.i in (self.n + 2, self.n + 5): return 'revived'
            if self.mode == 'value': raise StopIteration(self.i, 'v')
            if self.mode == 'sub': raise type('Sub', (StopIteration,), {})('s')
            if self.mode == 'err': raise KeyError('end')
            raise StopIteration
        return self.i
class GetItem:
    def __init__(self, n, exc=IndexError): self.n = n; self.exc = exc
    def __getitem__(self, k):
        if k >= self.n: raise self.exc('stop', k)
        return k * 10
class LenLie:
    def __init__(self, n, ln): self.n = n; self.ln = ln
    def __len__(self): return self.ln
    def __iter__(self): return iter(range(self.n))
class Hint(LenLie):
    __len__ = None
    def __length_hint__(self): return self.ln

def gen(n, log=None):
    try:
        for i in range(n):
            got = yield i
            if got is not None and log is not None: log.append(got)
    finally:
        if log is not None: log.append('closed')
    return 'ret'
def pairs(xs):
    it = iter(xs); out = []
    for a in it:
        b = next(it, None)
        out.append((a, b))
    return out
def pairs_zip(xs, k):
    return list(zip(*[iter(xs)] * k))
def skip(xs):
    it = iter(xs); t = []
    for x in it:
        if x % 3 == 0:
            next(it)
        t.append(x)
    return t
def consume_all(xs):
    it = iter(xs); t = []
    for x in it:
        t.append((x, sum(it) if len(t) == 1 else 0))
    return t
def nested_same(xs):
    it = iter(xs); out = []
    for a in it:
        for b in it:
            out.append((a, b))
            if b % 4 == 0: break
        else:
            out.append('else')
    return out
def zips(a, b, strict=False):
    out = []
    for x, y in zip(a, b, strict=strict):
        out.append((x, y))
    return out
def enum(xs, start=0):
    out = []
    for i, x in enumerate(xs, start):
        out.append((i, x))
    return out
def maps(f, *xs): return [y for y in map(f, *xs)]
def filt(f, xs): return [y for y in filter(f, xs)]
def rev(xs): return [x for x in reversed(xs)]
def agg(xs):
    xs = list(xs)
    return sum(xs), min(xs), max(xs), any(xs), all(xs), sorted(xs)[:3], len(xs)
def yf(xs):
    r = yield from xs
    yield ('r', r)
def sentinel(vals, stop):
    it = iter(vals); out = []
    for v in iter(lambda: next(it), stop): out.append(v)
    return out
def unpack(xs):
    out = []
    for a, (b, *c), d in xs: out.append((a, b, c, d))
    return out
def star(x):
    a, *b = x
    *c, d = x
    return a, b, c, d, [*x, *x][:3]
def safe(f, *a, **k):
    try: r = f(*a, **k); print(f.__name__, r if not hasattr(r, '__next__') else list(r))
    except BaseException as e: print(f.__name__, type(e).__name__, e, type(e.__cause__).__name__)

L = list(range(1, 2400))
for _ in range(2):
    print(pairs(L)[-1], pairs_zip(L, 3)[-1], len(skip(L)) if not RUN else len(skip(L[:-1] + [5])), consume_all(L)[:3], len(nested_same(L)), len(zips(L, L)), enum(L)[-1], len(maps(lambda x: x + 1, L)), len(filt(lambda x: x & 1, L)), rev(L)[0], agg(L), len(list(yf(L))), len(sentinel(L, 2000)), len(unpack([(1, (2, 3), 4)] * 2000)), star(L)[3])
    print(sum(It(2500)), pairs(It(2001))[-1], len(nested_same(gen(2000))), sum(GetItem(1000)))
if RUN:
    srcs = [lambda: [], lambda: [1], lambda: (1, 2, 3), lambda: 'abc', lambda: {3: 1, 4: 2}, lambda: gen(5), lambda: It(4), lambda: It(3, 'revive'), lambda: It(2, 'value'), lambda: It(2, 'sub'), lambda: It(2, 'err'), lambda: It(2, 'notiter'), lambda: GetItem(3), lambda: GetItem(2, StopIteration), lambda: GetItem(2, KeyError), lambda: LenLie(3, 10), lambda: LenLie(3, -1), lambda: LenLie(3, 'x'), lambda: LenLie(3, 2**63), lambda: Hint(4, -1), lambda: Hint(4, 3.5), lambda: range(2**62, 2**62 + 3), lambda: [2.5, float('nan'), -0.0], lambda: [True, 2**70, 3], lambda: 7, lambda: None, lambda: (x for x in [6, 1 // 0] if x) if 0 else iter([6, 3, 9])]
    for n, s in enumerate(srcs):
        print('---', n)
        for f in (pairs, skip, consume_all, nested_same, agg, enum, rev, star): safe(f, s())
        safe(pairs_zip, s(), 2); safe(zips, s(), s()); safe(zips, s(), [1, 2, 3], True); safe(zips, [1, 2], s(), True); safe(lambda x: list(yf(x)), s()); safe(filt, None, s()); safe(maps, lambda a, b: (a, b), s(), s()); safe(sentinel, s(), 2); safe(enum, s(), 2**62 - 1)
    for st in (-1, 2**63 - 2, 2**63, True, 1.5, 'a', None): safe(enum, 'abc', st)
    for bad in ([(1, 2, 3)], [(1, (2,), 3)], [(1, (), 3)], [(1, 'xyz', 3)], [(1, {5: 1, 6: 2}, 4)], [(1, 2)], [(1, (2,), 3, 4)], ['a(b'], [5], [It(3)], [[1, gen(3), 2]], [(1, 5, 2)]): safe(unpack, bad)
    for f in (lambda x: x / 0, lambda x: next(iter(())), None, 5, str, lambda: 1): safe(maps, f, [1, 2]); safe(filt, f, [0, 1, 2])
    def gi(xs):
        for x in xs: yield next(x)
    safe(lambda: list(gi([iter([1]), iter([])]))); safe(lambda: [next(i) for i in [iter([1]), iter([])]]); safe(lambda: tuple(next(i) for i in [iter([])]))
    log = []; g = gen(9, log)
    for x in g:
        if x == 2: log.append(g.send('hi'))
        if x == 5: g.close()
    print(log, next(g, 'dead')); log = []; g = gen(9, log); next(g)
    safe(g.throw, ValueError('thrown')); print(log, list(g)); g = gen(2); print(list(g), list(g)); safe(next, g)
    def selfish():
        yield 1
        yield from me
    me = selfish(); safe(list, me)
    a = iter([1, 2, 3, 4, 5]); print([(x, y) for x, y in zip(a, a)], list(a)); b = iter([1, 2, 3]); print(list(zip(b, [9])), list(b), list(zip([9], iter([1, 2]))), zips(b, b))
    z = It(3, 'revive'); print(list(z), list(z) if 0 else next(z), [q for q in map(lambda v: v, [z.i])])
    it = iter([3, 4]); print(min(it), list(it), max([], default='d'), sum([[1], [2]], []), sum([0.1] * 10), sum([1, 2.5, 1j]), sum([True] * 3), sum((), 'x') if 0 else sum((), ()), any(iter([0, 2, 3])), next(iter([]), 'df'))
    for f, x in ((sum, ['a']), (min, []), (max, [1, 'a']), (sorted, [1, None]), (all, 5), (any, None), (sum, [None])): safe(f, x)
    safe(sum, ['a'], ''); safe(sum, [b'a'], b''); safe(min, 1, 2, default=3); safe(max, 5); safe(min, [3, 1.0, 1], key=lambda v: -v)
