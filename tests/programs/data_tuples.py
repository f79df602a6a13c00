"""Tuples built, taken apart, compared and used as keys."""


def walk(path):
    x = y = 0
    seen = {(0, 0)}
    twice = 0
    for dx, dy in path:
        x, y = x + dx, y + dy
        if (x, y) in seen:
            twice += 1
        seen.add((x, y))
    return x, y, len(seen), twice


def closest(points):
    best = None
    for i, (ax, ay) in enumerate(points):
        for bx, by in points[i + 1:]:
            d = (ax - bx) ** 2 + (ay - by) ** 2
            if best is None or d < best[0]:
                best = (d, (ax, ay), (bx, by))
    return best


def complex_mul(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def rle(values):
    out = ()
    for v in values:
        if out and out[-1][0] == v:
            out = out[:-1] + ((v, out[-1][1] + 1),)
        else:
            out += ((v, 1),)
    return out


moves = [((i * 7) % 3 - 1, (i * 5) % 3 - 1) for i in range(500)]
print(walk(moves))
print(closest([((i * 37) % 101, (i * 53) % 103) for i in range(50)]))
print(closest([(i * 0.37 % 1.1, i * 0.73 % 1.3) for i in range(50)]))
z = (1, 0)
for _ in range(60):
    z = complex_mul(z, (1, 2))
print(z)
print(rle([i // 4 % 3 for i in range(60)]))
ordered = 0
pairs = [(i % 3, i * 0.5) for i in range(100)]
for a, b in zip(pairs, pairs[1:]):
    if a < b:
        ordered += 1
    if a == b or a >= b:
        ordered += 100
print(ordered, max(pairs), min(pairs), sorted(pairs)[50])
nested = (1, (2, (3, (4, ()))))
depth = 0
while nested:
    value, nested = nested
    depth += value
print(depth)
t = ()
for i in range(100):
    t += (i,)
print(sum(t), t[-1], t[10:13], (1, 2) * 3, hash((1, 2)) == hash((1.0, 2)))
try:
    for i in range(200):
        t[i]
except IndexError as error:
    print(i, error)
try:
    t[0] = 5
except TypeError as error:
    print(error)
