"""Classes that change while calls of them are compiled: __init__, __new__,
attributes that get in the way, the metaclass, the class itself."""
import gc


class Point:
    def __init__(self, x, y=1):
        self.x = x
        self.y = y


class Child(Point):
    pass


class Work:
    def __init__(self, x, y=1):
        self.x = x
        self.y = y
        self.sum = 0
        for i in range(3):
            self.sum += i * y


class Third:
    def __init__(self, x):
        self.x = x


class Fourth(Third):
    def __init__(self, x):
        self.x = -x


def thirds(n):
    total = 0
    for i in range(n):
        total += Third(i).x
    return total


def points(n):
    total = 0
    for i in range(n):
        p = Point(i)
        total += p.x * 2 + p.y
    return total


def children(n):
    total = 0
    for i in range(n):
        total += Child(i, 2).y
    return total


def works(n):
    total = 0
    for i in range(n):
        w = Work(i)
        total += w.sum + w.y
    return total


def midway(n, cls, at, change):
    """The change comes between two calls of the same loop."""
    out = 0
    for i in range(n):
        if i == at:
            change()
        out += cls(i, 2).y
    return out


def all_of_them():
    return points(250), children(250), works(250)


def other_init(self, x, y=100):
    self.x = x + 1
    self.y = y


def same_code(cls):
    """A function of the same code with other defaults."""
    f = type(cls.__init__)(cls.__init__.__code__, globals(), "__init__", (50,))
    return f


def new_class():
    class Point:
        def __init__(self, x, y=7):
            self.y = y
            self.x = x
    return Point


class Meta(type):
    def __call__(cls, *args, **kwargs):
        made = super().__call__(*args, **kwargs)
        made.y = 1000
        return made


class Stored:
    """A data descriptor."""

    def __set__(self, obj, value):
        obj.__dict__["stored"] = value

    def __get__(self, obj, owner):
        return obj.__dict__["stored"] + 5 if obj else self


if __name__ == "__main__":
    print(all_of_them())
    first_init, work_init = Point.__init__, Work.__init__

    Point.__init__ = other_init
    print(all_of_them())
    Point.__init__ = first_init
    print(all_of_them())
    first_init.__defaults__ = (11,)
    work_init.__defaults__ = (4,)
    print(all_of_them())
    first_init.__defaults__ = None
    for cls in (Point, Child, Work):
        try:
            print(cls(1).y)
        except TypeError as error:
            print(error)
    first_init.__defaults__ = work_init.__defaults__ = (1,)
    Point.__init__ = same_code(Point)
    print(all_of_them())
    Point.__init__ = first_init

    first_init.__code__ = other_init.__code__
    print(all_of_them())
    del first_init.__defaults__
    first_init.__defaults__ = (1,)
    print(all_of_them())
    Point.__init__ = lambda self, x, y=2: first_init(self, x, y)
    print(all_of_them())

    def fresh_init(self, x, y=1):
        self.x = x
        self.y = y
    Point.__init__ = fresh_init
    print(all_of_them())

    print(thirds(250))
    Third.__new__ = lambda cls, x: object.__new__(Fourth)
    print(thirds(250))
    Third.__new__ = lambda cls, x: object.__new__(Third)
    print(thirds(250))
    del Third.__new__
    try:
        print(thirds(250))
    except TypeError as error:
        print(error)
    kept = Point
    Point = new_class()
    print(points(250))
    Child.__bases__ = (Point,)
    print(all_of_them())

    Point.y = Stored()
    print(all_of_them())
    del Point.y
    Point.y = property(lambda self: 3, lambda self, value: None)
    print(all_of_them())
    del Point.y
    Point.y = 77        # an attribute of the class is not in the way
    print(all_of_them())
    del Point.y
    Point.__setattr__ = lambda self, name, value: object.__setattr__(
        self, name, value * 3)
    print(all_of_them())
    del Point.__setattr__
    print(all_of_them())

    try:
        Point.__class__ = Meta
    except TypeError as error:
        print(error)
    Plain, Point = Point, Meta("Point", (), dict(__init__=first_init))
    print(all_of_them())
    Point = Plain
    print(all_of_them())
    Child.__init__ = other_init
    print(all_of_them())
    del Child.__init__
    print(all_of_them())

    def replace():
        Point.__init__ = other_init
    print(midway(300, Point, 200, replace))

    def with_default():
        global Work
        Work.__init__ = lambda self, x, y: setattr(self, "y", x)
    print(midway(300, Work, 200, with_default))
    Work.__init__ = work_init
    print(works(100))
    try:
        del Work.__init__
        works(3)
    except TypeError as error:
        print(error)
    # classes that are dropped
    for k in range(20):
        Point = new_class()
        assert points(20) == sum(i * 2 + 7 for i in range(20))
    gc.collect()
    print(points(50), kept(5, 6).x)
    # and whose __init__ lives on, in classes at the same address
    totals = set()
    for k in range(40):
        Point = type("Point", (), dict(
            __init__=first_init, **[{}, {"__slots__": ("y", "x")},
                                    {"__slots__": ("x", "pad", "y")}][k % 3]))
        totals.add(points(20))
        del Point
        gc.collect()
    print(totals)
