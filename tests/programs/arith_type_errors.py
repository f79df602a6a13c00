"""Unsupported operands in the middle of a hot loop."""
import traceback


def total(values):
    result = 0
    for v in values:
        result = result + v
    return result


def scale(values, factor):
    out = []
    for v in values:
        out.append(v * factor - 1)
    return out


def less(values, limit):
    count = 0
    for v in values:
        if v < limit:
            count += 1
    return count


good = list(range(300))
for _ in range(5):
    print(total(good), len(scale(good, 2)), less(good, 100))
for bad in (None, "text", [1], (), {}, 1j, object):
    mixed = good[:150] + [bad] + good[:3]
    for call in (lambda: total(mixed), lambda: scale(mixed, 2)[149:151],
                 lambda: less(mixed, 100)):
        try:
            print(call())
        except TypeError as error:
            print("TypeError:", error)
try:
    total(good + [None])
except TypeError:
    traceback.print_exc()
try:
    less(good + ["x"], 5.5)
except TypeError:
    traceback.print_exc()
try:
    scale(good + [{}], 2)
except TypeError:
    traceback.print_exc()
