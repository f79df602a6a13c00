"""Binary search in a sorted list."""

N = 60_000


def find(values, wanted):
    low = 0
    high = len(values) - 1
    while low <= high:
        middle = (low + high) // 2
        value = values[middle]
        if value == wanted:
            return middle
        if value < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


def run(n):
    values = [i * 3 for i in range(n)]
    hits = 0
    for wanted in range(0, 3 * n, 5):
        if find(values, wanted) >= 0:
            hits += 1
    return hits


if __name__ == "__main__":
    print(run(N))
