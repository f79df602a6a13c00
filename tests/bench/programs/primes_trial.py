"""Primes by trial division with for, break and else."""

N = 80_000


def run(n):
    primes = []
    for candidate in range(2, n):
        for p in primes:
            if p * p > candidate:
                primes.append(candidate)
                break
            if candidate % p == 0:
                break
        else:
            primes.append(candidate)
    return len(primes), primes[-1]


if __name__ == "__main__":
    print(run(N))
