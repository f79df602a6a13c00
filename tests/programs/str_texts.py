"""Texts made of numbers and numbers of texts, slices of strings, lists and
tuples, characters: of all kinds, at and beyond the ends, and what raises."""
import traceback


class Text(str):
    def __getitem__(self, where):
        return "item"

    def __format__(self, spec):
        return "formatted"


class Row(list):
    def __getitem__(self, where):
        return ["item", where]


class Odd(int):
    def __str__(self):
        return "odd"

    def __format__(self, spec):
        return "odd format"


def shown(values):
    out = []
    for v in values:
        out.append(f"<{v}|{v!s}|{v!r}>")
    return out


def mixed(n, x):
    out = []
    for i in range(n):
        out.append(f"{i}:{i * x}:{'s' * (i % 3)}")
    return out[-3:], len(out)


def strs(values):
    out = []
    for v in values:
        out.append(str(v))
    return out


def ints(texts):
    total = 0
    for t in texts:
        total += int(t)
    return total


def digit_sum(n):
    total = 0
    for i in range(n):
        for ch in str(i):
            total += int(ch)
    return total


def pairs(seq, n):
    out = []
    for i in range(-n, n):
        out.append((seq[i:i + 2], seq[:i], seq[i:], seq[i:n]))
    return out


def by_bounds(seq, bounds):
    out = []
    for a, b in bounds:
        out.append(seq[a:b])
    return out


def count_in(text, part):
    n = 0
    for i in range(len(text)):
        if text[i:i + len(part)] == part:
            n += 1
    return n


def reverse(text):
    out = ""
    for i in range(len(text) - 1, -1, -1):
        out += text[i]
    return out


def same_char(text):
    n = 0
    for i in range(len(text)):
        if text[i] is text[i:i + 1]:
            n += 1
        if text[i] == text[-1]:
            n += 100
    return n


def whole(seq, n):
    k = 0
    for i in range(n):
        if seq[:] is seq:
            k += 1
        if seq[0:len(seq) + i] is seq:
            k += 1000
    return k


def changes(rows):
    for i in range(len(rows)):
        part = rows[:i]
        part.append(i)
        rows[i] = len(part)
    return rows


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for entry in traceback.extract_tb(e.__traceback__):
            print("  ", entry.name, entry.lineno, entry.colno, entry.end_colno)


numbers = [0, 7, -1, 10, -99, 256, 2 ** 30, -2 ** 30, 2 ** 62, -2 ** 63, 2 ** 63 - 1] * 4
floats = [0.0, -0.0, 1.5, 1e22, 1e16, 123456789.125, -2.5e-7, float("inf"), float("nan")] * 4
texts = ["0", "12", "-5", "+6", " 7\n", "1_000", "000", "-0", "999999999999999999",
         "1000000000000000000", "-9223372036854775808", "\u0663\u0664"] * 4
latin, wide = "caf\u00e9 ol\u00e9 ", "\u65e5\u672ca\U0001f600b"
for turn in range(20):
    a = shown(numbers), shown(floats), shown(["a", "", latin, wide] * 9)
    b = mixed(60, 3), mixed(60, 0.5), strs(numbers), strs(floats), strs([latin, wide] * 9)
    c = ints(texts), digit_sum(60)
    d = pairs("hello", 7), pairs([1, 2, 3], 5), pairs((1, 2, 3), 5), pairs(latin, 6)
    e = pairs(wide, 6), by_bounds("abc", [(0, 1), (1, None), (None, 2), (-9, 9), (2, 1)] * 8)
    f = count_in("abababab" * 5, "ab"), count_in(wide * 5, "a"), reverse(latin * 3), reverse(wide)
    g = same_char("hello"), same_char(latin), same_char(wide), whole("abc", 30), whole((1, 2), 30)
    h = whole([1, 2], 30), changes([9] * 30)
print(a, b, c, d, e, f, g, h, sep="\n")
print(shown([True, None, 2 ** 70, Odd(3), Text("x"), 1 + 2j]), strs([True, Odd(3), 2 ** 64, Text("t")]))
print(mixed(3, 2 ** 62), pairs(Text("abc"), 2), pairs(Row([1]), 1), pairs(b"bytes", 3))
print(by_bounds([1, 2, 3], [(True, None), (2 ** 70, None), (-2 ** 70, 2)]))
attempt(ints, ["1", "x"])
attempt(ints, ["1", ""])
attempt(ints, ["5" * 30, "1"])
attempt(ints, [3.7, "2", True])
attempt(ints, ["1", None])
attempt(by_bounds, "abc", [(0, 1), ("a", 2)])
attempt(by_bounds, [1, 2], [(0, 1.5)])
attempt(by_bounds, {1: 2}, [(0, 1)])
attempt(count_in, 5, "a")
attempt(reverse, [1, "a"])
str = lambda v: "rebound"
print(strs([1, 2]), digit_sum(0))
del str
print(strs([1, 2.5, "x"]))
