"""An integral of a function that is passed as an argument."""

N = 100000


def integrate(f, a, b, n):
    h = (b - a) / n
    s = 0.0
    for i in range(n):
        s += f(a + i * h)
    return s * h


def run(n):
    return integrate(lambda x: x * x + 1.0, 0.0, 1.0, n)


if __name__ == "__main__":
    print(run(N))
