"""Numerical integration of a function passed as an argument."""

import math

N = 400_000


def f(x):
    return math.sin(x) * math.exp(-x * 0.5)


def integrate(function, a, b, n):
    h = (b - a) / n
    total = 0.5 * (function(a) + function(b))
    for i in range(1, n):
        total += function(a + i * h)
    return total * h


def run(n):
    return integrate(f, 0.0, 10.0, n)


if __name__ == "__main__":
    print(run(N))
