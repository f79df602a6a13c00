"""Generators that do little between yields: what resuming one costs."""

N = 150_000


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        yield a
        a, b = b, (a + b) % 1000007


def run(n):
    total = 0
    for i in count(n):
        total += i
    for f in fibonacci(n):
        total ^= f
    return total + sum(x * x for x in range(n)), max(fibonacci(n // 10))


if __name__ == "__main__":
    print(run(N))
