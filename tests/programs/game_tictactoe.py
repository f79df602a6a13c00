"""Minimax over tic-tac-toe, with lists of strings."""

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8),
         (0, 4, 8), (2, 4, 6)]
visited = 0


def winner(board):
    for a, b, c in LINES:
        if board[a] != " " and board[a] == board[b] == board[c]:
            return board[a]
    return None


def minimax(board, player, alpha, beta):
    global visited
    visited += 1
    w = winner(board)
    if w == "X":
        return 1
    if w == "O":
        return -1
    if " " not in board:
        return 0
    best = -2 if player == "X" else 2
    for i in range(9):
        if board[i] == " ":
            board[i] = player
            score = minimax(board, "O" if player == "X" else "X", alpha, beta)
            board[i] = " "
            if player == "X":
                best = max(best, score)
                alpha = max(alpha, best)
            else:
                best = min(best, score)
                beta = min(beta, best)
            if beta <= alpha:
                break
    return best


def best_move(board, player):
    scores = []
    for i in range(9):
        if board[i] == " ":
            board[i] = player
            scores.append((minimax(board, "O" if player == "X" else "X", -2, 2), i))
            board[i] = " "
    return max(scores) if player == "X" else min(scores)


board = list("X O      ")
player = "X"
moves = []
while winner(board) is None and " " in board:
    score, move = best_move(board, player)
    board[move] = player
    moves.append((player, move, score))
    player = "O" if player == "X" else "X"
print(moves, visited)
print("\n".join("".join(board[r:r + 3]) for r in (0, 3, 6)))
print(winner(board))
