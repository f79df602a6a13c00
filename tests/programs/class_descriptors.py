"""Properties, descriptors, __getattr__, __getattribute__, __setattr__."""


class Celsius:
    def __init__(self, degrees):
        self.degrees = degrees
        self.reads = 0

    @property
    def fahrenheit(self):
        self.reads += 1
        return self.degrees * 9 / 5 + 32

    @fahrenheit.setter
    def fahrenheit(self, value):
        self.degrees = (value - 32) * 5 / 9


class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return getattr(instance, self.name)

    def __set__(self, instance, value):
        if value < 0:
            raise ValueError(f"{self.name[1:]} must not be negative")
        setattr(instance, self.name, value)


class Box:
    width = Positive()
    height = Positive()

    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height


class Lazy:
    def __init__(self):
        self.asked = 0

    def __getattr__(self, name):
        self.asked += 1
        if name.startswith("n"):
            return int(name[1:])
        raise AttributeError(name)


class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "log", [])

    def __getattribute__(self, name):
        if name == "log":
            return object.__getattribute__(self, name)
        object.__getattribute__(self, "log").append(name)
        return getattr(object.__getattribute__(self, "target"), name)

    def __setattr__(self, name, value):
        self.log.append("set " + name)
        setattr(object.__getattribute__(self, "target"), name, value)


class NonData:
    def __get__(self, instance, owner):
        return 42


class Holder:
    value = NonData()


def warm(c, n):
    total = 0.0
    for i in range(n):
        c.fahrenheit += 1.8
        total += c.fahrenheit
    return total


c = Celsius(10.0)
print(round(warm(c, 200), 6), round(c.degrees, 6), c.reads)
box = Box(1, 2)
total = 0
for i in range(200):
    box.width = i
    total += box.area()
print(total)
try:
    for i in range(50, -2, -1):
        box.height = i
except ValueError as error:
    print(error, box.height)
lazy = Lazy()
total = 0
for i in range(100):
    total += lazy.n5 + lazy.n10
try:
    lazy.other
except AttributeError as error:
    print(total, lazy.asked, repr(error))
proxy = Proxy(box)
for i in range(50):
    proxy.width = proxy.width + 1
print(box.width, len(proxy.log), proxy.log[:3])
holder = Holder()
total = 0
for i in range(100):
    total += holder.value
    if i == 60:
        holder.value = 1
print(total)
