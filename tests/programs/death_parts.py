"""A function's variables hold parts of an argument that dies when it returns: who
outlives whom follows the order of the variables."""
LOG = []


class Part:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        LOG.append(self.name)


class Pair:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def two(self):
        left = self.left
        right = self.right
        return 2

    def three(self):
        right = self.right
        return right.name


def unused(items):
    x = items[3]
    y = items[4]
    return 1


def read(items):
    x = items[3]
    y = items[4]
    return len(x.name) + len(y.name)


def looped(items):
    before = last = None
    for item in items:
        before = last
        last = item
    return 1


def unpacked(items):
    a, b, c = items[1], items[2], items[0]
    return a


def rebound_before(node, other):
    node = other.right
    return 1


def rebound_behind(other, node):
    node = other.left
    return 1


def number_behind(items):
    n = len(items)
    total = n * 2
    return total


def deeper(items, depth):
    kept = items[depth]
    if depth > 0:
        return deeper(items, depth - 1)
    return len(items)


def deeper_slices(items):
    if len(items) < 2:
        return 0
    kept = items[0]
    return 1 + deeper_slices(items[1:])


def parts(n):
    return [Part(k.__str__()) for k in range(n)]


def pair(n):
    return Pair(Part("left"), Part("right"))


def native_caller(f, n):
    return f(parts(n))


def calls(turn):
    for f in (unused, read, looped, unpacked, number_behind, deeper_slices):
        f(parts(5))
        LOG.append(f.__name__)
        f([Part(-k) for k in range(5)]) if f is not read else None
        LOG.append("listed")
        native_caller(f, 6)
        LOG.append("native")
        held = parts(5)
        f(held)
        LOG.append("held")
        held = None
    deeper(parts(4), 3)
    LOG.append("deeper")
    rebound_before(Part("old"), pair(0))
    LOG.append("before")
    rebound_behind(pair(0), Part("old"))
    LOG.append("behind")
    pair(0).two()
    LOG.append("two")
    pair(0).three()
    LOG.append("three")


for turn in range(200):
    calls(turn)
    if turn in (0, 60, 199):
        print(LOG)
    LOG.clear()
