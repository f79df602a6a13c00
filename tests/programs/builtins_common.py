"""len, abs, min, max, sum, isinstance and friends on many kinds."""


def lengths(things):
    total = 0
    for thing in things:
        total += len(thing)
    return total


def spread(values):
    low = high = values[0]
    for v in values:
        low = min(low, v)
        high = max(high, v)
    return low, high, abs(low - high)


def kinds(things):
    counts = [0, 0, 0, 0]
    for t in things:
        if isinstance(t, bool):
            counts[0] += 1
        elif isinstance(t, int):
            counts[1] += 1
        elif isinstance(t, (float, complex)):
            counts[2] += 1
        else:
            counts[3] += 1
    return counts


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Negative(Sized):
    def __abs__(self):
        return "abs of Negative"

    def __lt__(self, other):
        return NotImplemented


print(lengths([[1], (2, 3), "four", {5}, {6: 7}, b"8", range(9)] * 20))
print(lengths([Sized(3)] * 100), abs(Negative(1)))
print(spread([i * 37 % 101 for i in range(300)]),
      spread([i * 0.37 % 1.7 for i in range(300)]),
      spread([3, 2.5, True, 10 ** 20] * 30))
print(kinds([True, 1, 2.5, 1j, "x", None, int, 10 ** 30] * 30))
for bad in (5, None, Sized(-1), Sized("x"), Sized(2 ** 70)):
    try:
        print(lengths([[1]] * 50 + [bad]))
    except (TypeError, ValueError, OverflowError) as error:
        print(type(error).__name__, error)
for call in (lambda: min(), lambda: min([]), lambda: max(1), lambda: abs("x"),
             lambda: min(1, "x"), lambda: isinstance(1, 1), lambda: len(1, 2),
             lambda: min(Negative(1), Negative(2))):
    try:
        for _ in range(40):
            call()
        print("none")
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
print(max("apple", "pear", key=len), min([], default=3), max([1, 5, 3]))
print([bool(x) for x in (0, 0.0, -0.0, "", [], (), None, 1, "0", [0])])
print(divmod(-7, 2), pow(2, 10), hash(1) == hash(1.0) == hash(True))
