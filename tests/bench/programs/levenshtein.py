"""Edit distance over lists of characters."""

N = 400


def distance(a, b):
    previous = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        current = [i]
        for j in range(1, len(b) + 1):
            if a[i - 1] == b[j - 1]:
                cost = 0
            else:
                cost = 1
            current.append(min(previous[j] + 1, current[j - 1] + 1,
                               previous[j - 1] + cost))
        previous = current
    return previous[-1]


def run(n):
    a = ["abcdefg"[i * i % 7] for i in range(n)]
    b = ["gfedcba"[i * 3 % 7] for i in range(n)]
    return distance(a, b)


if __name__ == "__main__":
    print(run(N))
