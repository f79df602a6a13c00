"""Exceptions in, through and out of generators; close and throw; finally."""
import sys
import traceback


def divide(items, log):
    total = 0
    try:
        for x in items:
            total += 1000 // x
            total = total % 977 + x * 3 - total // 5
            yield total
    finally:
        log.append(("finally", total))


def tough(n):
    i = 0
    kept = 0
    while i < n:
        try:
            k = (i * 7919 + 13) % 101
            s = k * k % 31 + (k ^ i) % 7 - kept
            yield s // (k % 10)
        except ZeroDivisionError:
            kept += 1
            yield "zero"
        except ValueError as error:
            kept -= 1
            yield str(error)
        i += 1


def stops(n):
    i = 0
    while True:
        i = i + 1 + (i * i) % 1
        if i == n:
            raise StopIteration("early")
        yield i


def indexes(items):
    i = 0
    s = 0
    while True:
        s = (s * 31 + items[i]) % 65537
        s = s ^ (s >> 3)
        yield s
        i += 1


def nested(n):
    for i in range(n):
        x = i * 2 + 1
        y = x * x % 13
        try:
            yield y + (x ^ i)
        except GeneratorExit:
            print("leaving at", i)
            raise
        except KeyError as error:
            print("key", error, i, y)


def where(error):
    return [(f.name, f.lineno) for f in traceback.extract_tb(error.__traceback__)]


def main():
    log = []
    s = 0
    for v in divide([7, 3, 11, 2] * 300, log):
        s += v
    print(s, log)
    for bad in (0, "x", None, 0.0):
        try:
            s = 0
            for v in divide([7, 3, 11, 2] * 100 + [bad], log):
                s += v
        except Exception as error:
            print(type(error).__name__, error, where(error), s, log[-1])
    total = zeros = 0
    for v in tough(1500):
        if v == "zero":
            zeros += 1
        else:
            total += v
    print(total, zeros)
    g = tough(50)
    out = []
    for k in range(30):
        out.append(next(g))
        if k % 7 == 3:
            out.append(g.throw(ValueError("thrown %d" % k)))
    print(out)
    try:
        g.throw(KeyError("out"))
    except KeyError as error:
        print("key", error, where(error))
    print(next(g, "finished"))
    try:
        for v in stops(900):
            pass
    except RuntimeError as error:
        print(v, error, repr(error.__cause__), where(error))
    try:
        s = 0
        for v in indexes(list(range(700))):
            s += v
    except IndexError as error:
        print(s, error, where(error))
    try:
        sum(indexes(list(range(700))))
    except IndexError as error:
        print(error, where(error))
    g = nested(500)
    s = 0
    for k in range(200):
        s += next(g)
    s += g.throw(KeyError("k"))
    g.close()
    print(s, list(g))
    for k in range(3):
        g = nested(100)
        for j in range(60 + k):
            next(g)
        del g
    g = nested(10)
    g.close()
    try:
        g.throw(ValueError("into a closed one"))
    except ValueError as error:
        print(error, where(error))
    try:
        1 / 0
    except ZeroDivisionError:
        g = nested(80)
        print([next(g) for _ in range(70)][-1], sys.exception())
        try:
            g.throw(IndexError("in a handler"))
        except IndexError as error:
            print(repr(error.__context__), where(error))
    log.clear()
    gens = [divide([3, 5] * 40, log) for _ in range(5)]
    for k in range(60):
        for g in gens:
            next(g)
    while gens:
        gens.pop(len(gens) // 2)
        print(log)


main()
traceback.print_exc()
for value in divide([1, 2, 5] * 100 + [0], []):
    pass
