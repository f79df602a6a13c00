# closures: cells emptied and filled, shared between hot functions, nonlocal types changing, cell_contents written, late binding in loops
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']


def tb(e):
    return [(f.name, f.lineno, f.colno) for f in traceback.extract_tb(e.__traceback__)][1:]


def counter(start, step):
    n = start

    def inc(times):
        nonlocal n
        for _ in range(times):
            n += step
        return n

    def setn(v):
        nonlocal n
        n = v

    def deln():
        nonlocal n
        del n

    def setstep(v):
        nonlocal step
        step = v

    def both(times, at, act):
        nonlocal n
        t = 0
        for i in range(times):
            n += 1
            if i == at:
                act()
            t += n * step
        return t
    return inc, setn, deln, setstep, both


def late(n):
    fs = []
    for i in range(n):
        fs.append(lambda k: k + i)
        if i == 2:
            fs.append(lambda k, i=i: k * i)
    r = [f(1) for f in fs]
    i = 'late' if n > 50 else 10
    try:
        r += [f(1) for f in fs[-2:]]
    except TypeError as e:
        r.append(str(e))
    del i
    try:
        fs[0](1)
    except NameError as e:
        r.append(str(e))
    return r[-4:]


def param_cell(a, b=2, *args, **kw):
    def g():
        nonlocal a, b
        a += b
        b += 1
        return a, b, args, sorted(kw)
    for _ in range(3):
        g()
    return g()


def deep1(x):
    y = x + 1

    def deep2(z):
        w = y + z

        def deep3(q):
            nonlocal x, y, w
            x, y, w = x + q, y + x, w + y
            return x + y + w
        s = 0
        for i in range(4):
            s += deep3(i)
        return s, x, y, w
    return deep2


class A:
    def go(self, n):
        f = lambda: __class__.__name__ + type(self).__name__
        return [f() for _ in range(n)][-1], super().__repr__()[:10]


def comp_cells(n):
    fs = [(lambda: (j, n)) for j in range(n)]
    gs = [[lambda: (a, b) for b in range(2)] for a in range(2)]
    n += 1
    return [f() for f in fs][-1], [h() for g in gs for h in g]


def except_cell(n, v):
    got = []
    for i in range(n):
        try:
            100 // (v - i)
        except Exception as e:
            got.append(lambda: e)
    try:
        return len(got), got[0]() if got else None
    except NameError as x:
        return str(x)


def attempt(label, fn, *a):
    try:
        print(label, fn(*a))
    except Exception as e:
        print(label, repr(e), tb(e))


s = 0
for k in range(1200):
    inc, setn, deln, setstep, both = counter(0, 2)
    s += inc(6) + both(6, -1, None)
    s += param_cell(1)[0] + deep1(1)(2)[0] + comp_cells(3)[0][1]
    late(4), A().go(2), except_cell(3, 9)
print(s, late(4))
inc, setn, deln, setstep, both = counter(0, 1)
print(inc(1000), both(1000, -1, None))
for label, act in [('float', lambda: setn(0.5)), ('str', lambda: setn('s')), ('del', deln), ('step f', lambda: setstep(2.5)), ('step s', lambda: setstep('ab')),
                   ('big', lambda: setn(2 ** 63 - 1)), ('bool', lambda: setn(True)), ('none', lambda: setstep(None)), ('list', lambda: setn([1]))] if RUN else []:
    inc, setn, deln, setstep, both = counter(0, 1)
    attempt(label, both, 100, 95, act)
    attempt('   then', both, 3, -1, None)
    attempt('   inc', inc, 2)
if RUN:
    inc, setn, deln, setstep, both = counter(0, 1)
    cells = dict(zip(inc.__code__.co_freevars, inc.__closure__))
    attempt('contents', both, 50, 45, lambda: setattr(cells['n'], 'cell_contents', 1.25))
    attempt('contents', both, 50, 45, lambda: delattr(cells['step'], 'cell_contents'))
    attempt('contents', inc, 2)
    cells['step'].cell_contents = 'q'
    attempt('contents', inc, 2)
    print(cells['n'].cell_contents, both.__closure__[0] is cells['n'])
for a in [(60,), (0,), (1,), (3,)]:
    attempt('late', late, *a)
for a in [(1.5,), (1, 2.5), ('a', 'b'), (1, 2, 3), (2 ** 63, 2 ** 63)]:
    attempt('param', param_cell, *a)
for x, z in [(1.5, 2), (1, 'z'), (True, False), (2 ** 62, 2 ** 62)]:
    attempt('deep', lambda: deep1(x)(z))
attempt('comp', comp_cells, 3)
attempt('comp', comp_cells, 0)
attempt('exc', except_cell, 12, 9)
attempt('exc', except_cell, 2, 's')


class B(A):
    pass


attempt('A', B().go, 2)
__class__ = 3
attempt('A', A().go, 2)
attempt('A', A.go, 5, 2)
