# unbound locals by del, loops without a turn, match captures, except variables, class bodies, globals/builtins gone
# args: run
# profile-args: train
import sys, traceback, builtins
RUN = sys.argv[1:] == ['run']
G1 = 5
G2 = 2.5


def tb(e):
    return [(f.name, f.lineno, f.colno, f.end_colno) for f in traceback.extract_tb(e.__traceback__)][1:]


def noturn(xs, ys):
    for a in xs:
        for b in ys:
            c = a * b
        d = a + c
    return a, b, c, d


def dele(n, k):
    t = 0
    x = 1
    for i in range(n):
        if i == k:
            del x
        t += x
        if i == k - 1:
            x = i * 0.5
        else:
            x = i
    return t, x


def delredo(n, k):
    t = 0
    for i in range(n):
        v = i + 1
        try:
            if i >= k:
                del v
            t += v
        except UnboundLocalError as e:
            t += 1000
            last = str(e), e.name if hasattr(e, 'name') else None
        try:
            del v
        except UnboundLocalError as e:
            t += 100000
    return t, last


def matchcap(v):
    match v:
        case [p, q] if p > q:
            r = p - q
        case {'k': p, **rest}:
            r = len(rest)
        case int(p) | [p]:
            r = 1
        case str():
            pass
    return p, r


def whilecap(n):
    while (m := n - 1) > 0:
        n = m
        z = n * 2
    return m, z


def globs(n):
    s = 0
    for i in range(n):
        s += G1 * i + abs(G2)
        if i == n - 2 and n > 50:
            hook()
    return s


def hook():
    global G1
    del G1


def withcap(n, fail):
    class C:
        def __enter__(self):
            if fail:
                raise KeyError('in')
            return n

        def __exit__(self, *a):
            return True
    try:
        with C() as h:
            pass
    except KeyError:
        pass
    return h + 1


def free_outer(n, cut):
    v = 1

    def inner():
        return v + 1
    t = 0
    for i in range(n):
        if i == cut:
            del v
        t += inner()
    return t


def tryit(fn, *a):
    try:
        print(fn.__name__, a, '->', fn(*a))
    except Exception as e:
        fr = e.__traceback__.tb_next.tb_frame
        print(fn.__name__, a, type(e).__name__, e, e.name if isinstance(e, NameError) else '', tb(e),
              sorted((k, type(v).__name__) for k, v in fr.f_locals.items()))


acc = 0
for i in range(2500):
    acc += sum(noturn((1, 2), (3, 4))) + dele(5, 9)[0] + matchcap([i, 1])[1] * (i > 1) if i > 1 else 0
    acc += sum(whilecap(4)) + globs(6) + withcap(1, False) + free_outer(4, 99)
print(acc, delredo(6, 4))
for a in [((1,), (2,)), ((), (2,)), ((1,), ()), ((1.5, 2), [3]), ('ab', (1, 2)), ((1, 's'), (2,))]:
    tryit(noturn, *a)
for a in [(5, 2), (5, 0), (5, 4), (5, 1)]:
    tryit(dele, *a)
for a in [(6, 2), (600, 599), (600, 2)]:
    tryit(delredo, *a)
for v in [[3, 1], [1, 3], [1], 5, 'str', {'k': 1, 'j': 2}, {}, [1.5, 1], ['b', 'a'], True, [[], []], [1, 'a']]:
    tryit(matchcap, v)
for v in [4, 1, 0, 2.5, 2 ** 3]:
    tryit(whilecap, v)
tryit(withcap, 2, True)
tryit(withcap, 's', False)
tryit(free_outer, 5, 3)
tryit(free_outer, 5, 0)
tryit(globs, 60)
tryit(globs, 6)
G1 = 2 ** 40
tryit(globs, 6)
if RUN:
    keep = builtins.abs
    del builtins.abs
    tryit(globs, 6)
    abs = lambda v: 'x'
    tryit(globs, 6)
    del abs
    builtins.abs = lambda v: v + 100
    tryit(globs, 6)
    builtins.abs = keep
    del G2
    tryit(globs, 6)
    builtins.G2 = -7
    tryit(globs, 6)
