"""Unpacking of all kinds in hot loops, and its errors."""
import traceback


def swap_all(pairs):
    out = []
    for a, b in pairs:
        out.append((b, a))
    return out


def nested(rows):
    total = 0
    for name, (x, y), *rest in rows:
        total += x * y + len(rest) + len(name)
    return total


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


print(swap_all([(i, i * 0.5) for i in range(100)])[-1])
print(swap_all([[1, 2], (3, 4), "xy", {5: 0, 6: 0}, range(2)] * 20)[:5])
print(nested([("ab", (i, 2), *range(i % 3)) for i in range(100)]))
print(fib(90), fib(100), fib(300))
first, *middle, last = range(100)
print(first, middle[0], last)
for bad in ([1], [1, 2, 3], 5, None, "x"):
    try:
        swap_all([(1, 2)] * 50 + [bad])
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
try:
    swap_all([(1, 2)] * 50 + [(1, 2, 3)])
except ValueError:
    traceback.print_exc()
a = b = c = 0
for i in range(100):
    a, b, c = b + i, c - i, a
print(a, b, c)
data = {"k": (1, [2, 3])}
for key, (one, [two, three]) in data.items():
    print(key, one, two, three)
x = [0, 1, 2]
i = 0
for _ in range(30):
    i, x[i] = (i + 1) % 3, i
print(i, x)
