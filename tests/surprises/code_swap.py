# __code__/__defaults__/__kwdefaults__/__globals__/__closure__-dependent hot functions changed while they run or between calls
# args: run
# profile-args: train
import sys, gc, weakref, types, traceback
RUN = sys.argv[1:] == ['run']


def tb(e):
    return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)][1:]


def f(a, b=2, *, k=3):
    return a * b + k


def g(a, b=100, *, k=200):
    return (a, b, k)


def gg(a, b, c=9, *rest, **kw):
    return a, b, c, rest, sorted(kw.items())


def nolocals(a, b=1, *, k=1):
    x = y = z = a
    return [x, y, z, b, k]


def caller(n, at=-1, what=None):
    t = 0
    for i in range(n):
        if i == at:
            what()
        r = f(i)
        t = t + r if isinstance(r, (int, float)) else r
        r = f(i, 4)
        t = t + r if isinstance(r, (int, float)) and not isinstance(t, (tuple, list)) else r
        f(i, k=1)
    return t


def selfswap(n):
    t = 0
    for i in range(n):
        t += i
        if i == n - 3 and n > 100:
            selfswap.__code__ = other.__code__
            t += selfswap(3)
    return t


def other(n):
    return n * 1000


def rec(n):
    if n == 20 and deep:
        rec.__code__ = deep.pop()
    return n + rec(n - 1) if n > 0 else 0


def rec2(n):
    return 0.5 + rec(n - 2) if n > 0 else 0


deep = []


class K:
    def m(self, x, y=1):
        return x + y

    def loop(self, n, at=-1, what=None):
        s = 0
        for i in range(n):
            if i == at:
                what()
            s += self.m(i) + self.m(i, y=i)
        return s


def gen(n):
    for i in range(n):
        yield i


def gen2(n):
    yield 'second'
    yield n


def attempt(label, fn, *a):
    try:
        print(label, fn(*a))
    except Exception as e:
        print(label, repr(e), tb(e))


ko = K()
s = 0
for k in range(1800):
    s += caller(6) + selfswap(8) + rec(10) + ko.loop(5)
    for v in gen(4):
        s += v
print(s)
orig = f.__code__
changes = [('defaults', lambda: setattr(f, '__defaults__', (0.5,))), ('defaults 2', lambda: setattr(f, '__defaults__', (7, 8))),
           ('no defaults', lambda: setattr(f, '__defaults__', None)), ('kwdefaults', lambda: setattr(f, '__kwdefaults__', {'k': 'kk'})),
           ('kwd mut', lambda: f.__kwdefaults__.update(k=2.5)), ('kwd del', lambda: f.__kwdefaults__.clear()), ('kwd none', lambda: setattr(f, '__kwdefaults__', None)),
           ('code g', lambda: setattr(f, '__code__', g.__code__)), ('code gg', lambda: setattr(f, '__code__', gg.__code__)),
           ('code locals', lambda: setattr(f, '__code__', nolocals.__code__)), ('lambda', lambda: setattr(f, '__code__', (lambda a, b=1, *, k: a / b).__code__)),
           ('gen', lambda: setattr(f, '__code__', gen.__code__)), ('replace', lambda: setattr(f, '__code__', orig.replace(co_consts=orig.co_consts, co_name='renamed'))),
           ('closure', lambda: setattr(f, '__code__', (lambda: (lambda q: lambda a: q)(1))().__code__)), ('bad', lambda: setattr(f, '__code__', 5)),
           ('bad d', lambda: setattr(f, '__defaults__', [1])), ('global', lambda: globals().__setitem__('f', g)), ('glob partial', lambda: globals().__setitem__('f', max))]
f_orig = f
for label, what in changes if RUN else changes[:1]:
    f = f_orig
    f.__code__, f.__defaults__, f.__kwdefaults__ = orig, (2,), {'k': 3}
    attempt(label, caller, 200 if RUN else 6, 190 if RUN else 4, what)
    attempt('   again', caller, 5)
    attempt('   direct', lambda: (f(1), f(1, k=5), f(1, 2, 3)))
f = f_orig
f.__code__, f.__defaults__, f.__kwdefaults__ = orig, (2,), {'k': 3}
if RUN:
    attempt('selfswap', selfswap, 200)
    attempt('selfswap', selfswap, 200)
    deep.append(rec2.__code__)
    attempt('rec', rec, 30)
    attempt('rec', rec, 30)
    for label, what in [('K.m default', lambda: setattr(K.m, '__defaults__', (0.25,))), ('K.m code', lambda: setattr(K.m, '__code__', (lambda self, x, y: x * 2.0).__code__)),
                        ('K.m new', lambda: setattr(K, 'm', lambda self, x, y='d': 1)), ('inst', lambda: setattr(ko, 'm', lambda x, y=5: y)),
                        ('static', lambda: (delattr(ko, 'm'), setattr(K, 'm', staticmethod(lambda x, y=7: x - y)))), ('gone', lambda: delattr(K, 'm'))]:
        attempt(label, ko.loop, 120, 110, what)
        attempt('   again', ko.loop, 4)
    it = gen(5)
    next(it)
    gen.__code__ = gen2.__code__
    print(list(it), list(gen(2)))
    w = weakref.ref(other.__code__)

    def tmp(n):
        s = 0
        for i in range(n):
            s += i
        if n == 77:
            tmp.__code__ = (lambda n: 'gone').__code__
            gc.collect()
        return s, sys._getframe().f_code.co_name
    for k in range(300):
        tmp(5)
    wt = weakref.ref(tmp.__code__)
    print(tmp(77), wt() is None, tmp(77))
