"""Shifts, masks and bit counting."""


def popcount(x):
    count = 0
    while x:
        count += x & 1
        x >>= 1
    return count


def xorshift(state, n):
    for _ in range(n):
        state ^= (state << 13) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 7
        state ^= (state << 17) & 0xFFFFFFFFFFFFFFFF
    return state


def left(n):
    out = []
    for i in range(n):
        out.append(1 << i)
        out.append(-1 << i)
        out.append((3 << i) >> (i // 2))
    return out


print(sum(popcount(i) for i in range(3000)))
print(popcount(2 ** 100 - 1), popcount(2 ** 63), popcount(2 ** 62 + 1))
print(xorshift(88172645463325252, 1000))
r = left(70)
print(r[180:], sum(r))
print([(-17 >> i) for i in range(70)][:8], -1 >> 1000, 1 >> 1000, 5 >> 63)
for shift in (3, 62, 63, 64, -1):
    try:
        for i in range(40):
            x = i << shift
        print(shift, x)
    except ValueError as error:
        print(shift, error)
for shift in (3, 63, 64, 10 ** 30, -1):
    try:
        for i in range(40):
            x = -i >> shift
        print(shift, x)
    except (ValueError, OverflowError) as error:
        print(shift, type(error).__name__, error)
h = 0
for c in "hash this string please" * 20:
    h = ((h << 5) - h + ord(c)) & 0xFFFFFFFF
    h ^= h >> 3
print(hex(h))
