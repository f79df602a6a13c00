"""Keyword calls in loops: every kind of parameter, callee and mistake."""
import io
import traceback


def step(x, y, scale):
    return x * scale + y


def defaults(x, y=2.0, scale=3.0):
    return x * scale + y


def only(x, *, y, scale=2):
    return x * scale + y


def positional(x, y, /, scale):
    return x * scale + y


def many(*args, **kwargs):
    return len(args) * 10 + len(kwargs)


class Point:
    def __init__(self, x, y=1):
        self.x = x
        self.y = y

    def move(self, dx, dy):
        self.x += dx
        self.y += dy
        return self.x - self.y

    @classmethod
    def make(cls, x, y):
        return cls(x=x, y=y)

    @staticmethod
    def norm(x, y):
        return abs(x) + abs(y)


def direct(n):
    s = 0.0
    for i in range(n):
        s = step(s * 0.5, scale=1.5, y=i * 0.1)
        s += step(x=i, y=1, scale=2)
        s -= step(i, 2, scale=s)
    return s


def others(n):
    s = 0
    for i in range(n):
        s += defaults(i, scale=2) + defaults(x=i) + only(i, y=1)
        s += positional(i, 1, scale=2) + many(i, s, a=1, b=i)
        s += Point.norm(y=i, x=-i)
    return s


def methods(n):
    p = Point(0, y=0)
    q = Point(y=2, x=1)
    s = 0
    for i in range(n):
        s += p.move(dy=i, dx=2 * i) + q.move(1, dy=2)
        r = Point.make(y=i, x=1)
        s += r.y
    return s, p.x, p.y, q.x, q.y


def builtins(n):
    out = io.StringIO()
    s = 0
    for i in range(n):
        print(i, end=",", file=out)
        s += int("11", base=2) + max([i, 3, 5], key=lambda v: -v)
        s += len(sorted([3, 1, 2], reverse=True)) + sum([1, 2], start=i)
    return s, len(out.getvalue())


def variable(f, n):
    s = 0
    for i in range(n):
        s += f(scale=i, y=1, x=2)
    return s


def order(n):
    log = []

    def note(k):
        log.append(k)
        return k

    for i in range(n):
        step(note(1), scale=note(2), y=note(3))
    return log[-3:], len(log)


def mistake(n, at):
    s = 0
    try:
        for i in range(n):
            if i == at:
                s += step(i, 1, wrong=2)
            elif i == at + 100:
                s += step(i, 1, y=2)
            else:
                s += step(i, y=1, scale=1)
    except TypeError as e:
        rows = traceback.extract_tb(e.__traceback__)
        return str(e), [(r.name, r.lineno, r.colno) for r in rows], s
    return s


def failing(n, at):
    def inner(a, b):
        return a // b

    try:
        for i in range(n):
            inner(b=at - i, a=i)
    except ZeroDivisionError as e:
        rows = traceback.extract_tb(e.__traceback__)
        return [(r.name, r.lineno) for r in rows], i


for turn in range(4):
    print(direct(100), others(90), methods(90), builtins(80))
    print(variable(step, 90), variable(defaults, 90), variable(lambda x, y, scale: x, 90))
    print(order(80), mistake(100, 80), mistake(250, -40), failing(100, 70))
    if turn == 2:
        def step(scale, y, x):
            return scale - y + x
