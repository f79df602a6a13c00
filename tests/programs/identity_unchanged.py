"""What gives its operand back unchanged gives the same object, and what makes
a new one does not, though it be equal: slices of all of a sequence, empty
additions, conversions to the type it has, signs, extremes."""

import math
import operator
import sys

NOTHING = ""
NO_BYTES = b""


def text(s):
    whole = len(s)
    return (s[:] is s, s[0:whole] is s, s[-whole:] is s, s[0:99] is s,
            s[::1] is s, s[0:1] is s, s[0:1] is s[0], s + "" is s,
            "" + s is s, s * 1 is s, str(s) is s, f"{s}" is s,
            "".join((s,)) is s, s.strip() is s, s.replace("q", "z") is s,
            "%s" % s is s, s[0:0] is NOTHING, max(s, s) is s)


def bounds(s, low, high):
    count = 0
    for i in range(low, high):
        for j in range(low, high):
            part = s[i:j]
            count = count * 3 % 65521 + (part is s) + (part == s)
    return count


def parts(s):
    out = []
    for i in range(len(s)):
        a = s[i:i + 1]
        b = s[i]
        out.append((a is b) + 2 * (a is s) + 4 * (b is s) + 8 * (a == b))
    return out


def sequence(t):
    whole = len(t)
    return (t[:] is t, t[0:whole] is t, t[-whole:] is t, t[0:99] is t,
            t * 1 is t, t[0:0] is t[1:1], t[0:1] is t)


def pairs(t):
    return t + () is t, () + t is t, tuple(t) is t, (*t,) is t


def raw(b):
    return b + b"" is b, b"" + b is b, bytes(b) is b, b[0:0] is NO_BYTES


def whole_number(n):
    return (+n is n, int(n) is n, abs(n) is n, n | 0 is n, n + 0 is n,
            n * 1 is n, n // 1 is n, n ** 1 is n, round(n) is n,
            math.floor(n) is n, math.trunc(n) is n, operator.index(n) is n,
            n.__int__() is n, n.real is n, max(n, n) is n, min(n, -5) is n,
            ~~n is n, n << 0 is n, n >> 0 is n, -(-n) is n, n.numerator is n,
            n & -1 is n, n - 0 is n, n ^ 0 is n, divmod(n, 1)[0] is n)


def real_number(f):
    return (+f is f, float(f) is f, abs(f) is f, f + 0 is f, f * 1 is f,
            f ** 1 is f, f.real is f, max(f, f) is f, min(f, 1e300) is f,
            -(-f) is f, f / 1 is f, round(f, 20) is f, f - 0.0 is f,
            f.__float__() is f)


def made(number):
    """A string of one character that is not the interpreter's own."""
    return str(number)


turns = int(sys.argv[1]) if len(sys.argv) > 1 else 60
for turn in range(turns):
    words = [made(turn % 10), "a", "\xe9", "\u65e5", chr(0x1F600), "ab",
             "a" * 30, "\xe9" * 3, "\u65e5\u672c", "x\U0001F600",
             "".join(["h", "e"]), "" + made(7), made(12)]
    seen = [text(s) for s in words]
    seen += [parts(s) for s in words]
    seen += [bounds(s, -3, 4) for s in words]
    tuples = [(turn,), (turn, "a"), tuple("abc"), (1.5, None, turn)]
    seen += [sequence(t) + pairs(t) for t in tuples]
    seen += [sequence(b) + raw(b) for b in (bytes([turn]), b"ab", b"xyz" * 9)]
    seen += [sequence(v) for v in ([turn], [turn, 2], list("abc"))]
    numbers = [turn, 5, -5, -6, 256, 257, 1 << 30, turn + 1000, 1 << 62,
               turn + (1 << 63), -(1 << 40), 10 ** 30]
    seen += [whole_number(n) for n in numbers]
    seen += [real_number(f) for f in (turn * 0.5, 1.0, -0.0, 2.5e10, math.inf)]
    if turn % 13 == 0:
        for row in seen:
            print(*[int(v) for v in row] if isinstance(row, (tuple, list))
                  else [row])
print(*seen, sep="\n")
