"""Sum of divisors by a sieve of ints, and the perfect numbers found."""

N = 160_000


def run(n):
    sums = [0] * n
    for d in range(1, n // 20):
        k = 2 * d
        while k < n:
            sums[k] += d
            k += d
    found = []
    for i in range(1, n):
        if sums[i] == i:
            found.append(i)
    return found, sums[n - 1]


if __name__ == "__main__":
    print(run(N))
