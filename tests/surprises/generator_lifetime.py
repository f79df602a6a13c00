# generators: locals dying, close at rebinding, finally order, throw, frames, gi_* attributes, generators holding hot objects, async-less coroutines
# args: run
# profile-args: train
import sys, gc, weakref, traceback
RUN = sys.argv[1:] == ['run']
EV = []
class D:
    def __init__(self, n): self.n = n
    def __del__(self): EV.append(self.n)
class Q:
    def __init__(self, n): self.n = n
def simple(n, mk):
    a = mk('a')
    for i in range(n):
        b = mk('b%d' % i)
        yield b.n, i
        EV.append('r')
    c = mk('c')
def fin(n, mk):
    a = mk('fa')
    try:
        for i in range(n):
            yield i
    except GeneratorExit:
        EV.append('exit'); raise
    except ValueError as e:
        EV.append(str(e)); yield -1
    finally:
        EV.append('fin'); a = None; EV.append('fin2')
def deleg(n, mk):
    r = yield from fin(n, mk)
    x = yield from (v * 10 for v in range(2))
    return r
def recur(d, mk):
    k = mk(d)
    if d:
        yield from recur(d - 1, mk)
        yield d
        yield from recur(d - 1, mk)
def pipeline(n, mk):
    src = (mk(i) for i in range(n))
    m = ((o.n, o) for o in src)
    f = (o for k, o in m if k % 2 == 0)
    for o in f: yield o.n
def use_simple(k, mk):
    s = 0
    for j in range(k):
        for name, i in simple(3, mk):
            s += i + len(name)
        EV.append('|')
    return s
def use_break(k, mk):
    s = 0
    for j in range(k):
        for name, i in simple(5, mk):
            s += i
            if i == 2: break
        EV.append('|')
        g = fin(4, mk)
        s += next(g)
        g = None
        EV.append('||')
        h = fin(4, mk)
        next(h); next(h)
        h = fin(1, mk)
        EV.append('|||')
        s += next(h)
        del h
    return s
def use_deleg(k, mk):
    s = 0
    for j in range(k):
        s += sum(deleg(3, mk)) + sum(recur(3, mk))
        s += sum(pipeline(5, mk))
        a, b, *c = deleg(2, mk)
        s += a + b + len(c)
    return s
def use_throw(k, mk):
    s = 0
    for j in range(k):
        g = fin(4, mk)
        s += next(g)
        s += g.throw(ValueError('v'))
        s += next(g, 100)
        g = deleg(2, mk)
        next(g)
        try: g.throw(KeyError('k'))
        except KeyError as e: s += len(traceback.extract_tb(e.__traceback__))
        s += next(g, 1000)
        g = fin(2, mk); g.close()
        g = fin(2, mk); next(g); g.close(); s += next(g, 7)
    return s
def use_frames(k, mk):
    out = {}
    for j in range(k):
        g = simple(2, mk)
        st = [g.gi_running, g.gi_suspended, g.gi_frame.f_lineno, sorted(g.gi_frame.f_locals)]
        next(g)
        st += [g.gi_suspended, g.gi_frame.f_lineno, sorted(g.gi_frame.f_locals), g.gi_yieldfrom]
        if RUN and k < 50:
            g.gi_frame.f_locals['n'] = 0 if j else 'zz'
            g.gi_frame.f_locals['i'] = 2.5
        st.append([x[1] for x in g])
        st += [g.gi_frame is None, g.gi_suspended]
        out[repr(st)] = out.get(repr(st), 0) + 1
    return out
def use_wr(k, mk):
    s = 0
    for j in range(k):
        o = mk(1)
        r = weakref.ref(o)
        g = (x + o.n for x in (1, 2, 3))
        s += next(g)
        o = None
        s += 10 * (r() is None)
        g.close()
        s += 100 * (r() is None)
        g = None
        s += 1000 * (r() is None)
        def inner(p):
            yield p.n
            p = None
            yield r2() is None
        q = mk(2); r2 = weakref.ref(q)
        it = inner(q); del q
        s += next(it) + next(it) * 10000
    return s
FS = (use_simple, use_break, use_deleg, use_throw, use_frames, use_wr)
def attempt(label, f, k, mk):
    try: print(label, f.__name__, f(k, mk))
    except Exception as e:
        print(label, f.__name__, type(e).__name__, e, [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)])
    if EV: print('   ', len(EV), ' '.join(map(str, EV[:40]))); del EV[:]
for f in FS:
    if f is use_break: attempt('q', f, 400, Q)
    else: attempt('q', f, 400, Q)
if RUN:
    for f in FS: attempt('D', f, 2, D)
    flip = iter(range(10 ** 6))
    for f in FS: attempt('mix', f, 2, lambda n: D(n) if next(flip) % 2 else Q(n))
    def bad(n):
        if n in ('b1', 2, 'c'): raise OSError(str(n))
        return D(n)
    for f in FS: attempt('bad', f, 2, bad)
    # a generator that is closed / advanced by a finaliser inside the loop it feeds
    class Cl:
        def __init__(self, fn): self.fn = fn
        def __del__(self):
            try: self.fn()
            except Exception as e: EV.append((type(e).__name__, str(e)))
    def self_adv(n):
        for i in range(n):
            if i == 3: t = Cl(lambda: next(box[0])); t = None
            if i == 5: t = Cl(lambda: box[0].close()); t = None
            yield i
    box = [self_adv(8)]; print(list(box[0]), EV); del EV[:]
    def feed(n):
        s = 0
        for x in box[0]:
            s += x
            t = Cl(lambda: EV.append(next(box[0]))) if x == 2 else None
            t = None
            if x == n: t = Cl(lambda: box[0].close()); t = None
        return s
    box = [simple_ for simple_ in [(i for i in range(9))]]; print(feed(5), EV); del EV[:]
    sys.unraisablehook = lambda u: EV.append(('unraisable', u.exc_type.__name__, str(u.exc_value)))
    def stubborn():
        try: yield 1
        finally: yield 2
    for i in range(3): g = stubborn(); next(g); g = None
    print(EV); del EV[:]
    def cyc():
        me = yield
        k = D('cyc')
        yield me
    g = cyc(); next(g); g.send(g); del g; print(gc.collect() > 0, EV)
EV.clear()
