"""Matrix product over nested lists."""

N = 90


def make(n, seed):
    return [[(i * seed + j) % 7 * 0.5 for j in range(n)] for i in range(n)]


def multiply(a, b, n):
    result = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i][k] * b[k][j]
            result[i][j] = total
    return result


def run(n):
    c = multiply(make(n, 3), make(n, 5), n)
    return sum(c[i][i] for i in range(n))


if __name__ == "__main__":
    print(run(N))
