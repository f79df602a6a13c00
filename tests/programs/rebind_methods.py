"""Methods and class attributes replaced while instances are in use."""


class Shape:
    sides = 4

    def __init__(self, size):
        self.size = size

    def area(self):
        return self.size * self.size

    def edge(self):
        return self.size * self.sides


class Child(Shape):
    pass


class Grandchild(Child):
    pass


def run(shapes, n, change=None, at=None):
    total = 0
    for i in range(n):
        if i == at:
            change()
        for s in shapes:
            total += s.area() + s.edge()
    return total


shapes = [Shape(2), Child(3), Grandchild(4)]
print(run(shapes, 100))
Shape.area = lambda self: 1
print(run(shapes, 100))
Child.area = lambda self: 10
print(run(shapes, 100))
del Child.area
print(run(shapes, 100))
Shape.sides = 6
print(run(shapes, 100))


def change():
    Shape.area = lambda self: -self.size
    Child.sides = 100


print(run(shapes, 100, change, 50))
shapes[0].area = lambda: 1000
print(run(shapes, 100))
del shapes[0].area
shapes[1].sides = 1
print(run(shapes, 100))
print(run(shapes, 100, lambda: setattr(shapes[2], "area", lambda: 5), 30))
del shapes[2].area


class Other:
    def area(self):
        return 0.5


Child.__bases__ = (Other, Shape)
print(run(shapes, 100))
Child.__bases__ = (Shape,)
print(run(shapes, 100))


def descriptor_later():
    Shape.size = property(lambda self: 9, lambda self, v: None)


print(run(shapes, 100, descriptor_later, 40))
del Shape.size
print(run(shapes, 100))
Shape.area = 5
try:
    run(shapes, 10)
except TypeError as error:
    print(error)
del Shape.area
try:
    run(shapes, 10)
except AttributeError as error:
    print(error)
Shape.area = staticmethod(lambda: 77)
print(run(shapes, 100))
Shape.area = classmethod(lambda cls: cls.sides)
print(run(shapes, 100))
Shape.__getattribute__ = lambda self, name: (
    (lambda: 3) if name == "area" else object.__getattribute__(self, name))
print(run(shapes, 100))
del Shape.__getattribute__
print(run(shapes, 100))
