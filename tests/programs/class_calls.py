"""Calls of classes: what __init__ stores, defaults, keywords, inheritance,
slots, dataclasses, classes that make their instances in other ways."""
import sys
from dataclasses import dataclass, field


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Mixed:
    tag = "class"

    def __init__(self, a, b=2, c=3.5, *, wide=False):
        self.a = a
        self.b = b
        self.c = c
        self.wide = wide


class Record:
    kind = "none"

    def __init__(self, name, size=0, kind="leaf"):
        self.kind = kind
        self.size = size
        self.name = name
        self.seen = False
        self.parts = []
        self.limit = 1 << 70
        self.none = None
        self.pair = (1, 2)


class Slotted:
    __slots__ = ("left", "right", "__weakref__")

    def __init__(self, left, right=None):
        self.right = right
        self.left = left


class Partly(Slotted):
    """Slots below, a dict above."""

    def __init__(self, left, extra):
        self.left = left
        self.extra = extra


class Inherits(Point):
    pass


class Super(Point):
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z


class Twice:
    """The same object in two members, the same member twice."""

    def __init__(self, v):
        self.one = v
        self.two = v
        self.one = v


class Own:
    def __init__(self, v):
        self.me = self
        self.v = v


class Counted:
    made = 0

    def __init__(self, n):
        self.n = n
        Counted.made += 1


class Computed:
    def __init__(self, items, scale=1):
        self.n = len(items)
        self.total = sum(items) * scale
        if self.n > 2:
            self.big = True
        for item in items:
            self.last = item


class Empty:
    def __init__(self):
        pass


class NoInit:
    value = 7


class Made:
    def __new__(cls, x):
        self = super().__new__(cls)
        self.new = x
        return self

    def __init__(self, x):
        self.x = x


class Other:
    """__new__ gives something else: no __init__."""

    def __new__(cls, x):
        return (cls.__name__, x)

    def __init__(self, x):
        raise AssertionError


class Meta(type):
    calls = 0

    def __call__(cls, *args):
        Meta.calls += 1
        return super().__call__(*args)


class WithMeta(metaclass=Meta):
    def __init__(self, x):
        self.x = x


class Quiet(type):
    """A metaclass without a __call__."""


class WithQuiet(metaclass=Quiet):
    def __init__(self, x):
        self.x = x


class Setter:
    log = 0

    def __init__(self, x):
        self.x = x

    def __setattr__(self, name, value):
        Setter.log += 1
        super().__setattr__(name, value)


class Prop:
    def __init__(self, x):
        self.x = x

    @property
    def x(self):
        return self.hidden

    @x.setter
    def x(self, value):
        self.hidden = value * 2


class Mangled:
    def __init__(self, x, é=1):
        self.__x = x
        self.é = é

    def get(self):
        return self.__x + self.é


class Listy(list):
    def __init__(self, x):
        self.x = x
        self.append(x)


class Error(Exception):
    def __init__(self, code):
        self.code = code


@dataclass
class Item:
    name: str
    price: float = 1.5
    tags: list = field(default_factory=list)


@dataclass
class Plain:
    x: int
    y: int = 3
    ok: bool = True


@dataclass(slots=True)
class Tight:
    x: int
    y: float = 0.25


@dataclass(frozen=True, order=True)
class Frozen:
    x: int
    y: int = 0


def shape(obj):
    """Attributes in the order of the instance's dict."""
    return list(vars(obj).items()) if hasattr(obj, "__dict__") else [
        (k, getattr(obj, k)) for k in obj.__slots__ if hasattr(obj, k)
        and not k.startswith("__")]


CALLS = """
Point(i, f)
Mixed(i)
Mixed(i, 5, wide=True)
Mixed(b=i, a=f)
Record("r", i)
Record(name=f, kind=i)
Slotted(i)
Slotted(f, i)
Partly(i, f)
Inherits(f, i)
Super(i, f, i + 1)
Twice(f)
Twice(i * 1000)
Own(i)
Counted(i)
Computed([i, 2, 3])
Computed((f,), scale=2)
Empty()
NoInit()
Made(i)
Other(i)
WithMeta(i)
WithQuiet(f)
Setter(i)
Prop(i)
Mangled(f)
Mangled(i, é=2)
Listy(i)
Error(i)
Item("n")
Item("m", f, [i])
Plain(i)
Plain(i, ok=False)
Tight(i)
Tight(i, f)
Frozen(i)
Frozen(y=i, x=1)
"""


def many(call, n):
    """The call in a loop of its own: what it makes, now and then."""
    names = {}
    exec(f"""
def run(n, out):
    for i in range(n):
        f = i * 0.5
        made = {call}
        if i % 60 == 0:
            out.append(made)
""", globals(), names)
    out = []
    names["run"](n, out)
    return [shape(x) if not isinstance(x, (tuple, Own)) else str(x)[:6]
            for x in out]


def one_kind(cls, n):
    """The class comes in a variable; the same __init__ for several."""
    total = 0
    for i in range(n):
        p = cls(i, i + 1)
        total += p.x + p.y
    return total


def identity(n):
    same = 0
    for i in range(n):
        big = i * 1000.5
        t = Twice(big)
        p = Point(big, t)
        same += (t.one is t.two) + (p.x is big) + (p.y is t)
        o = Own(i)
        same += o.me is o
    return same


def counts(n):
    """References: of a class, of defaults, of what is stored."""
    before = sys.getrefcount(Point), sys.getrefcount(Record)
    marker = object()
    held = sys.getrefcount(marker)
    keep = None
    for i in range(n):
        keep = Point(marker, Record(marker, i))
    inside = sys.getrefcount(marker) - held
    del keep
    return (inside, sys.getrefcount(marker) - held,
            sys.getrefcount(Point) - before[0],
            sys.getrefcount(Record) - before[1])


def dicts(n):
    """An instance's dict, made after members were stored."""
    out = []
    for i in range(n):
        p = Point(i, 2)
        p.z = 3
        d = p.__dict__
        p.x = 9
        if i % 100 == 0:
            out.append(dict(d))
            del p.y
            out.append((dict(d), hasattr(p, "y")))
    return out


class Base:
    pass


Base.__init__ = lambda self, v: setattr(self, "v", v)


def odd_inits(n):
    return sum(Base(i).v for i in range(n))


if __name__ == "__main__":
    for call in CALLS.split("\n")[1:-1]:
        print(call, many(call, 300))
    print(Counted.made, Meta.calls, Setter.log)
    print(one_kind(Point, 300), one_kind(Inherits, 300), one_kind(Point, 300))
    for k in range(20):
        for cls in (Point, Inherits):
            one_kind(cls, 3)
    print(identity(400))
    print(counts(300))
    print(dicts(300))
    print(odd_inits(300))
