"""Powers of ints and floats, negative and big exponents."""


def horner(coefficients, x):
    total = 0
    for c in coefficients:
        total = total * x + c
    return total


def squares(n):
    return sum(i ** 2 for i in range(n)), sum(i ** 3 for i in range(n))


def mixed():
    out = []
    for base in (2, -2, 0, 1, 2.0, -2.0, 0.5, True, 10):
        for exponent in (0, 1, 2, 3, 10, 64, -1, -2, 0.5, 2.0):
            try:
                out.append(base ** exponent)
            except ZeroDivisionError as error:
                out.append(str(error))
    return out


for _ in range(30):
    r = squares(100), horner([1, 2, 3, 4], 5), horner([1.0, 2, 3], 0.5)
print(r, horner([1] * 30, 10))
for _ in range(20):
    r = mixed()
for value in r:
    print(value, type(value).__name__)
print(pow(3, 200, 1000007), pow(3, -1, 7), 2 ** -1, (-8) ** (1 / 3))
x = 2.0
for i in range(12):
    try:
        x = x ** 2
    except OverflowError as error:
        print(i, error)
        break
print(x)
