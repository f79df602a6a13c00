"""Functions called through variables: other functions, other code, errors."""
import sys
import traceback


def square(x):
    return x * x


def half(x):
    return x / 2


def third(x, y=3):
    return x / y


def fails(x):
    if x > 60:
        raise ValueError(f"too big: {x}")
    return x


def total(f, n):
    s = 0.0
    for i in range(n):
        s += f(i * 1.0)
    return s


def alternating(fs, n):
    s = 0.0
    for i in range(n):
        f = fs[i % len(fs)]
        s += f(i + 0.5)
    return s


def changing(n):
    f = square
    s = 0
    for i in range(n):
        if i == n - 10:
            f.__code__ = half.__code__
        s += f(i)
    f.__code__ = saved
    return s


def made(n):
    s = 0
    for i in range(n):
        f = lambda x: x + 1
        s += f(i)
    return s


def closures(n):
    s = 0
    for i in range(n):
        def f(x, k=i):
            return x + k
        s += f(i)
    return s


def twice(f, x):
    return f(f(x))


def nested(n):
    s = 0.0
    for i in range(n):
        s += twice(square, i * 0.01)
    return s


def error(f, n):
    try:
        total(f, n)
    except (ValueError, TypeError, ZeroDivisionError) as e:
        rows = traceback.extract_tb(e.__traceback__)
        return str(e), [(r.name, r.lineno, r.colno) for r in rows]
    return None


def deep(f, n):
    return 0 if n == 0 else 1 + f(f, n - 1)


class Callable:
    def __call__(self, x):
        return x + 100

    def method(self, x):
        return x + 200


def watched(f, n):
    calls = []
    s = 0
    for i in range(n):
        if i == 70:
            sys.setprofile(lambda frame, event, arg: calls.append(event))
        s += f(i)
        if i == 75:
            sys.setprofile(None)
    return s, len(calls), calls[:4]


saved = square.__code__
for turn in range(4):
    print(total(square, 100), total(half, 100), total(third, 100), total(abs, 100))
    print(total(Callable(), 90), total(Callable().method, 90), total(lambda x: x - 1, 90))
    print(alternating([square], 80), alternating([square, half], 90),
          alternating([square, half, abs, Callable()], 90))
    print(changing(100), made(100), closures(80), nested(90))
    print(error(fails, 50), error(fails, 100), error(None, 3), error(lambda: 1, 3))
    print(error(lambda x: 1 / (x - 80), 100))
    print(deep(deep, 50), watched(square, 90))
    third.__defaults__ = (turn + 4,)
try:
    deep(deep, 10 ** 6)
except RecursionError as e:
    print("RecursionError", str(e)[:30])
