"""Attributes and methods of owners that are instances of several classes, which
change, die, come anew, and of which some come late."""
# args:
# args: late
# profile-args:

import gc
import sys
import traceback
import weakref

LATE = sys.argv[1:] == ["late"]


class Square:
    def __init__(self, side):
        self.side = side
        self.count = 0

    def area(self):
        return self.side * self.side

    def scaled(self, k, extra=1):
        self.count += k
        return self.side * k + extra

    def fail(self, k):
        return 10 // (k - self.side)

    def made(self):
        return Gone(self)


class Circle:
    __slots__ = ("radius", "count", "__weakref__")

    def __init__(self, radius):
        self.radius = radius
        self.count = 0

    def area(self):
        return 3.0 * self.radius * self.radius

    def scaled(self, k, extra=1):
        self.count -= k
        return self.radius * k + extra

    def fail(self, k):
        raise LookupError(k)

    def made(self):
        return Gone(self)


class Text:
    def __init__(self, text):
        self.text = text
        self.count = 0

    def area(self):
        return len(self.text)

    def scaled(self, k, extra=1):
        self.count += 2
        return len(self.text * k) + extra

    def fail(self, k):
        return self.text[k]

    def made(self):
        return Gone(self)


class Gone:
    """Is seen to die; so must be what it was made of."""

    seen = []

    def __init__(self, of):
        self.of = type(of).__name__
        self.count = len(self.seen)

    def area(self):
        return 1

    def __del__(self):
        self.seen.append(self.of)


class Late:
    count = 0

    def __getattr__(self, name):
        if name in ("area", "scaled", "fail", "made"):
            return lambda *args, **more: (name, args, sorted(more.items()))
        raise AttributeError(name)


class Property:
    @property
    def count(self):
        return -1

    @count.setter
    def count(self, value):
        print("set", value)

    area = staticmethod(lambda: "static")
    scaled = classmethod(lambda cls, k, extra=3: (cls.__name__, k, extra))

    def fail(self, k):
        return self.count // 0

    def made(self):
        return Gone(self)


def areas(shapes):
    total = 0
    for s in shapes:
        total += s.area()
    return total


def scales(shapes, k):
    out = []
    for s in shapes:
        out.append(s.scaled(k, s.count))
        s.count = s.count + 1
        out.append(s.scaled(extra=s.count, k=2))
    return out[-8:]


def nested(shapes, k):
    total = 0
    for s in shapes:
        total += s.scaled(shapes[0].scaled(k, s.count), len(shapes))
        total += s.scaled(k if s.count % 2 else k + 1)
    return total


def failing(shapes, k):
    out = []
    for s in shapes:
        try:
            out.append(s.fail(k))
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            out.append((repr(error), [f.name for f in frames]))
    return out


def dying(shapes):
    total = 0
    for s in shapes:
        total += s.made().count + s.made().area()
    return total


def rebinding(s, k):
    """The method has been taken when its class loses it."""
    def change(cls):
        old = cls.scaled
        cls.scaled = lambda self, k, extra=1: ("new", k, extra)
        return old
    found = s.scaled(k, 2)
    kept = type(s).scaled
    found = found, s.scaled(k, change(type(s)) and 3)
    found = found, s.scaled(k)
    type(s).scaled = kept
    return found, s.scaled(k)


def shadowed(s):
    s.area = lambda: "own"
    found = s.area()
    del s.area
    return found, s.area()


def made_again(n):
    """Classes of one name; each dies."""
    out = []
    for i in range(n):
        class Square:
            def __init__(self):
                self.count = i

            def area(self):
                return self.count * 100

        out.append(areas([Square(), Circle(1), Square()]))
        ref = weakref.ref(Square)
        del Square
        gc.collect()
        out.append(ref() is None)
    return out


def main():
    shapes = [Square(2), Circle(1.5), Text("abc"), Square(5)] * 5
    for turn in range(60):
        found = (areas(shapes), scales(shapes, turn), nested(shapes, 2),
                 failing(shapes, turn % 7), dying(shapes))
        if turn % 20 == 0:
            print(found)
    print([s.count for s in shapes[:4]], len(Gone.seen), Gone.seen[:6])
    print([rebinding(s, 4) for s in shapes[:2]], shadowed(shapes[0]))
    print(made_again(6))
    if LATE:
        class Sub(Square):
            def area(self):
                return super().area() + 0.5
        more = [Late(), Property(), Sub(3), Square(4), Circle(2)]
        for turn in range(3):
            for use in (lambda: [areas([s]) if not isinstance(s, (Late, Property))
                                 else s.area() for s in more],
                        lambda: failing(more, 3), lambda: scales(more[2:], 2),
                        lambda: scales(more, 2)):
                try:
                    print(use())
                except Exception as error:
                    print(repr(error))
        odd = Square(1)
        del odd.count
        try:
            scales([odd], 1)
        except AttributeError as error:
            print(error)
        Circle.area = Square.area = lambda self: 7
        print(areas(shapes))
        odd.__class__ = Sub
        print(areas([odd]), areas([Text("x"), odd]))


main()
