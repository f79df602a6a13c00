"""Calls that leave parameters to their defaults, which may change."""
import traceback


def scale(x, factor=2.0, offset=1):
    return x * factor + offset


def pick(x, other=3.5):
    return other if x % 2 else x


def collect(x, into=[]):
    into.append(x)
    return len(into)


def text(x, suffix="!"):
    return len(str(x) + suffix)


def nothing(x, y=None):
    return x if y is None else y


class Account:
    rate = 0.5

    def __init__(self, start, limit=100):
        self.value = start
        self.limit = limit

    def add(self, amount, times=1, note=""):
        self.value += amount * times
        return self.value < self.limit

    def grow(self, by=0.25):
        self.value = self.value * (1 + by)
        return self.value


def plain(n):
    s = 0.0
    for i in range(n):
        s += scale(i) + scale(i, 3.0) + scale(i, offset=2) + scale(i, 1.5, 2)
    return s


def identity(n):
    same = 0
    default = pick.__defaults__[0]
    for i in range(n):
        same += pick(i) is default
    return same


def shared(n):
    total = 0
    for i in range(n):
        total += collect(i)
    return total


def kinds(n):
    total = 0
    for i in range(n):
        total += text(i) + nothing(i) + nothing(i, 2)
    return total


def methods(n):
    a = Account(1.0)
    ok = 0
    for i in range(n):
        ok += a.add(i) + a.add(1, 2) + a.add(1, note="x")
        if i % 10 == 0:
            a.grow()
    return ok, a.value, a.limit


def changed(n):
    s = 0
    for i in range(n):
        if i == n - 20:
            scale.__defaults__ = (10.0, 5)
        if i == n - 10:
            scale.__defaults__ = ("ab", "c")
            s += len(scale(2))
            scale.__defaults__ = (2.0, 1)
        s += scale(i)
    return s


def taken_away(n):
    s = 0
    try:
        for i in range(n):
            if i == 80:
                scale.__defaults__ = None
            s += scale(i)
    except TypeError as e:
        rows = traceback.extract_tb(e.__traceback__)
        return str(e), [(r.name, r.lineno) for r in rows], s
    finally:
        scale.__defaults__ = (2.0, 1)
    return s


def replaced_while_used(n):
    def inner(x, held=[1.5]):
        inner.__defaults__ = ([x * 1.0],)
        return held[0]

    s = 0
    for i in range(n):
        s += inner(i)
    return s


def recursive(n, depth=12):
    return n if depth == 0 else recursive(n + 1, depth - 1) + 1


for turn in range(4):
    print(plain(100), identity(100), shared(80), kinds(90), methods(90))
    print(changed(120), taken_away(100), replaced_while_used(80))
    print(sum(recursive(i) for i in range(30)), recursive(3, depth=2))
