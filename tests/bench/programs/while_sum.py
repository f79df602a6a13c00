"""Float and int sums in a while loop."""

N = 1_000_000


def run(n):
    i = 0
    total = 0.0
    while i < n:
        total += i * 0.5
        i += 1
    return total


if __name__ == "__main__":
    print(run(N))
