"""Slices of lists, strings and tuples in loops, with odd bounds."""


def windows(values, k):
    best = None
    for i in range(len(values) - k + 1):
        s = sum(values[i:i + k])
        if best is None or s > best:
            best = s
    return best


def merge(values):
    if len(values) < 2:
        return values
    half = len(values) // 2
    a, b = merge(values[:half]), merge(values[half:])
    out = []
    while a and b:
        out.append(a.pop(0) if a[0] <= b[0] else b.pop(0))
    return out + a + b


data = [i * 7919 % 211 for i in range(200)]
print(windows(data, 10), windows(tuple(data), 3), windows([0.5] * 50, 7))
print(merge(data) == sorted(data))
text = "abcdefghij" * 5
out = []
for i in range(-12, 12):
    out.append((text[i:i + 3], text[::-1][i:i + 2], text[i::13]))
print(out)
for step in (1, 2, -1, -3, 0, None, "x"):
    try:
        for _ in range(30):
            r = data[5:-5:step][:3]
        print(r)
    except (ValueError, TypeError) as error:
        print(error)
x = list(range(20))
for i in range(50):
    x[i % 20:i % 20 + 2] = [i, -i]
print(x, len(x))
x[::2] = [0] * len(x[::2])
print(x)
rotations = set()
word = "abcab"
for i in range(100):
    k = i % len(word)
    rotations.add(word[k:] + word[:k])
print(sorted(rotations))
try:
    x[::2] = [1]
except ValueError as error:
    print(error)
print([1, 2, 3][slice(1, None)], "abc"[-100:100], ()[1:], [1][5:])
