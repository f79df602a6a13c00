"""Functions with native entries, called with named arguments and without those
that have defaults, by callers that are not compiled: C code, partial objects,
callables that come in dicts, calls with ** and *."""

import functools
import operator
import sys
import weakref

ROUNDS = 3000


class Thing:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<{self.name}>"


def add(a, b=10, c=100):
    total = 0
    for i in range(3):
        total += a * i + b - c
    return total


def scale(values, factor=3, *, unused=None):
    return [v * factor for v in values]


def only(a, b, /, c=1):
    return a * 4 + b * 2 + c


def drop(x, ref, times=2):
    """The argument is given up here, if it is the callee's."""
    total = 0
    for i in range(times):
        total += i
    x = None
    return total, ref() is None, x


def drop_late(ref, x, times=2):
    total = 0
    for i in range(times):
        total += i
    del x
    return total, ref() is None


def keep(x, into=[]):
    if len(into) > 3:
        into.clear()
    into.append(x)
    return len(into)


def changes(a, b=1):
    if a == 7:
        changes.__defaults__ = (Thing("new"),)
    return a, b


def steps(n, by=2, start=0):
    while start < n:
        yield start
        start += by


def deep(n, acc=0, by=1):
    return acc if n == 0 else deep(n - 1, by=by, acc=acc + by)


def fails(a, b=2, c=0):
    return (a + b) // c


def named(**which):
    """Calls through what no compiler knows."""
    table = {"add": add, "only": only, "fails": fails, "deep": deep}
    return table[which.pop("f")](**which)


def hot():
    total = 0
    part = functools.partial(add, c=5)
    for i in range(ROUNDS):
        total += part(i)
        total += add(*(i,), **{"b": 2})
        total += named(f="add", a=i, c=1)
        total += sum(map(add, (i, i + 1)))
        total += only(*(1, 2), **{})
    for i in range(ROUNDS):
        total += keep(i)
        total += len(list(map(operator.methodcaller("__len__"), [(1,)])))
        total += functools.partial(deep, by=2)(3)
        total += sum(functools.partial(steps, by=3)(10))
        total += sum(map(sum, map(steps, (3, 4))))
    return total


def lifetimes():
    seen = []
    for i in range(ROUNDS):
        t = Thing("x")
        ref = weakref.ref(t)
        box = {"x": t}
        del t
        call = functools.partial(drop, ref=ref)
        seen.append(call(x=box.pop("x")))
        t = Thing("y")
        ref = weakref.ref(t)
        seen.append(drop(x=t, ref=ref))
        del t
        seen.append(ref() is None)
        seen.append(drop(Thing("z"), times=1, ref=lambda: None))
        late = {"x": Thing("w")}
        ref = weakref.ref(late["x"])
        seen.append(drop_late(times=3, x=late.pop("x"), ref=ref))
    return len(seen), seen[:5], seen[-5:]


def default_dies():
    """A default that the call itself replaces lives until it is over."""
    out = []
    for i in range(ROUNDS):
        changes.__defaults__ = (Thing("old"),)
        ref = weakref.ref(changes.__defaults__[0])
        out.append(repr(changes(*(7 if i % 2 else 6,))))
        out.append(ref() is None)
    return out[:4], out[-4:]


def wrong():
    table = {
        "few": lambda: only(*(1,)),
        "none": lambda: only(*()),
        "many": lambda: only(*(1, 2, 3, 4)),
        "unknown": lambda: add(1, **{"d": 3}),
        "twice": lambda: add(1, **{"a": 3}),
        "positional": lambda: only(1, **{"b": 3}),
        "equal name": lambda: add(**{"".join(["a", ""]): 1,
                                     str(b"b", "ascii"): 2}),
        "no text": lambda: add(**{1: 2}),
        "partial": lambda: functools.partial(add, 1, a=2)(),
        "zero": lambda: fails(1, **{"b": 3}),
        "mixed": lambda: add("x", **{"c": 1}),
    }
    for name, call in table.items():
        for _ in range(70):
            try:
                result = call()
            except Exception as error:
                result = error
                tb, lines = error.__traceback__, []
                while tb is not None:
                    lines.append((tb.tb_frame.f_code.co_name,
                                  sorted(tb.tb_frame.f_locals)))
                    tb = tb.tb_next
            else:
                lines = []
        print(name, repr(result), lines)


def defaults_change():
    for i in range(200):
        if i == 100:
            add.__defaults__ = (1, 2)
        elif i == 150:
            add.__defaults__ = None
        elif i == 170:
            add.__defaults__ = ("x", 1.5)
        try:
            value = functools.partial(add, i)()
        except TypeError as error:
            value = str(error)
        if i % 25 == 0 or 168 < i < 173:
            print(i, value)
    add.__defaults__ = (10, 100)


def counts():
    """What an argument is held by, seen from inside."""
    def inner(x, y=None):
        return sys.getrefcount(x) > 0, y
    return [inner(object(), **{"y": i}) for i in range(100)][-1]


def main():
    print(hot())
    print(lifetimes())
    print(default_dies())
    wrong()
    defaults_change()
    print(counts())
    print(scale([1, 2], **{"factor": 5}), named(f="deep", n=50, by=3))


main()
