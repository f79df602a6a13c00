"""Slices that are filled with one value, and lengths of slices and ranges."""
import builtins
import sys
import traceback


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name, len(watched))


class Row(list):
    def __setitem__(self, where, what):
        print("set", where, len(what))
        list.__setitem__(self, where, what)


watched = []


def sieve(n):
    prime = [True] * n
    prime[0:2] = [False, False]
    for i in range(2, int(n ** 0.5) + 1):
        if prime[i]:
            prime[i * i::i] = [False] * len(prime[i * i::i])
    return [i for i in range(n) if prime[i]]


def sieve_of_ranges(n):
    prime = [1] * (n + 1)
    for i in range(2, int(n ** 0.5) + 1):
        if prime[i]:
            prime[i * i:n + 1:i] = [0] * len(range(i * i, n + 1, i))
    return sum(prime)


def sieve_by_counting(n):
    prime = [True] * n
    i = 2
    while i * i < n:
        if prime[i]:
            prime[i * i::i] = [False] * ((n - i * i - 1) // i + 1)
        i += 1
    return [i for i, p in enumerate(prime) if p][2:]


def odd_sieve(n):
    flags = [True] * (n // 2)
    for i in range(3, int(n ** 0.5) + 1, 2):
        if flags[i // 2]:
            flags[i * i // 2::i] = [False] * ((n - i * i - 1) // (2 * i) + 1)
    return [2] + [2 * i + 1 for i in range(1, n // 2) if flags[i]]


def fill(xs, start, stop, step, n, value):
    xs[start:stop:step] = [value] * n
    return xs


def fill_many(xs, shapes):
    for start, step, n in shapes:
        xs[start::step] = [7] * n
    return xs


def fill_big(xs, turns):
    for i in range(1, turns):
        big = i * 1000
        xs[::i] = [big] * len(xs[::i])
    return xs, sys.getrefcount(xs[0]) - 2 - xs.count(xs[0])


def fill_odd_step(xs, k):
    for i in range(1, 60):
        xs[i * k::2] = [i * k] * len(xs[i * k::2])
    return xs


def lengths(x, n):
    total = []
    for i in range(n):
        total.append(len(x[i::3]) + 1000 * len(x[:i]) + 100000 * len(x[-i:n]))
    return total[-3:], sum(total)


def range_lengths(a, b, steps):
    out = []
    for s in steps:
        out.append(len(range(a, b, s)) + len(range(a, b)) + len(range(b)))
    return out


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for entry in traceback.extract_tb(e.__traceback__):
            print("  ", entry.name, entry.lineno, entry.colno, entry.end_colno, entry.line)


for turn in range(40):
    p = sieve(200), sieve_of_ranges(200), sieve_by_counting(200), odd_sieve(200)
    q = fill_many([0] * 40, ((1, 2, 20), (3, 5, 8), (0, 1, 40), (-4, 2, 2), (99, 3, 0)))
    r = lengths([1] * 50, 60), lengths((1,) * 50, 60), lengths("a\u00e9\u65e5" * 20, 60)
    s = lengths(b"bytes" * 9, 40), lengths(bytearray(b"bytes" * 9), 40)
    t = range_lengths(3, 50, (1, 2, 3, -1)), range_lengths(0, -5, (1, -2, 7))
    for step in (2, 3, 5):
        u = fill([0] * 30, turn % 4, None, step, len(range(turn % 4, 30, step)), "x")
print(p, q, r, s, t, u)
print(fill_big([0] * 24, 9), fill_odd_step([0] * 20, 1), fill_odd_step([0] * 20, -1))
print(fill_odd_step([0] * 20, True), lengths(range(50), 60))
print(fill([1, 2, 3, 4], None, None, 1, 2, 0), fill([1, 2, 3, 4], 1, 1, 1, 3, 0))
print(fill([1, 2, 3, 4], None, None, -1, 4, 0), fill([1, 2, 3, 4], 3, None, -2, 2, 0))
print(fill([1, 2, 3, 4], None, None, None, 9, 0), fill(Row([1, 2, 3]), 0, None, 2, 2, 5))
print(fill([1, 2, 3, 4], 1, -1, 2, -5 + 6, [0]), fill([1, 2], 2 ** 70, None, 2, 0, 5))
attempt(fill, [1, 2, 3, 4], 0, None, 2, 3, 0)
attempt(fill, [1, 2, 3, 4], 0, None, 0, 3, 0)
attempt(fill, [1, 2, 3, 4], 0, None, 2, -1, 0)
attempt(fill, (1, 2, 3, 4), 0, None, 2, 2, 0)
attempt(fill, [1, 2, 3, 4], 0.5, None, 2, 2, 0)
attempt(fill, [1, 2, 3, 4], 0, None, 2, "2", 0)
attempt(fill_many, [0] * 9, ((0, 2, 5), (1, 2, 4), (1, 2, 5)))
attempt(fill_many, [0] * 9, ((0, 2, 5), (1, 2 ** 80, 1)))
attempt(range_lengths, 0, 5, (1, 0))
attempt(range_lengths, 0, 2 ** 70, (1,))
attempt(lengths, {1: 2}, 5)
attempt(lengths, 5, 5)

for turn in range(3):
    watched = [Noisy(f"{turn}.{i}") for i in range(5)]
    watched[1::2] = [None] * len(watched[1::2])
    print("filled", [w is None for w in watched])
    fill(watched, 0, None, 2, 3, 0)
    print("filled", watched)

real = builtins.len
builtins.len = lambda x: 1
print(lengths([1] * 50, 60), range_lengths(0, 9, (1, 2)))
builtins.len = real
print(lengths([1] * 50, 60), range_lengths(0, 9, (1, 2)))
