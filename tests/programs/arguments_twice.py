"""One object passed at several places of a call: each parameter holds it, and
nobody else but who did before."""
import sys


class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("dies", self.name)


def count(a, b):
    for _ in range(3):
        pass
    return sys.getrefcount(a)


def drops_first(a, b):
    del a
    return sys.getrefcount(b), b.name


def drops_both(a, b, c):
    a = None
    b = c = None
    return 0


def last_only(a, b):
    b = b.name
    return a.name + b


def by_name(k):
    thing, other = Thing(k), Thing(-k)
    return count(thing, b=thing), drops_first(thing, b=thing), count(other, 2)


def at_once(k):
    return drops_both(Thing(k), None, c=None)


def three(k):
    thing = Thing(k)
    other = thing
    counts = count(other, thing)
    drops_both(thing, other, thing)
    return counts, sys.getrefcount(thing)


def strings(k):
    text = str(k) * 3
    return last_only(Name(text), Name(text)), count(text, text)


class Name:
    def __init__(self, name):
        self.name = name


quiet = sys.stdout
for k in range(300):
    sys.stdout = None
    by_name(k), at_once(k), three(k), strings(k)
    sys.stdout = quiet
for k in range(3):
    print(by_name(k), at_once(k), three(k), strings(k + 1000))
