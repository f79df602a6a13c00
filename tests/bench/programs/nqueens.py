"""All solutions of the n queens, recursively."""

N = 10


def solve(n, row, columns, up, down):
    if row == n:
        return 1
    count = 0
    for column in range(n):
        if (not columns[column] and not up[row + column]
                and not down[row - column + n]):
            columns[column] = up[row + column] = down[row - column + n] = True
            count += solve(n, row + 1, columns, up, down)
            columns[column] = up[row + column] = down[row - column + n] = False
    return count


def run(n):
    return solve(n, 0, [False] * n, [False] * (2 * n), [False] * (2 * n + 1))


if __name__ == "__main__":
    print(run(N))
