"""The frames of a traceback out of recursion, and their line numbers."""
import traceback


def down(n):
    if n == 0:
        return 1 // n
    return down(n - 1) + 1


def even(n):
    if n == 0:
        raise LookupError("bottom")
    return odd(n - 1)


def odd(n):
    if n == 0:
        return "odd"
    return even(n - 1)


def walk(tree):
    total = 0
    for child in tree:
        total += walk(child) if isinstance(child, list) else child
    return total


for _ in range(50):
    try:
        down(5)
    except ZeroDivisionError as error:
        frames = traceback.extract_tb(error.__traceback__)
print(len(frames), [(f.name, f.lineno, f.colno, f.end_colno) for f in frames])
for _ in range(50):
    try:
        even(6)
    except LookupError as error:
        frames = traceback.extract_tb(error.__traceback__)
print([(f.name, f.lineno) for f in frames])
for _ in range(20):
    r = walk([[1, [2, 3]], 4, [[5]]])
print(r)
try:
    walk([[1, [2, "x"]], 4])
except TypeError:
    traceback.print_exc()
try:
    down(10)
except ZeroDivisionError as error:
    tb = error.__traceback__
    while tb:
        print(tb.tb_lineno, tb.tb_frame.f_code.co_name,
              tb.tb_frame.f_locals.get("n"))
        tb = tb.tb_next
