"""Julia set over complex numbers held as two floats, a call per point."""

N = 120


def escape(zr, zi, cr, ci, limit):
    for i in range(limit):
        zr2 = zr * zr
        zi2 = zi * zi
        if zr2 + zi2 > 4.0:
            return i
        zi = 2.0 * zr * zi + ci
        zr = zr2 - zi2 + cr
    return limit


def run(n):
    total = 0
    for py in range(n):
        for px in range(n):
            total += escape(-1.5 + 3.0 * px / n, -1.5 + 3.0 * py / n,
                            -0.4, 0.6, 100)
    return total


if __name__ == "__main__":
    print(run(N))
