"""Sieve of Eratosthenes over a list of bools."""

N = 500_000


def run(n):
    prime = [True] * (n + 1)
    prime[0] = prime[1] = False
    i = 2
    while i * i <= n:
        if prime[i]:
            for j in range(i * i, n + 1, i):
                prime[j] = False
        i += 1
    count = 0
    for flag in prime:
        if flag:
            count += 1
    return count


if __name__ == "__main__":
    print(run(N))
