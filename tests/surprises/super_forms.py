# super() in several forms, cooperative diamonds, classmethods, properties, slots of super in nested functions
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
EV = []

class Root:
    def __init__(self, **kw):
        self.trace = ['Root']
        if kw: raise TypeError('left over %r' % sorted(kw))
    def val(self, i): return i
    @classmethod
    def mk(cls, i): return [cls.__name__, i]
    @property
    def pr(self): return 1
class A(Root):
    def __init__(self, a=0, **kw):
        super().__init__(**kw)
        self.a = a
        self.trace.append('A')
    def val(self, i): return super().val(i) + self.a
    @classmethod
    def mk(cls, i): return super().mk(i + 1)
    @property
    def pr(self): return super().pr + 10
class B(Root):
    def __init__(self, b=0, **kw):
        super(B, self).__init__(**kw)
        self.b = b
        self.trace.append('B')
    def val(self, i): return super(B, self).val(i) * 2 + self.b
    @classmethod
    def mk(cls, i): return super(B, cls).mk(i * 2)
    @property
    def pr(self): return super(__class__, self).pr + 100
class C(A, B):
    def __init__(self, **kw):
        sup = super()
        sup.__init__(**kw)
        self.trace.append('C')
    def val(self, i):
        s = super()
        def inner(): return s.val(i)
        return inner() + 1
    def comp(self, i): return [super(C, self).val(j) for j in range(i)]
    def gen(self, i):
        for j in range(i):
            yield super().val(j)
    def attr(self): return super().pr
class Mix(B):
    def val(self, i): return super().val(i) + 0.5
class E(C, Mix):
    pass

def create(cls, n, **kw):
    t = 0
    for i in range(n):
        o = cls(**kw)
        t += o.a * 3 + len(o.trace)
    return t, o.trace

def vals(o, n):
    s = 0
    for i in range(n):
        s += o.val(i)
        s += o.pr
    return s

def others(o, n):
    s = 0
    for i in range(n):
        s += sum(o.comp(3)) + sum(o.gen(3)) + o.attr() + o.mk(i)[1]
    return s

def attempt(label, f, *a, **kw):
    try: print(label, f(*a, **kw))
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
def all3(tag, cls, n):
    attempt(tag + ' create', create, cls, n, a=1, b=2)
    attempt(tag + ' vals', lambda: vals(cls(a=1, b=2), n))
    attempt(tag + ' others', lambda: others(cls(a=1, b=2), n))
all3('warm', C, 1500)
if RUN:
    all3('E', E, 30)
    attempt('extra', create, E, 3, a=1, b=2, c=3)
    attempt('str', vals, C(a='q', b=0), 3)
    attempt('float', vals, C(a=0.5, b=1 << 62), 3)
    # the instance lies about its class: super() uses __class__ when type() fails
    class Proxy:
        def __init__(self, t): self.t = t
        a = 5; b = 6
        __class__ = property(lambda s: EV.append('cls') or type(s.t))
    p = Proxy(C(a=1, b=1))
    attempt('proxy', A.val, p, 4)
    attempt('proxyC', C.val, p, 4)
    print(EV)
    attempt('wrong', A.val, 5, 4)
    attempt('wrongB', B.val, B, 4)
    def rebound(self, i):
        self = 3
        return super(A, self).val(i)
    A.val, keep = rebound, A.val
    all3('rebound', C, 3)
    A.val = keep
    # shadow the name super in builtins/module globals
    class fake:
        def __init__(self, *a): EV.append(('fake', len(a)))
        def __getattr__(self, n): return lambda *a, **k: 1000
        pr = 0.25
    globals()['super'] = fake
    try:
        o = C.__new__(C); o.a = o.b = 1; o.trace = []
        attempt('fake', vals, o, 5)
        attempt('fake others', others, o, 1)
        print(len(EV), EV[-3:])
    finally:
        del globals()['super']
    all3('back', C, 10)
    # methods added/removed in the middle of the chain, late
    del B.val
    all3('noB', C, 10)
    Root.val = lambda self, i: 0.25
    all3('rootf', C, 10)
    del Root.val
    all3('none', C, 10)
    Root.__getattr__ = lambda self, n: (lambda *a: 77)
    all3('getattr', C, 10)
    A.val = property(lambda self: (lambda i: -i))
    all3('prop', C, 10)
    object.__setattr__
    A.__class__.__name__
    C.val.__globals__['A'] = Root
    all3('names', C, 5)
