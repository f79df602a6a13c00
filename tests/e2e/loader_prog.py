"""Functions whose native code test_loader_unit.c holds, written by hand."""

zero = 0


def total(n):
    s = 0
    i = 0
    while i < n:
        s += i
        i += 1
    return s


def leaf(n):
    return n + 1


def down(n):
    if n == 0:
        return 1 // zero
    return down(n - 1) + 1


def depth(n):
    if n == 0:
        return 0
    return depth(n - 1) + 1


def apply(f, n):
    s = 0
    for i in range(n):
        s += f(i)
    return s


def spin(n):
    i = 0
    while i < n:
        i += 1
    return i


def calls(f, n):
    s = 0
    for i in range(n):
        s += f(i)
    return s


def calls_try(f, n):
    s = 0
    for i in range(n):
        try:
            s += f(i)
        except ValueError:
            s += 1000
    return s


def gen_calls(f, n):
    s = 0
    for i in range(n):
        s += f(i)
    yield s


def accumulate(n):
    total = 0
    while total < n:
        total += yield total
    return total


def names(n):
    s = 0
    while n > 0:
        s += step
        n -= 1
    return s


class Point:
    def __init__(self, x):
        self.x = x

    def get(self):
        return self.x


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


def attrs(p):
    return p.x


def methods(p):
    return p.get()


step = 1
