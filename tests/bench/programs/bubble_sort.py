"""Bubble sort and insertion sort of the same list."""

N = 600


def bubble(values):
    n = len(values)
    for i in range(n):
        for j in range(n - 1 - i):
            if values[j] > values[j + 1]:
                values[j], values[j + 1] = values[j + 1], values[j]
    return values


def insertion(values):
    for i in range(1, len(values)):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value
    return values


def run(n):
    values = [(i * 7919) % 1009 for i in range(n)]
    a = bubble(values[:])
    b = insertion(values[:])
    return a == b == sorted(values), a[n // 2]


if __name__ == "__main__":
    print(run(N))
