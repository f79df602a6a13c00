"""Closures: counters, shared cells, late rebinding, nonlocal."""


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    def reset():
        nonlocal count
        count = 0

    return step, reset


def make_adder(k):
    def add(x):
        return x + k
    return add


def accumulate(n):
    total = 0

    def add(x):
        nonlocal total
        total += x

    for i in range(n):
        add(i)
    return total


def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x
    return composed


step, reset = counter()
for i in range(500):
    step()
print(step(), step(0.5))
reset()
print(step(10 ** 20))
adders = [make_adder(k) for k in (1, 2.5, 10 ** 20)]
print([sum(a(i) for i in range(100)) for a in adders])
print(accumulate(400), compose(make_adder(1), abs, str, len)(-1000))
cell = adders[0].__closure__[0]
print(cell.cell_contents)
cell.cell_contents = 100
print(sum(adders[0](i) for i in range(100)))
cell.cell_contents = "s"
try:
    adders[0](1)
except TypeError as error:
    print(error)


def free_unbound(flag):
    def inner():
        return value
    total = 0
    for i in range(100):
        if i == 50:
            value = 3
        if i >= 50 or flag:
            total += inner()
    return total


print(free_unbound(False))
try:
    free_unbound(True)
except NameError as error:
    print(error)
