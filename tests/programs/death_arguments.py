# profile-args: 300
# args: 300
# args: 300 float
# args: 300 deep
"""An argument dies where the callee lets go of it, however the call is made:
natively, from the interpreter, refused, with defaults, by name, by C code."""
import functools
import sys

N = int(sys.argv[1])
KIND = sys.argv[2] if len(sys.argv) > 2 else "int"
ONE = 1.0 if KIND == "float" else 1
LOG = []


class T:
    live = 0

    def __init__(self, name):
        self.name = name
        T.live += 1

    def __del__(self):
        T.live -= 1
        LOG.append(self.name)


def rebinds(x, k):
    x = k
    LOG.append(T.live)
    return x


def deletes(x, k):
    del x
    LOG.append(T.live)
    return k


def loops(x, k):
    for i in range(2):
        x = [x] if i == 0 else None
    LOG.append(T.live)
    return k


def keeps(x, k):
    y = T("local")
    LOG.append(T.live)
    return k


def pops(items, k):
    while items:
        items.pop()
        LOG.append(T.live)
    return k


def star(*args):
    args = None
    LOG.append(T.live)
    return 1


def defaults(x, k=2, *, name="n"):
    x = name
    LOG.append(T.live)
    return k


def walks(node, k):
    n = 0
    while node is not None:
        n += 1
        node = node[1]
    return n + k


class M:
    def __init__(self, v):
        v = None
        LOG.append(T.live)

    def method(self, v, k):
        v = self
        LOG.append(T.live)
        return k

    def drops_self(self, k):
        self = None
        LOG.append(T.live)
        return k


def calls(n):
    s = 0
    for i in range(n):
        s += rebinds(T("r"), ONE)
        s += deletes(T("d"), ONE)
        s += loops(T("l"), ONE)
        s += keeps(T("k"), ONE)
        s += pops([T("p0"), T("p1")], ONE)
        s += star(T("s"), T("t"))
        s += defaults(T("def"))
        s += defaults(T("defk"), k=3, name="m")
        s += walks((1, (2, (3, None))), ONE)
        s += M(T("init")).method(T("m"), ONE)
        s += M(None).drops_self(ONE)
        x = T("kept")
        s += rebinds(x, ONE)
        LOG.append("mine")
        x = None
        s += sum(map(rebinds, [T("map")], [ONE]))
        s += rebinds(*(T("tuple"), ONE))
        s += functools.partial(rebinds, k=ONE)(T("partial"))
        if len(LOG) > 400 and i < n - 1:
            del LOG[:]
    return s


def nested(n):
    """From one native function to the next."""

    def first(x, k):
        return second(x, k)

    def second(x, k):
        r = rebinds(x, k)
        x = None
        LOG.append("second")
        return r

    s = 0
    for i in range(n):
        s += first(T("n"), ONE)
    return s


if KIND == "deep":
    def deep(d):
        return calls(N) if d == 0 else deep(d - 1)
    print(deep(50))
else:
    print(calls(N))
print(len(LOG), LOG[:90])
print(LOG[-90:])
del LOG[:]
print(nested(N), LOG[-12:], T.live)


def twice(x, y, k):
    """The same object as two arguments: one may go, the other stays."""
    x = k
    LOG.append(T.live)
    return y.name


def pass_twice(n, f):
    s = 0
    for i in range(n):
        t = T("both")
        s += len(twice(t, t, ONE))
        t = None
        u = T("generic")
        s += len(f(u, u, ONE))
        u = None
    return s


del LOG[:]
print(pass_twice(N, twice), pass_twice(N, lambda a, b, c: twice(a, b, c)))
print(LOG[-24:], T.live)
