"""A generator that is sent values."""

N = 100_000


def mean_of_squares():
    total = 0.0
    count = 0
    mean = 0.0
    while True:
        x = yield mean
        total += x * x
        count += 1
        mean = total / count


def run(n):
    g = mean_of_squares()
    next(g)
    mean = 0.0
    for i in range(n):
        mean = g.send(i * 0.5)
    return mean


if __name__ == "__main__":
    print(run(N))
