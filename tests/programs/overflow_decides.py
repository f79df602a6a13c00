"""Comparisons that are all that wants a sum, a product or another number which
does not fit in 64 bits: they are decided as if there were no such limit."""


class Holder:
    def __init__(self, n):
        self.n = n


def chain():
    i = 9223372036854775807
    return i - i < i + i <= i


def attribute(holder):
    i = 9223372036854775807
    return holder.n + i > i, holder.n - i - 2 < -i


def either(k):
    big = 9223372036854775807 if k % 2 else 5
    if big + big <= 9223372036854775807:
        return "fits"
    return "does not"


def products(k):
    n = 3037000500 + k % 2
    a = n * n > 9223372036854775807
    b = -n * n >= -9223372036854775808
    c = n * n // 2 <= 9223372036854775807 // 2
    d = (n * n) % 9223372036854775807 <= n
    return a, b, c, d


def signs(k):
    low = -9223372036854775808 if k % 3 else -9223372036854775808 + 1
    return (-low <= 9223372036854775807, abs(low) <= 9223372036854775807,
            ~low <= 9223372036854775807, low - 1 >= -9223372036854775808)


def shifts(k):
    n = (9223372036854775807 if k % 2 else 7) + 1
    return (n >> 1 < 9223372036854775807, n << 1 <= 9223372036854775807,
            n | 1 <= 9223372036854775807)


def under(k, limit):
    i = 9223372036854775807 - 3
    turns = 0
    while i + 1 <= limit and turns < 6:
        if i + 2 <= 9223372036854775807:
            turns += 1
        i += 1
        if i > 9223372036854775807 - 1:
            i -= 3
            turns += 2
    return turns


def parameter(a, b):
    total = a + b
    if total > 9223372036854775807:
        return 1
    if total < -9223372036854775808:
        return -1
    return 0


def bounds(x):
    x += 0
    return (x <= 9223372036854775807, x >= -9223372036854775808,
            x < 9223372036854775807, x > -9223372036854775808)


MOST = 9223372036854775807
for k in range(80):
    print(k, chain(), attribute(Holder(k)), attribute(Holder(-k)), either(k),
          products(k), signs(k), shifts(k), under(k, MOST), parameter(k, 5),
          bounds(k))
    if k > 60:
        print(parameter(MOST, k), parameter(-k, -MOST - 1), bounds(MOST),
              bounds(-MOST - 1), bounds(MOST + k), bounds(-MOST - 1 - k),
              under(k, MOST + 1))
