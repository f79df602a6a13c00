"""Game of life over nested lists, on a torus."""

N = 64


def step(board, n):
    result = []
    for i in range(n):
        row = []
        for j in range(n):
            neighbours = 0
            for di in (-1, 0, 1):
                for dj in (-1, 0, 1):
                    if di != 0 or dj != 0:
                        neighbours += board[(i + di) % n][(j + dj) % n]
            if neighbours == 3 or (neighbours == 2 and board[i][j]):
                row.append(1)
            else:
                row.append(0)
        result.append(row)
    return result


def run(n):
    board = [[(i * 3 + j * j) % 5 // 4 for j in range(n)] for i in range(n)]
    for _ in range(12):
        board = step(board, n)
    return sum(sum(row) for row in board)


if __name__ == "__main__":
    print(run(N))
