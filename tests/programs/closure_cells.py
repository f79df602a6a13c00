"""Variables of closures: counted in natively, shared, unbound, seen by frames
and finalisers."""
import sys
import traceback


def counter():
    n = 0

    def add(by):
        nonlocal n
        n += by
        return n
    return add


def count_outside(times):
    n = 0

    def get():
        return n
    seen = []
    for i in range(times):
        n += 2
        if i % 100 == 0:
            seen.append(get())
    return seen, n


def changed_inside(times):
    n = 0

    def bump():
        nonlocal n
        n += 10
    for i in range(times):
        n += 1
        if i % 50 == 0:
            bump()
    return n


def scaled(k):
    def f(x):
        return x * k
    total = 0
    for i in range(300):
        total += f(i)
        if i == 150:
            k = 3
    return total


def floats(times):
    s = 0.0
    get = lambda: s
    for i in range(times):
        s = s + i * 0.25
    return get()


def unbound(times):
    def get():
        return late
    out = []
    for i in range(times):
        if i == times - 1:
            late = i
        try:
            out.append(get())
        except NameError as e:
            if i < 2:
                print(e)
    return out


def deleted(times):
    n = 0

    def get():
        return n
    hits = 0
    for i in range(times):
        n = i
        if i % 7 == 0:
            del n
        try:
            hits += n + get()
        except (UnboundLocalError, NameError) as e:
            if i == 0:
                print(type(e).__name__, e)
    return hits


class Noisy:
    def __init__(self, note, name):
        self.note, self.name = note, name

    def __del__(self):
        self.note(self.name)


def finalised(times):
    log = []
    n = 0

    def note(name):
        nonlocal n
        n += 1000
        log.append((name, n))
    thing = None
    keep = lambda: thing
    for i in range(times):
        n += 1
        if i % 40 == 0:
            thing = Noisy(note, i)
        if i % 40 == 20:
            thing = keep() and i
        n += 1
    return log, n, thing


def identity(times):
    x = 0
    get = lambda: x
    same = 0
    for i in range(times):
        x = y = i * 1000
        if get() is y:
            same += 1
        held = x
        x += 1
        if held is y and get() is not y:
            same += 1000
    return same


def shared_cells(times):
    a = 0
    b = 0

    def both(times=times):
        nonlocal a, b
        for _ in range(times):
            a += 1
            b += 10
            a += 1
        return a, b
    return both


def one_cell_twice(times):
    make = shared_cells(times)
    cell = make.__closure__[0]
    odd = type(make)(make.__code__, make.__globals__, "odd", (times,), (cell, cell))
    cell.cell_contents = 0
    return odd()


def generator(times):
    n = 0

    def gen():
        nonlocal n
        for i in range(times):
            n += i
            yield n
    out = []
    for v in gen():
        n += 1
        out.append(v)
    return out[-3:], n


def raises(times, at):
    n = 0
    get = lambda: n
    try:
        for i in range(times):
            n += i
            10 // (i - at)
    except ZeroDivisionError as e:
        frame = e.__traceback__.tb_frame
        return n, get(), frame.f_locals["n"], e.__traceback__.tb_lineno - frame.f_code.co_firstlineno
    return None


def by_frame(times):
    n = 0
    get = lambda: n
    for i in range(times):
        n += 1
        if i == times // 2:
            sys._getframe().f_locals["n"] = 5000
    return n, get()


add = counter()
for turn in range(300):
    add(turn)
for turn in range(12):
    a = count_outside(300), changed_inside(300), scaled(2), floats(300)
    b = deleted(100), identity(200), generator(60), one_cell_twice(50)
    c = raises(300, 120), by_frame(200), shared_cells(80)()
print(add(0), a, b, c)
print(unbound(40), finalised(120))
print(scaled(1.5), scaled(True), counter()(2 ** 70))
print(count_outside(3), changed_inside(0))
big = counter()
for turn in range(100):
    big(2 ** 58)
print(big(1))
try:
    add("x")
except TypeError:
    traceback.print_exc(file=sys.stdout)
