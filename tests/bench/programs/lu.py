"""Gaussian elimination with partial pivoting."""

N = 110


def run(n):
    a = [[1.0 / (1 + (i * 3 + j * 5) % 17) + (4.0 if i == j else 0.0)
          for j in range(n)] for i in range(n)]
    determinant = 1.0
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[pivot][k]):
                pivot = i
        if pivot != k:
            a[k], a[pivot] = a[pivot], a[k]
            determinant = -determinant
        determinant *= a[k][k]
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
    return determinant


if __name__ == "__main__":
    print(run(N))
