"""Variables and operands that are an int one time and a float the next, and now
and then something else."""
# args:
# args: other
# profile-args:

import sys

OTHER = sys.argv[1:] == ["other"]


def series(a, b, n):
    total = 0
    for k in range(n):
        total = total + a * k - b
    return total


def horner(x, coefficients):
    value = 0
    for c in coefficients:
        value = value * x + c
    return value


def compare(xs, limit):
    low = high = 0
    for x in xs:
        if x < limit:
            low += 1
        elif x == limit:
            high += x
        else:
            high -= -x
    return low, high, not xs[0], -xs[1]


def both(x, y):
    """Two unions in one instruction; the same object in two slots."""
    z = x
    w = x + y
    return z is x, w, z * w, x == z


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def dot(self, other):
        return self.x * other.x + self.y * other.y


def grow(x, n):
    out = []
    for _ in range(n):
        out.append(x)
        x = x * x
    return out


def mean(xs):
    total = 0
    for x in xs:
        total += x
    return total / len(xs)


def attempt(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return repr(error)


class Odd(float):
    def __mul__(self, other):
        return "odd"

    __add__ = __rmul__ = __mul__


def main():
    ints, floats = (3, 4), (2.5, 0.5)
    seen = []
    for k in range(400):
        a, b = (ints, floats)[k % 2]
        seen.append((series(a, b, 20), horner(a, [1, 2.5, 3, b]),
                     compare([a, b, 0, 0.0, k], b), both(a, b), both(b, k),
                     Point(a, b).dot(Point(b, k)), grow(a, 4), mean([a, b, k])))
    print(len(seen), seen[:2], seen[-2:])
    print(len({id(x) for x in grow(1, 3)}), grow(3, 12)[-1], grow(1.5, 14)[-1])
    if OTHER:
        others = (True, 1 << 70, 1j, "text", None, Odd(2), float("nan"), -0.0, [1])
        for x in others:
            for y in (2, 0.5, True, x):
                print(attempt(series, x, y, 3), attempt(horner, x, [y, 2]),
                      attempt(compare, [x, y, 1], y), attempt(both, x, y),
                      attempt(Point(x, y).dot, Point(y, x)), attempt(grow, x, 3),
                      attempt(mean, [x, y]))


main()
