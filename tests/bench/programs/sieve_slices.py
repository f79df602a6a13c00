"""A sieve that marks by slice assignment and collects by a comprehension."""

N = 400_000


def primes(n):
    prime = [True] * n
    prime[0:2] = [False, False]
    for i in range(2, int(n ** 0.5) + 1):
        if prime[i]:
            prime[i * i::i] = [False] * len(prime[i * i::i])
    return [i for i in range(n) if prime[i]]


def run(n):
    return len(primes(n))


if __name__ == "__main__":
    print(run(N))
