"""Compiled for ints; run with floats, bools, big ints, strings and None.

The profiled run sees one kind of input, the others are met unprepared.
"""
# profile-args: int
# args: int
# args: float
# args: big
# args: bool
# args: str
# args: none
# args: class
import sys
import traceback


class Number(int):
    def __add__(self, other):
        return Number(int(self) + int(other) + 1000)


def make(kind, n):
    if kind == "int":
        return list(range(n))
    if kind == "float":
        return [i * 0.5 for i in range(n)]
    if kind == "big":
        return [i << 70 for i in range(n)]
    if kind == "bool":
        return [i % 2 == 0 for i in range(n)]
    if kind == "str":
        return [str(i) for i in range(n)]
    if kind == "class":
        return [Number(i) for i in range(n)]
    return [None] * n


def total(values):
    result = values[0]
    for v in values:
        result = result + v
    return result


def polynomial(x):
    return x * x * x + 2 * x - 1


def largest(values):
    best = values[0]
    at = 0
    i = 0
    while i < len(values):
        if values[i] > best:
            best = values[i]
            at = i
        i += 1
    return best, at


def index(values, table):
    hits = 0
    for v in values:
        if table[v] > 3:
            hits += 1
    return hits


values = make(sys.argv[1], 400)
table = list(range(400))
for function in (total, largest,
                 lambda vs: sum(polynomial(v) for v in vs),
                 lambda vs: index(vs, table)):
    for _ in range(3):
        try:
            result = function(values)
            print(type(result).__name__, str(result)[:70])
        except Exception:
            traceback.print_exc()
            break
