"""int, float, round, chr, ord and str conversions in loops."""


def convert(values):
    total = 0
    for v in values:
        total += int(v) + round(v)
    return total


def chars(n):
    out = []
    for i in range(n):
        out.append(chr(65 + i % 58))
    text = "".join(out)
    return text, sum(ord(c) for c in text)


values = [i * 0.37 - 30 for i in range(200)]
for _ in range(20):
    r = convert(values), chars(120), convert([1, 2, True, 3.7])
print(r)
for v in (0.5, 1.5, 2.5, -0.5, -1.5, 1e20, -1e20, 2 ** 53 + 0.0):
    print(v, int(v), round(v), v.is_integer())
for bad in (float("nan"), float("inf"), "x", "", None, [1]):
    try:
        total = 0
        for _ in range(40):
            total += int(bad)
        print(total)
    except (ValueError, OverflowError, TypeError) as error:
        print(type(error).__name__, error)
for bad in (-1, 0x110000, 2 ** 70, "a"):
    try:
        for _ in range(40):
            chr(bad)
    except (ValueError, OverflowError, TypeError) as error:
        print(type(error).__name__, error)
for bad in ("", "ab", 5):
    try:
        for _ in range(40):
            ord(bad)
    except TypeError as error:
        print(error)
total = 0.0
for text in ["1", "2.5", "1e3", "-0", " 7 "] * 20:
    total += float(text)
print(total, float("-0"), float(10 ** 20), int("123") + int("-9"))
