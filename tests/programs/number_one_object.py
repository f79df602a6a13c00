# profile-args: 300 0.5
# args: 300 0.5
# args: 300 inf
"""One computed number is one object, wherever it goes."""
import copy
import pickle
import sys

N, X = int(sys.argv[1]), float(sys.argv[2])


class P:
    def __init__(self, a, b):
        self.a = a
        self.b = b


class S:
    __slots__ = ("a", "b")


def in_list(n, x):
    h = 0
    for i in range(n):
        v = x * i - x
        pair = [v, v]
        h += (pair[0] is pair[1]) + (v in pair) + pair.count(v) + (pair == [v, v])
    return h


def in_tuple_and_dict(n, x):
    h = 0
    for i in range(n):
        v = x - x * i
        t = (v, i, v)
        d = {"v": v, v: i}
        h += (t[0] is t[2]) + (d["v"] is t[0]) + (v in d)
    return h


def copies(n, x):
    h = 0
    a = b = c = 0.0
    out = []
    for i in range(n):
        a = b = x * i + 0.25
        c = a
        out.append(a)
        out.append(b)
        out.append(c)
    for i in range(0, len(out), 3):
        h += (out[i] is out[i + 1]) + (out[i + 1] is out[i + 2])
    return h, len(pickle.dumps(out))


def across_branches(n, x):
    h = 0
    for i in range(n):
        v = x + i * 3
        w = v
        if i & 1:
            u = v
        else:
            u = w
        for k in range(2):
            h += k
        store = [u]
        store.append(v)
        store.append(w)
        h += (store[0] is store[1]) + (store[1] is store[2])
    return h


def attributes(n, x):
    h = 0
    p, s = P(0, 0), S()
    for i in range(n):
        v = x * 2 + i
        p.a = v
        p.b = v
        s.a = v
        s.b = p.b
        q = P(v, v)
        h += (p.a is p.b) + (s.a is p.a) + (s.b is s.a) + (q.a is q.b)
    return h, p.a is s.a


def integers(n):
    h = 0
    table = {}
    items = [0, 0]
    for i in range(n):
        v = i * 1000003 + 100000
        items[0] = v
        items[1] = v
        table[i & 7] = v
        h += (items[0] is items[1]) + (table[i & 7] is items[0])
    return h


def same(a, b):
    return a is b


def passed(n, x):
    h = 0
    for i in range(n):
        v = x + i
        h += same(v, v) + same(x=v, y=v) if False else same(v, v)
        w = v + 0.0
        h += same(v, w)
    return h


def closures(n, x):
    h = 0
    for i in range(n):
        v = x * i

        def get():
            return v
        h += get() is v
    return h


def yields(n, x):
    for i in range(n):
        v = x * i + 1.5
        yield v
        yield v


def drawn(n, x):
    h = 0
    last = None
    for v in yields(n, x):
        h += v is last
        last = v
    return h


def constants(n):
    h = 0
    out = []
    for i in range(n):
        v = 1.5
        out.append(v)
    first = out[0]
    for v in out:
        h += v is first
    p = P(2.5, 2.5)
    for i in range(n):
        p.a = 2.5
        p.b = 2.5
        h += p.a is p.b
    return h


def copied(n, x):
    h = 0
    for i in range(n):
        v = x * i
        c = copy.copy([v, v])
        h += c[0] is c[1]
    return h


print(in_list(N, X), in_tuple_and_dict(N, X))
print(copies(N, X), across_branches(N, X))
print(attributes(N, X), integers(N), passed(N, X))
print(closures(N, X), drawn(N, X), constants(N), copied(N, X))
