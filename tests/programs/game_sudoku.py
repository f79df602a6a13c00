"""A sudoku solver by backtracking over nested lists."""

PUZZLE = """
53..7....
6..195...
.98....6.
8...6...3
4..8.3..1
7...2...6
.6....28.
...419..5
....8..79
"""


def parse(text):
    return [[0 if c == "." else int(c) for c in line]
            for line in text.split()]


def fits(grid, r, c, v):
    for i in range(9):
        if grid[r][i] == v or grid[i][c] == v:
            return False
    r0, c0 = r // 3 * 3, c // 3 * 3
    for i in range(r0, r0 + 3):
        for j in range(c0, c0 + 3):
            if grid[i][j] == v:
                return False
    return True


def solve(grid, stats):
    stats[0] += 1
    for r in range(9):
        for c in range(9):
            if grid[r][c] == 0:
                for v in range(1, 10):
                    if fits(grid, r, c, v):
                        grid[r][c] = v
                        if solve(grid, stats):
                            return True
                        grid[r][c] = 0
                return False
    return True


grid = parse(PUZZLE)
stats = [0]
print(solve(grid, stats), stats)
for row in grid:
    print("".join(map(str, row)))
impossible = parse(PUZZLE)
impossible[0][2] = 5
print(fits(impossible, 8, 0, 3))
