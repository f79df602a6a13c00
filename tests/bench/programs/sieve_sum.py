"""A sieve of ints by while loops, counted by sum()."""

N = 400_000


def run(n):
    flags = [1] * (n + 1)
    flags[0] = flags[1] = 0
    p = 2
    while p * p <= n:
        if flags[p] == 1:
            multiple = p * p
            while multiple <= n:
                flags[multiple] = 0
                multiple += p
        p += 1
    return sum(flags)


if __name__ == "__main__":
    print(run(N))
