"""Gaussian elimination with fractions of our own making."""


def gcd(a, b):
    while b:
        a, b = b, a % b
    return abs(a)


class Rational:
    __slots__ = ("top", "bottom")

    def __init__(self, top, bottom=1):
        if bottom == 0:
            raise ZeroDivisionError("rational with bottom 0")
        if bottom < 0:
            top, bottom = -top, -bottom
        d = gcd(top, bottom)
        self.top = top // d
        self.bottom = bottom // d

    def __add__(self, other):
        return Rational(self.top * other.bottom + other.top * self.bottom,
                        self.bottom * other.bottom)

    def __sub__(self, other):
        return Rational(self.top * other.bottom - other.top * self.bottom,
                        self.bottom * other.bottom)

    def __mul__(self, other):
        return Rational(self.top * other.top, self.bottom * other.bottom)

    def __truediv__(self, other):
        return Rational(self.top * other.bottom, self.bottom * other.top)

    def __eq__(self, other):
        return self.top == other.top and self.bottom == other.bottom

    def __repr__(self):
        return f"{self.top}/{self.bottom}"


def determinant(m):
    m = [row[:] for row in m]
    n = len(m)
    result = Rational(1)
    zero = Rational(0)
    for k in range(n):
        for r in range(k, n):
            if m[r][k] != zero:
                break
        else:
            return zero
        if r != k:
            m[r], m[k] = m[k], m[r]
            result = result * Rational(-1)
        result = result * m[k][k]
        for i in range(k + 1, n):
            factor = m[i][k] / m[k][k]
            for j in range(k, n):
                m[i][j] = m[i][j] - factor * m[k][j]
    return result


def hilbert(n):
    return [[Rational(1, i + j + 1) for j in range(n)] for i in range(n)]


for n in range(1, 9):
    print(n, determinant(hilbert(n)))
print(determinant([[Rational((i * 7 + j * 3) % 5) for j in range(6)]
                   for i in range(6)]))
try:
    Rational(1) / Rational(0)
except ZeroDivisionError as error:
    print(error)
