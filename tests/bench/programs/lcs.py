"""Longest common subsequence with a full table."""

N = 500


def run(n):
    a = [i * i % 11 for i in range(n)]
    b = [i * 5 % 13 for i in range(n)]
    table = [[0] * (n + 1) for _ in range(n + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if x == y:
                table[i + 1][j + 1] = table[i][j] + 1
            else:
                table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j])
    return table[n][n]


if __name__ == "__main__":
    print(run(N))
