"""Lists, dicts and sets changed while a loop runs over them."""
import traceback


def grow(values, limit):
    for v in values:
        if len(values) < limit:
            values.append(v + 1)
    return len(values), values[-1]


def shrink(values):
    seen = []
    for v in values:
        seen.append(v)
        if v % 3 == 0:
            values.remove(v)
    return seen, values


def clear_in_loop(values):
    count = 0
    for i in range(len(values)):
        count += values[i]
        if i == 150:
            del values[100:]
    return count


print(grow([1, 2, 3], 500))
print(shrink(list(range(60))))
try:
    clear_in_loop(list(range(300)))
except IndexError:
    traceback.print_exc()
d = {i: i for i in range(100)}
try:
    for k in d:
        if k == 70:
            d[1000] = 1
except RuntimeError as error:
    print(error, len(d))
try:
    for k in d:
        if k == 80:
            del d[3]
except RuntimeError as error:
    print(error, len(d))
for k in d:
    d[k] = k * 2
print(sum(d.values()))
s = set(range(100))
try:
    for v in s:
        s.add(v + 1000)
except RuntimeError as error:
    print(error)
grid = [[0] * 5 for _ in range(200)]
try:
    for row in grid:
        row[2] = len(row)
        if grid[0] is row:
            grid[100] = [9, 9]
except IndexError as error:
    print(error, grid[99], grid[101])
try:
    for i in range(200):
        grid[i][2] += 1
except IndexError as error:
    print(i, error)
a = [1, 2, 3, 4]
for i, a[i % 4] in enumerate(range(50)):
    pass
print(a)
