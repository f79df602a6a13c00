# attribute / slot / element stores whose OLD value has a finaliser or hook: what is visible at that moment, with int/float chains kept native
# args: run
# profile-args: train
import sys, traceback, weakref
RUN = sys.argv[1:] == ['run']
EV = []
class Num:
    """stands in for a number; its death looks at the holder"""
    def __init__(self, v): self.v = v
    def __add__(self, o): return self.v + o
    def __radd__(self, o): return self.v + o
    def __mul__(self, o): return self.v * o
    def __repr__(self): return 'Num'
    def __del__(self): LOOK(self)
def LOOK(n): pass
class H:
    def __init__(self): self.i = 0; self.f = 0.0; self.g = 1.0; self.c = 0
    def bump(self, d):
        self.c = self.c + 1
        self.f = self.f + d
        self.i = self.i + 1
        self.g = self.f * 0.5 + self.i
        return self.g
    def both(self, a, b): self.i = a; self.f = b; self.i, self.f = b, a; return self.i
class HS:
    __slots__ = ('i', 'f', 'g', 'c')
    __init__ = H.__init__; bump = H.bump; both = H.both
def loop(h, n, put, at):
    s = 0.0
    for k in range(n):
        h.f = h.f + 0.5
        h.i = h.i + 2
        if k == at: put(h)
        h.g = h.g + h.f
        h.c += 1
        h.f = h.i * 0.25
        h.i = k
        s += h.f + h.i
    return s, h.i, h.f, h.g, h.c
def bumps(h, n, put, at):
    s = 0
    for k in range(n):
        if k == at: put(h)
        s += h.bump(0.5)
        s += h.both(k, k + 0.5)
    return s, h.i, h.f, h.g, h.c
def elems(h, n, put, at):
    l = [0, 0.0, 1]
    d = {'a': 0, 'b': 1.5}
    for k in range(n):
        l[0] = l[0] + 1
        l[1] = l[1] + 0.5
        if k == at: put(l); put(d)
        l[2] = l[0] + l[1]
        l[0] = k
        d['a'] = d['b'] + k
        d['b'] = d['a'] * 0.5
        l[1] = d['b']
    return l, list(d.items())
def nested(h, n, put, at):
    h.c = H()
    for k in range(n):
        h.c.i = h.c.i + 1
        if k == at: put(h.c)
        h.c.f += h.c.i
        x = h.c
        x.g = x.f
        if k % 50 == 49: h.c = H(); h.c.i = x.i
    return h.c.i, h.c.f, x.g, x is h.c
def nop(o): pass
def attempt(label, f, h, n, put, at):
    try: r = f(h, n, put, at); print(label, f.__name__, r)
    except Exception as e:
        print(label, f.__name__, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    print('    ', [getattr(h, k, 'unset') if not isinstance(getattr(h, k, 0), (H, HS)) else 'H' for k in 'ifgc'], len(EV), EV[:6]); del EV[:]
for mk in (H, HS):
    for f in (loop, bumps, elems, nested): attempt('w', f, mk(), 2500, nop, 5)
if RUN:
    cur = [None]
    def show(v): return v if isinstance(v, (int, float, str)) else type(v).__name__
    def see(n):
        o = cur[0]
        if isinstance(o, list): EV.append([show(q) for q in o])
        elif isinstance(o, dict): EV.append([(k, show(v)) for k, v in o.items()])
        else: EV.append([(k, show(getattr(o, k, 'unset'))) for k in 'ifgc'])
        f = sys._getframe(2)
        EV.append((f.f_code.co_name, f.f_lineno))
    def putter(key, idx, val):
        def put(o):
            cur[0] = o
            if isinstance(o, list): o[idx] = Num(val)
            elif isinstance(o, dict): o['ab'[idx & 1]] = Num(val)
            else: setattr(o, key, Num(val))
        return put
    def mutate(key, new):
        def fn(n):
            o = cur[0]
            if isinstance(o, list): o[0] = new; o.append(1) if len(o) < 9 else None
            elif isinstance(o, dict): o['a'] = new; o['z'] = 1
            elif new == 'DEL': delattr(o, key)
            else: setattr(o, key, new)
            EV.append('m')
        return fn
    def err(n): raise ValueError('look %s' % n.v)
    sys.unraisablehook = lambda u: EV.append(('unraisable', str(u.exc_value)))
    LOOKS = {'see': see, 'i=9': mutate('i', 9), 'f=9': mutate('f', 9), 'i=.5': mutate('i', .5), 'f=str': mutate('f', 'str'), 'g=big': mutate('g', 1 << 90), 'delg': mutate('g', 'DEL'), 'deli': mutate('i', 'DEL'), 'err': err,
             'cls': lambda n: setattr(cur[0], '__class__', H2) if isinstance(cur[0], H) else None, 'dict': lambda n: setattr(cur[0], '__dict__', {'i': 50, 'f': 5, 'g': 2, 'c': 0.5}) if isinstance(cur[0], H) else None}
    class H2(H):
        g = property(lambda s: 3, lambda s, v: EV.append(('setg', v)) if len(EV) < 9 else None)
    for nm, fn in LOOKS.items():
        for key, idx in (('i', 0), ('f', 1), ('g', 2), ('c', 0)):
            for mk in (H, HS):
                for f in (loop, bumps) if key != 'i' else (loop, bumps, elems, nested):
                    if f is elems and mk is HS: continue
                    if f is nested and key == 'c': continue
                    h = mk(); globals()['LOOK'] = fn
                    attempt('%s/%s/%s' % (nm, key, mk.__name__), f, h, 8, putter(key, idx, 1.0 if key in 'fg' else 1), 4)
                    globals()['LOOK'] = lambda n: None
                    cur[0] = None
