"""Delegation: `yield from` and `await` through many frames, driven by send,
throw, close, next and for; what all of them see of each other."""
import gc
import inspect
import sys
import traceback
import types
import weakref


def leaf(n, log):
    got = 0
    x = 7
    for i in range(n):
        x = (x * 69069 + i) % 65537
        try:
            v = yield x
        except KeyError as error:
            log.append(("key", error.args, i))
            v = -1
        if v is not None:
            got += v
            x += v
    return got, x


def middle(n, log):
    r = yield from leaf(n, log)
    s = yield from leaf(n // 2, log)
    return r[0] + s[0], r[1] ^ s[1]


def outer(n, log, depth):
    if depth:
        return (yield from outer(n, log, depth - 1))
    return (yield from middle(n, log))


def drive(n, depth):
    log = []
    g = outer(n, log, depth)
    total = next(g)
    k = 0
    while True:
        k += 1
        try:
            if k % 97 == 0:
                total += g.throw(KeyError("k", k))
            elif k % 3 == 0:
                total += g.send(k)
            elif k % 5 == 0:
                total += g.__next__()
            else:
                total += next(g)
        except StopIteration as stop:
            return total, stop.value, log[-3:], len(log)


for depth in (0, 1, 5, 40):
    print(depth, drive(600, depth))


# ---- exceptions, with every frame on the way ----------------------------------

def fails(n):
    for i in range(n):
        yield 10 // (n - 1 - i)


def passes(n):
    try:
        yield from fails(n)
    finally:
        yield "finally"


def wraps(n):
    try:
        yield from passes(n)
    except ZeroDivisionError as error:
        yield "caught"
        raise ValueError("wrapped") from error


def show(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error, error.__cause__,
              [(f.name, f.lineno, f.colno)
               for f in traceback.extract_tb(error.__traceback__)])


for n in (3, 200, 400):
    show(lambda: list(wraps(n))[-3:])


# ---- closing, and what dies when ------------------------------------------------

class Noisy:
    def __init__(self, name, log):
        self.name = name
        self.log = log

    def __del__(self):
        self.log.append("del " + self.name)


def holder(n, log, name):
    keep = Noisy(name, log)
    try:
        for i in range(n):
            yield i * 3 % 11
        return keep.name
    finally:
        log.append("end " + name)


def two(n, log):
    a = yield from holder(n, log, "a")
    b = yield from holder(n, log, "b")
    log.append((a, b))
    return a + b


log = []
for r in range(30):
    g = two(10, log)
    for k in range(r):
        try:
            next(g)
        except StopIteration as stop:
            log.append(("stop", stop.value))
            break
    if r % 2:
        g.close()
    del g
print(len(log), log[-8:])


# ---- states that others can see ----------------------------------------------------

def states(g, inner):
    return (inspect.getgeneratorstate(g), g.gi_yieldfrom is inner,
            g.gi_running, g.gi_frame is not None and g.gi_frame.f_lineno)


def seen_from_inside(n, box):
    for i in range(n):
        f = sys._getframe()
        chain = []
        while f is not None and len(chain) < 5:
            chain.append((f.f_code.co_name, f.f_lineno))
            f = f.f_back
        box[:] = [box[0], chain, box[0].gi_running, box[0].gi_frame.f_lineno]
        yield i


def seen_through(g):
    yield from g


box = [None]
for start in range(3):
    inner = seen_from_inside(150, box)
    g = seen_through(inner)
    box[0] = g
    for k in range(150):
        next(g)
    print(box[1], box[2:], states(g, inner))
    try:
        next(g)
    except StopIteration:
        print(states(g, inner), inner.gi_frame)


def reentered(box):
    for i in range(200):
        yield i
        if i > 150:
            yield from box[0]


for trial in range(2):
    box = [None]
    box[0] = g = reentered(box)
    show(lambda: sum(g))


def shares(inner):
    yield from inner


# two that delegate to the same one
for trial in range(3):
    inner = leaf(200, [])
    a, b = shares(inner), shares(inner)
    total = 0
    for k in range(99):
        total += next(a) + next(b)
    inner.close()
    print(total, list(a), list(b))

# the inner one is exhausted by somebody else while the outer is suspended
inner = leaf(100, [])
g = shares(inner)
print(next(g), len(list(inner)), list(g))


# ---- coroutines ----------------------------------------------------------------------

@types.coroutine
def pause(x):
    return (yield x)


class Box:
    def __init__(self, n):
        self.n = n

    def __await__(self):
        got = 0
        for i in range(self.n):
            got += (yield i) or 0
        return got


async def work(k):
    t = 0
    for i in range(k % 7):
        t = t * 3 + i
    if k % 4 == 0:
        t += await pause(k)
    return t


async def chain(k, depth):
    if depth:
        return await chain(k, depth - 1) + 1
    return await work(k)


async def main(n):
    total = 0
    for k in range(n):
        total += await chain(k, k % 5)
        total += await Box(k % 3)
    return total


def run(coro, limit=10 ** 9):
    value = None
    steps = 0
    while steps < limit:
        steps += 1
        try:
            got = coro.send(value)
        except StopIteration as stop:
            return stop.value, steps
        value = got * 2 % 101
    return "unfinished", steps


print(run(main(500)))
print(run(main(500)))

coro = main(300)
run(coro, 150)
waiting = coro
names = []
while waiting is not None:
    names.append(type(waiting).__name__)
    waiting = getattr(waiting, "cr_await", None) or getattr(
        waiting, "gi_yieldfrom", None)
print(names, inspect.getcoroutinestate(coro))
show(lambda: run(chain_again(coro)))
show(lambda: coro.throw(LookupError("thrown")))
show(lambda: coro.send(None))


async def chain_again(coro):
    for k in range(200):
        await work(k * 4 + 1)
    return await coro

coro = main(100)
run(coro, 20)
show(lambda: run(chain_again(coro)))
coro.close()


async def bad(k):
    for i in range(300):
        await work(4 * i + 1)
    if k == 0:
        return await 3
    if k == 1:
        async for x in 4:
            pass
    if k == 2:
        async for x in BadIter():
            pass
    if k == 3:
        async with BadContext():
            pass


class BadIter:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 5


class BadContext:
    def __aenter__(self):
        return 6

    def __aexit__(self, *args):
        return 7


def not_a_coroutine():
    for i in range(300):
        yield i
    yield from work(3)


for k in range(4):
    show(lambda: run(bad(k)))
show(lambda: list(not_a_coroutine()))
gc.collect()

# started with a value
for make in (lambda: leaf(10, []), lambda: work(3)):
    g = make()
    show(lambda: g.send(5))
    g.close()


# ---- exceptions in flight are each one's own --------------------------------------------

def handles(n):
    for i in range(n):
        try:
            raise IndexError(i)
        except IndexError:
            got = yield sys.exception().args[0]
            if sys.exception().args[0] != i:
                print("lost")


def delegates(n):
    try:
        raise OSError("outer")
    except OSError:
        yield from handles(n)
        return str(sys.exception())


def collect(n):
    out = []
    g = delegates(n)
    try:
        raise MemoryError("driver")
    except MemoryError:
        while True:
            try:
                out.append(next(g))
            except StopIteration as stop:
                return sum(out), stop.value, str(sys.exception()), str(
                    stop.__context__)


print(collect(300))


# ---- deep ---------------------------------------------------------------------------------

def nest(depth, n):
    if depth == 0:
        for i in range(n):
            yield i
    else:
        yield from nest(depth - 1, n)


print(sum(nest(300, 200)))
sys.setrecursionlimit(400)
show(lambda: sum(nest(500, 3)))
sys.setrecursionlimit(8000)
print(sum(nest(6000, 5)))
sys.setrecursionlimit(1000)


class Node:
    def __init__(self, k, left, right):
        self.k, self.left, self.right = k, left, right


def build(lo, hi):
    if lo >= hi:
        return None
    m = (lo + hi) // 2
    return Node(m, build(lo, m), build(m + 1, hi))


def walk(t):
    if t is not None:
        yield from walk(t.left)
        yield t.k
        yield from walk(t.right)


tree = build(0, 700)
s = 0
for v in walk(tree):
    s = (s * 3 + v) % 1000003
print(s, sum(walk(tree)))

# gone in the middle, collected with a cycle
class Cycle:
    pass


c = Cycle()
c.gen = (lambda c: walk(tree))(c)
for k in range(200):
    next(c.gen)
c.self = c
ref = weakref.ref(c)
del c
gc.collect()
print(ref() is None)

# origins are tracked while asked for
sys.set_coroutine_origin_tracking_depth(2)
for k in range(200):
    coro = work(1)
    if k == 199:
        print([(o[1], o[2]) for o in coro.cr_origin])
    coro.close()
sys.set_coroutine_origin_tracking_depth(0)
