"""Cyclic garbage made in hot loops, and gc.callbacks that see it."""
import gc


class Node:
    def __init__(self, value):
        self.value = value
        self.other = None


phases = []


def note(phase, info):
    phases.append((phase, info["generation"]))


def cycles(n):
    total = 0
    for i in range(n):
        a = Node(i)
        b = Node(i + 1)
        a.other = b
        b.other = a
        total += a.other.other.value
    return total


def collect_midway(n):
    total = 0.0
    values = [0.5] * 100
    for i in range(n):
        total += values[i % 100]
        if i % 100 == 99:
            gc.collect()
    return total


def count_live():
    return sum(isinstance(o, Node) for o in gc.get_objects())


gc.collect()
gc.disable()
print(cycles(500))
print(count_live() > 900)
gc.collect()
print(count_live())
gc.enable()
gc.callbacks.append(note)
print(collect_midway(500))
gc.callbacks.remove(note)
print(phases.count(("start", 2)), phases.count(("stop", 2)))
print(cycles(20000))
gc.collect()
print(count_live())
deep = None
for i in range(50000):
    deep = [deep]
del deep


class Finalised(Node):
    def __del__(self):
        done.append(self.value)


done = []
for i in range(100):
    f = Finalised(i)
    f.other = f
del f
gc.collect()
print(len(done), sum(done))
