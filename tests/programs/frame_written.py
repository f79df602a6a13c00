# profile-args: 400 -1
# args: 400 -1
# args: 400 350
"""Callees and finalisers write the locals of the frame that is running: what
its operands and its stack hold stays alive, the new values are seen."""
import sys

N, WHEN = int(sys.argv[1]), int(sys.argv[2])
JUNK = []


class A:
    def __init__(self, n):
        self.n = n


def spoil(i, **new):
    """Replace locals of the caller, and fill the memory they had."""
    if i == WHEN:
        names = sys._getframe(1).f_locals
        for k, v in new.items():
            names[k] = v
        JUNK.extend(A(-k) for k in range(40))
        JUNK.extend([k] for k in range(40))
        JUNK.extend("x%d" % k for k in range(40))
    return 1


class Operand:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        if self.n == WHEN:
            names = sys._getframe(1).f_locals
            names["a"] = names["b"] = None
            JUNK.extend(A(-k) for k in range(40))
        return NotImplemented


class Right:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        return (type(other).__name__, other.n, self.n)


class Fin:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        if self.n == WHEN:
            names = sys._getframe(1).f_locals
            names["k"] = 1000
            names["items"] = ["other", 1]
            JUNK.extend([k] for k in range(40))


def operands(n):
    out = None
    for i in range(n):
        a = Operand(i)
        b = Right(i + 1)
        out = a + b
        if i == WHEN:
            print(out)
    return out


def under_a_call(n):
    s = 0
    for i in range(n):
        a = [i, i + 1]
        t = (a, "text %d" % i, spoil(i, a=["new"], s=s))
        s += t[0][0] + len(t[1]) + len(a)
    return s


def numbers(n):
    s = 0
    k = 1
    f = 0.5
    for i in range(n):
        x = f * i
        s += k + spoil(i, k=5, f=2.0, i=i) + x
    return s, k, f


def subscripted(n):
    s = 0
    items = [[1], [2]]
    for i in range(n):
        s += items[spoil(i, items=[[7], [8], [9]]) - 1][0] + len(items)
    return s


def finalised(n):
    k = 1
    s = 0
    items = [["a"], "b"]
    t = None
    for i in range(n):
        t = Fin(i)
        t = None
        s += k
        s += len(items[0])
    return s, items


def iterated(n):
    s = 0
    rows = [[1, 2, 3], [4, 5]]
    for i in range(n):
        for row in rows:
            for x in row:
                s += x + spoil(i, rows=[[0]], row=[9])
    return s, rows


def method(n):
    s = 0
    text = "abc"
    for i in range(n):
        s += len(text.replace("a", "b" * spoil(i, text="other")))
    return s, text


for f in (operands, under_a_call, numbers, subscripted, finalised, iterated,
          method):
    print(f.__name__, f(N))
