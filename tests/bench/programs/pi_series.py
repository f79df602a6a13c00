"""Leibniz series for pi with a for loop."""

N = 1_000_000


def run(n):
    total = 0.0
    sign = 1.0
    for k in range(n):
        total += sign / (2 * k + 1)
        sign = -sign
    return 4.0 * total


if __name__ == "__main__":
    print(run(N))
