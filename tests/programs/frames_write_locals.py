"""A callee writes its caller's locals through f_locals (3.13 semantics)."""
import sys


def poke(name, value):
    sys._getframe(1).f_locals[name] = value


def run(n):
    total = 0
    step = 1
    for i in range(n):
        total += step
        if i == 100:
            poke("step", 10)
        if i == 150:
            poke("step", 0.5)
        if i == 180:
            poke("total", 0)
    return total, step


def skip(n):
    i = 0
    rounds = 0
    while i < n:
        i += 1
        rounds += 1
        if rounds == 60:
            poke("i", n - 5)
    return rounds, i


def snapshot(n):
    keep = None
    x = 0
    for x in range(n):
        if x == 50:
            keep = sys._getframe().f_locals
    return keep["x"], keep["n"], sorted(keep)


def closure(n):
    cell = 1

    def read():
        return cell

    total = 0
    for i in range(n):
        total += read()
        if i == 70:
            poke("cell", 100)
    return total


def strings(n):
    total = 0
    for i in range(n):
        total = total + 1
        if i == n - 2:
            poke("total", "s")
    return total


print(run(200), skip(1000), snapshot(100), closure(100))
try:
    strings(100)
except TypeError as error:
    print(error)


def with_locals(n):
    a = 1
    for i in range(n):
        a += i
        d = locals()
        d["a"] = -1
    return a, d["a"], d["i"]


print(with_locals(200))
