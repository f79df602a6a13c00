"""Generator bodies that do work between yields: all ways to resume them."""


def walk(n, scale):
    x = 12345
    total = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        total += (x >> 7) % 97 + i * scale
        if total > 100000:
            total -= 100000
        yield total


def averages():
    total = 0.0
    count = 0
    mean = None
    while True:
        value = yield mean
        if value is None:
            value = -1
        total = total * 0.75 + value * 0.25 + count * 0.001
        count += 1
        mean = total / count + (total - count) * 0.5


def batches(items, size):
    batch = []
    for item in items:
        batch.append(item * 3 % 7)
        if len(batch) == size:
            s = 0
            for k in range(size):
                s += batch[k] * (k + 1)
            yield s
            batch = []
    if batch:
        yield -len(batch)


def two_yields(n):
    a, b = 0, 1
    i = 0
    while i < n:
        a, b = b, (a + b) % 10007
        sent = yield a
        if sent is not None:
            b = (b + sent) % 10007
            i += 1
        got = yield b
        if got == "stop":
            return "stopped at %d" % i
        i += 1
    return (a, b)


def chain(n):
    result = yield from two_yields(n)
    yield result
    other = yield from walk(5, 2)
    yield other
    yield from [1, 2.5, "three"]


def sums(n):
    for row in range(n):
        s = 0
        for k in range(row % 13 + 1):
            s += (row * k) % 11
        yield row, s


def show(name, *values):
    print(name, *values)


def main():
    s = 0
    for v in walk(2000, 3):
        s += v
    show("walk", s)
    show("walk sum", sum(walk(2000, 5)), max(walk(500, 1)), len(list(walk(77, 2))))
    show("float scale", sum(walk(300, 0.5)), sum(walk(300, 2**62)))
    g = averages()
    next(g)
    acc = 0.0
    for i in range(1500):
        acc += g.send(i % 17)
    show("send", acc)
    show("send float", g.send(0.5), g.send(None), g.send(True), g.send(10**30))
    try:
        g.send("text")
    except TypeError as error:
        show("type", error)
    show("after", list(g))
    show("batches", sum(batches(range(3001), 8)), list(batches([1, 2.5, True], 2)))
    show("batches gen", list(batches(walk(20, 1), 6)))
    t = 0
    g = two_yields(400)
    try:
        v = next(g)
        while True:
            t += v
            v = g.send(t % 5 if t % 3 else None)
    except StopIteration as stop:
        show("two", t, stop.value)
    for _ in range(60):
        items = list(chain(15))
    show("chain", items)
    g = two_yields(100)
    next(g), next(g), next(g), next(g)
    try:
        g.send("stop")
    except StopIteration as stop:
        show("stop", stop.value)
    show("rows", sum(r * v for r, v in sums(900)))
    g = walk(300, 1)
    for k in range(100):
        next(g)
    show("rest", sum(g), next(g, "end"))
    it = walk(50, 1)
    show("zip", [a - b for a, b in zip(it, it)])
    first, *others, last = walk(40, 7)
    show("unpack", first, len(others), last)
    show("in", 12 in walk(500, 1), any(v % 89 == 3 for v in walk(500, 1)),
         all(v >= 0 for v in walk(500, 1)))
    show("dict", sum({v % 50: v for v in walk(900, 3)}.values()),
         sorted({v % 11 for v in walk(900, 3)}), dict(sums(4)))
    show("join", "".join(chr(65 + v % 26) for v in walk(60, 3)))


main()
