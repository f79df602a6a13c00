# frames seen and changed from attribute hooks: sys._getframe, f_locals write-through (PEP 667), f_lineno, tb frames, locals()/vars()/dir()
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
EV = []
sys.unraisablehook = lambda u: EV.append(('unraisable', u.exc_type.__name__, str(u.exc_value)))
class A:
    act = None
    def __init__(self): self.v = 1; self.w = 0.5
    @property
    def p(self):
        if A.act: A.act(sys._getframe(1))
        return 1
    def m(self, x):
        if A.act: A.act(sys._getframe(1))
        return x + self.v
    def __add__(self, o):
        if A.act: A.act(sys._getframe(1))
        return 5
    def __iter__(self):
        if A.act: A.act(sys._getframe(1))
        yield 1
        if A.act: A.act(sys._getframe(1))
        yield 2
    def __del__(self):
        if A.act: A.act(sys._getframe(1))
    def __bool__(self):
        if A.act: A.act(sys._getframe(1))
        return True
    def __eq__(self, o):
        if A.act: A.act(sys._getframe(1))
        return True
def ints(o, n):
    s = 0
    t = 1
    for i in range(n):
        s += i * t
        s += o.p
        t = t + s % 3
    return s, t, i
def floats(o, n):
    s = 0.0
    f = 1.5
    for i in range(n):
        g = f * 2.0
        s = s + g
        s += o.m(1)
        f = f + 0.25
    return s, f, g
def mixed(o, n):
    s = 0
    l = [1, 2, 3]
    k = 'a'
    for i in range(n):
        s += o + 1
        for x in o: s += x
        if o: s += len(l) + len(k)
        if o == 1: s += l[0]
    return s, l, k
def closure(o, n):
    c = 0
    d = 10
    def inc(): nonlocal c; c += 1
    for i in range(n):
        inc()
        d += o.p + c
        e = d
    return c, d, e
def gen(o, n):
    s = 0
    for i in range(n):
        s += i
        yield s + o.p
def genrun(o, n): return sum(gen(o, n))
def comp(o, n): return sum([o.p * j + n for j in range(n)])
def args(o, n, *r, k=3, **kw):
    s = 0
    for i in range(n): s += k + len(r) + o.p
    return s, k, r, kw
def dies(o, n):
    s = 0
    z = 3
    for i in range(n):
        q = A() if RUN and n < 50 else i
        s += z
        q = None
        s += z
    return s
def loc(o, n):
    s = 0
    for i in range(n):
        s += o.p
        d = locals() if i == n - 1 else None
    d.pop('o'); d.pop('d', 0)
    return s, list(d.items())
FS = (ints, floats, mixed, closure, genrun, comp, args, dies, loc)
def attempt(label, f, n):
    o = A()
    cnt[0] = 0
    try: r = f(o, n); x = (type(r).__name__, r)
    except Exception as e:
        tb = e.__traceback__
        while tb.tb_next: tb = tb.tb_next
        x = (type(e).__name__, str(e), [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)], [(k, v) for k, v in tb.tb_frame.f_locals.items() if isinstance(v, (int, float, str))])
        del tb
    A.act = None
    print(label, f.__name__, *x)
    if EV: print('   ', len(EV), EV[:3]); del EV[:]
    del o
cnt = [0]
for f in FS: attempt('w', f, 1500 if f is not comp else 2500)
def on(k, fn):
    def act(fr):
        cnt[0] += 1
        if cnt[0] == k: A.act = None; fn(fr); A.act = act
    return act
if RUN:
    def see(fr): EV.append((fr.f_code.co_name, fr.f_lineno, [(k, v) for k, v in fr.f_locals.items() if not isinstance(v, A) and not callable(v)]))
    def setter(**kw):
        def fn(fr):
            for k, v in kw.items():
                if k in fr.f_locals: fr.f_locals[k] = v
        return fn
    def extra(fr): fr.f_locals['brand_new'] = 5; EV.append(fr.f_locals.get('brand_new')); see(fr)
    def delete(fr):
        try: del fr.f_locals['s']
        except Exception as e: EV.append((type(e).__name__, str(e)))
        try: fr.f_locals.pop('s')
        except Exception as e: EV.append((type(e).__name__, str(e)))
    def up(fr): EV.append([f.f_code.co_name for f in (fr, fr.f_back, fr.f_back.f_back)])
    def clear(fr):
        try: fr.clear()
        except RuntimeError as e: EV.append(str(e))
    def trace_set(fr): fr.f_trace = None; fr.f_trace_lines = True; EV.append(fr.f_lasti > 0)
    def line(fr):
        try: fr.f_lineno = fr.f_lineno + 1
        except ValueError as e: EV.append(str(e))
    def boom(fr): raise KeyError(fr.f_lineno)
    FNS = {'see': see, 's': setter(s=1000), 's.f': setter(s=0.5), 's.big': setter(s=1 << 80), 's.str': setter(s='x'), 't': setter(t=2.5), 'f': setter(f=3, g='g'), 'l': setter(l=(9,), k=[1]), 'c': setter(c=50, d=0.5),
           'i': setter(i=99), 'j': setter(j=99), 'k': setter(k='kk', r=[1, 2, 3], n=3), 'o': setter(z=7, z2=1), 'extra': extra, 'del': delete, 'up': up, 'clear': clear, 'tr': trace_set, 'line': line, 'boom': boom}
    for nm, fn in FNS.items():
        for f in FS:
            A.act = on(3, fn)
            attempt(nm, f, 6)
