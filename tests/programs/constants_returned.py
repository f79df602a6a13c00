"""A constant number that a function returns is the same object each time, and
the same as the one passed in that comes back."""


def zero(p):
    return -0.0


def million(p):
    return 1000000


def either(p):
    if p % 2:
        return 2.5
    return p * 1.5


def limited(p, most):
    if p * 0.25 > most:
        return most
    return p * 0.25


def same(value):
    return value


def early(values):
    for value in values:
        if value > 30:
            return 0.5
    return 0.125


def use(p):
    kept = -0.0
    first, second = million(p), million(p)
    a, b = either(p), either(p)
    c, d = limited(p, 4.75), limited(p, 4.75)
    return (zero(p) is kept, first is second, zero(p) is zero(1), a is b,
            c is d, same(2.5) is same(2.5), same(70000) is same(70000),
            early([p, p + 1]) is early([p]), a + b + c + d, first + second)


total = 0.0
for turn in range(200):
    print(use(turn))
    total += zero(turn) + either(turn) * million(turn)
print(total)
