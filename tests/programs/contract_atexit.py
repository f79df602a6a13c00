"""atexit, excepthook, unraisable errors and output order at the end."""
import atexit
import sys


class Bad:
    def __del__(self):
        raise ValueError("in del")


def at_end(n):
    total = 0
    for i in range(n):
        total += i
    print("at exit", total)


def hook(kind, value, tb):
    print("hook", kind.__name__, value, tb.tb_lineno)


def unraisable(args):
    print("unraisable", args.exc_value)


def run(n):
    total = 0
    for i in range(n):
        total += i
        if i % 50 == 0:
            Bad()
    return total


atexit.register(at_end, 500)
atexit.register(at_end, 100)
sys.excepthook = hook
sys.unraisablehook = unraisable
print(run(200))
values = [1, 2, 3] * 50
for v in values + ["x"]:
    v + 1
