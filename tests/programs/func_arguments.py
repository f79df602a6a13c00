"""Defaults, keywords, star-args, keyword-only and positional-only."""


def f(a, b=2, *args, c=3, **kwargs):
    return a + b + sum(args) + c + sum(kwargs.values())


def g(a, /, b, *, c=10):
    return a * 100 + b * 10 + c


def add(a, b):
    return a + b


def loop(n):
    total = 0
    for i in range(n):
        total += f(i)
        total += f(i, 1)
        total += f(i, 1, 2, 3)
        total += f(i, c=5)
        total += f(a=i, b=1, c=2, d=4)
        total += g(i, 2)
        total += g(i, b=2, c=1)
        total += add(*(i, 1)) + add(**{"a": 1, "b": i}) + add(b=i, a=2)
    return total


print(loop(200))
for call in (lambda: g(a=1, b=2), lambda: g(1), lambda: g(1, 2, 3),
             lambda: add(1), lambda: add(1, 2, 3), lambda: add(1, c=2),
             lambda: add(1, 2, a=3), lambda: f(), lambda: f(1, a=2)):
    try:
        for _ in range(30):
            call()
    except TypeError as error:
        print(error)


def mutable(value, bucket=[]):
    bucket.append(value)
    return len(bucket)


for i in range(100):
    r = mutable(i)
print(r, len(mutable.__defaults__[0]))


def forward(*args, **kwargs):
    return add(*args, **kwargs)


print(sum(forward(i, b=1) for i in range(100)))
print((lambda *a, k=1: (a, k))(1, 2, k=3))
