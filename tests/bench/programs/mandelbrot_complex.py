"""The Mandelbrot set with complex numbers."""

N = 60


def escape(c, limit):
    z = 0j
    for i in range(limit):
        z = z * z + c
        if abs(z) > 2.0:
            return i
    return limit


def run(n):
    total = 0
    for y in range(n):
        for x in range(n):
            total += escape(complex(2.0 * x / n - 1.5, 2.0 * y / n - 1.0), 50)
    return total


if __name__ == "__main__":
    print(run(N))
