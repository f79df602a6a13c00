"""A sieve whose primes are collected by a comprehension over enumerate."""

N = 300000


def primes(limit):
    is_prime = [True] * (limit + 1)
    is_prime[0:2] = [False, False]
    for i in range(2, int(limit ** 0.5) + 1):
        if is_prime[i]:
            j = i * i
            while j <= limit:
                is_prime[j] = False
                j += i
    return [i for i, p in enumerate(is_prime) if p]


def run(n):
    return len(primes(n))


if __name__ == "__main__":
    print(run(N))
