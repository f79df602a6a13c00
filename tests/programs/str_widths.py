"""Strings of each width."""
import zlib
S = ["", "a", "ab", "abc" * 20, "\xe9", "\xe9t\xe9", "a\xff", "\u20ac", "\u20ac\xe9a", "a" * 30 + "\u20ac", "\U0001F40D", "x\U0001F40Dy", "\ud800", "\x00", "a\x00b", "12", " 7 ", "\u0663", "-0", "1_0", "A", "ss", "\xdf"]


def cat(a, b): return a + b
def acc(a, b):
    s = a
    for i in range(3):
        s += b
        s = s + a
    return s
def idx(a, b): return [a[i] for i in range(len(a))], a[-1:], a[0:1], a[1:-1], a[:2], a[5:], a[::2]
def it(a, b): return [c for c in a], [ord(c) for c in b], [chr(ord(c)) for c in a], "".join([c for c in b])
def cmp(a, b): return a < b, a <= b, a == b, a != b, a > b, a >= b, a is b
def find(a, b): return b in a, a in b, b not in a, a.find(b), a.count(b), a.startswith(b)
def fmt(a, b): return f"{a}{b}", f"{a!r}:{b!s}", f"{a:>5}|{b:<3}", "%s-%s" % (a, b), "{}{}".format(a, b)
def conv(a, b):
    r = []
    for f in (int, float, str, len, ord, list, hash):
        try:
            r.append(f(a) if f is not hash else 0)
        except (ValueError, TypeError) as e:
            r.append(repr(e))
    return r
def num(a, b):
    return int(a), str(int(b) + 1)
def keys(a, b):
    d = {a: 1}
    d[b] = 2
    d[a + b] = 3
    s = {a, b}
    s.add(b + a)
    return d, sorted(s), a in d, b[:1] in d, d.get(a), d.get(b + "q", 5), len(s)
def chars(a, b):
    n = 0
    for i, c in enumerate(a):
        if c == "a" or c in b:
            n += i + 1
        elif c > "b":
            n -= 1
        if c is a[i]:
            n += 100
    return n
def zipped(a, b): return [x + y for x, y in zip(a, b)], [p for p in zip(a, b)]
def mul(a, b): return a * 3, 2 * b, a * len(b)


FUNCS = [cat, acc, idx, it, cmp, find, fmt, conv, num, keys, chars, zipped, mul]


def run(f, a, b):
    try:
        return repr(f(a, b))
    except Exception as e:
        return repr(e)


for turn in range(30):
    for f in FUNCS:
        for a in ("abc", "12", "b"):
            run(f, a, "12")
for f in FUNCS:
    c = 0
    for a in S + [5, None, b"a", ["a"]]:
        for b in S + [5, None, 1.5]:
            c = zlib.crc32(run(f, a, b).encode("utf-8", "backslashreplace"), c)
    print(f.__name__, c)
