# f_lineno set by a trace function (jumps) and locals rewritten from it, in functions that ran hot before
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
out = []


def plain(n):
    t = 0
    for i in range(n):
        t += i
        t *= 2
        t -= i
    t += 1000
    t += 0.5
    return t


def branches(n):
    a = b = 0
    i = 0
    while i < n:
        i += 1
        if i & 1:
            a += i
        else:
            b += i
        a, b = b, a
    return a, b, i


def tries(n):
    s = []
    for i in range(n):
        try:
            s.append(1)
            s.append(10 // (i - 3))
        except ZeroDivisionError:
            s.append('z')
        finally:
            s.append('f')
    return len(s), s[-12:]


def gen(n):
    x = 0
    for i in range(n):
        x += i
        yield x
        x += 1
    yield 'end'


def first(fn):
    return fn.__code__.co_firstlineno


def jumper(fn, src, dst, nth=1, sets=None):
    """when line src (relative) is reached for the nth time, jump to dst"""
    state = [0]

    def local(frame, what, arg):
        if what == 'line' and frame.f_lineno - first(fn) == src:
            state[0] += 1
            if state[0] == nth:
                if sets:
                    for k, v in sets.items():
                        frame.f_locals[k] = v
                if dst is not None:
                    try:
                        frame.f_lineno = first(fn) + dst
                    except ValueError as e:
                        out.append(str(e))
        return local

    def glob(frame, what, arg):
        if frame.f_code is fn.__code__:
            return local
    return glob


def call(fn, *a):
    r = fn(*a)
    return r


def run(fn, arg, src, dst, nth=1, sets=None):
    sys.settrace(jumper(fn, src, dst, nth, sets))
    try:
        r = call(fn, arg)
        if hasattr(r, 'send'):
            r = list(r)
    except Exception as e:
        r = repr(e), [(f.name, f.lineno - first(fn)) for f in traceback.extract_tb(e.__traceback__)][2:]
    finally:
        sys.settrace(None)
    print(fn.__name__, arg, src, dst, nth, sets, r, out)
    del out[:]


s = 0
for k in range(1500):
    s += call(plain, 12) + sum(call(branches, 11)) + call(tries, 8)[0]
    for v in gen(5):
        if v != 'end':
            s += v
print(s)
jumps = [(plain, 6, 3, 6, 2), (plain, 6, 5, 3, 2), (plain, 6, 4, 7, 3), (plain, 6, 6, 1, 1), (plain, 6, 7, 3, 1), (plain, 6, 3, 8, 4),
         (plain, 6, 1, 8, 1), (branches, 7, 6, 8, 2), (branches, 7, 8, 6, 1), (branches, 7, 9, 4, 2), (branches, 7, 4, 10, 3),
         (branches, 7, 10, 4, 1), (tries, 6, 4, 5, 1), (tries, 6, 5, 9, 2), (tries, 6, 7, 9, 1), (tries, 6, 9, 4, 2), (tries, 6, 4, 7, 1),
         (tries, 6, 10, 3, 1), (gen, 4, 3, 5, 2), (gen, 4, 4, 6, 1), (gen, 4, 5, 3, 3), (gen, 4, 6, 4, 1), (plain, 6, 3, 0, 1), (plain, 6, 3, 99, 1),
         (tries, 6, 1, 4, 1)]
for j in jumps if RUN else jumps[:1]:
    run(*j)
sets = [(plain, 6, 4, None, 2, {'t': 'str'}), (plain, 6, 5, None, 2, {'t': 2.5, 'i': 100}), (plain, 6, 3, None, 3, {'t': 2 ** 63}),
        (plain, 6, 4, None, 1, {'t': [], 'i': 2}), (branches, 7, 6, None, 2, {'i': 0.5}), (branches, 7, 4, None, 2, {'n': 4}),
        (branches, 7, 9, None, 3, {'a': 'A', 'b': True}), (branches, 7, 8, None, 1, {'b': None}), (tries, 6, 5, None, 2, {'i': 3}),
        (tries, 6, 4, None, 2, {'s': bytearray()}), (gen, 4, 3, None, 2, {'x': 0.25, 'i': 'q'}), (gen, 4, 5, None, 2, {'x': 9})]
for j in sets if RUN else sets[:1]:
    run(*j)
print(call(plain, 12), call(branches, 11), call(tries, 8), list(gen(3)))
