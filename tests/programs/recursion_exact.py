"""RecursionError comes at the same level, with the same traceback, however
deep calls go: through functions with and without frames, C code, generators,
classes, properties, operators, with limits that change."""
import functools
import sys


def where(error):
    """Depth and last lines of a traceback."""
    rows, tb = [], error.__traceback__
    while tb is not None:
        code = tb.tb_frame.f_code
        position = list(code.co_positions())[tb.tb_lasti // 2]
        rows.append(f"{code.co_name}:{tb.tb_lineno}:{position[2:]}")
        tb = tb.tb_next
    return len(rows), rows[-3:]


deepest = 0


def note(n):
    global deepest
    deepest = n


def leaf(x):
    return x * 2 + 1


def plain(n):
    note(n)
    return plain(n + 1) + 1


def frameless(n, stop):
    if n == stop:
        return 0
    return frameless(n + 1, stop) + 1


def frameless_float(x, stop):
    if x >= stop:
        return 0.5
    return frameless_float(x + 1.0, stop) * 0.5


def even(n, stop):
    return 1 if n == stop else odd(n + 1, stop)


def odd(n, stop):
    return 0 if n == stop else even(n + 1, stop)


def with_leaf(n, stop):
    """The level below the limit has room for one call more."""
    if n == stop:
        return leaf(n)
    return with_leaf(n + 1, stop) + leaf(n)


def looping(n, stop):
    total = 0
    for i in range(2):
        if i == 1 and n < stop:
            total += looping(n + 1, stop)
        total += leaf(i)
    return total


def by_sorted(n, stop):
    if n >= stop:
        return n
    return sorted([n + 1], key=lambda x: by_sorted(x, stop))[0]


def by_map(n, stop):
    if n >= stop:
        return n
    for x in map(by_map, [n + 1], [stop]):
        return x


def by_partial(n, stop):
    if n >= stop:
        return n
    return functools.partial(by_partial, n + 1)(stop)


def by_variable(f, n, stop):
    if n >= stop:
        return leaf(n)
    return f(f, n + 1, stop)


def generated(n, stop):
    yield n
    if n < stop:
        yield from generated(n + 1, stop)


def looped(n, stop):
    if n < stop:
        for x in looped(n + 1, stop):
            yield x + 1
    yield 1


def summed(n, stop):
    if n < stop:
        yield sum(summed(n + 1, stop))
    yield 1


async def awaited(n, stop):
    if n < stop:
        return await awaited(n + 1, stop) + 1
    return leaf(n)


def run(n, stop):
    try:
        awaited(n, stop).send(None)
    except StopIteration as end:
        return end.value


class Chain:
    def __init__(self, n, stop):
        self.n = n
        self.next = Chain(n + 1, stop) if n < stop else None


class Pair:
    def __init__(self, n):
        self.n = n
        self.twice = leaf(n)


def making(n, stop):
    p = Pair(n)
    if n < stop:
        return making(n + 1, stop) + p.twice
    return p.n


class Node:
    __slots__ = ("n", "stop")

    def __init__(self, n, stop):
        self.n = n
        self.stop = stop

    @property
    def below(self):
        if self.n < self.stop:
            return Node(self.n + 1, self.stop).below + 1
        return leaf(self.n)

    def method(self, k):
        if self.n < self.stop:
            self.n += 1
            return self.method(k) + k
        return leaf(self.n)

    def __add__(self, k):
        if self.n < self.stop:
            return Node(self.n + 1, self.stop) + k
        return leaf(self.n)

    def __getitem__(self, k):
        if self.n < self.stop:
            return Node(self.n + 1, self.stop)[k] + 1
        return leaf(self.n)

    def __eq__(self, other):
        if self.n < self.stop:
            return Node(self.n + 1, self.stop) == other
        return leaf(self.n) == other

    def __len__(self):
        if self.n < self.stop:
            return len(Node(self.n + 1, self.stop)) + 1
        return 1

    def __call__(self, k):
        if self.n < self.stop:
            return Node(self.n + 1, self.stop)(k) + 1
        return leaf(self.n)

    def __iter__(self):
        if self.n < self.stop:
            yield from Node(self.n + 1, self.stop)
        yield self.n


def property_(n, stop):
    return Node(n, stop).below


def method(n, stop):
    return Node(n, stop).method(1)


def add(n, stop):
    return Node(n, stop) + 1


def getitem(n, stop):
    return Node(n, stop)[1]


def equal(n, stop):
    return Node(n, stop) == 3


def length(n, stop):
    return len(Node(n, stop))


def call(n, stop):
    return Node(n, stop)(2)


def iterate(n, stop):
    total = 0
    for x in Node(n, stop):
        total += x
    return total


def init(n, stop):
    return Chain(n, stop).n


def variable(n, stop):
    return by_variable(by_variable, n, stop)


def sum_generated(n, stop):
    return sum(generated(n, stop))


def sum_looped(n, stop):
    return sum(looped(n, stop))


def sum_summed(n, stop):
    return sum(summed(n, stop))


KINDS = [frameless, frameless_float, even, with_leaf, looping, by_sorted,
         by_map, by_partial, variable, sum_generated, sum_looped, sum_summed,
         run, init, making, property_, method, add, getitem, equal, length,
         call, iterate]
if hasattr(sys, "gettotalrefcount"):
    # A debug build ends recursion through C at 500, and native code does not
    # recurse in C: a known limit.
    for kind in (by_sorted, by_map, by_partial, sum_summed, add, equal,
                 length, call):
        KINDS.remove(kind)


def deepest_stop(kind):
    """The deepest recursion there is room for, and what the next one
    raises."""
    low, high = 1, 1500
    while low < high:
        stop = (low + high + 1) // 2
        try:
            kind(0, stop)
        except RecursionError:
            high = stop - 1
        else:
            low = stop
    # The interpreter's call of a class takes two levels, but one where its stack
    # of frames goes on in another piece of memory: so the end is not exact.
    loose = kind is init
    for stop in range(low + 1, low + (12 if loose else 2)):
        try:
            kind(0, stop)
        except RecursionError as error:
            if loose:
                limit = sys.getrecursionlimit()
                return limit * 0.48 < low + 6 < limit * 0.52, str(error)
            return low, str(error), where(error)
    return low, "no error"


for kind in KINDS:
    for _ in range(150):
        kind(0, 5)
for limit in (1000, 300, 301, 150, 700):
    sys.setrecursionlimit(limit)
    for kind in KINDS:
        print(limit, kind.__name__, deepest_stop(kind))
    try:
        plain(0)
    except RecursionError as error:
        print(limit, "plain", deepest, where(error))


def changing(n, stop):
    """The limit changes on the way down."""
    if n == 20:
        sys.setrecursionlimit(200)
    if n == 60:
        sys.setrecursionlimit(260)
    if n < stop:
        return changing(n + 1, stop) + frameless(0, 3)
    return 0


for _ in range(100):
    changing(0, 10)
print(deepest_stop(changing))
sys.setrecursionlimit(1000)


def handled(n):
    """Each level catches, and calls again where there is little room."""
    try:
        return handled(n + 1)
    except RecursionError:
        try:
            return n, frameless(0, 1), with_leaf(0, 2)
        except RecursionError:
            raise


for _ in range(20):
    sys.setrecursionlimit(120)
    print(handled(0))
