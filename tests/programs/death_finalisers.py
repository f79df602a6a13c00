# profile-args: 400 -1
# args: 400 -1
# args: 400 333
"""Finalisers and weak references see each object die where the interpreter
lets go of it, and what they change is seen by the code around them."""
import sys
import weakref

N, WHEN = int(sys.argv[1]), int(sys.argv[2])
LOG = []


class Box:
    def __init__(self, items, total):
        self.items = items
        self.total = total


class Changes:
    """Changes what the hot code has read before, when it dies."""

    def __init__(self, box, name):
        self.box = box
        self.name = name

    def __del__(self):
        if self.name == WHEN:
            self.box.items[0] += 1000
            self.box.total += 7
            self.box.items.append(5)
            LOG.append(len(self.box.items))


class Quiet:
    def __init__(self, inner):
        self.inner = inner


def temporary(box, n):
    s = 0
    items = box.items
    for i in range(n):
        a = items[0]
        Changes(box, i)
        s += a + items[0] + len(items) + box.total
    return s


def rebound(box, n):
    s = 0
    x = None
    items = box.items
    for i in range(n):
        a = items[0]
        x = Changes(box, i)
        s += items[0] - a + box.total
    return s


def deleted(box, n):
    s = 0
    items = box.items
    for i in range(n):
        x = Changes(box, i)
        s += items[0]
        del x
        s += items[0] + len(items)
    return s


def in_tuple(box, n):
    s = 0
    items = box.items
    for i in range(n):
        t = (Changes(box, i), i)
        s += t[1] + items[0]
        t = None
        s += items[0]
    return s


def twice_in_list(box, n):
    s = 0
    items = box.items
    for i in range(n):
        c = Changes(box, i)
        pair = [c, c]
        c = None
        s += len(pair) + items[0]
        pair = None
        s += items[0]
    return s


def nested(box, n):
    s = 0
    items = box.items
    for i in range(n):
        q = Quiet([Quiet((Changes(box, i),))])
        s += items[0] + len(q.inner)
        q = i
        s += items[0] + q
    return s


def list_element(box, cells, n):
    s = 0
    items = box.items
    for i in range(n):
        cells[i % 3] = Changes(box, i)
        s += items[0]
    cells[0] = cells[1] = cells[2] = None
    return s


def attribute(box, holder, n):
    s = 0
    items = box.items
    for i in range(n):
        holder.inner = Changes(box, i)
        s += items[0] + box.total
    holder.inner = None
    return s


def dict_value(box, table, n):
    s = 0
    items = box.items
    for i in range(n):
        table["k"] = Changes(box, i)
        table[i & 3] = Changes(box, -i)
        s += items[0] + box.total
    table.clear()
    return s


def popped(box, n):
    s = 0
    items = box.items
    stack = []
    for i in range(n):
        stack.append(Changes(box, i))
        stack.append(i)
        s += stack.pop()
        stack.pop()
        s += items[0]
    return s


def compared(box, n):
    s = 0
    items = box.items
    for i in range(n):
        if Changes(box, i) is not None:
            s += items[0]
        if not Changes(box, -i):
            s += 1
    return s


def returned(box, n):
    """The locals die in their order, before the caller goes on."""

    def inner(i):
        first = Noted("first")
        second = Noted("second")
        third = first
        return i

    s = 0
    for i in range(n):
        s += inner(i)
        if len(LOG) > 60:
            del LOG[:50]
    return s


class Noted:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        LOG.append(self.name)


def ordered(a, b):
    c = Noted("c")
    LOG.append("body")
    return 1


def at_return(n):
    s = 0
    for i in range(n):
        s += ordered(Noted("a"), Noted("b"))
        if len(LOG) > 60:
            del LOG[:50]
    return s


class Plain:
    pass


def weak(n):
    """A dead weak reference, and a callback, in the same turn."""
    s = 0
    seen = []
    for i in range(n):
        x = Plain()
        r = weakref.ref(x, seen.append if i % 50 == 0 else None)
        s += r() is x
        x = None
        s += r() is None
    return s, len(seen)


def closed(n):
    """Generators that are dropped before their end run their finally."""

    def gen(i):
        try:
            yield i
            yield i + 1
        finally:
            LOG.append("closed")

    s = 0
    for i in range(n):
        for x in gen(i):
            s += x
            break
        if len(LOG) > 60:
            del LOG[:50]
    return s


def raised(n):
    """What an operand of a failing operation held dies before the handler."""
    s = 0
    for i in range(n):
        try:
            Noted("operand") + i
        except TypeError:
            LOG.append("handler")
            s += 1
        if len(LOG) > 60:
            del LOG[:50]
    return s


def show(name, result, box):
    print(name, result, box.items[0], box.total, len(box.items), LOG[-8:])
    del LOG[:]


for name in ("temporary", "rebound", "deleted", "in_tuple", "twice_in_list",
             "nested", "popped", "compared", "returned"):
    box = Box([1, 2], 3)
    show(name, globals()[name](box, N), box)
box = Box([1, 2], 3)
show("list_element", list_element(box, [None] * 3, N), box)
box = Box([1, 2], 3)
show("attribute", attribute(box, Quiet(None), N), box)
box = Box([1, 2], 3)
show("dict_value", dict_value(box, {}, N), box)
for name in ("at_return", "weak", "closed", "raised"):
    show(name, globals()[name](N), box)
