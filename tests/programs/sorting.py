"""Sorting algorithms by hand and sort with keys."""


def quick(values):
    if len(values) <= 1:
        return values
    pivot = values[len(values) // 2]
    return (quick([v for v in values if v < pivot])
            + [v for v in values if v == pivot]
            + quick([v for v in values if v > pivot]))


def merge_sort(values):
    if len(values) < 2:
        return values
    middle = len(values) // 2
    left, right = merge_sort(values[:middle]), merge_sort(values[middle:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


def shell(values):
    gap = len(values) // 2
    while gap:
        for i in range(gap, len(values)):
            value = values[i]
            j = i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap //= 2
    return values


def quick_in_place(values, low, high):
    if low >= high:
        return
    pivot = values[high]
    i = low
    for j in range(low, high):
        if values[j] < pivot:
            values[i], values[j] = values[j], values[i]
            i += 1
    values[i], values[high] = values[high], values[i]
    quick_in_place(values, low, i - 1)
    quick_in_place(values, i + 1, high)


for data in ([i * 7919 % 509 for i in range(400)],
             [i * 0.37 % 1.0 for i in range(400)],
             [str(i * 31 % 97) for i in range(300)],
             [(i % 5, -i) for i in range(200)]):
    expected = sorted(data)
    copy = data[:]
    quick_in_place(copy, 0, len(copy) - 1)
    print(quick(data) == expected, merge_sort(data) == expected,
          shell(data[:]) == expected, copy == expected, expected[3])
calls = 0


def key(v):
    global calls
    calls += 1
    return -v % 10


print(sorted(range(100), key=key)[:12], calls)
try:
    shell([1, 2, "x"] * 30)
except TypeError as error:
    print(error)
