"""Traceback text, lines and columns of failures on many kinds of lines."""
import traceback


class Thing:
    def __init__(self, value):
        self.value = value

    def get(self, n):
        return self.value + n


def attribute(things):
    total = 0
    for t in things:
        total += t.value * 2 + t.missing if total > 500 else t.value
    return total


def method(things):
    total = 0
    for t in things:
        total += t.get(
            total % 3
        ) + t.get(1)
    return total


def subscript(table, n):
    total = 0
    for i in range(n):
        total += (table[i % 7]
                  [i % 5]
                  + table[0][i // 20])
    return total


def name(n):
    total = 0
    for i in range(n):
        if i == n - 1:
            total += undefined_name + i
        total += i
    return total


def unbound(n):
    for i in range(n):
        if i == 0 and n < 50:
            x = 1
        if i == 40:
            return x + i
    return 0


def deleted(n):
    x = 1
    for i in range(n):
        x += i
        if i == 70:
            del x
    return x


def call(f, n):
    total = 0
    for i in range(n):
        total += f(i) if i < 80 else f(i, i)
    return total


def compare(n):
    best = 0
    for i in range(n):
        if i > 60 and best < (i, "x"):
            best = i
    return best


def asserted(values):
    for v in values:
        assert v >= 0, f"negative: {v}"
    return len(values)


things = [Thing(i) for i in range(100)]
cases = (lambda: attribute(things), lambda: method(things + [Thing("s")]),
         lambda: method(things + [None]),
         lambda: subscript([[1] * 5] * 7, 200), lambda: name(100),
         lambda: unbound(100), lambda: deleted(100),
         lambda: call(lambda v: v, 100), lambda: compare(100),
         lambda: asserted(list(range(100)) + [-1]),
         lambda: sum(1 / (50 - i) for i in range(100)),
         lambda: [row[3] for row in [[1, 2, 3, 4]] * 50 + [[1]]])
for case in cases:
    try:
        print(case())
    except Exception:
        traceback.print_exc()
