"""Mandelbrot set: how many points of a grid stay bounded."""

N = 160


def run(n):
    inside = 0
    steps = 0
    for row in range(n):
        y0 = 2.0 * row / n - 1.0
        for column in range(n):
            x0 = 3.0 * column / n - 2.0
            x = y = 0.0
            count = 0
            while count < 50 and x * x + y * y <= 4.0:
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                count += 1
            steps += count
            if count == 50:
                inside += 1
    return inside, steps


if __name__ == "__main__":
    print(run(N))
