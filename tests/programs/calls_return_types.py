"""Functions whose result type depends on the argument."""


def maybe(i):
    if i % 100 == 99:
        return None
    if i % 50 == 49:
        return i * 0.5
    return i


def nothing(i):
    i + 1


def several(i):
    return i, i * 2


def big(i):
    return i << 60


def recursive(n):
    if n == 0:
        return 0.0
    return recursive(n - 1) + n


def collatz(n, steps=0):
    if n == 1:
        return steps
    return collatz(n // 2 if n % 2 == 0 else 3 * n + 1, steps + 1)


def run(n):
    total = none = 0
    for i in range(n):
        v = maybe(i)
        if v is None:
            none += 1
        else:
            total += v
        if nothing(i) is None:
            none += 1
        a, b = several(i)
        total += b - a
    return total, none


print(run(90), run(99), run(500))
print(sum(big(i) for i in range(100)), recursive(100), recursive(0))
print([collatz(n) for n in (1, 7, 27, 97)])
total = 0
for i in range(300):
    total += (lambda v: v if v < 250 else 0.5)(i)
print(total)


def flip(x):
    return not x


x = True
for _ in range(201):
    x = flip(x)
print(x)


def swap(a, b):
    return b, a


a, b = 1, "one"
for _ in range(101):
    a, b = swap(a, b)
print(a, b)


def raises_at(i, at):
    if i == at:
        raise LookupError(i)
    return i


total = 0
for i in range(300):
    try:
        total += raises_at(i, 200)
    except LookupError as error:
        total += 10 ** 6
print(total)
