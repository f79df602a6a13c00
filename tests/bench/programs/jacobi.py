"""Jacobi iteration for Laplace's equation over nested lists."""

N = 60


def run(n):
    grid = [[0.0] * n for _ in range(n)]
    for j in range(n):
        grid[0][j] = 100.0
    for _ in range(60):
        new = [row[:] for row in grid]
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                new[i][j] = 0.25 * (grid[i - 1][j] + grid[i + 1][j]
                                    + grid[i][j - 1] + grid[i][j + 1])
        grid = new
    total = 0.0
    for row in grid:
        total += sum(row)
    return total


if __name__ == "__main__":
    print(run(N))
