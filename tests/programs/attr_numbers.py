"""Numbers in attributes: stored in place, seen through other references."""
import math
import random


class Plain:
    def __init__(self, x, n):
        self.x = x
        self.n = n
        self.total = 0.0


class Slotted:
    __slots__ = ("x", "n", "_y")
    y = None

    def __init__(self, x, n):
        self.x = x
        self.n = n


Slotted.y = Slotted.__dict__["_y"]      # one member, two names


class Sub(random.Random):
    pass


class Dicted(list):
    def double(self):
        return len(self) * 2


def accumulate(p, values):
    for v in values:
        p.x = p.x * 0.5 + v
        p.n += 3
        p.total += p.x - p.n
    return p.x, p.n, p.total


def kept(p, n):
    """Old numbers are held elsewhere: they must not change."""
    seen = []
    for i in range(n):
        p.x = p.x + 1.5
        if i % 9 == 0:
            seen.append(p.x)
        p.n = p.n + 1000
        if i % 7 == 0:
            seen.append(p.n)
    return seen


def two_names(s, n):
    total = 0.0
    for i in range(n):
        s._y = i * 0.5
        total += s.y
        s.y = i * 0.25
        total += s._y
    return total


def same_object(p, q, n):
    out = 0.0
    for i in range(n):
        p.x = i * 1.0
        q.x = q.x + 0.5
        out += p.x
    return out


def through_dict(p, n):
    total = 0
    for i in range(n):
        p.n = i
        if i == n // 2:
            p.__dict__["n"] = 10 ** 6
        total += p.n
    return total


def deleted(p, n):
    gone = 0
    for i in range(n):
        p.x = i * 0.5
        if i % 11 == 0:
            del p.x
            try:
                p.x
            except AttributeError as e:
                gone += len(str(e)) > 0
            p.x = 1.0
    return gone, p.x


def types_change(p, n):
    p.x = 0
    for i in range(n):
        p.x = p.x + (i if i < n // 2 else 0.5)
    return p.x


class Noisy:
    def __del__(self):
        log.append(log_state.x)


log = []
log_state = Plain(0.0, 0)


def replaces_objects(n):
    for i in range(n):
        log_state.x = i * 1.0
        log_state.n = Noisy() if i % 5 == 0 else i
    return len(log), log[:4]


def instance_shadows(rng, n):
    total = 0.0
    for i in range(n):
        total += rng.random()
        if i == n - 20:
            rng.random = lambda: 1000.0
    return total


def methods_in_c(items, n):
    total = 0
    for i in range(n):
        items.append(i)
        total += items.double() + items.index(i)
    return total


for turn in range(4):
    print(accumulate(Plain(1.0, 0), [k * 0.1 for k in range(100)]))
    print(accumulate(Plain(1, 0), range(90)))
    s = Slotted(0.0, 0)
    print(kept(Plain(1.0, 5), 90)[-4:], kept(s, 90)[-4:], two_names(s, 80))
    p, q = Plain(2.0, 1), Plain(3.0, 2)
    print(same_object(p, q, 90), same_object(p, p, 90))
    print(through_dict(Plain(0.0, 1), 100), deleted(Plain(0.0, 1), 90))
    print(types_change(Plain(0.0, 1), 100))
    print(replaces_objects(80))
    log.clear()
    print(instance_shadows(random.Random(7), 100), instance_shadows(Sub(8), 100))
    print(methods_in_c(Dicted(), 90))
    p = Plain(1.5, 2)
    p.x = math.inf
    print(accumulate(p, [-math.inf] * 70)[0], list(vars(p)))
