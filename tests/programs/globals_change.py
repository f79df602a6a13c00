"""Globals that native code stores to are deleted, replaced, shadowed."""
import builtins
count = 0
flag = 1.5
text = ""


def bump(n):
    global count, flag
    for i in range(n):
        count += 1
        flag = flag * 1.0 + 1


def reader(n):
    t = 0
    for i in range(n):
        t += count
        t += limit
    return t


limit = 3
for turn in range(50):
    bump(20)
    reader(10)


def attempt(f, *a):
    try:
        print(f.__name__, f(*a), globals().get("count"), globals().get("flag"))
    except Exception as e:
        print(f.__name__, repr(e), globals().get("count"), globals().get("flag"))


attempt(bump, 5)
del count
attempt(bump, 5)
attempt(reader, 5)
count = 5
attempt(bump, 5)
attempt(reader, 5)
del flag
builtins.flag = 100.0
attempt(bump, 5)
attempt(bump, 5)
flag = "s"
attempt(bump, 2)
flag = 2
attempt(bump, 300)
count = 1 << 62
attempt(bump, 3)
count = (1 << 63) - 2
attempt(bump, 5)
attempt(reader, 3)
del limit
builtins.limit = 9
attempt(reader, 300)
limit = 1
attempt(reader, 300)
del limit
attempt(reader, 3)
del builtins.limit
attempt(reader, 3)
limit = 2
for k in range(300):
    globals()[f"new{k}"] = k
attempt(bump, 300)
attempt(reader, 300)
g = globals()
for k in range(3):
    saved = dict(g)
    g.update(saved)
    attempt(bump, 30)


class Chatty:
    def __repr__(self):
        return "Chatty"

    def __iadd__(self, o):
        global count
        count = 7
        return self

    def __add__(self, o):
        global count
        del count
        return 5


count = Chatty()
attempt(bump, 1)
attempt(bump, 1)
count = Chatty()
attempt(reader, 1)
del count
flag = 1.0


def swap(n):
    global count, flag
    for i in range(n):
        if i == 100:
            del count
        if i == 101:
            count = 0
        flag = i + 0.5
        count = i
    return count


count = 0
attempt(swap, 99)
attempt(swap, 300)
for turn in range(100):
    swap(50)
attempt(swap, 150)


def inplace(n):
    global text
    for i in range(n):
        text += "x"
        keep = text
    return len(text), keep is text


for turn in range(5):
    attempt(inplace, 60)
