# bound methods kept, compared, replaced on instance / class / base; __func__ code swapped; defaults changed
# args: run
# profile-args: train
import sys, traceback, types
RUN = sys.argv[1:] == ['run']

class B:
    def __init__(self): self.v = 1
    def f(self, i, k=3): return self.v + i * k
    def g(self, i, *, m=2): return self.f(i) - m
    @classmethod
    def cm(cls, i): return len(cls.__name__) + i
    @staticmethod
    def sm(i): return i * 2
class S(B):
    def g(self, i, *, m=2): return super().g(i, m=m) + 1

def direct(o, n, at, hook):
    s = 0
    for i in range(n):
        if i == at: hook(o)
        s += o.f(i)
        s += o.g(i) + o.cm(i) + o.sm(i)
    return s

def kept(o, n, at, hook):
    f = o.f
    g, cm, sm = o.g, o.cm, o.sm
    s = 0
    for i in range(n):
        if i == at: hook(o)
        s += f(i)
        s += g(i) + cm(i) + sm(i)
    return s, f == o.f, g == o.g, f is o.f, sm is o.sm

def unbound(o, n, at, hook):
    s = 0
    for i in range(n):
        if i == at: hook(o)
        s += B.f(o, i) + B.g(o, i, m=1)
    return s

def ident(o, n):
    a = o.f
    same = eq = hs = 0
    for i in range(n):
        b = o.f
        same += a is b
        eq += a == b
        hs += hash(a) == hash(b)
        same += (o.f is o.f) * 100
        same += (B.sm is o.sm) * 1000
    return same, eq, hs, a.__self__ is o, a.__func__ is type(o).f

def nop(o): pass
def inst_f(o): o.f = lambda i: -1
def inst_f_kw(o): o.f = lambda i, k=0: k
def inst_bound(o): o.f = S().f
def cls_f(o): B.f = lambda self, i, k=3: 1.5
def cls_f_arity(o): B.f = lambda self: 1
def sub_f(o): S.f = lambda self, i: 50
def cls_cm(o): B.cm = staticmethod(lambda i: 9)
def cls_sm(o): B.sm = classmethod(lambda c, i: 11)
def cls_sm_plain(o): B.sm = lambda self, i: self.v
def defaults(o): ORIG['f'].__defaults__ = (7,)
def no_defaults(o): ORIG['f'].__defaults__ = None
def kwdefaults(o): ORIG['g'].__kwdefaults__ = {'m': 100}
def no_kwdefaults(o): ORIG['g'].__kwdefaults__ = None
def code(o): ORIG['f'].__code__ = (lambda self, i, k=3: 4000).__code__
def code_free(o):
    try: ORIG['f'].__code__ = (lambda: o).__code__
    except ValueError as e: print('   ', e)
def callable_obj(o):
    class C:
        def __call__(self, *a): return len(a)
    B.f = C()
def partial_m(o):
    import functools
    B.f = functools.partialmethod(lambda self, x, y: x + y, 10)
def mt(o): B.f = types.MethodType(lambda *a: len(a) * 100, 5)
def builtin_f(o): B.f = max
def delete_f(o): del B.f
def v_str(o): o.v = 'str'
ORIG = dict(B.__dict__)
CODE, DEF, KW = B.f.__code__, B.f.__defaults__, dict(B.g.__kwdefaults__)
def reset():
    for k in ('f', 'g', 'cm', 'sm'): setattr(B, k, ORIG[k])
    if 'f' in S.__dict__: del S.f
    B.f.__code__, B.f.__defaults__, B.g.__kwdefaults__ = CODE, DEF, dict(KW)

def attempt(label, f, *a):
    try: print(label, f(*a))
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    reset()
for f in (direct, kept, unbound):
    attempt('warm ' + f.__name__, f, B(), 2500, -1, nop)
    attempt('warm ' + f.__name__, f, S(), 2500, -1, nop)
attempt('ident', ident, B(), 2500)
if RUN:
    for h in (inst_f, inst_f_kw, inst_bound, cls_f, cls_f_arity, sub_f, cls_cm, cls_sm, cls_sm_plain, defaults, no_defaults,
              kwdefaults, no_kwdefaults, code, code_free, callable_obj, partial_m, mt, builtin_f, delete_f, v_str):
        for f in (direct, kept, unbound):
            for c in (B, S):
                attempt('%s/%s/%s' % (h.__name__, f.__name__, c.__name__), f, c(), 20, 10, h)
    o = B(); o.f = o.f
    attempt('ident inst', ident, o, 10)
    B.f = types.MethodType(len, [1, 2])
    attempt('ident mt', ident, B(), 10)
    attempt('direct', direct, B(), 10, -1, nop)
