"""while with break, continue, else, and conditions of several kinds."""


def search(limit, target):
    i = 0
    while i < limit:
        i += 1
        if i % 2:
            continue
        if i * i > target:
            break
    else:
        return "none", i
    return "found", i


def drain(items):
    out = []
    while items:
        out.append(items.pop())
    return out


def truth(value):
    count = 0
    while value:
        value = value[:-1] if isinstance(value, (str, list)) else value - 1
        count += 1
    return count


for _ in range(40):
    r = search(100, 500), search(20, 5000)
print(r)
print(drain(list(range(100)))[:5], truth("x" * 100), truth([1] * 50), truth(80),
      truth(70.0))
n = 0
while True:
    n += 1
    if n > 1000:
        break
    while n % 10:
        n += 1
        if n % 7 == 0:
            break
    else:
        n += 3
print(n)
i = j = 0
while i < 50 and j < 30 or i == j:
    i += 2
    j += 1
    if not i % 20:
        j += 5
print(i, j)
x = 10
while x := x - 1:
    pass
print(x)
