# class attributes added, removed, shadowed; properties laid over instance attributes while hot
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']

class Base:
    lim = 10
    def area(self): return self.w * self.h
class Box(Base):
    scale = 2
    def __init__(self, w, h):
        self.w = w
        self.h = h
    def big(self): return self.area() * self.scale + self.lim

def loop(b, n, hook, at):
    t = 0
    for i in range(n):
        if i == at:
            hook(b)
        b.w = i & 7
        t += b.big()
    return t

def inner(b, n, hook, at):
    t = 0
    i = 0
    while i < n:
        b.h = b.h + 1
        if i == at: hook(b)
        t += b.w * b.scale + Box.scale + b.lim - type(b).lim
        i += 1
    return t

def gen(b, n):
    for i in range(n):
        b.w = i
        yield b.w + b.scale
        yield b.area()

def nop(b): pass
def prop_w(b):
    Box.w = property(lambda s: s.__dict__['w'] + 1000, lambda s, v: s.__dict__.__setitem__('w', v * 2))
def ro_prop(b): Box.w = property(lambda s: 5)
def nondata(b):
    class ND:
        def __get__(self, o, t=None): return 99
    Box.w = ND()
def inst_scale(b): b.scale = 3
def cls_scale(b): Box.scale = 2.5
def cls_scale_str(b): Box.scale = 'ab'
def cls_scale_big(b): Box.scale = 1 << 64
def del_scale(b): del Box.scale
def base_scale(b):
    del Box.scale; Base.scale = 4
def area_inst(b): b.area = lambda: -1
def area_cls(b): Box.area = lambda s: 11
def area_base(b): Base.area = lambda s: s.w + s.h
def area_static(b): Box.area = staticmethod(lambda: 13)
def area_clsm(b): Box.area = classmethod(lambda c: len(c.__name__))
def area_prop(b): Box.area = property(lambda s: lambda: 17)
def area_none(b): Box.area = None
def lim_shadow(b): b.lim = 20; Box.lim = 30
def lim_desc(b):
    class DD:
        n = 0
        def __get__(self, o, t=None):
            DD.n += 1
            return DD.n if o is not None else -DD.n
        def __set__(self, o, v): raise AttributeError('no %s' % v)
    Base.lim = DD()

def reset():
    for k in ('w', 'h', 'area', 'lim'):
        if k in Box.__dict__: delattr(Box, k)
    if 'scale' in Base.__dict__: del Base.scale
    Box.scale = 2
    Base.lim = 10
    Base.area = AREA
AREA = Base.area

def attempt(label, f, b, *a):
    try:
        r = f(b, *a)
        print(label, type(r).__name__, r)
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    print('    ', [(k, v if not callable(v) else 'fn') for k, v in vars(b).items()])

attempt('warm loop', loop, Box(1, 2), 4000, nop, 9)
attempt('warm inner', inner, Box(1, 2), 4000, nop, 9)
print(sum(gen(Box(1, 2), 2000)))
if RUN:
    for h in (prop_w, ro_prop, nondata, inst_scale, cls_scale, cls_scale_str, cls_scale_big, del_scale, base_scale, area_inst,
              area_cls, area_base, area_static, area_clsm, area_prop, area_none, lim_shadow, lim_desc):
        attempt(h.__name__, loop, Box(1, 2), 30, h, 11)
        reset()
        attempt(h.__name__ + '/i', inner, Box(1, 2), 30, h, 11)
        reset()
    b = Box(3, 4)
    g = gen(b, 6)
    seen = [next(g), next(g)]
    for h in (area_cls, prop_w, cls_scale, area_inst, lim_desc):
        h(b)
        try: seen.append(next(g))
        except Exception as e: seen.append(repr(e))
    print(seen, list(vars(b))[:2], b.w, b.lim)
    reset()
attempt('after', loop, Box(1, 2), 100, nop, 9)
