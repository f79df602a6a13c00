"""Complex numbers, Decimals and Fractions in hot loops."""
from decimal import Decimal, getcontext
from fractions import Fraction


def mandel(c, limit):
    z = 0
    for i in range(limit):
        z = z * z + c
        if abs(z) > 2:
            return i
    return limit


def newton(x, one):
    guess = x
    for _ in range(8):
        guess = (guess + x / guess) / (one + one)
    return guess


rows = []
for y in range(-8, 9):
    rows.append("".join(" .:-=+*#%@"[mandel(complex(x / 16, y / 8), 9)]
                        for x in range(-32, 16)))
print("\n".join(rows))
getcontext().prec = 30
print(newton(2.0, 1), newton(Decimal(2), Decimal(1)))
print(newton(Fraction(2), 1).limit_denominator(10 ** 6))
harmonic = Fraction(0)
for i in range(1, 60):
    harmonic += Fraction(1, i)
print(harmonic)
total = Decimal(0)
for i in range(100):
    total += Decimal("0.1")
print(total, 0.1 + 0.2, Decimal("0.1") + Decimal("0.2"))
z = 1 + 0j
for _ in range(100):
    z *= 0.6 + 0.8j
print(round(abs(z), 9), z.real == z.conjugate().real, 1j * 1j, -1j)
for bad in (lambda: 1j < 2j, lambda: 1j // 1, lambda: 1j / 0,
            lambda: Decimal(1) + 1.5, lambda: int(1j)):
    try:
        for _ in range(30):
            bad()
    except (TypeError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
