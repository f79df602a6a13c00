"""Tuples that only the code at hand sees: taken apart again, kept in variables,
passed around loops, in each other.  What others can see of them must be as
if they had been made: identity, order of deaths, what a frame shows, errors."""

import gc
import sys
import weakref


def pairs(n):
    total = 0
    p = q = None
    for i in range(n):
        p = i, i + 1
        q = p
        x, y = q
        total += x * y + len(p) + p[0] + p[-1]
    return total, p is q, p


def floats(n, a, b):
    p = (a, b)
    total = 0.0
    for i in range(n):
        x, y = p
        total += x * y
        p = (y * 0.5, x + i)
    return total, p


def swapped(n):
    p, q = (1, 2), (n, n + 1)
    r = (n, 3)
    total = 0
    for i in range(n):
        q, r = r, q
        if i % 7 == 3:
            r = (i, q[0])
        elif i % 11 == 5:
            q = r
        total += q[0] + r[1] * 2 + (q is r)
    return total, q is r, q, r


def best_of(values):
    best = None
    for i, v in enumerate(values):
        if best is None or v > best[0]:
            best = (v, i)
    return best


def best_seen(values):
    best = (values[0], 0)
    for i in range(len(values)):
        if values[i] > best[0]:
            best = (values[i], i)
    v, i = best
    return v + i


def nested(n):
    total = 0
    for i in range(n):
        q = (i, 3)
        p = (q, (i, q), i)
        (a, b), (c, d), e = p
        total += a + b + c + d[0] + e + (p[0] is d)
    return total


def identity(n):
    """One number, one object: in the tuple, in variables, in a list."""
    out = []
    x = 1000.5
    for i in range(n):
        x = x + 1.5
        y = i + 100000
        p = x, y
        q = (p[0], x, p[1])
        if i % 50 == 49:
            out.append((p[0] is x, p[1] is y, q[0] is q[1], q[2] is y,
                        q[0] is p[0]))
    return out, p[0] is x, p[1] is y, q[1] is x, q[2] is y


def nans(n):
    nan = float("nan")
    hits = 0
    p = (nan, 0)
    for i in range(n):
        p = (p[0], i)
        hits += p[0] is nan
        hits += p[0] == p[0]
    return hits, p == (nan, n - 1), p[0] is nan


def grown(n):
    """A tuple that holds the one before it."""
    p = (0,)
    for i in range(n):
        p = (p, i)
    depth = 0
    while len(p) == 2:
        p = p[0]
        depth += 1
    return depth


def lengths(n, k):
    total = 0
    for i in range(n):
        one = (i,)
        (a,) = one
        none = ()
        seven = (a, a, a, a, a, a, a)
        nine = (i, a, i, a, i, a, i, a, k)
        total += len(one) + len(none) + seven[6] + nine[8] + len(nine)
        if not one or none:
            total = -1
    return total


def wrong_index(n, at):
    total = 0
    try:
        for i in range(n):
            p = (i, i)
            total += p[at if i == n - 1 else 1]
    except IndexError as e:
        return total, str(e), p
    return total


def wrong_length(n):
    total = 0
    p = (1, 2)
    try:
        for i in range(n):
            p = (i, i, i) if i == n - 1 else (i, i)
            a, b = p
            total += a + b
    except ValueError as e:
        return total, str(e), p, a, b
    return total


def divided(n):
    total = 0
    p = (1, 1)
    try:
        for i in range(n):
            p = (100 - i, i)
            q = (p, total)
            total += p[1] // p[0]
    except ZeroDivisionError:
        frame = sys.exc_info()[2].tb_frame
        seen = dict(frame.f_locals)
        return total, seen["p"], seen["q"], seen["q"][0] is seen["p"]
    return total


def kinds(values):
    p = (0, 0)
    q = (values[0], 0)
    total = 0
    for v in values:
        p = (v, v)
        a, b = p
        q = (q[1], a)
        total = total + 1 if a is b else total
    return total, p, q, p[0] is q[1], p[1] is p[0]


class Loud:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Loud.log.append(self.name)


def deaths(n):
    """The elements die from the last to the first, when the last slot goes."""
    out = []
    for i in range(n):
        p = (Loud(("a", i)), Loud(("b", i)), i)
        q = p
        out.append(len(Loud.log))
        p = None
        out.append(len(Loud.log))
        q = None
        out.append(len(Loud.log))
    return out, list(Loud.log)


def over(n, items):
    """Overwritten in turn; elements that lists hold, too, live on."""
    p = (items[0], items[1])
    for i in range(n):
        p = (items[i % len(items)], p[0])
    return p[0].name, p[1].name


def last_holder(items, n):
    """The tuple is the last to hold what the list lets go of."""
    marks = []
    for i in range(n):
        p = (items[i], i)
        items[i] = None
        marks.append(len(Loud.log))
        q = p
        p = (q[1], q[1])
        marks.append(len(Loud.log))
        q = 0
        marks.append(len(Loud.log))
    return marks


def given(a, b, n):
    """The tuple is the last to hold the arguments; they die at the return."""
    p = (a, b)
    a = b = None
    total = 0
    for i in range(n):
        p = (p[1], p[0])
        total += i
    return total


def given_one(a, n):
    p = (a, n)
    a = None
    total = 0
    for i in range(n):
        p = (p[0], i)
        total += p[1]
    return total


def weak(n):
    out = []
    for i in range(n):
        o = Loud(i)
        r = weakref.ref(o)
        p = (o, i)
        o = None
        a = r() is p[0]
        p = (1, 2)
        out.append((a, r() is None))
    return out[-3:]


def counts(n, o):
    p = (o, 1)
    q = p
    for i in range(n):
        p = (q[0], i)
        q = (p[0], p)
    return sys.getrefcount(o), q[1] is p


def tracked(n, o):
    p = (o, o)
    for i in range(n):
        p = (p[1], p[0])
    gc.collect()
    return sum(1 for x in gc.get_objects() if x is p), gc.is_tracked(p)


def look():
    return sorted(k for k in sys._getframe(1).f_locals), \
        sys._getframe(1).f_locals.get("p")


def looked_at(n):
    """Other code runs: it may look."""
    out = None
    for i in range(n):
        p = (i, -i)
        if i % 100 == 50:
            out = look()
        a, b = p
    return out, a, b


def written(n):
    total = 0
    for i in range(n):
        p = (i, 1)
        if i == n - 5:
            sys._getframe().f_locals["p"] = (7, 7)
        total += p[0] + p[1]
    return total


def shown(n):
    p = (1, 2)
    for i in range(n):
        p = (p[1], i)
        q = (p, p)
    d = locals()
    return d["p"], d["q"][0] is d["q"][1], d["q"][0] is d["p"]


def yields(n):
    p = (0, 0)
    for i in range(n):
        p = (p[1], i)
        q = (i, p)
        a, b = q
        yield a + b[0]
    yield p


def kept_now_and_then(n):
    kept = []
    p = (0, 0)
    for i in range(n):
        p = (i, p[0])
        if i % 64 == 63:
            kept.append(p)
    return len(kept), kept[-1] is p, kept[0]


def add(p, k):
    return p[0] + p[1] + k


def passed(n):
    total = 0
    for i in range(n):
        p = (i, 1)
        total += add(p, 2)
    return total, p


def returned(n):
    def two(i):
        p = i, i + 1
        return p
    total = 0
    for i in range(n):
        a, b = two(i)
        total += a * b
    return total


def compared(n):
    total = 0
    for i in range(n):
        p = (i, 1)
        q = (i, 1)
        total += (p is q) + (p is not None) + (p == q) + (p is p)
    return total


def inner(n, m):
    total = 0
    for i in range(n):
        p = (i, i * 2)
        for k in range(m):
            total += p[0] - p[1] + k
            if k == 5:
                p = (k, p[0])
    return total, p


def big(n):
    p = (1, 1)
    for i in range(n):
        p = (p[1], p[0] + p[1])
    return p


def texts(words):
    p = ("", 0)
    for w in words:
        p = (w + "!", p[1] + len(w))
        s, n = p
        if s > "m!":
            p = (s, n + 1)
    return p


def main(n):
    print(pairs(n), floats(n, 0.5, 1.25), swapped(n))
    print(best_of([(i * 37) % 101 for i in range(n)]),
          best_seen([(i * 37) % 101 * 0.5 for i in range(n)]))
    print(nested(n), identity(n), nans(n), grown(min(n, 200)))
    print(lengths(n, 4), wrong_index(n, 2), wrong_index(n, -3), wrong_length(n))
    print(divided(n + 90))
    print(kinds([1] * n + [2.5] * n + ["x"] * n + [1 << 70] * 3 + [None, 1]))
    del Loud.log[:]
    marks, log = deaths(n)
    print(marks[:6], marks[-3:], log[:8], len(log), sum(marks))
    del Loud.log[:]
    items = [Loud(i) for i in range(5)]
    print(over(n, items), Loud.log)
    del items
    print(Loud.log)
    del Loud.log[:]
    items = [Loud(i) for i in range(n)]
    print(sum(last_holder(items, n)), Loud.log[:5], len(Loud.log))
    del Loud.log[:]
    for k in range(3):
        print(given(Loud(1), Loud(2), n + k), given_one(Loud(3), n), Loud.log)
        print(given([1], Loud(4), n), given(Loud(5), [2], n), Loud.log)
        a = Loud(6)
        print(given(a, Loud(7), n), given(a, a, n), Loud.log, a.name)
        del a
    print(weak(n), counts(n, object()), tracked(n, [1]))
    print(looked_at(n), written(n), shown(n))
    print(list(yields(n))[-2:], kept_now_and_then(n), passed(n), returned(n))
    print(compared(n), inner(n // 8, 12), big(min(n, 300)),
          texts(["ab", "xyz", "m"] * n))


for turn in range(12):
    main(120)
main(700)
