"""Integer matrix product, row by row, accumulating in place."""

N = 80


def run(n):
    a = [[i + j for j in range(n)] for i in range(n)]
    b = [[i - j for j in range(n)] for i in range(n)]
    c = []
    for i in range(n):
        row = a[i]
        out = [0] * n
        for k in range(n):
            x = row[k]
            other = b[k]
            for j in range(n):
                out[j] += x * other[j]
        c.append(out)
    checksum = 0
    for row in c:
        for value in row:
            checksum = (checksum * 31 + value) % 1000000007
    return checksum


if __name__ == "__main__":
    print(run(N))
