"""with in loops: order of enter and exit, exceptions, contextlib."""
from contextlib import contextmanager, suppress


class Timer:
    def __init__(self, log, name):
        self.log = log
        self.name = name

    def __enter__(self):
        self.log.append("+" + self.name)
        return self

    def __exit__(self, *details):
        self.log.append("-" + self.name)


@contextmanager
def temporarily(holder, key, value):
    old = holder.get(key)
    holder[key] = value
    try:
        yield holder
    finally:
        holder[key] = old


def loop(n):
    log = []
    count = 0
    for i in range(n):
        with Timer(log, "a"), Timer(log, "b") as b:
            if i % 10 == 3:
                continue
            if i == n - 5:
                break
            count += len(b.name)
    return count, len(log), "".join(log[-8:])


print(loop(200))
holder = {"x": 0}
total = 0
for i in range(200):
    with temporarily(holder, "x", i) as h:
        total += h["x"]
    with suppress(KeyError):
        total += holder["missing"]
        total += 1000000
print(total, holder)


def returns(n):
    log = []
    for i in range(n):
        with Timer(log, "r"):
            if i == 60:
                return i, len(log)


print(returns(100))
log = []
try:
    with Timer(log, "outer"):
        for i in range(100):
            with Timer(log, "inner"):
                1 // (70 - i)
except ZeroDivisionError as error:
    print(error, i, log[-2:], len(log))
