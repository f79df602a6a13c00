# RecursionError at exact depths in functions/methods/generators/closures with changed limits, going on afterwards
# args: run
# profile-args: train
import sys, traceback
RUN = sys.argv[1:] == ['run']
deepest = 0


def rec(n):
    global deepest
    deepest = n
    return 0 if n == 0 else 1 + rec(n - 1)


def down(n):
    global deepest
    deepest += 1
    return down(n + 1) + 1


class M:
    def __init__(self):
        self.d = 0

    def go(self, n):
        self.d += 1
        if n % 3 == 0:
            return self.go(n + 1)
        return helper(self, n + 1)

    @property
    def p(self):
        self.d += 1
        return self.p

    def __call__(self, n):
        self.d += 1
        return self(n + 1)


def helper(m, n):
    m.d += 1
    return m.go(n) + 1


def gen(n):
    global deepest
    deepest += 1
    yield n
    for v in gen(n + 1):
        yield v


def genfrom(n):
    global deepest
    deepest += 1
    yield n
    yield from genfrom(n + 1)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def depth_of(fn, *a):
    global deepest
    deepest = 0
    try:
        fn(*a)
    except RecursionError as e:
        k = 0
        t = e.__traceback__
        names = {}
        while t is not None:
            k += 1
            names[t.tb_frame.f_code.co_name] = names.get(t.tb_frame.f_code.co_name, 0) + 1
            t = t.tb_next
        return str(e), deepest, k, sorted(names.items())
    return 'fine', deepest


def handled(n, lim):
    # recursion with a handler in every level: unwinds one, tries again
    if lim[0] <= 0:
        return n
    try:
        return handled(n + 1, lim)
    except RecursionError:
        lim[0] -= 1
        return handled(n + 1, lim)
    finally:
        lim[1] += 1


def drain(g):
    c = 0
    for v in g:
        c = v
    return c


s = 0
for i in range(400):
    s += rec(20) + even(20) + odd(9)
    g = gen(0)
    h = genfrom(0)
    for _ in range(8):
        s += next(g) + next(h)
    s += handled(0, [0, 0])
    g.close(), h.close()
print(s)
base = sys.getrecursionlimit()
calls = [lambda m: m.go(0), lambda m: m.p, lambda m: m(0)]
if hasattr(sys, 'gettotalrefcount'):
    calls.pop()  # a debug build ends recursion through C at 500: a known limit
for lim in (base, 150, 500, 151, 90, base):
    sys.setrecursionlimit(lim)
    print(lim, depth_of(rec, 100000))
    print('  down', depth_of(down, 0))
    for call in calls:
        m = M()
        r = depth_of(call, m)
        print('  M', r[0], m.d, r[2:])
    print('  gen', depth_of(lambda: drain(gen(0))))
    print('  genfrom', depth_of(lambda: drain(genfrom(0))))
    print('  even', depth_of(even, 10 ** 6)[2], depth_of(odd, 10 ** 6)[2])
    st = [3, 0]
    print('  handled', handled(0, st), st)
    for n in range(lim - 12, lim + 1):
        try:
            print(rec(n), end=' ')
        except RecursionError as e:
            print('E%d' % deepest, end=' ')
    print()
if RUN:
    def lower(n):
        if n == 30:
            try:
                sys.setrecursionlimit(10)
            except RecursionError as e:
                print('lower', e)
            sys.setrecursionlimit(80)
        return lower(n + 1) if n < 200 else n
    print(depth_of(lower, 0))
    sys.setrecursionlimit(base)

    def rec(n):
        return [rec(n - 1) for _ in (0,)][0] + 1 if n else 0
    print(depth_of(rec, 10000)[2:])
    print(rec(100))
