# bool / int / float mixtures: what was int becomes bool, results keep the right type, dict keys stay the first
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
class A:
    flag = False
    def __init__(self): self.n = 0; self.on = False; self.f = 0.0
def arith(a, b, n):
    r = None
    for i in range(n):
        r = (a + b, a - b, a * b, a & b, a | b, a ^ b, -a, ~a if not isinstance(a, float) else 0, abs(a), a << 1, a >> 1, a // 1, a % 2, a ** 2, +a)
    return r
def farith(a, b, n):
    r = None
    for i in range(n):
        r = (a + b, a - b, a * b, a / 2, -a, +a, abs(a), a // 1, a % 2, a ** 2, a < b, a == b)
    return r
def inpl(a, b, n):
    o = A()
    o.n = a
    x = a
    l = [a, a]
    for i in range(n):
        x += b; x -= b
        o.n |= b; o.n &= a
        l[0] ^= b; l[0] ^= b
        l[1] = not l[1]
    return x, o.n, l
def cmpn(a, b, n):
    c = 0
    r = None
    for i in range(n):
        r = (a == b, a != b, a < b, a <= b, a is b, a in (b,), not a, a and b, a or b, a if b else None)
        if a == True: c += 1
        if a is True: c += 10
        if a: c += 100
        while a:
            c += 1000
            break
        if type(a) is int: c += 10000
        if isinstance(a, int): c += 100000
    return c, r
def count(xs, n):
    t = 0
    for i in range(n):
        for x in xs:
            t += x
            t += x > 2
            t += (x == 1) * 5
    return t
def attr(o, v, n):
    for i in range(n):
        o.on = v
        o.n += o.on
        if o.on is v: o.f += 1
        o.on = o.n > 5
        o.n = o.n & 1023
    return o.n, o.on, o.f
def keys(ks, n):
    d = {}
    s = set()
    for i in range(n):
        for k in ks:
            d[k] = d.get(k, 0) + 1
            s.add(k)
    return list(d.items()), [(k, type(k).__name__) for k in s]
def index(l, ix, n):
    r = []
    s = 0
    for i in range(n):
        for k in ix:
            s += l[k]
            l[k] = s & 7
        r = [l[a > b] for a in (1, 2) for b in (1, 2)]
    return s, l, r
def fmt(v, n):
    u = ''
    for i in range(n):
        u = f'{v} {v!r} {v:>3} {v:d}' + str(v) + '%d %s' % (v, v)
    return u
def rett(x, n):
    r = None
    for i in range(n):
        r = x if i % 2 else i > 0
        r = r == 1
        y = (i & 1) == 0
        z = y + y
        w = y & (i > 3)
        v = y | i
        q = sum([y, w, i > 5])
        m = max(y, w), min(1, y), max(0, y), max(y, 0)
    return r, y, z, w, v, q, m
def rng(a, b, n):
    out = []
    for i in range(n):
        out = []
        for k in range(a, b): out.append((k, type(k).__name__))
    return out
def show(label, f, *a):
    try:
        r = f(*a)
        print(label, f.__name__, [(type(q).__name__, q) if not isinstance(q, (list, tuple)) else q for q in r] if isinstance(r, (tuple, list)) else (type(r).__name__, r))
    except Exception as e:
        print(label, f.__name__, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
show('w', arith, 6, 3, 2000); show('w', farith, 6.5, 3.0, 2000); show('w', inpl, 6, 3, 2000); show('w', cmpn, 6, 3, 2000)
show('w', count, [1, 2, 3], 800); show('w', attr, A(), 1, 2000); show('w', keys, [1, 2, 0], 800); show('w', index, [1, 2, 3], [0, 1, 2], 600)
show('w', fmt, 5, 1200); show('w', rett, 1, 2000); show('w', rng, 0, 4, 600)
if RUN:
    for a, b in ((True, False), (True, True), (True, 3), (6, True), (0, False), (False, 0), (1, True), (True, 1.0), (1.0, True), (6.5, True), (True, 1 << 64), (-1, True), (True, None), (False, 'x'), (True, 1j)):
        for f in (arith, farith, inpl, cmpn): show((a, b), f, a, b, 3)
    show('r', count, [True, 2, False, 3.5, True], 3); show('r', count, [True] * 4, 3); show('r', count, [], 3)
    for v in (True, False, 1.0, 2.5, 'a', None, 1 << 70): show(v, attr, A(), v, 4); show(v, fmt, v, 2); show(v, rett, v, 5)
    o = A(); o.n = True; show('bool n', attr, o, True, 3)
    o = A(); o.n = False; o.f = False; show('bool f', attr, o, False, 2)
    show('r', keys, [True, 1, 1.0, 0, False, -0.0, 0.0], 2); show('r', keys, [1.0, 1, True], 2); show('r', keys, [False, 0], 2); show('r', keys, [2, 2.0, 1 << 61, 2.0 ** 61], 2)
    show('r', index, [1, 2, 3], [True, False, 2], 2); show('r', index, [True, False, True], [0, True], 2); show('r', index, [1, 2], [0, 1.0], 2)
    show('r', rng, False, True, 2); show('r', rng, True, 4, 2); show('r', rng, 0.0, 4, 2); show('r', rng, True, True, 2)
