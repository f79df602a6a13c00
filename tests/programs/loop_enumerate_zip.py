"""enumerate and zip over lists and tuples, left and entered in all ways."""
import gc
import sys


def positions(values, wanted):
    out = []
    for i, v in enumerate(values):
        if v == wanted:
            out.append(i)
    return out


def numbered(values, start):
    total = 0
    for i, v in enumerate(values, start):
        total += i * v
    return total


def whole_pair(values):
    pairs = []
    for pair in enumerate(values):
        pairs.append(pair)
    return pairs[:3], pairs[-1], len(pairs)


def dot(xs, ys):
    total = 0.0
    for x, y in zip(xs, ys):
        total += x * y
    return total


def pairs_of(xs, ys):
    return [p for p in zip(xs, ys)][-2:]


def nested(rows):
    best = (0, 0, 0)
    for i, row in enumerate(rows):
        for j, v in enumerate(row):
            if v > best[0]:
                best = (v, i, j)
    return best


def comprehensions(flags):
    return ([i for i, f in enumerate(flags) if f][:5],
            {i: f for i, f in enumerate(flags) if i % 50 == 0},
            [a - b for a, b in zip(flags, flags[1:])][:6])


def grows(values):
    seen = []
    for i, v in enumerate(values):
        seen.append(v)
        if len(values) < 200:
            values.append(i)
    return len(seen), sum(seen)


def shrinks(xs, ys):
    n = 0
    for x, y in zip(xs, ys):
        n += 1
        if n % 3 == 0:
            ys.pop()
    return n


def raises_in_the_middle(values, at):
    try:
        for i, v in enumerate(values):
            w = 1 // (i - at)
    except ZeroDivisionError:
        return i, v, w
    return None


def kept(values):
    """The iterator is seen by the program."""
    it = enumerate(values)
    total = 0
    for i, v in it:
        total += v
        if i % 7 == 0:
            next(it, None)
    z = zip(values, values)
    for a, b in z:
        total += a
        if total % 5 == 0:
            next(z, None)
    return total


def many_types(values):
    out = []
    for i, v in enumerate(values):
        out.append(i)
        out.append(v)
    return out


def mixed(values):
    n = 0
    for i, c in enumerate("".join(map(str, values))):
        n += i * ord(c)
    for i, key in enumerate({v: 1 for v in values}):
        n += i
    for a, b in zip(values, tuple(values)):
        n += a - b + 1
    for a, b, c in zip(values, values, values):
        n += a
    return n


def huge_start(values):
    out = []
    for i, v in enumerate(values, 2**63 - 40):
        out.append(i)
    return out[0], out[-1], len(out)


def looked_at(values):
    seen = []
    for i, v in enumerate(values):
        if i == 70:
            frame = sys._getframe()
            seen.append((frame.f_locals["i"], frame.f_locals["v"]))
            gc.collect()
    return seen


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        log.append(self.n)


log = []


def lifetimes(n):
    for i, thing in enumerate([Noisy(k) for k in range(n)]):
        pass
    log.append("loop")
    for a, b in zip([Noisy(-k) for k in range(n)], (1, 2, 3)):
        pass
    log.append("zip")
    del thing, a
    return len(log)


values = [(k * 37) % 101 for k in range(150)]
floats = [v * 0.5 for v in values]
for turn in range(6):
    print(positions(values, 5), positions(tuple(values), 6))
    print(numbered(values, 3), numbered(tuple(values), -3), numbered(values, 2**70))
    print(whole_pair(values), whole_pair(tuple(values)))
    print(dot(floats, floats), dot(tuple(floats), tuple(floats)), dot(values, floats))
    print(pairs_of(values, floats), pairs_of(tuple(values), tuple(floats)))
    print(nested([values[k:k + 30] for k in range(0, 150, 30)]))
    print(comprehensions([v % 3 == 0 for v in values]))
    print(grows(list(range(100))), shrinks(list(range(90)), list(range(90))))
    print(raises_in_the_middle(values, 60), raises_in_the_middle(values, 200))
    print(kept(values), mixed(values), huge_start(values[:60]), huge_start(values[:30]))
    print(many_types(values)[-2:], many_types(floats)[-2:], many_types(["a"] * 100)[-2:])
    print(looked_at(values))
    print(lifetimes(5), log[-14:])
    log.clear()
