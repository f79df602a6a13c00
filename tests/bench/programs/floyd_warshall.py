"""All shortest paths over nested lists."""

N = 100


def run(n):
    infinity = float("inf")
    distance = [[infinity] * n for _ in range(n)]
    for i in range(n):
        distance[i][i] = 0.0
        distance[i][(i + 1) % n] = 1.0 + i % 3
        distance[i][(i * 7 + 3) % n] = 2.5
    for k in range(n):
        row_k = distance[k]
        for i in range(n):
            row = distance[i]
            through = row[k]
            for j in range(n):
                candidate = through + row_k[j]
                if candidate < row[j]:
                    row[j] = candidate
    return sum(sum(row) for row in distance)


if __name__ == "__main__":
    print(run(N))
