# __new__ / __init__ replaced, returning other types, raising half way, called again on live objects; object construction inlined by a compiler
# args: run
# profile-args: train
import sys, traceback, weakref
RUN = sys.argv[1:] == ['run']
EV = []
class P:
    def __init__(self, x, y=0):
        self.x = x
        self.y = y
    def __add__(self, o): return P(self.x + o.x, self.y + o.y)
class N:
    __slots__ = ('x', 'y')
    def __new__(cls, x, y=0):
        o = object.__new__(cls)
        o.x = x
        o.y = y
        return o
class Single:
    inst = None
    def __new__(cls, *a):
        if cls.inst is None: cls.inst = super().__new__(cls)
        return cls.inst
    def __init__(self, x, y=0): self.x = x; self.y = self.__dict__.get('y', 0) + 1
class F(float):
    def __new__(cls, x, y=0): o = super().__new__(cls, x); o.x = x; o.y = y; return o
class T(tuple):
    def __new__(cls, x, y=0): return tuple.__new__(cls, (x, y))
    x = property(lambda s: s[0]); y = property(lambda s: s[1])
class Chain(P):
    def __init__(self, x, y=0):
        super().__init__(x, y)
        self.z = self.x + self.y

def build(c, n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook(c)
        o = c(i)
        p = c(i, y=2)
        s += o.x + p.y
    return s, type(o).__name__, getattr(o, '__dict__', '-')
def chainadd(n, hook, at):
    a = P(0, 0); st = P(1, 2)
    for i in range(n):
        if i == at: hook(P)
        a = a + st
    return a.x, a.y, type(a).__name__
def reinit(n, hook, at):
    o = P(1)
    for i in range(n):
        if i == at: hook(P)
        o.__init__(i, o.x)
        P.__init__(o, o.y, i)
        q = P.__new__(P)
        q.__init__(i)
    return o.x, o.y, q.x, vars(o)
def temp(n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook(P)
        s += P(i, 1).x + (P(i) + P(1, 1)).y
        s += len([P(j) for j in range(2)])
    return s
def nop(c): pass
def attempt(label, f, *a):
    try: r = f(*a); print(label, f.__name__, type(r).__name__, r)
    except Exception as e:
        print(label, f.__name__, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    if EV: print('   ', len(EV), EV[:6], EV[-1]); del EV[:]
CL = (P, N, Single, F, T, Chain)
for c in CL: attempt('w', build, c, 1500, nop, 1)
for f in (chainadd, reinit, temp): attempt('w', f, 1500, nop, 1)
if RUN:
    def new_count(c): c.__new__ = staticmethod(lambda cls, *a, **k: EV.append(a) or object.__new__(cls))
    def new_other(c): c.__new__ = lambda cls, *a, **k: N(50, 60)
    def new_sub(c): c.__new__ = lambda cls, *a, **k: object.__new__(Sub)
    def new_none(c): c.__new__ = lambda cls, *a, **k: None
    def init_ret(c): c.__init__ = lambda self, *a, **k: self
    def init_none(c): c.__init__ = None
    def init_builtin(c): del c.__init__
    def init_half(c):
        def init(self, x, y=0):
            self.x = x
            if x == 4 and y == 2: raise ValueError('half %d' % x)
            self.y = y
        c.__init__ = init
        c.__del__ = lambda self: EV.append(sorted(vars(self).items()))
    def init_order(c):
        def init(self, x, y=0): self.y = y; self.x = x
        c.__init__ = init
    def init_leak(c):
        def init(self, x, y=0): EV.append((vars(self).copy(), len(vars(self)))); self.x = self.y = x
        c.__init__ = init
    def init_dict(c): c.__init__ = lambda self, x, y=0: setattr(self, '__dict__', {'y': y, 'x': x, 'q': 1})
    def init_class(c):
        def init(self, x, y=0): self.x = x; self.y = y; self.__class__ = Sub
        c.__init__ = init
    def init_wr(c):
        def init(self, x, y=0): self.x = x; self.y = y; weakref.finalize(self, EV.append, ('fin', x, y))
        c.__init__ = init
    def dels(c): c.__del__ = lambda self: EV.append((self.x, self.y))
    def code(c): c.__init__.__code__ = (lambda self, x, y=0: setattr(self, 'x', 1.5) or setattr(self, 'y', 2.5)).__code__
    def defaults(c): c.__init__.__defaults__ = None
    def setattr_(c): c.__setattr__ = lambda self, k, v: EV.append((k, v)) or object.__setattr__(self, k, v)
    def prop(c): c.x = property(lambda s: 5, lambda s, v: s.__dict__.__setitem__('hx', v))
    def abst(c): c.__abstractmethods__ = frozenset(['zz']); c.__new__ = lambda cls, *a, **k: object.__new__(cls)
    def init_wrap(c):
        old = c.__init__
        def init(self, *a, **k):
            old(self, *a, **k)
            self.x += 1000
        c.__init__ = init
    for h in (new_count, new_other, new_sub, new_none, init_ret, init_none, init_builtin, init_half, init_order, init_leak, init_dict, init_class, init_wr, dels, code, defaults, setattr_, prop, abst, init_wrap):
        for f in (build, chainadd, reinit, temp):
            class P:
                def __init__(self, x, y=0):
                    self.x = x
                    self.y = y
                def __add__(self, o): return P(self.x + o.x, self.y + o.y)
            class Sub(P): pass
            attempt(h.__name__, f, *((P,) if f is build else ()), 6, h, 3)
        EV.clear()
    del P
    attempt('no P', temp, 2, nop, 0)
    for c in (N, Single, F, T, Chain):
        c.__init__ = lambda self, *a, **k: EV.append(len(a))
        attempt(c.__name__, build, c, 3, nop, 0)
    object_like = [lambda x, y=0: Single(x), int, dict, lambda *a, **k: (_ for _ in ()), type]
    for c in object_like: attempt('c', build, c, 3, nop, 0)
