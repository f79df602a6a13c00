"""and, or, not, chained comparisons and conditional expressions as values."""


def pick(values):
    out = []
    for v in values:
        out.append(v and v * 2 or -1)
        out.append(v or "empty")
        out.append(not v)
        out.append(v if v else None)
    return out


def between(values, low, high):
    count = 0
    for v in values:
        if low <= v < high:
            count += 1
        if not low < v or v == high != low:
            count += 100
        if low < v > high:
            count += 10000
    return count


def first_true(*tests):
    calls = []

    def call(i):
        calls.append(i)
        return tests[i]

    r = call(0) and call(1) or call(2)
    return r, calls


for _ in range(20):
    r = pick([0, 1, 2.5, "", "x", [], [1], None, True, 0.0, -0.0, 10 ** 20])
print(r)
print(between(range(200), 50, 100), between([i * 0.5 for i in range(200)], 10, 20),
      between([10 ** 20, 5, 2.5] * 20, 3, 7))
for _ in range(30):
    r = [first_true(a, b, c) for a in (0, 1) for b in ("", "b") for c in (None, 3)]
print(r)


class Truthy:
    def __init__(self, answer):
        self.answer = answer

    def __bool__(self):
        return self.answer


count = 0
for v in [Truthy(True), Truthy(False)] * 50 + [5, 0, "", []]:
    if v:
        count += 1
    if not v:
        count += 1000
print(count)
try:
    for v in [1] * 50 + [Truthy(1)]:
        if v:
            count += 1
except TypeError as error:
    print(error, count)
x = None
for i in range(100):
    if x is None:
        x = i
    elif x is not None and i > 50:
        x = None
print(x)
print([i for i in range(60) if i in (1, 5, 50) or i not in range(58)])
