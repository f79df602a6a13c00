"""for over ranges, lists, tuples, strings, dicts, with else and nesting."""


def ranges():
    out = []
    for spec in ((10,), (2, 10), (0, 100, 7), (10, 0, -3), (5, 5), (0, -5),
                 (-5, 5, 2), (2 ** 62, 2 ** 62 + 3), (0, 2 ** 65, 2 ** 63)):
        total = 0
        for i in range(*spec):
            total += i
        out.append(total)
    return out


def nested(n):
    count = 0
    for i in range(n):
        for j in range(i):
            if j == 7:
                break
            if (i + j) % 3 == 0:
                continue
            for k in (1, 2, 3):
                count += i * j + k
        else:
            count += 1000
    return count


def over_all():
    out = []
    for letter in "hello":
        out.append(letter)
    for key in {"a": 1, "b": 2}:
        out.append(key)
    for item in (1, 2.5, None):
        out.append(item)
    for pair in {"x": 1}.items():
        out.append(pair)
    for byte in b"\x01\x02":
        out.append(byte)
    for index, value in enumerate("ab", 5):
        out.append((index, value))
    for a, b in zip((1, 2), "xyz"):
        out.append((a, b))
    for v in reversed([1, 2]):
        out.append(v)
    return out


for _ in range(30):
    r = ranges()
print(r, nested(40))
for _ in range(30):
    r = over_all()
print(r)
for i in range(3):
    for j in range(10):
        pass
print(i, j)
for i in []:
    pass
else:
    print("empty", i)
for i in range(200):
    last = i
print(last, i)
for k in range(100):
    k = k * 2
print(k)
