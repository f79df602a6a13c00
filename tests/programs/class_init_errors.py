"""__init__ that fails, leaves in its middle, returns what it must not; objects
that die half made; depth."""
import sys
import traceback


class Half:
    log = []

    def __init__(self, a, b):
        self.a = a
        self.quotient = a // b
        self.b = b

    def __del__(self):
        Half.log.append(sorted(vars(self)))


class Simple:
    log = []

    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __del__(self):
        Simple.log.append(getattr(self, "a", "none"))


class Grows:
    """Leaves native code where the product does not fit."""

    def __init__(self, n, step):
        self.first = n
        self.product = n * step
        self.last = self.product + 1


class Calls:
    def __init__(self, f, x):
        self.before = x
        self.value = f(x)
        self.after = x


class Returns:
    def __init__(self, x):
        self.x = x
        return x if x == 150 else None


class Nested:
    def __init__(self, depth):
        self.depth = depth
        self.inner = Nested(depth - 1) if depth > 0 else None


class Chain:
    def __init__(self, x):
        self.inner = Half(x, 10 - x)
        self.x = x


def show(error):
    lines = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        lines.append((frame.f_code.co_qualname,
                      line - frame.f_code.co_firstlineno,
                      frame.f_code.co_name != "<module>"
                      and sorted(frame.f_locals)))
    return type(error).__name__, str(error), lines


def halves(n):
    """Argument 0 comes once."""
    made = []
    errors = []
    for i in range(n):
        try:
            made.append(Half(i, i - 120))
        except ZeroDivisionError as error:
            errors.append(show(error))
    return len(made), errors


def half(a, b):
    return Half(a, b).quotient


def uncaught_inside(n):
    total = 0
    for i in range(n):
        total += half(i + 7, 200 - i)
    return total


def grows(n, step):
    last = None
    for i in range(n):
        last = Grows(i + 1, step)
    return last.first, last.product, last.last


def grown(i, step):
    g = Grows(i, step)
    return g.product, g.last


def arguments(n):
    """Numbers of other types; then not numbers."""
    out = []
    for i in range(n):
        step = 3 if i < 150 else 2.5 if i < 170 else "ab" if i < 172 else []
        try:
            out.append(grown(i, step))
        except TypeError as error:
            out.append(show(error))
    return out[148:152] + out[168:]


def calls(n):
    def f(x):
        if x == 130:
            raise KeyError(x)
        return sys._getframe(1).f_code.co_qualname, sys._getframe(2).f_code.co_name
    out = []
    for i in range(n):
        try:
            c = Calls(f, i)
            out.append((c.before, c.value, c.after))
        except KeyError as error:
            out.append(show(error))
    return out[0], out[129:132]


def returns(n):
    out = []
    for i in range(n):
        try:
            out.append(Returns(i).x)
        except TypeError as error:
            out.append(show(error))
    return out[148:152]


def wrong(n):
    out = []
    for i in range(n):
        args = (1, 2) if i % 50 else (1,)
        try:
            Simple(*args)
        except TypeError as error:
            out.append(str(error))
        try:
            if i % 70 == 69:
                Simple(1, 2, 3)
            if i % 70 == 68:
                Simple(1, c=3)
            Simple(i, 1)
        except TypeError as error:
            out.append(str(error))
    return out, len(Simple.log)


def depth_of(n):
    node, depth = Nested(n), 0
    while node is not None:
        node, depth = node.inner, depth + 1
    return depth


def too_deep():
    try:
        Nested(10 ** 6)
    except RecursionError as error:
        return str(error)[:32]


def chain(x):
    return Chain(x).inner.quotient


def chains(n):
    out = []
    for i in range(n):
        try:
            out.append(chain(i % 10))
        except ZeroDivisionError as error:
            out.append(show(error))
    try:
        chain(10)
    except ZeroDivisionError as error:
        out.append(show(error))
    return out[:3], out[-1]


def dying(n):
    """Objects that nobody keeps."""
    for i in range(n):
        Simple(i, None)
    return Simple.log[-3:], len(Simple.log)


if __name__ == "__main__":
    print(halves(300))
    print(uncaught_inside(190))
    try:
        uncaught_inside(300)
    except ZeroDivisionError as error:
        print(show(error))
    print(len(Half.log), Half.log[0], Half.log[120], Half.log[-1])
    print(grows(300, 3), grows(300, 2 ** 61), grows(300, 0.5))
    print(arguments(180))
    print(calls(200))
    print(returns(200))
    print(wrong(300))
    for k in range(30):
        depth_of(20)
    print(depth_of(200), too_deep(), depth_of(50))
    print(chains(200))
    print(dying(300))
