"""Generators that delegate to generators."""

N = 200_000


def inner(n):
    x = 1
    for i in range(n):
        x = (x * 69069 + i) % 65536
        yield x
    return x


def outer(n):
    last = 0
    for k in range(4):
        last += yield from inner(n // 4)
    return last


def run(n):
    return sum(outer(n))


if __name__ == "__main__":
    print(run(N))
