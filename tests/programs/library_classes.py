"""Library classes that look into instance dicts: cached_property, dataclasses,
namedtuples, enums, partial, SimpleNamespace, pickling."""
import collections
import copy
import dataclasses
import enum
import functools
import pickle
import types


class Cached:
    def __init__(self, n):
        self.n = n

    @functools.cached_property
    def double(self):
        return self.n * 2

    @functools.cached_property
    def items(self):
        return [self.n]


@dataclasses.dataclass(slots=True)
class Slim:
    x: int
    y: float = 1.5


@dataclasses.dataclass(frozen=True, order=True)
class Frozen:
    a: int
    b: str = "b"


@dataclasses.dataclass
class Deep:
    items: list = dataclasses.field(default_factory=list)
    total: int = 0
    other: "Deep" = None


Pair = collections.namedtuple("Pair", "left right")


class Colour(enum.IntEnum):
    RED = 1
    BLUE = 2


def cached(things):
    t = 0
    for c in things:
        c.n += 1
        t += c.double + len(c.items)
        c.late = c.n
        c.items.append(t)
        t += c.double
    return t


def slim(things):
    for s in things:
        s.x += 1
        s.y = s.y * 2 + s.x
    return [dataclasses.astuple(s) for s in things]


def frozen(things):
    t = 0
    for f in things:
        t += f.a + len(f.b)
        g = dataclasses.replace(f, a=f.a + 1)
        t += g > f
    return t, hash(g) == hash(copy.copy(g))


def deep(things):
    for d in things:
        d.items.append(d.total)
        d.total += 1
        d.other = d
        d.extra = len(d.items)
    return [sorted(vars(d)) for d in things], [len(copy.copy(d).__dict__) for d in things]


def pairs(things):
    t = 0
    for p in things:
        a, b = p
        t += p.left * b + p[1] - a
        q = p._replace(left=t)
        t = q.left % 1000
    return t, q._asdict()


def colours(things):
    t = 0
    for c in things:
        t += c + (c is Colour.RED) + (c == 1) + Colour(c).value
    return t, c.name


def spaces(things):
    for s in things:
        s.a = s.a + 1
        s.b = s.a
    return things[-1], len(things[-1].__dict__)


def pickled(things):
    out = 0
    for c in things:
        c.extra = 5
        d = pickle.loads(pickle.dumps(c))
        d.more = 6
        out += len(vars(d)) + d.n + len(d.__dict__)
    return out


def make():
    return ((cached, [Cached(i) for i in range(4)]), (slim, [Slim(i) for i in range(4)]),
            (frozen, [Frozen(i) for i in range(4)]), (deep, [Deep() for _ in range(3)]),
            (pairs, [Pair(i, i + 1) for i in range(4)]), (colours, [Colour.RED, Colour.BLUE] * 2),
            (spaces, [types.SimpleNamespace(a=i) for i in range(3)]), (pickled, [Cached(i) for i in range(3)]))


for turn in range(200):
    for f, things in make():
        f(things)
for f, things in make():
    for turn in range(3):
        print(f.__name__, f(things))
odd = Cached(1)
odd.__dict__["double"] = "zz"
for f, things in make():
    for extra in (odd, Pair("a", 2), Frozen("q"), None, Slim(1.5, 2), Deep([1], 2.5)):
        try:
            print(f.__name__, f(list(things[:1]) + [extra]))
        except Exception as e:
            print(f.__name__, type(e).__name__, str(e)[:60])
