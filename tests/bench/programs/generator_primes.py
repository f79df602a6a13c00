"""A pipeline of generators: a sieve step, a filter, a sum over what is left."""

N = 60_000


def candidates(n):
    x = 1
    for _ in range(n):
        x = (x * 48271) % 2147483647
        yield x % 10007 + 2


def odd_part(numbers):
    for x in numbers:
        while x % 2 == 0:
            x //= 2
        yield x


def primes(numbers):
    for x in numbers:
        if x < 2:
            continue
        d = 3
        while d * d <= x:
            if x % d == 0:
                break
            d += 2
        else:
            yield x


def run(n):
    total = 0
    for p in primes(odd_part(candidates(n))):
        total = (total * 31 + p) % 1000003
    return total, sum(x * x % 7 for x in primes(candidates(n // 4)))


if __name__ == "__main__":
    print(run(N))
