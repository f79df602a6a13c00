"""One site, many types: arithmetic, calls, attributes and iteration."""


class Circle:
    def __init__(self, r):
        self.r = r

    def area(self):
        return 3 * self.r * self.r


class Square:
    def __init__(self, side):
        self.name = "square"
        self.side = side

    def area(self):
        return self.side ** 2


class Tall(Square):
    def __init__(self, side, height):
        super().__init__(side)
        self.height = height

    def area(self):
        return super().area() * self.height


class Odd:
    side = 7

    @staticmethod
    def area():
        return 0.5


def total_area(shapes):
    total = 0
    for shape in shapes:
        total += shape.area()
    return total


def double_all(values):
    return [v * 2 for v in values]


def length_sum(things):
    total = 0
    for thing in things:
        for _ in thing:
            total += 1
        total += len(thing)
    return total


def apply(functions, x):
    for f in functions:
        x = f(x)
    return x


shapes = []
for i in range(300):
    kind = i % 4
    if kind == 0:
        shapes.append(Circle(i))
    elif kind == 1:
        shapes.append(Square(i))
    elif kind == 2:
        shapes.append(Tall(i, 2))
    else:
        shapes.append(Odd())
print(total_area(shapes), total_area(shapes[::4]), total_area(shapes[1::4]))
print(double_all([1, 2.5, "ab", [1], (2,), True, 10 ** 20] * 20)[:7])
print(length_sum([[1, 2], (3,), "four", {5: 6}, {7}, b"8", range(9)] * 30))
print(apply([abs, float, int, str, len, lambda v: v + 1] * 40, -12345))
print(sum(shape.side for shape in shapes if not isinstance(shape, Circle)))
