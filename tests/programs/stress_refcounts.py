"""Refcounts of values that hot loops touch are balanced."""
import sys


class Thing:
    def __init__(self, v):
        self.v = v

    def get(self):
        return self.v


def read_all(things):
    total = 0
    for t in things:
        total += t.get()
    return total


def shuffle(values):
    for i in range(len(values)):
        j = i * 7 % len(values)
        values[i], values[j] = values[j], values[i]


def keep_last(values):
    last = None
    for v in values:
        last = v
    return last


def raise_in(values, at):
    for i, v in enumerate(values):
        w = v
        if i == at:
            raise ValueError(v)
    return w


def store(values, slots):
    for i in range(200):
        slots[i % 10] = values[i % len(values)]


def recurse(value, n):
    if n == 0:
        return value
    return recurse(value, n - 1)


things = [Thing(i) for i in range(100)]
floats = [i * 1.25 for i in range(50)]
marker = object()
slots = [None] * 10


def counts():
    return (sys.getrefcount(things[3]), sys.getrefcount(floats[7]),
            sys.getrefcount(Thing), sys.getrefcount(marker),
            sys.getrefcount(things), sys.getrefcount(Thing.get))


before = counts()
for _ in range(30):
    read_all(things)
    shuffle(floats)
    keep_last(things)
    keep_last(floats)
    recurse(marker, 20)
    try:
        raise_in(things, 60)
    except ValueError:
        pass
    store([marker, *floats], slots)
    slots[:] = [None] * 10
after = counts()
print(before == after, before, after)
deltas = set()
for i in range(200):
    x = [i]
    y = x
    z = (x, y)
    deltas.add(sys.getrefcount(x))
print(deltas)
print(recurse(marker, 100) is marker, sys.getrefcount(marker))
