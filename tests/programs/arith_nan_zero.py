"""NaN, infinities and the sign of zero in loops and comparisons."""
import math

NAN = float("nan")
INF = float("inf")


def compare_all(values):
    out = []
    for a in values:
        for b in values:
            out.append((a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b)
                       + 16 * (a > b) + 32 * (a >= b))
    return out


def signs(values):
    out = []
    for a in values:
        for b in values:
            out.append(math.copysign(1.0, a * b))
            out.append(math.copysign(1.0, a + b))
            out.append(math.copysign(1.0, a - b))
    return out


def smallest(values):
    low = values[0]
    for v in values:
        if v < low:
            low = v
    return low


for _ in range(40):
    r = compare_all([0.0, -0.0, 1.0, -1.0, NAN, INF, -INF])
print(r)
for _ in range(40):
    r = signs([0.0, -0.0, 1.0, -1.0, INF])
print(r)
for _ in range(40):
    r = smallest([3.0, NAN, 1.0, NAN, -2.0])
print(r, smallest([NAN, 1.0]), min(3.0, NAN, 1.0), min(NAN, 1.0), max(NAN, 1.0))
print(min(0.0, -0.0), min(-0.0, 0.0), max(0.0, -0.0), max(-0.0, 0.0))
print(min(0, 0.0), min(0.0, 0), max(1, 1.0), max(1.0, 1), max(True, 1))
print(-0.0, 0.0 - 0.0, -0.0 + 0, 0 * -1.0, -(0.0), 0.0 == -0.0)
print([NAN] == [NAN], NAN in [NAN], NAN == NAN, [NAN].index(NAN))
total = 0.0
for i in range(400):
    total += 0.1
print(total, repr(total), f"{total:.3f}", total * 1e300 * 1e10)
print(INF - INF, INF * 0, INF / INF, -INF // 1, INF % 3)
