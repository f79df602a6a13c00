"""Ranges and slices as objects: in variables, kept and not kept, shown by
exits, of numbers that are objects elsewhere, and slices in steps."""
import sys


def through(n):
    r = range(n)
    total = 0
    for i in r:
        total += i
    for i in r:
        total -= i * 2
    return total


def inner(n, m):
    r = range(2, m)
    total = 0
    for i in range(n):
        for k in r:
            total += k ^ i
        if total < 0:
            return r
    return total, len(r)


def given(r):
    total = 0
    for i in r:
        total += i
    return total, len(r)


def indexed(r, n):
    total = 0
    for i in range(n):
        total += r[i] - r[-i - 1]
    return total


def leaves(n, odd):
    """An exit in the middle shows the range."""
    a = b = range(1, n, 3)
    total = 0
    for i in a:
        if i == odd:
            total = float(total)
        total += i
    return total, a is b, a == b, a, b


def identity(n):
    stop = n * 1000
    r = range(stop)
    s = slice(stop, None, stop)
    return r.stop is stop, s.start is stop, s.step is stop, s.stop is None


def identity_after_exit(n, odd):
    stop = n * 1000
    r = range(stop, stop + 5)
    s = slice(stop)
    total = 0
    for i in r:
        if i - stop == odd:
            total = str(total)
            return r.start is stop, s.stop is stop, r is r, total, r, s
        total += i
    return r.start is stop, s.stop is stop, total


def alternating(n):
    """A variable that is one range or another, or none."""
    r = range(0)
    total = 0
    for i in range(n):
        if i % 3 == 0:
            r = range(i)
        elif i % 3 == 1:
            r = range(i, 0, -2)
        for k in r:
            total += k
    return total, r


def kept(n, out):
    for i in range(n):
        r = range(i, i + 2)
        if i % 5 == 0:
            out.append(r)
    return r


def swapped(n):
    p, q = range(3), range(5)
    total = 0
    for i in range(n):
        p, q = q, p
        total = total * 3 + len(p)
        total %= 1000003
    return total, p, q


def bad(step):
    try:
        return sum(range(0, 10, step))
    except ValueError as e:
        return str(e)


def big(k):
    r = range(2 ** 62, 2 ** 62 + k, 1)
    total = 0
    for i in r:
        total += i & 15
    return total, len(r), r[-1] if r else None


def huge(n):
    r = range(-2 ** 63, 2 ** 63 - 1)
    try:
        return len(r) + n
    except OverflowError as e:
        return str(e), r[5], r[-1]


def wrong_index(r, i):
    try:
        return r[i]
    except IndexError as e:
        return str(e)


def strides(x):
    n = len(x)
    out = [x[::-1], x[::2], x[1::2], x[::-2], x[n:0:-1], x[-2:1:-3],
           x[5:2:1], x[2:100:7], x[-100:100:3], x[:3:-1], x[0:n:1], x[3::1]]
    return out, x[::1] is x[::1], x[::1] is x


def sliced(x, a, b):
    s = slice(a, b)
    t = slice(b)
    return x[s], x[t], x[slice(a, None, -1)], x[slice(None, None)]


def slices_in_loop(x, n):
    s = slice(1, 4)
    got = []
    for i in range(n):
        s2 = slice(i, i + 3)
        got.append(x[s2] + x[s])
    return got


def other_bounds(x, a, b, c):
    try:
        return x[a:b:c]
    except (TypeError, ValueError) as e:
        return str(e)


class Index:
    def __init__(self, i):
        self.i = i

    def __index__(self):
        return self.i


class Taker:
    def __getitem__(self, key):
        return key


def tracer(frame, event, arg):
    return None


def looked_at(n):
    r = range(n)
    s = slice(n, n + 1, 2)
    total = 0
    for i in r:
        total += i
    shown = sys._getframe().f_locals
    return total, shown["r"], shown["s"], shown["r"] is r, shown["s"] is s


def yielding(n):
    r = range(n)
    for i in r:
        yield i, r
        for k in r:
            if k == 2:
                yield k


def comprehensions(n):
    r = range(n)
    return [i * k for i in r for k in r if k < i], {i: r[i] for i in r}


def returned(n):
    return range(n), slice(n), range(n, 2 * n)


def deleted(n):
    r = range(n)
    total = 0
    for i in range(n):
        r = range(i)
        total += len(r)
        del r
        try:
            r
        except NameError as e:
            total += len(type(e).__name__)
    return total


def main():
    for n in (0, 1, 5, 400):
        print(through(n), inner(n, 7), indexed(range(n, 5 * n, 5), n // 2),
              alternating(n % 60), swapped(n), big(n % 40), looked_at(n))
        print(list(yielding(n % 9)), comprehensions(n % 7), returned(n),
              deleted(n))
        print(given(range(n)), given(range(n, -n, -3)), given([1, 2]))
        out = []
        print(kept(n, out) if n else None, out[:3], len(out))
        print(identity(n), identity_after_exit(n, 9), identity_after_exit(n, 3))
    for odd in (10 ** 9, 10 ** 9, 10 ** 9, 1, 40, 61):
        for n in (100, 200):
            print(leaves(n, odd))
    for _ in range(100):
        identity(7), identity_after_exit(7, 9), bad(2), bad(-1)
        wrong_index(range(9), 3), huge(0)
        through(20), inner(3, 5), given(range(30)), sliced("abcdefgh", 1, 5)
    print(bad(0), bad(3), huge(1))
    print(wrong_index(range(9), 9), wrong_index(range(9), -10),
          wrong_index(range(0), 0), wrong_index(range(9), -9))
    texts = ("", "a", "hello", "h\xe9llo w\xf6rld", "\u4f60\u597d abc",
             "x\U0001f600y\U0001f601z", "a\u4f60b\xe9c", "\xe9a\xe9")
    for x in texts + tuple(list(t) for t in texts) + tuple(
            tuple(t) for t in texts) + (b"bytes", bytearray(b"array")):
        print([strides(x) for _ in range(30)][-1])
        for p in strides(x)[0]:
            print(len(p), sys.getsizeof(p), end=" ")
        print(sliced(x, 1, 3), sliced(x, -3, 2 ** 70), sliced(x, None, 1))
    print(slices_in_loop("abcdefghij", 30) == slices_in_loop("abcdefghij", 30),
          slices_in_loop([1, 2, 3, 4, 5], 5))
    for bounds in ((0, 4, 1), (0, 4, 2), (None, None, -1), (1.5, 2, 1),
                   (0, 4, 0), (Index(1), Index(3), None), (True, 3, None),
                   (2 ** 80, None, -1), (None, "x", None)):
        for x in ([1, 2, 3, 4], "abcd", (1, 2, 3, 4), Taker()):
            shown = other_bounds(x, *bounds)
            print(shown if not isinstance(shown, slice) else "slice")


for turn in range(4):
    main()
