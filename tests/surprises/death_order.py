# order of deaths of locals, arguments, temporaries, container elements, at return, at exceptions, at del, at overwrite
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class T:
    on = True
    def __init__(self, n): self.n = n
    def __del__(self):
        if T.on: EV.append(self.n)
class Q:                       # no finaliser
    def __init__(self, n): self.n = n

def locs(mk):
    b = mk('b'); a = mk('a')
    c = mk('c'); d = a
    a = None
    return 1
def args(x, y, z=None, *r, **k):
    y = 5
    return len(r)
def retn(mk):
    x = mk('x'); y = mk('y')
    return (mk('t1').n, y, mk('t2').n)
def conts(mk):
    l = [mk('l0'), mk('l1'), mk('l2')]
    t = (mk('t0'), mk('t1'), mk('t2'))
    d = {'p': mk('d0'), 'q': mk('d1'), 'r': mk('d2')}
    s = [[mk('n0'), mk('n1')], (mk('n2'), mk('n3'))]
    EV.append('|')
    l[1:2] = []
    EV.append('|')
    l.clear()
    EV.append('|')
    d['q'] = 1
    d = None
    EV.append('|')
    t = None
    EV.append('|')
    s[0] = s[1]
    del s[0]
    EV.append('|')
    return 2
def exc(mk, bad):
    a = mk('a')
    l = [mk('l0'), mk('l1')]
    try:
        b = mk('b')
        u = [mk('u0'), mk('u1'), l[bad], mk('u2')]
        EV.append('no')
    except IndexError as e:
        EV.append('h')
        b = None
        EV.append('h2')
    EV.append('end')
    return a.n
def unwind(mk, bad):
    p = mk('p'); q = mk('q')
    def inner(r):
        s = mk('s')
        return (mk('v'), r.n + bad)
    return inner(mk('r'))[1]
def unpack(mk):
    a, b, *c = mk('a'), mk('b'), mk('c'), mk('d')
    EV.append('|')
    a, b = b, a
    EV.append('|')
    a = b
    EV.append('|')
    (c, b), a = (a, b), c
    EV.append('|')
    return None
def loopv(mk):
    for i, x in enumerate([mk('0'), mk('1'), mk('2')]):
        EV.append(i)
        y = x
    EV.append('after')
    for x in (mk('3'), mk('4')):
        if x.n == '4': break
    EV.append('brk')
    z = [v.n for v in [mk('5'), mk('6')] if v.n]
    EV.append('comp')
    w = [v for v in (mk('7'), mk('8')) if v.n == '7']
    EV.append('filt')
    return len(z)
def attrs(mk):
    class B: pass
    o = B(); o.z = mk('z'); o.y = mk('y'); o.x = mk('x')
    o.y = mk('y2')
    EV.append('|')
    o.cyc = [mk('c')]
    o = None
    EV.append('|')
    return 0
def deep(n, mk):
    x = mk(str(n))
    if n == 0: return 0
    r = deep(n - 1, mk)
    y = mk('y%d' % n)
    return r + 1
def fmt(mk):
    return f"{mk('f1').n}-{mk('f2').n}" + '%s %s' % (mk('g1').n, mk('g2').n) + ''.join([mk('j').n for _ in range(2)])
def kwc(mk):
    return args(mk('x'), mk('y'), *[mk('r0'), mk('r1')], k1=mk('k1'), **{'k2': mk('k2')}) if False else args(mk('x'), mk('y'), mk('z'), mk('r0'), k1=mk('k1'))
def star(mk):
    return args(*[mk('x'), mk('y')], **{'k1': mk('k1'), 'k2': mk('k2')})
def chain(mk):
    return mk('a').n < mk('b').n < mk('c').n < mk('d').n, [mk('e'), mk('f')][0].n, {mk('k').n: mk('v')}['k'].n

FS = [(locs, ()), (retn, ()), (conts, ()), (exc, (5,)), (exc, (0,)), (unwind, (5,)), (unwind, ('x',)), (unpack, ()), (loopv, ()),
      (attrs, ()), (fmt, ()), (kwc, ()), (star, ()), (chain, ())]
def call(f, mk, a, n):
    r = None
    for i in range(n):
        try: r = f(mk, *a)
        except TypeError as e: r = str(e)
        EV.append('.')
    return r
def show(tag, f, a, r):
    if isinstance(r, tuple): r = [x.n if isinstance(x, (T, Q)) else x for x in r]
    print(tag, f.__name__, r, ' '.join(map(str, EV[:60]))); del EV[:]
for f, a in FS:
    if a in ((5,), ('x',)) and f in (exc,) and not RUN: continue       # trained only on the good way
    if a == ('x',): continue
    show('Q', f, a, call(f, Q, a if f is not unwind else ('str',), 400))
    T.on = False
    show('T', f, a, call(f, T, a if f is not unwind else ('str',), 400))
    T.on = True
for i in range(150): deep(9, Q)
print(deep(9, Q))
if RUN:
    for f, a in FS:
        show('run', f, a, call(f, T, a, 2))
    print(deep(5, T), EV); del EV[:]
    flip = iter(range(10 ** 6))
    mix = lambda n: T(n) if next(flip) % 2 else Q(n)
    for f, a in FS:
        show('mix', f, a, call(f, mix, a, 2))
    def boom(n):
        if n in ('t2', 'u1', 'r', 'd', 'y2', 'k1', 'g2', 'c'): raise KeyError(n)
        return T(n)
    for f, a in FS:
        try: f(boom, *a)
        except KeyError as e:
            tb = [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)]
            EV.append('caught'); e = None; EV.append(tb)
        show('boom', f, a, None)
