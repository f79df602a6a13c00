"""What the garbage collector counts: pyaot's start leaves nothing there."""

import gc

gc.disable()
first = gc.collect()

import atexit  # noqa: E402  (counted before anything else is imported)


class Ring:
    def __init__(self, n):
        self.me = self
        self.n = n


def rings(n):
    total = 0
    for k in range(n):
        r = Ring(k)
        total += r.n
    return total


print("collected", first, gc.collect(), len(gc.garbage))
for _ in range(60):
    total = rings(20)
    found = gc.collect()
print(total, found, gc.collect())
gc.set_debug(gc.DEBUG_SAVEALL)
rings(3)
print(gc.collect(), sorted(type(o).__name__ for o in gc.garbage))
gc.set_debug(0)
gc.garbage.clear()
kinds = {}
for o in gc.get_objects():
    name = type(o).__name__
    kinds[name] = kinds.get(name, 0) + 1
print({name: kinds.get(name) for name in
       ("Ring", "generator", "frame", "weakref")})
atexit.register(print, "at exit")
del atexit
print(gc.collect())
