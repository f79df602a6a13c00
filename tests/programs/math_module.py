"""The math module's functions in loops, domain errors included."""
import math
from math import cos, floor, hypot, pi, sin, sqrt


def waves(n):
    total = 0.0
    for i in range(n):
        x = 2.0 * pi * i / n
        total += sin(x) * cos(x) + sqrt(x) + math.exp(-x) + math.log(x + 1.0)
        total -= math.atan2(x, 1.0) + math.fabs(-x) + hypot(x, 1.0)
    return total


def rounding(n):
    total = 0
    for i in range(-n, n):
        x = i * 0.3
        total += floor(x) * 3 + math.ceil(x) + math.trunc(x) * 2 + round(x)
    return total


def roots(values):
    out = []
    for v in values:
        out.append(sqrt(v))
    return out


print(waves(500), rounding(200), sum(roots(range(200))))
for bad in (-1, -0.5, "4", None, float("nan"), 10 ** 400):
    try:
        print(roots([4, 9.0] * 40 + [bad])[-1])
    except (ValueError, TypeError, OverflowError) as error:
        print(type(error).__name__, error)
print(math.floor(1e300) == 10 ** 300, math.floor(-0.5), math.ceil(-0.5))
print(math.inf > 10 ** 400, math.isnan(math.nan), math.gcd(12, 18))
total = 0
for i in range(1, 300):
    total += math.isqrt(i) + math.comb(10, i % 10) + math.factorial(i % 12)
print(total, math.fsum([0.1] * 10), sum([0.1] * 10), math.prod(range(1, 20)))
for function in (math.log, math.acos, math.fmod, math.pow):
    try:
        for x in (0.5, 0.25, -2.0, 5.0):
            y = (function(x, 0.0) if function in (math.fmod, math.pow)
                 else function(x))
        print(y)
    except ValueError as error:
        print(function.__name__, error)
