"""divmod of ints, floats and bools, taken apart at once or kept."""
import builtins
import traceback


def digits(n, base):
    out = []
    while n:
        n, d = divmod(n, base)
        out.append(d)
    return out


def both(pairs):
    out = []
    for a, b in pairs:
        q, r = divmod(a, b)
        out.append((q, r))
    return out


def kept(pairs):
    out = []
    for a, b in pairs:
        out.append(divmod(a, b))
    return out


def clock(seconds):
    total = 0
    for s in seconds:
        m, s = divmod(s, 60)
        h, m = divmod(m, 60)
        total += h * 10000 + m * 100 + s
    return total


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for entry in traceback.extract_tb(e.__traceback__):
            print("  ", entry.name, entry.lineno, entry.colno, entry.end_colno)


ints = [(a, b) for a in (-7, -1, 0, 1, 7, 2 ** 40, -2 ** 63, 2 ** 63 - 1) for b in (-3, -1, 1, 2, 10 ** 9)]
floats = [(a, b) for a in (-7.5, -0.0, 0.0, 1.0, 7.25, 1e300, float("inf"), float("nan"))
          for b in (-3.0, 0.5, 2.0, float("inf"))]
for turn in range(20):
    a = digits(10 ** 15 + 7, 7), both(ints), kept(ints), clock(range(0, 90000, 700))
    b = both(floats), kept(floats), both([(7, 0.5), (True, 2), (5.5, 2), (False, True)] * 9)
print(a, b, sep="\n")
print(both([(2 ** 80, 7), (7, 2 ** 80), (True, True), (1 + 0.0, 3)]), type(divmod(True, True)[0]))
attempt(both, [(1, 1), (1, 0)])
attempt(both, [(1.0, 1), (1.0, 0.0)])
attempt(kept, [(1, 1), (1, 0)])
attempt(kept, [(1.0, 2.0), ("a", 1)])
real = builtins.divmod
builtins.divmod = lambda a, b: (a, b)
print(both([(7, 2)]), digits(0, 10))
builtins.divmod = real
print(both([(7, 2)]))
