"""Attributes stored in instances whose __dict__ somebody has seen: length,
order, copies, iteration; new, replaced, deleted and shared dicts."""
# args:
# profile-args: train
import copy
import dataclasses
import gc
import pickle
import sys
import zlib


class Named:
    def __repr__(self):
        return type(self).__name__


class Node(Named):
    def __init__(self, text="x"):
        self.text = text
        self.a = 1


class Slotted:
    __slots__ = ("p", "q", "__dict__")

    def __init__(self):
        self.p = 1
        self.r = 2

    __repr__ = Named.__repr__


class Weak(Named):
    def __init__(self):
        self.one = 1.5


class Sub(Weak):
    def __init__(self):
        super().__init__()
        self.two = 2


class Wide(Named):
    def __init__(self):
        self.k0 = 0


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.5


class Tracked(Named):
    def __init__(self):
        self.n = 1


def mark(nodes):
    for n in nodes:
        n.kind = 1
        n.ratio = 2.5
        n.label = "l"
        n.items = [n.a]


def bump(nodes):
    for n in nodes:
        n.a += 1
        n.text = n.text + "!"


def slots(things):
    for t in things:
        t.q = t.p
        t.s = t.r
        t.r = None


def grow(things):
    for t in things:
        t.three = 3
        t.one = t.one * 2
        t.four = [t]


def wide(things):
    for t in things:
        t.k1 = 1
        t.k2 = 2
        t.k3 = 3
        t.k4 = 4
        t.k5 = 5
        t.k6 = 6
        t.k7 = 7
        t.k8 = 8
        t.k9 = 9
        t.k10 = 10
        t.k11 = 11
        t.k12 = 12
        t.k13 = 13
        t.k14 = 14
        t.k15 = 15
        t.k16 = 16
        t.k17 = 17
        t.k18 = 18
        t.k19 = 19
        t.k20 = 20
        t.k21 = 21
        t.k22 = 22
        t.k23 = 23
        t.k24 = 24
        t.k25 = 25
        t.k26 = 26
        t.k27 = 27
        t.k28 = 28
        t.k29 = 29
        t.k30 = 30
        t.k31 = 31
        t.k32 = 32
        t.k33 = 33


def points(things):
    for t in things:
        t.x = t.x + 1
        t.y = t.y * 2
        t.z = t.x


def removed(things):
    for t in things:
        del t.a
        t.later = 1
        t.a = 2


def container(things):
    for t in things:
        t.n = 2
        t.n = [1]


def while_iterated(thing, names):
    try:
        for name in vars(thing):
            thing.fresh = name
    except RuntimeError as error:
        return str(error)
    return "no error"


def made(n):
    out = []
    for i in range(n):
        o = Node("made")
        d = o.__dict__ if i % 3 else None
        o.kind = i
        o.label = "l"
        out.append((o, d))
    return out


def look(thing):
    d = thing.__dict__
    c = copy.copy(thing)
    return (len(d), list(d), sorted(map(str, d.values())), d == vars(c),
            list(c.__dict__), list(d.items())[:3], bool(d),
            "kind" in d, len(dict(d)), list(reversed(d))[:2],
            pickle.loads(pickle.dumps({k: v for k, v in d.items()
                                       if isinstance(v, (int, str))})))


def show(thing):
    return repr(look(thing))


SEEN = {
    "none": lambda t: None,
    "vars": lambda t: vars(t),
    "kept": lambda t: KEPT.append(t.__dict__),
    "copied": lambda t: copy.copy(t),
    "deep": lambda t: copy.deepcopy(t),
    "replaced": lambda t: setattr(t, "__dict__", dict(t.__dict__)),
    "updated": lambda t: t.__dict__.update(extra=9),
    "odd": lambda t: t.__dict__.update({1: 2}),
    "popped": lambda t: t.__dict__.popitem(),
    "cleared": lambda t: (t.__dict__.clear(), t.__dict__.update(
        text="c", a=5, p=1, r=2, one=1.0, two=2, x=1, y=2.0, n=0)),
    "shared": lambda t: setattr(OTHER, "__dict__", t.__dict__)
    if type(t) is Node else None,
    "deleted": lambda t: delattr(t, list(t.__dict__)[0])
    if t.__dict__ else None,
    "deleted and set": lambda t: (setattr(t, "tmp", 1), delattr(t, "tmp")),
    "set first": lambda t: setattr(t, "later", 0),
    "views": lambda t: KEPT.append((t.__dict__.keys(), t.__dict__.items())),
    "many": lambda t: [setattr(t, f"m{i}", i) for i in range(40)],
}
KEPT = []
OTHER = Node("other")
PAIRS = ((mark, Node), (bump, Node), (slots, Slotted), (grow, Weak),
         (grow, Sub), (wide, Wide), (points, lambda: Point(3)),
         (removed, Node), (container, Tracked))


def one(function, make, how):
    things = [make() for _ in range(3)]
    for t in things[1:]:
        SEEN[how](t)
    try:
        function(things)
        result = "done"
    except Exception as error:
        result = repr(error)
    KEPT[:] = KEPT[-3:]
    return [result] + [show(t) for t in things] + [
        gc.is_tracked(t.__dict__) for t in things] + [
        len(k[0]) if isinstance(k, tuple) else len(k) for k in KEPT]


def main():
    for turn in range(300):
        for function, make in PAIRS:
            try:
                function([make() for _ in range(4)])
            except AttributeError:
                pass
        made(6)
        while_iterated(Node(), ())
    if sys.argv[1:] == ["train"]:
        return
    for how in SEEN:
        for function, make in PAIRS:
            KEPT.clear()
            for repeat in range(3):
                row = repr(one(function, make, how))
                print(how, function.__name__, make.__name__,
                      zlib.crc32(row.encode()) if len(sys.argv) < 2 else row)
        t = Node()
        SEEN[how](t)
        print(how, while_iterated(t, ()), list(t.__dict__))
    for o, d in made(7):
        print(show(o), d is None or d == o.__dict__, d and list(d), d and len(d))
    first, second = Node(), Node()
    second.__dict__ = first.__dict__
    for turn in range(200):
        mark([first])
        mark([second])
        removed([second])
        if turn % 50 == 0:
            print(show(first), show(second), len(second.__dict__))
    del first
    mark([second])
    print(show(second))
    things = [Node() for _ in range(50)]
    dicts = [t.__dict__ for t in things]
    mark(things)
    del things
    print(sum(map(len, dicts)), list(dicts[7]), dicts[3]["items"])
    gc.collect()
    print(sum(len(d) for d in dicts))


main()
