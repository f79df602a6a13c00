"""Loops over dicts and sets: all views, entered in the middle, shared iterators,
changed meanwhile, emptied, left early."""
import sys
import traceback


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name)


def keys(d):
    n = 0
    for k in d:
        n += k
    return n


def values(d):
    n = 0.0
    for v in d.values():
        n += v
    return n


def items(d):
    n = 0
    for k, v in d.items():
        n += k * v
    return n


def pairs(d):
    out = []
    for item in d.items():
        out.append(item)
    return out


def largest(d):
    best, most = None, -1
    for k, v in d.items():
        if v > most:
            best, most = k, v
    return best, most


def members(s):
    n = 0
    for x in s:
        n += x
    return n


def comprehended(d):
    return ({k: v + 1 for k, v in d.items() if v % 2}, [k for k in d],
            sorted({v for v in d.values()}), [v for k, v in d.items()])


def nested(d):
    n = 0
    for a in d:
        for b, v in d.items():
            n += a * v - b
    return n


def changed(d, at):
    seen = []
    for k in d:
        seen.append(k)
        d[k] += 1
        if k == at:
            d[k + 1000] = 1
    return seen


def deleted(d, at):
    seen = []
    for k, v in d.items():
        seen.append(k)
        if k == at:
            del d[k]
    return seen


def replaced(d, at):
    """Same size again: other keys."""
    seen = []
    for k in d:
        seen.append(k)
        if k == at:
            del d[k]
            d[k + 5000] = 0
        if len(seen) > 400:
            break
    return seen[-3:]


def grown(s, at):
    seen = 0
    for x in s:
        seen += 1
        if x == at:
            s.add(10 ** 6 + seen)
    return seen


def cleared(d, at):
    n = 0
    for k in d:
        n += 1
        if k == at:
            d.clear()
    return n


def shared(d):
    it = iter(d.items())
    out = []
    for k, v in it:
        out.append(k)
        for k2, v2 in it:
            out.append(-k2)
            if len(out) % 7 == 0:
                break
    return out, next(it, "end")


def kept(s):
    it = iter(s)
    n = 0
    for x in it:
        n += x
    return n, next(it, "end"), next(it, "end")


def early(d, at):
    for i, k in enumerate(d):
        if i == at:
            return k
    return None


def holes(n):
    d = dict.fromkeys(range(n), 2)
    for i in range(0, n, 3):
        del d[i]
    s = set(range(n))
    for i in range(0, n, 5):
        s.discard(i)
    return keys(d), items(d), members(s), len(pairs(d))


def raises(d, at):
    for k, v in d.items():
        10 // (k - at)
    return k


def releases(d):
    n = 0
    for k, v in d.items():
        n += k
        d[k] = None
        v = None
    return n


def frame_view(d):
    out = []
    for k, v in d.items():
        if k == 7:
            f = sys._getframe().f_locals
            out.append((f["k"], f["v"], len(f["out"])))
        out.append(v)
    return out[7:9]


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)
        for frame, line in traceback.walk_tb(e.__traceback__):
            print("  ", line, frame.f_locals.get("k"), frame.f_locals.get("seen", "")
                  if type(frame.f_locals.get("seen")) is int else len(frame.f_locals.get("seen", "")))


big = {i * 7 % 211: i for i in range(200)}
words = {"w%d" % i: i * i % 31 for i in range(90)}
mixed = {1: 1, "a": 2, None: 3, 2.5: 4, (1, 2): 5}
for turn in range(15):
    a = keys(big), values(big), items(big), pairs(words)[:4], largest(words), largest(big)
    b = members(set(big)), members(frozenset(big)), comprehended({i: i * i for i in range(50)})
    c = nested({i: i for i in range(40)}), shared({i: i for i in range(60)}), kept({1, 2, 3})
    d = early(big, 20), early(words, 5), holes(120), frame_view({i: i for i in range(30)})
print(a, b, c, d, sep="\n")
print(pairs(mixed), keys({}), values({}), items({}), members(set()), pairs({1: [2]}))
print(keys({True: 1, 2: 2}), items({1: 2.5, 3: 4}), members({1, 2.5}), largest({1: 0}))
attempt(changed, dict.fromkeys(range(300), 0), 250)
attempt(changed, dict.fromkeys(range(300), 0), 299)
attempt(deleted, dict.fromkeys(range(300), 0), 120)
attempt(deleted, dict.fromkeys(range(300), 0), 299)
attempt(replaced, dict.fromkeys(range(300), 0), 200)
attempt(replaced, dict.fromkeys(range(5), 0), 4)
attempt(grown, set(range(300)), 77)
attempt(cleared, dict.fromkeys(range(300), 0), 30)
attempt(raises, dict.fromkeys(range(300), 0), 130)
attempt(keys, {1: 2, "a": 3})
attempt(items, {1: "x", 2: None})
attempt(keys, 5)
attempt(items, [1])
print(releases({i: Noisy(i) if i % 90 == 5 else [i] for i in range(200)}))
