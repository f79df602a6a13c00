"""sys.exception, __context__ and re-raising inside loops."""
import sys


def seen():
    return type(sys.exception()).__name__


def loop(n):
    names = set()
    for i in range(n):
        try:
            if i % 2:
                raise ValueError(i)
            names.add(seen())
        except ValueError:
            names.add(seen())
            try:
                [][i]
            except IndexError as error:
                names.add(type(error.__context__).__name__)
                names.add(seen())
            names.add(seen())
        names.add(seen())
    return sorted(names)


class Suppress:
    def __init__(self, *kinds):
        self.kinds = kinds
        self.caught = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        if kind is not None and issubclass(kind, self.kinds):
            self.caught += 1
            return True
        return False


def with_loop(n):
    guard = Suppress(ZeroDivisionError, KeyError)
    total = 0
    for i in range(n):
        with guard:
            total += 10 // (i % 3)
            if i % 5 == 0:
                raise KeyError
            total += 1
    return total, guard.caught


print(loop(200), with_loop(300), sys.exception())
with Suppress(ValueError) as s:
    for i in range(100):
        if i == 60:
            raise ValueError
print(s.caught, i)
try:
    try:
        for i in range(100):
            if i == 77:
                raise KeyError("first")
    except KeyError as error:
        saved = error
        raise
except KeyError as error:
    print(error is saved, error.__traceback__.tb_lineno)
try:
    for i in range(100):
        if i == 30:
            raise ExceptionGroup("group", [ValueError(1), TypeError(2)])
except* ValueError as group:
    print("values", group.exceptions)
except* TypeError as group:
    print("types", group.exceptions)
