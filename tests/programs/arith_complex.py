"""Complex numbers in loops: arithmetic, signs of zero, infinities, overflow."""
import struct
import sys

INF = float("inf")
NAN = float("nan")


def bits(z):
    def one(x):
        return "nan" if x != x else struct.pack("<d", x).hex()
    return one(z.real), one(z.imag)


def escape(c, limit):
    z = 0j
    for i in range(limit):
        z = z * z + c
        if abs(z) > 2.0:
            return i
    return limit


def escape_square(c, limit):
    z = c
    n = 0
    while n < limit and z.real * z.real + z.imag * z.imag < 4.0:
        z = z ** 2 + c
        n += 1
    return n, z


def mixed(n):
    z = 1 + 1j
    for k in range(n):
        z = z * 0.5 + k
        z = 2 - z * True
        z -= 1.25
        z = -z + (k - z) * 0.001
    return z


def operations(values, others):
    out = []
    for a in values:
        for b in others:
            out.append(bits(a + b))
            out.append(bits(a - b))
            out.append(bits(a * b))
            out.append(bits(-a))
    return out


def squares(values):
    out = []
    for z in values:
        try:
            out.append(bits(z ** 2))
        except OverflowError as e:
            out.append(str(e))
    return out


def lengths(values):
    out = []
    for z in values:
        try:
            out.append(repr(abs(z)))
        except OverflowError as e:
            out.append(str(e))
    return out


def made(xs):
    total = complex(0, 0)
    for i, x in enumerate(xs):
        total += complex(x, i)
        total += complex(x)
        total += complex(i, 2)
    return total


def polynomial(coefficients, z):
    result = 0j
    for c in coefficients:
        result = result * z + c
    return result


def changes(values):
    total = 0
    for v in values:
        total = total + v * 2
    return total


def seen(n):
    z = 0.5j
    shown = None
    for i in range(n):
        z = z * (1 + 0.01j)
        if i == n - 3:
            shown = sys._getframe().f_locals["z"]
    return shown, z


def divided(n):
    z = 1 + 2j
    for i in range(1, n):
        z = z / (i + 1j)
        z = z ** 3 if i % 2 else z ** -1
        if z == 0 or z != z:
            z = 1j
    return z


special = [complex(a, b) for a in (0.0, -0.0, 1.5, -2.0, INF, -INF, NAN, 1e200)
           for b in (0.0, -0.0, 3.0, INF, NAN, 1e308)]
for turn in range(4):
    print(sum(escape(complex(x / 10, y / 10), 60)
              for x in range(-20, 10) for y in range(-10, 10)))
    print([escape_square(complex(x / 7, 0.3), 40) for x in range(-9, 5)])
    print(mixed(200), mixed(3))
    print(hash(tuple(operations(special, special))),
          hash(tuple(operations(special, [0.0, -0.0, INF, 3, True, -7, 2**53 + 1]))),
          hash(tuple(operations([0.0, 1, -0.0], special))))
    print(squares(special)[:12], hash(tuple(squares(special))))
    print(lengths(special * 3)[-9:])
    print(lengths([complex(1e308, 1e308), 3 + 4j] * 60)[-4:])
    print(made([k * 0.25 for k in range(100)]), made(list(range(100))))
    print(polynomial([k * 0.5 for k in range(90)], 0.3 + 0.4j))
    print(changes([1 + 1j] * 70), changes([1.5] * 70 + [1j] * 70 + [2] * 70))
    print(seen(100), divided(60))
