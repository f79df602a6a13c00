"""What exits are taken from, for test_exits.py: loops and calls whose states hold
numbers, objects, iterators, and several frames.  work() is deterministic."""


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, dx):
        return Point(self.x + dx, self.y)


def ints(n):
    total = 0
    for i in range(n):
        k = i * 3 - 7
        if k % 5 == 0:
            total += k // 2
        total ^= k
    return total


def floats(n):
    a = b = 0.5
    for i in range(n):
        c = a * 1.5 - b
        b = a
        a = c / (i + 1.25)
    return a, b


def many(n):
    """More values than an exit has operands."""
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = 1
    b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = 0.5
    c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = c8 = c9 = 2
    for i in range(n):
        a0 += i; a1 += a0; a2 ^= a1; a3 += i; a4 -= a3
        a5 += i; a6 ^= a5; a7 += 1; a8 += a7; a9 ^= i
        b0 += 1.0; b1 -= b0; b2 += b1 * 0.5; b3 += 1.5; b4 -= b3
        b5 += 2.0; b6 -= b5; b7 += 0.25; b8 += b7; b9 -= 1.0
        c0 += i; c1 -= c0; c2 ^= i; c3 += 2; c4 -= i
        c5 += c4; c6 ^= 3; c7 += i; c8 -= 1; c9 += c8
        a1 &= 0xffffff; a8 &= 0xffff; c1 &= 0xffff; c5 &= 0xffff; c9 &= 0xffff
    return (a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5,
            b6, b7, b8, b9, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9)


def complexes(n):
    z = 0j
    for i in range(n):
        z = z * z + complex(0.1, i * 0.001)
    return z


def sequences(items, text):
    out = []
    for i, item in enumerate(items):
        for ch, other in zip(text, text):
            if ch == other:
                i += item
        for x in items:
            i += x
        for t in (1, 2, 3):
            i += t
        for ch in text:
            if ch == "b":
                i += 1
        out.append(i)
    return out


def tuples(n, point):
    """Tuples that nobody keeps: in variables, on the stack, in each other."""
    p = (point.x, point)
    total = 0
    for i in range(n):
        q = (i, p[0])
        r = (q, p[1], q)
        x, y = p
        total += x + r[0][1] + len(r)
        p = (i * 3 - total % 7, y)
        s = q
        total -= s[0] + p[0]
    return total


def depth(n, step):
    if n <= 0:
        return step
    return depth(n - 1, step) + n * step


def walk(points):
    total = 0
    for p in points:
        q = p.moved(2)
        total += q.x * q.y
        p.x = total & 1023
    return total


def words(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + len(word)
    return counts


def yields(n):
    total = 0
    for i in range(n):
        total += i
        yield total


def work():
    return (ints(60), floats(60), many(30), complexes(40),
            sequences([1, 2, 3, 4], "abcb"), tuples(40, Point(3, 4)),
            depth(12, 3),
            walk([Point(i, i + 1) for i in range(20)]),
            words("a few words and a few more words " * 4),
            sum(yields(40)))


def show(o, seen=0):
    """An object as text that is the same in another process."""
    if isinstance(o, (int, float, complex, str, bool, type(None))):
        return repr(o)
    if isinstance(o, (list, tuple)):
        return type(o).__name__ + str([show(x, seen + 1) for x in o])
    if isinstance(o, dict):
        return str([(show(k), show(v)) for k, v in o.items()])
    if isinstance(o, Point) and hasattr(o, "x"):
        return f"Point({o.x}, {getattr(o, 'y', '-')})"
    if hasattr(o, "__length_hint__") and hasattr(o, "__reduce__"):
        return type(o).__name__ + show(o.__reduce__()[1:], seen + 1)
    if type(o) in (enumerate, zip):
        return type(o).__name__ + show(o.__reduce__()[1:], seen + 1)
    return type(o).__name__
