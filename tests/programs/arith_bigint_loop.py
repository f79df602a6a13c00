"""Integers grow past 64 bits in the middle of a loop, and come back."""


def factorials(n):
    product = 1
    for i in range(1, n):
        product *= i
        if i % 7 == 0:
            print(i, product)
    return product


def powers():
    x = 1
    steps = 0
    while x < 1 << 200:
        x = x * 3 + 1
        steps += 1
    while x > 1:
        x //= 3
        steps += 1
    return steps, x


def edges():
    total = 9223372036854775000
    for i in range(2000):
        total += 1
        if total in (9223372036854775806, 9223372036854775807,
                     9223372036854775808):
            print(i, total, total.bit_length())
    for i in range(3000):
        total -= 1
    print(total)
    low = -9223372036854775000
    for i in range(2000):
        low -= 1
    print(low, -low, abs(low))
    return total + low


print(factorials(60))
print(powers())
print(edges())
x = 2 ** 62
for _ in range(100):
    x = x + x
    x = x - x // 2
print(x)
