# __class__ assigned in hot loops: methods, properties, slots, incompatible layouts
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']

class A:
    k = 1
    def __init__(self, v): self.v = v
    def f(self, i): return self.v + i * self.k
    def __add__(self, o): return ('A+', self.v)
    def __len__(self): return 3
    def __bool__(self): return True
class B(A):
    k = 2
    def f(self, i): return self.v - i * self.k
    def __add__(self, o): return ('B+', self.v)
    def __len__(self): return 4
    def __bool__(self): return False
class C:
    k = 3
    v = property(lambda self: self.__dict__.get('v', 0) * 10, lambda self, x: LOG.append(('setv', x)))
    def f(self, i): return 'C%s' % i
    def __getattr__(self, n): return n
class S1:
    __slots__ = ('v', 'u')
    def f(self, i): return self.v + i
class S2:
    __slots__ = ('v', 'u')
    def f(self, i): return self.u * i
class S3:
    __slots__ = ('u', 'v')
    def f(self, i): return i
class S4:
    __slots__ = ('v',)
LOG = []

def loop(o, n, at, cls):
    r = []
    s = 0
    for i in range(n):
        if i == at:
            o.__class__ = cls
        o.v = o.v + 1
        q = o.f(i)
        if type(q) is int:
            s += q
        else:
            r.append(q)
    return s, len(r), r[:2]

def swap_inside(o, n, plan):
    out = 0
    for i in range(n):
        out += o.k
        c = plan.get(i)
        if c is not None:
            o.__class__ = c
        out += len(o) if hasattr(type(o), '__len__') else -1
        if o:
            out += 7
    return out, type(o).__name__

class SelfSwap:
    def __init__(self): self.n = 0
    def go(self, lim):
        while self.n < 4000:
            self.n += self.inc()
            if self.n == lim:
                self.__class__ = SelfSwap2
        return self.n
    def inc(self): return 1
class SelfSwap2(SelfSwap):
    def inc(self): return 3
    def go(self, lim): return 'other'

class Ev:
    def __init__(self, target): self.target = target
    def __del__(self):
        self.target.__class__ = B

def by_del(o, n, at):
    s = 0
    for i in range(n):
        t = Ev(o) if i == at else None
        s += o.f(i)
        t = None
        s += o.f(i)
    return s

def run(label, f, *a):
    try:
        print(label, f(*a))
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
run('warm', loop, A(0), 3000, -1, A)
run('warmS', loop, S1.__new__(S1) if False else A(1), 3000, 2000, A)
s = S1(); s.v = 1; s.u = 5
run('slots', loop, s, 3000, -1, S1)
run('swap', swap_inside, A(0), 3000, {})
run('self', lambda: SelfSwap().go(-1))
run('del', by_del, A(2), 3000, -1)
if RUN:
    for c in (B, C, S1, int, object, 5, type('A', (A,), {'f': lambda s, i: i}), type('Z', (A,), {'v': property(lambda s: 'ro')})):
        o = A(0)
        run('dict->' + getattr(c, '__name__', str(c)), loop, o, 40, 17, c)
        print('   ', type(o).__name__, list(vars(o).items()))
    for c in (S2, S3, S4, A):
        s = S1(); s.v = 1; s.u = 5
        run('slot->' + c.__name__, loop, s, 40, 17, c)
        print('   ', type(s).__name__)
    run('swap', swap_inside, A(0), 300, {10: B, 20: A, 21: C, 100: B, 200: A})
    x = SelfSwap()
    run('self', x.go, 1000)
    print(type(x).__name__, x.n, x.go(1))
    run('del', by_del, A(2), 50, 20)
    mixed = [A(1), B(2), C(), A(3)]
    mixed[3].__class__ = B
    for m in mixed:
        run('mixed', loop, m, 9, 4, B if type(m) is not C else A)
    print(LOG[:5], len(LOG))
    import types
    m = types.ModuleType('mm')
    class M(types.ModuleType):
        k = 5
        def f(self, i): return self.v * i
    m.v = 1
    run('module', loop, m, 20, 0, M)
