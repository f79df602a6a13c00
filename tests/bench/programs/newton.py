"""Square roots by Newton's method, a call for each."""

N = 60_000


def root(x):
    guess = x / 2.0 + 0.5
    while True:
        better = 0.5 * (guess + x / guess)
        if abs(better - guess) < 1e-12 * better:
            return better
        guess = better


def run(n):
    total = 0.0
    for i in range(1, n):
        total += root(float(i))
    return total


if __name__ == "__main__":
    print(run(N))
