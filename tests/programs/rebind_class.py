"""__class__ assignment, __dict__ replacement and instance surgery."""


class Slow:
    def speed(self):
        return self.base

    def name(self):
        return "slow"


class Fast:
    def speed(self):
        return self.base * 10

    def name(self):
        return "fast"


def drive(cars, n, at=None, change=None):
    total = 0
    for i in range(n):
        if i == at:
            change(cars)
        for car in cars:
            total += car.speed() + len(car.name())
    return total


def make(n):
    cars = []
    for i in range(n):
        car = Slow()
        car.base = i
        cars.append(car)
    return cars


def upgrade(cars):
    cars[1].__class__ = Fast


def new_dict(cars):
    cars[0].__dict__ = {"base": 1000}


def via_dict(cars):
    cars[2].__dict__["base"] = 0.25


def float_base(cars):
    cars[0].base = 0.5


def remove(cars):
    del cars[0].base


def more(cars):
    cars[0].extra = 1
    vars(cars[1])["speed"] = lambda: 1


for change in (upgrade, new_dict, via_dict, float_base, more):
    cars = make(3)
    print(change.__name__, drive(cars, 100), drive(cars, 100, 50, change),
          drive(cars, 100))
try:
    drive(make(3), 100, 70, remove)
except AttributeError as error:
    print(error)
cars = make(3)
Slow.base = 3.5
print(drive(cars, 100, 70, remove))
del Slow.base
Slow.speed, Fast.speed = Fast.speed, Slow.speed
print(drive(make(3), 100))
dictionary = cars[2].__dict__
for i in range(100):
    cars[2].base = i
print(dictionary["base"], cars[2].__dict__ is dictionary)


class Meta(type):
    def __call__(cls, *args):
        thing = super().__call__(*args)
        thing.made = True
        return thing


class Made(metaclass=Meta):
    def __init__(self, x):
        self.x = x

    def get(self):
        return self.x + self.made


print(sum(Made(i).get() for i in range(100)))
Made.__init__ = lambda self, x: setattr(self, "x", -x)
print(sum(Made(i).get() for i in range(100)))


class Counted:
    made = 0

    def __new__(cls, *args):
        cls.made += 1
        return super().__new__(cls)

    def __init__(self, v):
        self.v = v


print(sum(Counted(i).v for i in range(100)), Counted.made)
