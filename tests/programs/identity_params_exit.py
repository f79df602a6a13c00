"""A number that was passed without its object, and is in two variables when the
code leaves, is one object in both: the caller's."""


def keep(x, items):
    z = x
    n = items[0] + 1
    return z is x, x is z, n


def keep_float(x, items):
    z = y = x
    n = items[0] * 2.0
    return z is x, y is z, n


def sums(x, items):
    z = x
    t = 0
    for item in items:
        t += item
    return z is x, t + z


def run(function, x, items):
    return function(x, items)


for k in range(400):
    run(keep, k + 1000, [k])
    run(keep_float, k + 0.5, [k * 0.5])
    run(sums, k + 1000, [k, 2])
for items in [3], [2.5], (4,), {0: 5}, [True], [1 << 70], [2 ** 63 - 1]:
    x, y = 12345, 6789.25
    print(run(keep, x, items), run(keep_float, y, items))
for items in [3, 4], [2.5], (4, 5), {7: 5}, [1 << 70, -3], [2 ** 62, 2 ** 62]:
    print(run(sums, 5555, items))
held = [10 ** 6 + i for i in range(3)]


def same(x, items):
    z = x
    items[0] + 1
    return x if z is x else None


for k in range(400):
    same(k + 1000, [k])
for number in held:
    print(run(same, number, [0.5]) is number, run(same, number, [1]) is number)
