"""Indexing at the ends, negative, out of range, and with odd indices."""
import traceback


def get(values, indices):
    total = 0
    for i in indices:
        total += values[i]
    return total


def put(values, indices):
    for i in indices:
        values[i] = i
    return values[0], values[-1]


values = list(range(100))
print(get(values, range(100)), get(values, range(-1, -101, -1)),
      get(tuple(values), range(-100, 100)))
print(put(values[:], range(-100, 100)), put(values[:], [5, -5] * 50))
for bad in (100, -101, 10 ** 20, -10 ** 20, 1.0, None, "1", True, slice(1, 3)):
    for function in (get, put):
        for data in (values[:], tuple(values)):
            try:
                print(bad, function(data, list(range(60)) + [bad]))
            except (IndexError, TypeError, AttributeError) as error:
                print(bad, type(error).__name__, error)
try:
    get(values, range(50, 110))
except IndexError:
    traceback.print_exc()
try:
    put(values, range(50, 110))
except IndexError:
    traceback.print_exc()


class Index:
    def __index__(self):
        return 7


class Row(list):
    def __getitem__(self, i):
        return list.__getitem__(self, i) * 10


print(get(values, [Index()] * 100), get(Row(values), range(100)))
print(get({i: i for i in range(100)}, range(100)), get(range(100), range(100)))
text = "abcdefghij"
out = []
for i in range(-10, 10):
    out.append(text[i])
print("".join(out))
try:
    for i in range(50):
        text[i]
except IndexError as error:
    print(i, error)
matrix = [[1, 2, 3], [4, 5, 6], [7, 8]]
try:
    total = 0
    for k in range(50):
        for row in matrix:
            total += row[k % 3]
except IndexError as error:
    print(k, total, error)
