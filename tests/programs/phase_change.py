"""A loop whose types change in the middle, and functions that see others
later than they were first seen with."""


def accumulate(values, start):
    total = start
    for v in values:
        total = total + v
    return total


def widen(n):
    x = 1
    for i in range(n):
        if i == n // 2:
            x = float(x)
        x = x + 1
    return x


def strings_later(n):
    x = 0
    out = []
    for i in range(n):
        if i == n - 3:
            x = "s"
        x = x * 2 if i > n - 3 else x + i if not isinstance(x, str) else x
    return x


def alternate(n):
    a, b = 1, 2.5
    for _ in range(n):
        a, b = b, a + 1
    return a, b


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __add__(self, other):
        return Money(self.amount + getattr(other, "amount", other))

    def __radd__(self, other):
        return Money(self.amount + other)

    def __repr__(self):
        return f"Money({self.amount})"


print(accumulate(range(500), 0))
print(accumulate([0.5] * 500, 0))
print(accumulate([0.5] * 500, 0.0))
print(accumulate(["a", "b"] * 100, "")[:10])
print(accumulate([[1], [2]] * 50, [])[:5])
print(accumulate([Money(1)] * 100, Money(5)))
print(accumulate(list(range(200)) + [Money(1)], 0))
print(accumulate([True] * 100, 10 ** 30))
print(accumulate([1] * 100 + [2.5] * 100 + [1j], 0))
print(widen(1000), widen(7), strings_later(600), alternate(1000), alternate(7))
for _ in range(3):
    print(accumulate(range(500), 0), widen(400))
