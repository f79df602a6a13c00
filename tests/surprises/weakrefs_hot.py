# weakrefs, callbacks, finalize, WeakValueDictionary / WeakSet / WeakKeyDictionary, proxies in hot loops
# args: run
# profile-args: train
import sys, weakref, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class N:
    def __init__(self, v): self.v = v
    def m(self): return self.v * 2
    def __repr__(self): return 'N%d' % self.v
class S:
    __slots__ = ('v', '__weakref__')
    def __init__(self, v): self.v = v
    def m(self): return self.v * 3
class NoW:
    __slots__ = ('v',)
    def __init__(self, v): self.v = v
    def m(self): return 0

def cb_loop(n, mk, cb):
    s = 0
    refs = []
    o = None
    for i in range(n):
        o = mk(i)
        refs.append(weakref.ref(o, cb))
        s += o.m()
        if len(refs) > 3: refs.pop(0)
    return s, [r() is None for r in refs]
def wvd(n, mk, d):
    s = 0
    for i in range(n):
        o = mk(i)
        d[i & 7] = o
        p = d.get((i + 1) & 7)
        s += 1000 if p is None else p.v
        s += len(d)
    return s, len(d), sorted(d)
def keepers(n, mk, d):
    l = []
    s = 0
    for i in range(n):
        o = mk(i)
        d[i] = o
        l.append(o)
        if i % 3 == 2:
            l.pop(0)
        o = None
        s += len(d)
    return s, len(l), len(d), list(d)[:4]
def live(n, mk):
    s = 0
    for i in range(n):
        a = mk(i)
        r = weakref.ref(a)
        b = a
        a = None
        s += r() is not None
        v = b.v
        w = b.m() + v
        b = None
        s += (r() is None) * 10
        def f(p):
            q = r2()
            p = None
            return q is not None, r2() is None
        c = mk(i); r2 = weakref.ref(c)
        x, y = f(c)
        s += x * 100 + y * 1000
        r3 = weakref.ref(mk(i))
        s += (r3() is None) * 10000
        l = [mk(i)]
        r3 = weakref.ref(l[0])
        l[0] = w
        s += (r3() is None) * 100000
    return s
def prox(n, mk):
    o = mk(5)
    p = weakref.proxy(o)
    s = 0
    for i in range(n):
        s += p.v + p.m()
        if i == n - 2:
            o = None
    return s
def wm(n, mk):
    o = mk(1)
    m = weakref.WeakMethod(o.m)
    s = 0
    for i in range(n):
        f = m()
        s += f() if f else -1
        if i == n // 2:
            if RUN: f = None
            o = None
    return s
def same(n, mk):
    o = mk(1)
    s = 0
    for i in range(n):
        a = weakref.ref(o); b = weakref.ref(o)
        s += (a is b) + weakref.getweakrefcount(o) * 10
        c = weakref.ref(o, EV.append)
        s += (a is c) * 100 + weakref.getweakrefcount(o) * 1000
        del c
    return s
def attempt(label, f, *a):
    try: r = f(*a); print(label, type(r).__name__, r)
    except Exception as e: print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    print('   ', len(EV), EV[:6]); del EV[:]
for mk in (N, S):
    attempt('cb', cb_loop, 1000, mk, None)
    attempt('wvd', wvd, 1000, mk, weakref.WeakValueDictionary())
    attempt('keep', keepers, 500, mk, weakref.WeakValueDictionary())
    attempt('live', live, 1000, mk)
    attempt('wm', wm, 1000, mk)
    attempt('same', same, 1000, mk)
attempt('prox', prox, 1000, N)
if RUN:
    attempt('cb ev', cb_loop, 9, N, lambda r: EV.append(r() is None))
    def bad(r): raise RuntimeError('cb')
    sys.unraisablehook = lambda u: EV.append((u.exc_type.__name__, str(u.exc_value), getattr(u.object, '__name__', type(u.object).__name__)))
    attempt('cb bad', cb_loop, 9, N, bad)
    def where(r):
        f = sys._getframe(1); EV.append((f.f_code.co_name, f.f_lineno, f.f_locals.get('i'), f.f_locals.get('s')))
    attempt('cb where', cb_loop, 9, S, where)
    d = weakref.WeakValueDictionary()
    class Del(N):
        def __del__(self): EV.append(('del', self.v, len(d)))
    attempt('wvd del', wvd, 20, Del, d)
    attempt('keep del', keepers, 9, Del, d)
    attempt('live del', live, 2, Del)
    class Res(N):
        st = []
        def __del__(self): Res.st.append(self)
    attempt('live res', live, 3, Res); print(len(Res.st))
    d = weakref.WeakValueDictionary()
    attempt('wvd res', wvd, 20, Res, d); print(len(Res.st), len(d))
    attempt('keep none', keepers, 9, NoW, d)
    attempt('prox dead', prox, 9, type('P', (N,), {'m': lambda s: EV.append('m') or 1}))
    class Fn(N):
        def __init__(self, v):
            self.v = v; weakref.finalize(self, EV.append, 'fin%d' % v)
    attempt('cb fin', cb_loop, 5, Fn, lambda r: EV.append('cb'))
    attempt('live fin', live, 2, Fn)
    def hooky(p=[0]):
        p[0] += 1
        o = N(p[0]); o.cyc = o
        return o
    import gc
    gc.disable()
    attempt('cyc', wvd, 10, lambda i: hooky(), weakref.WeakValueDictionary())
    ws = weakref.WeakSet(); wk = weakref.WeakKeyDictionary()
    def sets(n, mk):
        for i in range(n):
            o = mk(i); ws.add(o); wk[o] = i
        return len(ws), len(wk), [k.v for k in wk]
    attempt('ws', sets, 1000, S)
    attempt('wsdel', sets, 5, Del)
    print(gc.collect() > 5, len(ws), len(wk))
