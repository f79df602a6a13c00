# generator frames looked at and written to from outside: gi_frame.f_locals, f_lineno, gi_yieldfrom, gi_running, f_back
# args: run
# profile-args: train
import sys, traceback, types
RUN = sys.argv[1:] == ['run']


def count(n, step):
    i = 0
    total = 0
    while i < n:
        total = total + i * step
        yield total
        i += 1
    return total, i, step


def outer(n):
    acc = 0
    inner = count(n, 2)
    res = yield from inner
    acc += res[0]
    for v in [x * acc for x in range(3)]:
        yield v
    return acc


def closure_gen(n):
    k = 1

    def bump():
        nonlocal k
        k += 1
        return k
    for i in range(n):
        yield k + bump() + i


def look(g):
    f = g.gi_frame
    if f is None:
        return 'done', g.gi_running, g.gi_suspended, g.gi_yieldfrom
    return (f.f_lineno, f.f_lasti, f.f_back, g.gi_running, g.gi_suspended, getattr(g.gi_yieldfrom, '__name__', None),
            {k: (v if not isinstance(v, (types.GeneratorType, types.FunctionType)) else v.__name__) for k, v in f.f_locals.items()})


def consume(g):
    s = 0
    for v in g:
        s += v
    return s


def from_inside():
    f = sys._getframe(1)
    out = []
    while f is not None and f.f_code.co_name != '<module>':
        out.append((f.f_code.co_name, f.f_lineno))
        f = f.f_back
    return out


def spy(n):
    for i in range(n):
        if i == n - 1 and n > 20:
            yield from_inside()
        yield i


def chain3(n):
    yield from spy(n)


def mid(n):
    for v in chain3(n):
        yield v


def last(n):
    r = None
    for r in mid(n):
        if type(r) is list:
            break
    return r


s = 0
for k in range(1500):
    s += consume(count(8, 3)) + consume(outer(5)) + consume(closure_gen(4)) + last(6)
print(s)
print(last(25))
for setter in [dict(i=5), dict(total=0.5), dict(step='ab'), dict(i=2 ** 64), dict(n=3), dict(i=True, step=None), dict(total=[]), dict(new=1)]:
    g = count(8, 3)
    for _ in range(3):
        next(g)
    a = look(g)
    fr = g.gi_frame
    try:
        for k, v in setter.items():
            fr.f_locals[k] = v
        b = look(g)
        r = []
        for v in g:
            r.append(v)
            if len(r) > 6:
                break
        print(setter, a, b, r, look(g))
    except Exception as e:
        print(setter, type(e).__name__, e, [(x.name, x.lineno, x.colno) for x in traceback.extract_tb(e.__traceback__)], look(g))
    print('   after', g.gi_frame is None, sorted(fr.f_locals.items(), key=str))
g = outer(4)
print(look(g))
while True:
    try:
        v = next(g)
    except StopIteration as e:
        print('value', e.value)
        break
    print(v, look(g), look(g.gi_frame.f_locals['inner']) if 'inner' in g.gi_frame.f_locals else '')
    if RUN and v == 6:
        g.gi_frame.f_locals['inner'].gi_frame.f_locals['step'] = 10
        g.gi_frame.f_locals['acc'] = 0.25
g = closure_gen(5)
next(g)
g.gi_frame.f_locals['k'] = 100 if RUN else 2
print(next(g), g.gi_frame.f_locals['k'], g.gi_frame.f_locals['bump'](), next(g))
g.gi_frame.f_locals['bump'] = lambda: 0.5
print(next(g), look(g)[6]['k'])
g.gi_frame.f_locals['k'] = 's'
try:
    next(g)
except TypeError as e:
    print(e, look(g))
g = count(3, 1)
fr = g.gi_frame
print(fr.f_lineno, fr.f_lasti, dict(fr.f_locals))
fr.f_locals['n'] = 1
print(list(g), dict(fr.f_locals), fr.f_lineno)
g = count(5, 1)
next(g)
try:
    g.gi_frame.clear()
    print('cleared', look(g), list(g))
except RuntimeError as e:
    print(e, list(g))
