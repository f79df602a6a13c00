"""Dataclasses, enums, named tuples, match statements."""
import enum
from collections import namedtuple
from dataclasses import dataclass, field, replace


@dataclass
class Item:
    name: str
    price: float
    count: int = 1
    tags: list = field(default_factory=list)

    def total(self):
        return self.price * self.count


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int


class Color(enum.Enum):
    RED = 1
    GREEN = 2


Pair = namedtuple("Pair", "left right")


@dataclass
class Num:
    value: float


@dataclass
class Bin:
    op: str
    left: object
    right: object


def evaluate(node):
    match node:
        case Num(value):
            return value
        case Bin("+", left, right):
            return evaluate(left) + evaluate(right)
        case Bin("*", left, right):
            return evaluate(left) * evaluate(right)
        case Bin(op=op):
            raise ValueError(f"unknown operator {op}")


def classify(value):
    match value:
        case 0:
            return "zero"
        case int() if value < 0:
            return "negative"
        case int() | float():
            return "number"
        case [x]:
            return f"one {x}"
        case [x, *rest]:
            return f"many {x} {len(rest)}"
        case {"k": v, **others}:
            return f"map {v} {len(others)}"
        case Color.RED:
            return "red"
        case str(text):
            return text.upper()
        case _:
            return "other"


items = [Item(f"i{i}", i * 0.5, i % 4) for i in range(200)]
total = 0.0
for item in items:
    total += item.total()
    item.count += 1
print(total, sum(item.total() for item in items), items[3])
print(replace(items[1], price=9), Item("a", 1) == Item("a", 1))
versions = [Version(i % 3, i % 5) for i in range(50)]
print(max(versions), sorted(versions)[7], len(set(versions)))
try:
    versions[0].major = 5
except AttributeError as error:
    print(type(error).__name__, error)
tree = Num(1)
for i in range(60):
    tree = Bin("+*"[i % 2], tree, Num(1 + i % 3))
print(evaluate(tree))
try:
    evaluate(Bin("-", Num(1), Num(2)))
except ValueError as error:
    print(error)
values = [0, -5, 7, 2.5, [1], [1, 2, 3], {"k": 1, "z": 2}, Color.RED, "text",
          None, Color.GREEN, True, ()]
for _ in range(30):
    r = [classify(v) for v in values]
print(r)
left = right = 0
for p in [Pair(i, i * 2) for i in range(100)]:
    left += p.left
    right += p[1]
    a, b = p
print(left, right, a, b, Color(2).name, [c.value for c in Color])
