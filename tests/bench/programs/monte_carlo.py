"""Pi by Monte Carlo with a linear congruential generator."""

N = 180_000


class Random:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 4294967296
        return self.state / 4294967296.0


def run(n):
    random = Random(42)
    inside = 0
    for _ in range(n):
        x = random.next()
        y = random.next()
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n


if __name__ == "__main__":
    print(run(N))
