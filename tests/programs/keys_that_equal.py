"""Keys that are equal to ints and strings without being any."""
LOG = []


class K:
    def __init__(self, h, e): self.h = h; self.e = e
    def __hash__(self): return hash(self.h)
    def __eq__(self, o): LOG.append(type(o).__name__); return self.e
    def __repr__(self): return f"K({self.h!r})"


class MyStr(str):
    def __eq__(self, o): LOG.append("MyStr"); return False
    __hash__ = str.__hash__


class MyInt(int):
    def __eq__(self, o): LOG.append("MyInt"); return False
    __hash__ = int.__hash__


def use(d, k, v):
    r = [k in d, d.get(k), d.get(k, 0)]
    try:
        r.append(d[k])
    except KeyError as e:
        r.append(repr(e))
    d[k] = v
    r.append(len(d))
    r.append(list(d)[:4])
    return r


def count(d, ks):
    for k in ks:
        d[k] = d.get(k, 0) + 1
    return d


def sets(s, k):
    r = [k in s]
    s.add(k)
    r.append(len(s))
    return r


def attempt(f, *a):
    LOG.clear()
    try:
        print(f.__name__, f(*a), LOG)
    except Exception as e:
        print(f.__name__, repr(e), LOG)


for turn in range(150):
    use({1: 2, 3: 4}, turn % 4, 5)
    use({"a": 2, "b": 4}, "abcd"[turn % 4], 5)
    count({}, [1, 2, 1])
    count({}, ["a", "b", "a"])
    sets({1, 2}, turn % 4)
    sets({"a"}, "abc"[turn % 3])
KEYS = [1, "a", True, 1.0, 1 + 0j, K(1, True), K("a", True), K(1, False), K("a", False), MyStr("a"), MyInt(1), None, (1,), -1, -2,
        2 ** 61 - 1, 2 ** 61, 0, 1 << 64, b"a", float("nan"), frozenset({1}), "", "\xe9", [1]]


def dicts():
    for k in KEYS:
        try:
            yield {k: 7}
            yield {k: 7, 1: 8, "a": 9}
            yield {1: 8, "a": 9, k: 7}
        except TypeError:
            pass


n = 0
for k in KEYS:
    for d in dicts():
        attempt(use, d, k, 3)
        n += 1
for k in KEYS:
    attempt(count, {1: 1, "a": 1}, [k, k, 1, "a"])
    for q in KEYS[:-1]:
        attempt(sets, {q}, k)
big = {}
for i in range(2000):
    big[i] = i
    if i % 3 == 0:
        del big[i // 2 * 1]
        big[i // 2] = -1
print(sum(big.values()), len(big))
attempt(count, big, list(range(0, 3000, 7)))
print(sum(big.values()), len(big))
attempt(count, dict.fromkeys("abc", "x"), ["a"])
attempt(count, dict.fromkeys("abc", 1.5), ["a", "q"])
attempt(count, dict.fromkeys("abc", 1 << 63), ["a"])
attempt(count, dict.fromkeys("abc", (1 << 63) - 1), ["a"])
