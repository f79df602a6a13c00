"""One iterator shared by several loops and by the program itself."""


def pairs(iterator):
    out = []
    for a in iterator:
        b = next(iterator, None)
        out.append((a, b))
    return out


def take(iterator, n):
    total = 0
    if n == 0:
        return 0
    for value in iterator:
        total += value
        n -= 1
        if n == 0:
            break
    return total


it = iter(range(1000))
print(take(it, 100), next(it), take(it, 50), len(list(it)), next(it, "end"))
print(pairs(iter(range(101)))[-2:], pairs(iter([1.5, 2.5, 3.5])))
it = iter(list(range(500)))
sums = []
while True:
    part = take(it, 60)
    if part == 0:
        break
    sums.append(part)
print(sums, it.__length_hint__())
it = iter(range(10 ** 6))
for i in it:
    if i == 300:
        break
print(it.__reduce__()[2], it.__length_hint__())
outer = iter(range(300))
seen = []
for i in outer:
    for j in outer:
        if j % 10 == 0:
            break
    seen.append((i, j))
print(seen[:3], len(seen))
data = [1, 2, 3]
it = iter(data)
for x in it:
    if len(data) < 400:
        data.append(x + 1)
print(len(data), sum(data))
