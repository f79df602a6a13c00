# __slots__ with inheritance; slot descriptors deleted, replaced, moved to other classes
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']

class V:
    __slots__ = ('x', 'y')
    def __init__(self, x, y):
        self.x = x
        self.y = y
    def dot(self, o): return self.x * o.x + self.y * o.y
class W(V):
    __slots__ = ('z',)
    def __init__(self, x, y, z):
        V.__init__(self, x, y)
        self.z = z
class X(W):
    pass
class Sh(V):
    __slots__ = ('x',)          # shadows the slot of the base
    def __init__(self, x, y):
        super().__init__(x, y)
        self.x = x + 100
class Other:
    __slots__ = ('x', 'y')

def loop(v, n, hook, at):
    s = 0
    for i in range(n):
        if i == at: hook(v)
        v.x = v.x + 1
        s += v.x * v.y
        v.y = i
    return s

def dots(vs, n):
    t = 0
    for _ in range(n):
        for a in vs:
            for b in vs:
                t += a.dot(b)
    return t

def reader(vs):
    return [v.x + v.y for v in vs]

def nop(v): pass
XD, YD = V.__dict__['x'], V.__dict__['y']
def del_x(v): del v.x
def del_desc(v): del V.x
def swap_desc(v): V.x, V.y = YD, XD
def plain(v): V.x = 42
def prop(v): V.x = property(lambda s: XD.__get__(s) * 2, lambda s, val: YD.__set__(s, val))
def foreign(v): V.x = Other.__dict__['x']
def sub_over(v): W.x = 'w'
def as_none(v): v.y = None
def as_flt(v): v.y = 0.5
def as_big(v): v.x = 2 ** 62
def cls_change(v): v.__class__ = V
def reset():
    V.x, V.y = XD, YD
    if 'x' in W.__dict__: del W.x

def attempt(label, f, *a):
    try:
        r = f(*a)
        print(label, type(r).__name__, r)
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
def state(v):
    out = []
    for d in (XD, YD):
        try: out.append(d.__get__(v))
        except AttributeError as e: out.append(str(e))
    return out

attempt('warm', loop, V(0, 1), 4000, nop, 7)
attempt('dots', dots, [V(1, 2), V(3, 4)], 800)
attempt('read', lambda: sum(reader([V(i, i) for i in range(3000)])))
if RUN:
    for h in (del_x, del_desc, swap_desc, plain, prop, foreign, sub_over, as_none, as_flt, as_big, cls_change):
        for mk in (lambda: V(1, 2), lambda: W(1, 2, 3), lambda: X(1, 2, 3), lambda: Sh(1, 2)):
            v = mk()
            attempt(h.__name__ + '/' + type(v).__name__, loop, v, 20, h, 10)
            reset()
            print('     ', state(v), vars(v) if hasattr(v, '__dict__') else '-')
    attempt('mix', dots, [V(1, 2), W(3, 4, 5), X(1.5, 2, 3), Sh(1, 2)], 2)
    e = V.__new__(V)
    attempt('unset', reader, [V(1, 2), e])
    e.y = 5
    attempt('unset2', reader, [V(1, 2), e])
    attempt('unset dot', dots, [V(1, 2), e], 1)
    o = Other(); o.x = 1; o.y = 2
    attempt('other', reader, [V(1, 2), o, Sh(4, 4)])
    attempt('unbound', V.dot, o, V(1, 1))
    x = X(1, 2, 3); x.__dict__['x'] = 'dict x'; x.extra = 1
    attempt('dict under slot', reader, [x])
    try: V(1, 2).q = 1
    except AttributeError as e: print(e)
    def store_new(v, n):
        for i in range(n):
            v.q = i
        return v.q
    attempt('q X', store_new, x, 2000)
    attempt('q V', store_new, V(1, 2), 3)
    class Gone(V):
        __slots__ = ()
    gs = [Gone(i, 1) for i in range(5)]
    for g in gs: g.__class__ = V
    del Gone
    attempt('gone', reader, gs)
