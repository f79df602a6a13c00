"""Operator methods, reflected and in place, comparison and hashing."""


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        if not isinstance(other, Vec):
            return NotImplemented
        return Vec(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __eq__(self, other):
        return isinstance(other, Vec) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __lt__(self, other):
        return self.x < other.x

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return 2

    def __contains__(self, value):
        return value in (self.x, self.y)

    def __call__(self, t):
        return self * t

    def __repr__(self):
        return f"Vec({self.x}, {self.y})"


def run(n):
    total = Vec(0, 0)
    step = Vec(1, 2)
    same = 0
    for i in range(n):
        total = total + step * i - 2 * step
        step += Vec(0, 1)
        if total == step or not total:
            same += 1
        if total < step:
            same += 100
        if i in step:
            same += 10000
        same += len(step) + step[0]
    return total, step, same, -total


print(run(200))
for expression in ("Vec(1, 2) + 1", "1 + Vec(1, 2)", "Vec(1, 2) @ Vec(1, 2)",
                   "Vec(1, 2) > 5", "Vec(1, 2)[5]", "-Vec", "Vec(1,2)(3)"):
    try:
        for _ in range(30):
            r = eval(expression)
        print(expression, r)
    except (TypeError, IndexError, AttributeError) as error:
        print(expression, type(error).__name__, error)
print(len({Vec(i % 5, 0) for i in range(100)}), sorted([Vec(3, 1), Vec(1, 2)]))
print(sum([Vec(i, 1) for i in range(100)], Vec(0, 0)), max(Vec(1, 1), Vec(5, 0)))


class Loud(float):
    def __add__(self, other):
        return "loud"


class Count(int):
    def __lt__(self, other):
        return True


total = 0.0
for v in [1.0] * 100 + [Loud(1.0)]:
    total = v + total
print(total)
n = 0
for v in list(range(100)) + [Count(10 ** 6)]:
    if v < 50:
        n += 1
print(n)
