# short-lived objects a compiler might never allocate: ids, counts, weakrefs, late finalisers, escapes through odd doors
# args: run
# profile-args: train
import sys, traceback, weakref
RUN = sys.argv[1:] == ['run']
EV = []
KEEP = []
class V:
    __slots__ = ('x', 'y', '__weakref__')
    def __init__(self, x, y): self.x = x; self.y = y
    def __add__(self, o): return V(self.x + o.x, self.y + o.y)
    def __mul__(self, k): return V(self.x * k, self.y * k)
    def dot(self, o): return self.x * o.x + self.y * o.y
    def norm(self): return (self.dot(self)) ** 0.5
class It:
    def __init__(self, n): self.i = 0; self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.i >= self.n: raise StopIteration
        self.i += 1
        return self.i
def vec(n, hook, at):
    p = V(0.0, 0.0); d = V(0.5, 0.25)
    s = 0.0
    for i in range(n):
        if i == at: hook()
        p = p + d * 2.0
        q = V(i, 1.0)
        s += q.dot(p) + (p + q).norm()
    return round(s, 6), p.x, p.y
def tup(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        t = (i, i + 1)
        a, b = t
        s += a * b + t[0]
        u = (t, i)
        (c, d), e = u
        s += c + d + e
        l = [i, s]
        s += l[0] + len(l)
        m = {'a': i, 'b': t}
        s += m['a'] + m['b'][1]
    return s, t is u[0], t, u, l, m
def clos(n, hook, at):
    s = 0
    fs = []
    for i in range(n):
        if i == at: hook()
        def f(x): return x + i
        g = lambda x, k=s: x + k % 5
        s += f(1) + g(2)
        if i % 500 == 0: fs.append(f); fs.append(g)
    return s, [f(0) for f in fs], fs[0] is fs[-2], fs[0].__code__ is fs[-2].__code__
def its(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        for x in It(3): s += x
        s += sum(It(2)) + len(list(It(4))) + max(It(3))
        a, b = It(2)
        s += a * b
    return s
def ids(n, hook, at):
    c = 0
    for i in range(n):
        if i == at: hook()
        a = V(1, 2); b = V(1, 2)
        c += (a is b) + (id(a) == id(b)) * 10 + (a == b) * 100 + (hash(a) == hash(b)) * 1000 + (a != b) * 10000 + (a in [b]) * 100000
        x = (i, 1); y = (i, 1)
        c += (x is y) * 10 ** 6 + (x == y) * 10 ** 7
        e = []; f = []
        c += (e is f) * 10 ** 8 + (len({id(e), id(f), id(x), id(y), id(a), id(b)}) == 6) * 10 ** 9
        c += isinstance(a, V) * 10 ** 13
    return c
def exc(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook()
        try:
            v = V(i, i)
            if i % 3 == 1: raise LookupError(v)
            s += v.x
        except LookupError as e:
            s += e.args[0].y * 2
            if e.args[0] is v: s += 1
    return s
def nop(): pass
def attempt(label, f, n, h=nop, at=1):
    V_ = V
    try: r = f(n, h, at); print(label, f.__name__, r if f is not tup else repr(r))
    except Exception as e:
        print(label, f.__name__, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    for k in ('__del__', '__eq__', '__hash__', '__new__', '__getattribute__'):
        if k in V.__dict__: delattr(V, k) if k != '__new__' else setattr(V, k, lambda c, *a: object.__new__(c))
    V.__init__, V.__add__, V.dot = ORIG
    if EV: print('   ', len(EV), EV[:9]); del EV[:]
    if KEEP: print('    keep', len(KEEP), [(k.x, k.y) if isinstance(k, V) else str(k) for k in KEEP[:5]]); del KEEP[:]
ORIG = V.__init__, V.__add__, V.dot
FS = (vec, tup, clos, its, ids, exc)
for f in FS: attempt('w', f, 1500)
if RUN:
    def dels(): V.__del__ = lambda s: EV.append((s.x, s.y))
    def res(): V.__del__ = lambda s: KEEP.append(s)
    def initk():
        def init(self, x, y): self.x = x; self.y = y; KEEP.append(self)
        V.__init__ = init
    def initw():
        def init(self, x, y): self.x = x; self.y = y; KEEP.append(weakref.ref(self, lambda r: EV.append('dead')))
        V.__init__ = init
        KEEP.append('w')
    def newc():
        cache = {}
        V.__new__ = lambda c, x, y: cache.setdefault((x, y), object.__new__(c))
    def eqh(): V.__eq__ = lambda a, b: True; V.__hash__ = lambda a: 5
    def addr(): V.__add__ = lambda a, b: a
    def dotk(): V.dot = lambda a, b: KEEP.append(a) or 2
    def gb(): V.__getattribute__ = lambda s, n: EV.append(n) or object.__getattribute__(s, n)
    def frames():
        def init(self, x, y):
            f = sys._getframe(1)
            EV.append((f.f_code.co_name, f.f_lineno)); self.x = x; self.y = y
        V.__init__ = init
    def itk(): It.__iter__ = lambda s: KEEP.append(s.n) or iter([9, 8])
    def it2(): It.__next__ = lambda s: next(gen5)
    gen5 = iter(range(5))
    IT = It.__iter__, It.__next__
    for h in (dels, res, initk, newc, eqh, addr, dotk, gb, frames, itk, it2):
        for f in FS:
            if h in (itk, it2) and f is not its: continue
            if f in (tup, clos) : continue
            attempt(h.__name__, f, 5, h, 3)
            It.__iter__, It.__next__ = IT
    def initw2():
        def init(self, x, y): self.x = x; self.y = y; weakref.finalize(self, EV.append, (x, y))
        V.__init__ = init
    attempt('fin', vec, 3, initw2, 1); attempt('fin', exc, 3, initw2, 1)
    class W(V):
        def __init__(self, x, y): super().__init__(x, y); self.z = 1
        def __add__(self, o): return [self.x]
    VV, globals()['V'] = V, W
    try: print(vec(3, nop, 0))
    except Exception as e: print(type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    print(ids(3, nop, 0), exc(4, nop, 0)); globals()['V'] = VV
    def trc():
        def prof(fr, ev, arg):
            if ev == 'call' and len(EV) < 60: EV.append((fr.f_code.co_name, fr.f_lineno))
        sys.setprofile(prof)
    for f in (vec, its, clos):
        try: r = f(5, trc, 3)
        finally: sys.setprofile(None)
        print(r if f is not clos else r[:2], EV); del EV[:]
