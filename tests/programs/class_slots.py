"""__slots__, unset slots, and instances with many attributes."""


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def move(self, dx, dy):
        self.x += dx
        self.y += dy


class Named(Point):
    __slots__ = ("name", "__dict__")


class Wide:
    def __init__(self, n):
        for i in range(n):
            setattr(self, f"a{i}", i)


def travel(points, n):
    for i in range(n):
        for p in points:
            p.move(1, 0.5)
    return [(p.x, p.y) for p in points]


points = [Point(i, -i) for i in range(5)]
print(travel(points, 100))
named = Named(1, 2)
named.name = "n"
named.other = "in dict"
print(travel(points + [named], 100)[-1], named.__dict__)
try:
    points[0].z = 1
except AttributeError as error:
    print(error)
broken = Point(1, 2)
del broken.y
try:
    travel(points + [broken], 3)
except AttributeError as error:
    print(error, broken.x)
broken.y = 7
print(travel([broken], 50))
for n in (5, 29, 30, 31, 40):
    wide = Wide(n)
    total = 0
    for _ in range(100):
        total += wide.a3 + wide.a4
        wide.a3 += 1
    print(n, total, wide.a3)


class Late:
    pass


def late(n):
    out = 0
    for i in range(n):
        thing = Late()
        thing.b = i
        if i % 3 == 0:
            thing.a = 1
        thing.c = 2
        out += thing.b + thing.c + getattr(thing, "a", 0)
    return out


print(late(300))
