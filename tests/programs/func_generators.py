"""Generators in hot loops: send, throw, close, delegation, early end."""


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def running_mean():
    total = 0.0
    n = 0
    mean = None
    while True:
        value = yield mean
        total += value
        n += 1
        mean = total / n


def guarded(n, log):
    try:
        for i in range(n):
            try:
                yield i
            except KeyError as error:
                log.append(error.args[0])
                yield -1
    finally:
        log.append("closed")


def flatten(tree):
    for item in tree:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


def primes():
    found = []
    n = 2
    while True:
        if all(n % p for p in found):
            found.append(n)
            yield n
        n += 1


print(sum(count(1000)), list(count(5)))
mean = running_mean()
next(mean)
for i in range(200):
    r = mean.send(i)
print(r, mean.gi_frame.f_locals["n"], mean.gi_running)
log = []
g = guarded(100, log)
total = 0
for i in range(50):
    total += next(g)
    if i % 10 == 9:
        total += g.throw(KeyError(i))
print(total, log)
g.close()
print(log, list(g), g.gi_frame)
print(list(flatten([1, [2, [3, [4]], 5], [[6]]] * 3)))
out = []
for p in primes():
    if p > 300:
        break
    out.append(p)
print(out[-3:], len(out))
pipeline = (x * 2 for x in (y + 1 for y in count(300)) if x % 3 == 0)
print(sum(pipeline))


def failing(n):
    for i in range(n):
        yield 10 // (30 - i)


try:
    for v in failing(100):
        last = v
except ZeroDivisionError as error:
    print(error, last, error.__traceback__.tb_next.tb_lineno)


def returns():
    result = yield from count(3)
    return "done", result


g = returns()
try:
    while True:
        next(g)
except StopIteration as stop:
    print(stop.value)
try:
    g = count(5)
    g.send(1)
except TypeError as error:
    print(error)
