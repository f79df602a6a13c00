"""Making instances and changing them in hot loops, the usual and the odd way."""

import abc
import traceback


class Point:
    def __init__(self, x, y):
        if x % 2:
            self.y = y
            self.x = x
        else:
            self.x = x
            self.y = y
        if x == 77:
            raise ValueError("no 77")


class Odd:
    def __init__(self, x):
        self.x = x
        return None if x != 55 else x


class Counted:
    made = 0

    def __new__(cls, *args):
        cls.made += 1
        return super().__new__(cls)

    def __init__(self, x):
        self.x = x


class Meta(type):
    def __call__(cls, *args):
        return ("meta", super().__call__(*args).x)


class Special(metaclass=Meta):
    def __init__(self, x):
        self.x = x


class Abstract(abc.ABC):
    def __init__(self, x):
        self.x = x

    @abc.abstractmethod
    def f(self):
        pass


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a
        if a % 3:
            self.b = a + 1


class Acc:
    def __init__(self):
        self.items = []

    def __iadd__(self, other):
        self.items.append(other)
        return self


def points(n):
    orders = {}
    errors = 0
    for i in range(n):
        try:
            p = Point(i, -i)
        except ValueError as error:
            errors += len(traceback.format_exception(error))
            continue
        key = ",".join(p.__dict__)
        orders[key] = orders.get(key, 0) + p.x + p.y + 1
    return orders, errors


def odd(n):
    out = 0
    for i in range(n):
        try:
            out += Odd(i).x
        except TypeError as error:
            out += len(str(error))
    return out


def others(n):
    out = []
    for i in range(n):
        out.append(Counted(i).x)
        out.append(Special(i)[1])
        s = Slotted(i)
        out.append(s.a)
        try:
            out.append(s.b)
        except AttributeError as error:
            out.append(len(str(error)))
        if i % 40 == 0:
            try:
                Abstract(i)
            except TypeError as error:
                out.append(len(str(error)))
    return sum(out), Counted.made


def in_place(n):
    acc = Acc()
    same = acc
    items, names, table = [], set(), {}
    keep = (items, names, table)
    for i in range(n):
        acc += i
        items += [i, i]
        names |= {i % 9}
        table |= {i % 5: i}
    return acc is same, len(acc.items), [len(k) for k in keep]


for _ in range(4):
    print(points(200), odd(120), others(150), in_place(150))
