"""Calls among many small functions, with state in arguments and lists."""


def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def lerp(a, b, t):
    return a + (b - a) * t


def smooth(t):
    t = clamp(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def noise(x, table):
    i = int(x) % len(table)
    return lerp(table[i], table[(i + 1) % len(table)], smooth(x - int(x)))


def octave(x, table, n):
    total = 0.0
    scale = 1.0
    for _ in range(n):
        total += noise(x / scale, table) * scale
        scale *= 0.5
    return total


def parity(n):
    return n & 1


def digits(n):
    count = 0
    while n:
        n //= 10
        count += 1
    return count


def digit_sum(n):
    total = 0
    while n:
        total += n % 10
        n //= 10
    return total


def is_harshad(n):
    return n % digit_sum(n) == 0


def is_prime(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


table = [(i * 7919 % 101) / 101.0 for i in range(16)]
total = 0.0
for k in range(400):
    total += octave(k * 0.37, table, 4)
print(total)
print(sum(is_harshad(n) for n in range(1, 800)),
      sum(is_prime(n) for n in range(1000)),
      sum(digits(n) * parity(n) for n in range(1000)))
print(clamp(5, 0, 3), clamp(-1.5, 0, 3), clamp("b", "a", "c"),
      clamp(10 ** 30, 0, 10 ** 25), clamp(True, False, True))
print(octave(1, [1, 2, 3], 3), digits(10 ** 40), is_prime(2 ** 31 - 1))
try:
    noise(1.5, [])
except ZeroDivisionError as error:
    print(error)
