"""Comprehensions and generator expressions, nested, with conditions."""


def table(n):
    return [[i * j for j in range(n)] for i in range(n) if i % 2]


def flatten(rows):
    return [v for row in rows for v in row if v % 3]


def sums(n):
    return (sum(i * i for i in range(n)), sum([i for i in range(n)]),
            len({i % 7 for i in range(n)}), max(i * 3 % 11 for i in range(n)))


for _ in range(20):
    r = table(12)
print(flatten(r)[:10], sums(200))
x = "outer"
y = [x for x in range(100)]
print(x, y[-1])
functions = [lambda k=k: k * 2 for k in range(50)]
print(sum(f() for f in functions))
late = [lambda: k for k in range(50)]
print(sum(f() for f in late))
pairs = {(a, b): a * b for a in range(20) for b in range(a)}
print(len(pairs), sum(pairs.values()))
print([(i, j) for i in range(4) for j in range(i, 4) if (i + j) % 2 == 0])
print(any(v > 50 for v in range(100)), all(v < 50 for v in range(100)))


class Table:
    size = 30
    squares = [i * i for i in range(30)]
    total = sum(squares)


print(Table.total, [last := v for v in range(100)][-1], last)
try:
    [1 / (50 - v) for v in range(100)]
except ZeroDivisionError as error:
    print(error)
print(sorted((len(w), w) for w in "b aa c dddd ee".split()))
