"""Spectral norm of an infinite matrix, by the power method."""

N = 100


def eval_a(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times_u(u):
    result = []
    for i in range(len(u)):
        total = 0.0
        for j in range(len(u)):
            total += eval_a(i, j) * u[j]
        result.append(total)
    return result


def times_ut(u):
    result = []
    for i in range(len(u)):
        total = 0.0
        for j in range(len(u)):
            total += eval_a(j, i) * u[j]
        result.append(total)
    return result


def run(n):
    u = [1.0] * n
    for _ in range(6):
        v = times_ut(times_u(u))
        u = times_ut(times_u(v))
    vbv = vv = 0.0
    for i in range(n):
        vbv += u[i] * v[i]
        vv += v[i] * v[i]
    return round((vbv / vv) ** 0.5, 9)


if __name__ == "__main__":
    print(run(N))
