"""__del__ and weakref callbacks run at the same point of the program."""
import weakref


class Noisy:
    live = 0

    def __init__(self, name):
        self.name = name
        Noisy.live += 1

    def __del__(self):
        Noisy.live -= 1
        log.append(self.name)


class Plain:
    pass


log = []


def replace(n):
    thing = Noisy("start")
    for i in range(n):
        thing = Noisy(i)
        log.append(f"after {i}")
    return thing.name


def temporaries(n):
    total = 0
    for i in range(n):
        total += len([Noisy(f"t{i}").name]) + Noisy.live
    return total


def in_list(n):
    items = [Noisy(f"l{i}") for i in range(n)]
    for i in range(n):
        items[i] = None
        log.append(Noisy.live)
    return len(items)


def callbacks(n):
    out = []
    for i in range(n):
        p = Plain()
        r = weakref.ref(p, lambda _, i=i: out.append(i))
        alive = r() is p
        del p
        out.append((alive, r() is None))
    return out


print(replace(60), log[:6], log[-4:], Noisy.live)
log.clear()
print(temporaries(50), log[:3], Noisy.live)
log.clear()
print(in_list(40), log[:6], log[-2:], Noisy.live)
print(callbacks(50)[-4:])
log.clear()
x = Noisy("first")
for i in range(100):
    if i == 50:
        x = i
    elif i == 51:
        log.append("51")
print(log, x)
d = {}
for i in range(60):
    d[i % 7] = Noisy(i)
print(len(log), Noisy.live, log[-3:])
d.clear()
print(Noisy.live)
import sys
value = [1.5]
counts = set()
for i in range(100):
    counts.add(sys.getrefcount(value))
print(counts)
