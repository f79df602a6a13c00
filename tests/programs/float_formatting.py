"""Floats from compiled arithmetic print as always."""


def series(n):
    out = []
    x = 1.0
    for i in range(1, n):
        x = x * 1.1 - 0.3 / i
        if i % 40 == 0:
            out.append(x)
    return out


def kahan(values):
    total = 0.0
    lost = 0.0
    for v in values:
        y = v - lost
        t = total + y
        lost = (t - total) - y
        total = t
    return total


for v in series(400):
    print(v, repr(v), f"{v:.4e} {v:10.3f} {v:g}", v.hex())
print(kahan([0.1] * 1000), sum([0.1] * 1000))
x = 1e-300
for i in range(60):
    x *= 0.1
print(x, x == 0.0)
x = 5e-324
for i in range(5):
    x = x / 2
    x = x * 2
print(x)
x = 1.7976931348623157e308
y = x * 2
print(x, y, -y, y - y)
a = 0.1
b = 0.2
c = 0.3
for _ in range(100):
    r = a * b + c
    s = (a + b) + c, a + (b + c)
print(r.hex(), s)
print([i / 10 for i in range(12)])
print(1e16, 1e15, 123456789.123, 1e-5, 0.0001, 100.0, 1e22, 1e23)
print((2.5).as_integer_ratio(), 7.0 // 2, -7.5 % 2, 1e308 * 10, int(1e18))
total = 0
for i in range(1000):
    total += 1 / 3
print(total, round(total, 5), f"{total:.20f}")
