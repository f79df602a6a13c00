"""Longest Collatz chain below n."""

N = 20_000


def run(n):
    best = 0
    best_start = 0
    for start in range(1, n):
        length = 1
        x = start
        while x != 1:
            if x % 2 == 0:
                x = x // 2
            else:
                x = 3 * x + 1
            length += 1
        if length > best:
            best = length
            best_start = start
    return best_start, best


if __name__ == "__main__":
    print(run(N))
