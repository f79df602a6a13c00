"""Dicts in loops: counting, grouping, ordering, missing keys, deletion."""


def count(text):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    return counts


def group(words):
    groups = {}
    for w in words:
        groups.setdefault(len(w), []).append(w)
    return groups


def two_sum(values, target):
    seen = {}
    for i, v in enumerate(values):
        if target - v in seen:
            return seen[target - v], i
        seen[v] = i
    return None


def memo_fib(n, cache):
    if n in cache:
        return cache[n]
    cache[n] = n if n < 2 else memo_fib(n - 1, cache) + memo_fib(n - 2, cache)
    return cache[n]


text = "the quick brown fox jumps over the lazy dog " * 10
print(count(text))
print(group(text.split()[:9]))
print(two_sum(list(range(0, 500, 3)), 700), two_sum([1, 2], 100))
print(memo_fib(150, {}))
d = {}
for i in range(300):
    d[i % 50, "k"] = i
    if i % 60 == 59:
        del d[i % 50, "k"]
print(len(d), list(d.items())[-2:])
missing = 0
for i in range(200):
    try:
        d[i]
    except KeyError as error:
        missing += error.args[0] == i
print(missing)
print({1: "int"} == {1.0: "int"}, {True: 1}.get(1), {0.0: "z"}[-0.0])
merged = {"a": 1} | {"b": 2}
for key in list(merged):
    merged[key + key] = merged.pop(key)
print(merged, {k: v for v, k in enumerate("abc")})
histogram = [0] * 10
for v in {i: i * i for i in range(100)}.values():
    histogram[v % 10] += 1
print(histogram)
