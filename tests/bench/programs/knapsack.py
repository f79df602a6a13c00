"""Knapsack by dynamic programming."""

N = 4_000


def run(n):
    weights = [3 + i * 7 % 41 for i in range(60)]
    values = [10 + i * 13 % 97 for i in range(60)]
    best = [0] * (n + 1)
    for weight, value in zip(weights, values):
        for room in range(n, weight - 1, -1):
            candidate = best[room - weight] + value
            if candidate > best[room]:
                best[room] = candidate
    return best[n], best[n // 10]


if __name__ == "__main__":
    print(run(N))
