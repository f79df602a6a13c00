"""Bools in arithmetic stay what Python makes of them."""


def add_up(flags):
    total = 0
    for flag in flags:
        total += flag
    return total


def kinds(flags):
    out = []
    for a in flags:
        for b in flags:
            out.append((a & b, a | b, a ^ b, a + b, a * b, ~(a + 0), -a, not a,
                        a == b, a is b, a < b))
    return out


def majority(numbers):
    seen = False
    count = 0
    for n in numbers:
        seen = seen or n > 50
        count += n > 10 and n < 90
    return seen, count


flags = [i % 3 == 0 for i in range(300)]
for _ in range(30):
    r = add_up(flags), add_up([True, 2, False, 3.5]), majority(range(100))
print(r, type(r[0]))
for _ in range(30):
    r = kinds([True, False])
print(r)
x = True
for i in range(100):
    x = x & (i >= 0)
print(x, type(x))
x = True
for i in range(100):
    x = x + False
print(x, type(x), True + True, [10, 20][True], "ab"[False], {1: "one"}[True])
print(sum([True] * 5), max(False, True), abs(True), round(True), int(True))
print(isinstance(True, int), type(True) is int, True is 1 == 1)
