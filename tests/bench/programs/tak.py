"""Takeuchi's function."""

N = 18


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def run(n):
    return tak(n, n // 2, 0)


if __name__ == "__main__":
    print(run(N))
