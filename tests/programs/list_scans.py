"""sum, max, min, any, all, count, index and `in` over lists and tuples of
all kinds, also of elements whose own code runs, and the names rebound."""
import builtins
import traceback


class Odd:
    def __init__(self, victim=None):
        self.victim = victim
        self.asked = 0

    def __eq__(self, other):
        self.asked += 1
        if self.victim is not None and len(self.victim) > 3:
            del self.victim[3:]
        return other == 7

    def __bool__(self):
        self.asked += 1
        if self.victim is not None:
            self.victim.append(True)
        return False


class Bad:
    def __eq__(self, other):
        raise KeyError("no comparison")

    def __bool__(self):
        raise KeyError("no truth")


class Loud(list):
    def __contains__(self, item):
        return "loud"

    def __iter__(self):
        return iter([1, 2, 4])


def totals(lists):
    out = []
    for xs in lists:
        out.append(sum(xs))
    return out


def extremes(lists):
    out = []
    for xs in lists:
        out.append((max(xs), min(xs)))
    return out


def truths(lists):
    out = []
    for xs in lists:
        out.append((any(xs), all(xs)))
    return out


def counts(xs, values):
    out = []
    for v in values:
        out.append(xs.count(v))
    return out


def places(xs, values):
    out = []
    for v in values:
        out.append(xs.index(v))
    return out


def held(xs, values):
    n = 0
    for v in values:
        if v in xs:
            n += 1
        if v not in xs:
            n += 100
    return n


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for entry in traceback.extract_tb(e.__traceback__):
            print("  ", entry.name, entry.lineno, entry.colno, entry.end_colno, entry.line)


nan, inf = float("nan"), float("inf")
ints = [[1, 2, 3] * 20, [True, False] * 9, (5, -7, 0), [10 ** 6] * 50, [0, True, -5, 256, 257]]
floats = [[0.1] * 10, [1e100, 1.0, -1e100], [-0.0], [0.5, 1.5, -0.0] * 7, (1e308, 1e308),
          [inf, 1.0], [1.0, nan, 2.0], [nan, 1.0], [1, 2, 0.1, 0.2], [1e16, 1.0, 1.0, -1e16]]
odd = [[2 ** 62, 2 ** 62], [2 ** 70, 1], [1, 2.5, 3], [True, 2.5], [1 + 2j, 3], [-2 ** 63, -1],
       [2 ** 63 - 1], [0.5, 2 ** 70], [inf, -inf]]

for turn in range(60):
    a = totals(ints), extremes(ints), truths(ints)
    b = totals(floats), extremes(floats), truths(floats)
    c = counts(ints[0], (1, 2, 9, True, 2.0)), places(ints[0], (1, 2, 3))
    d = held(ints[3], (10 ** 6, 1, 10.0 ** 6, True, None))
print(a, b, c, d)
print(totals(odd), extremes([odd[0], odd[1], odd[2], odd[3], odd[5], odd[6], odd[7]]))
words = ["a", "bc", "d\u00e9f", "\u65e5\u672c", "bc", "", "A"] * 5
for turn in range(60):
    e = counts(words, ("bc", "", "x", "d\u00e9f", "\u65e5\u672c", 1)), places(words, ("", "A"))
    f = held(words, ("bc", "q", b"a", None)), held(tuple(words), ("bc", "q", b"a", None))
    g = extremes([words, tuple(words), "xyz"]), held("abc", ("a", "z"))
    h = held({1: 2, "k": 3}, (1, "k", 5)), held(range(7), (1, 9)), held({1, 2}, (2, 4))
print(e, f, g, h)
print(counts([nan, nan, 1.0, 1, True, None, None], (nan, 1, None, 1.0, True)))
print(held(Loud([9]), (1, 2)), totals([Loud([9])]), truths([Loud([0]), [], ()]))
print(totals([[], (), range(5), {3, 4}, {5: 6}, (x for x in (1, 2))]))
print(extremes([{3, 4}, range(9), iter([2, 1, 3, 2.5]), "hello"][:2]))

for turn in range(3):
    xs = [1, 2, 3, 4, 5, 6]
    o = Odd(xs)
    xs.insert(1, o)
    print(xs.count(7), len(xs), o.asked)
    xs = [0, 0, 0, 0, 0, 0]
    o = Odd(xs)
    xs[1] = o
    print(7 in xs, len(xs), o.asked)
    xs = [False, 0]
    o = Odd(xs)
    xs[1] = o
    print(any(xs), len(xs), o.asked)
    print(held([Odd(), 5], (7, 8)), counts([Odd(), 7, 7.0], (7,)))
for broken in ([[]], [()], [[1, Bad()]], [["a", 1]], [[1, "a"]], [[None]], [5]):
    attempt(totals, broken)
    attempt(extremes, broken)
    attempt(truths, broken)
attempt(counts, [1, Bad()], (1, 2))
attempt(places, [1, 2], (2, 3))
attempt(places, ["a", Bad()], ("b",))
attempt(held, [1, Bad()], (1, 2))
attempt(held, 5, (1,))

real = builtins.sum
builtins.sum = lambda xs: "rebound"
print(totals([[1, 2]]))
builtins.sum = real
print(totals([[1, 2]]))
max = min
print(extremes([[1, 2, 3]]))
del max
print(extremes([[1, 2, 3]]))
