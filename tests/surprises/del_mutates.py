# __del__ reads and changes the list / dict / attribute / global / frame local the hot loop is working on
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class Fin:
    def __init__(self, fn): self.fn = fn
    def __del__(self): self.fn()
class O:
    def __init__(self): self.x = 1; self.y = 2.0; self.t = None
class S:
    __slots__ = ('x', 't')
    def __init__(self): self.x = 1; self.t = None
GL = 5

def sum_list(l, n, trig):
    s = 0
    k = 0
    while k < n:
        for i in range(len(l)):
            s += l[i]
            t = trig(k, i)
            t = None
        k += 1
    return s
def put_list(l, n, trig):
    for k in range(n):
        l[k % 5] = trig(k, 0)
        l[k % 5] = k
        l.append(k)
        l.pop()
    return l
def it_list(l, n, trig):
    s = 0
    for k in range(n):
        for x in l:
            s += x
            t = trig(k, x)
            del t
    return s
def attr(o, n, trig):
    s = 0
    for k in range(n):
        o.t = trig(k, 0)
        o.x = o.x + 1
        o.t = None
        s += o.x
    return s, o.x
def over(o, n, trig):
    for k in range(n):
        o.x = trig(k, 0)
        o.x = k
    return o.x
def dct(d, n, trig):
    s = 0
    for k in range(n):
        d['a'] = trig(k, 0)
        d['a'] = d['b'] + 1
        s += d['a']
        for key in d:
            s += len(key)
    return s, list(d.items())
def glb(n, trig):
    s = 0
    for k in range(n):
        t = trig(k, 0)
        a = GL
        t = None
        s += a * 1000 + GL
    return s
def cell(n, trig):
    v = 1
    def bump(x=10):
        nonlocal v
        v = v + x
    s = 0
    for k in range(n):
        t = trig(k, bump)
        v += 1
        t = None
        s += v
    return s
def noop(k, i): return None
def attempt(label, f, *a):
    try: r = f(*a); print(label, type(r).__name__, r)
    except Exception as e:
        print(label, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    if EV: print('    EV', EV[:8]); del EV[:]
def at(n, fn):
    left = [1]
    def trig(k, i):
        if k == n and (i == 0 or callable(i)) and left: left.pop(); return Fin(fn)
        return None
    return trig
attempt('sum', sum_list, [0, 1, 2, 3], 800, noop)
attempt('put', put_list, [0, 1, 2, 3, 4], 2000, noop)
attempt('it', it_list, [0, 1, 2, 3], 800, noop)
attempt('attr', attr, O(), 2500, noop)
attempt('attrS', attr, S(), 2500, noop)
attempt('over', over, O(), 2500, lambda k, i: k)
attempt('dct', dct, {'a': 0, 'b': 1}, 1500, lambda k, i: k)
attempt('glb', glb, 2500, noop)
attempt('cell', cell, 2500, noop)
if RUN:
    for nm, op in (('clear', lambda l: l.clear()), ('pop', lambda l: l.pop()), ('app', lambda l: l.append(9)), ('str', lambda l: l.__setitem__(2, 'x')),
                   ('flt', lambda l: l.__setitem__(3, 0.5)), ('big', lambda l: l.__setitem__(1, 1 << 63)), ('ext', lambda l: l.extend(range(100))),
                   ('rev', lambda l: l.reverse()), ('slice', lambda l: l.__setitem__(slice(0, 3), [7]))):
        for f in (sum_list, put_list, it_list):
            l = [0, 1, 2, 3, 4]
            attempt(nm + ' ' + f.__name__, f, l, 6, at(3, lambda: op(l)))
            print('    ', l[:8], len(l))
    for mk in (O, S):
        for nm, op in (('set', lambda o: setattr(o, 'x', 50)), ('flt', lambda o: setattr(o, 'x', .5)), ('del', lambda o: delattr(o, 'x')),
                       ('see', lambda o: EV.append((o.x, o.t))), ('cls', lambda o: setattr(type(o), 'x', property(lambda s: 3))),
                       ('dict', lambda o: setattr(o, '__dict__', {'x': 70, 't': 'T'})), ('str', lambda o: setattr(o, 'x', 's'))):
            if mk is S and nm in ('cls', 'dict'): continue
            o = mk()
            attempt(nm + ' attr', attr, o, 6, at(3, lambda: op(o)))
            o = mk() if nm != 'cls' else o
            attempt(nm + ' over', over, o, 6, at(3, lambda: op(o)))
            if nm == 'cls': del O.x
    for nm, op in (('set', lambda d: d.__setitem__('b', 70)), ('new', lambda d: d.__setitem__('zz', 1)), ('del', lambda d: d.pop('b')),
                   ('see', lambda d: EV.append(list(d.items()))), ('clear', lambda d: d.clear()), ('flt', lambda d: d.__setitem__('b', 1.5))):
        d = {'a': 0, 'b': 1}
        attempt(nm + ' dct', dct, d, 6, at(3, lambda: op(d)))
    def g1(): globals().__setitem__('GL', 77)
    def g2(): globals().__setitem__('GL', 'GS')
    def g3(): globals().pop('GL')
    for g in (g1, g2, g3): GL = 5; attempt('glb', glb, 6, at(3, g))
    def celltrig(k, bump):
        if k == 3: return Fin(bump)
        if k == 4: return Fin(lambda: bump(0.5))
    attempt('cell', cell, 7, celltrig)
    def loc():
        fr = sys._getframe(1)
        while fr.f_code is not sum_list.__code__: fr = fr.f_back
        EV.append((sorted(fr.f_locals), fr.f_locals['s'], fr.f_locals['i'], fr.f_lineno)); fr.f_locals['s'] = 10000
    attempt('frame', sum_list, [1, 2, 3], 6, at(3, loc))
