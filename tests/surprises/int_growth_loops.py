# args: run
# profile-args: train
"""Accumulators that cross 2**30/2**60/2**62/2**63 in mid-loop and come back, in each operator and loop shape."""
import sys
RUN = sys.argv[1:] == ['run']
T = []
for i in range(1, 8):
    T.append(i)

def climb(start, mul, n, cap):
    x = start; ups = 0; marks = []
    for i in range(n):
        x = x * mul + i
        if x > cap:
            marks.append((i, x, sys.getsizeof(x)))
            x = x % 1009 - 500
            ups += 1
    return x, ups, marks[:3], marks[-1:]

def fib(n):
    a, b = 0, 1
    while n > 0:
        a, b = b, a + b
        n -= 1
    return a

def collatz(n):
    steps = 0; top = n
    while n != 1:
        if n & 1:
            n = 3 * n + 1
        else:
            n >>= 1
        if n > top:
            top = n
        steps += 1
    return steps, top

def lcg(seed, n, mod):
    out = []
    for _ in range(n):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % mod
        out.append(seed)
    return out[-1], min(out), max(out)

def fnv(data):
    h = 14695981039346656037
    for c in data:
        h ^= c
        h = (h * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return h

def shifts(n, k):
    x = 1; y = -1; w = []
    for i in range(n):
        x <<= k
        y = (y << k) - 1
        w.append((x ^ y).bit_length())
        if x.bit_length() > 200:
            x >>= 190
            y >>= 190
    return x, y, sum(w), w[-5:]

def countdown(start, step, stop):
    n = 0; x = start
    while x > stop:
        x -= step
        n += 1
    return x, n

def negs(x, n):
    for i in range(n):
        x = -x - 1 if i % 2 else -x + 1
        x = abs(x) * -1
        x = x ^ -1
    return x

def by_two(n):
    for i in range(n, n + 3000, 7):
        last = i * i
        k = i
    return last, k, i

def gcd(a, b):
    while b:
        a, b = b, a % b
    return a

def isqrt(n):
    x = n; y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x

print('hot', climb(3, 2, 4000, 5000), fib(40), [collatz(i) for i in range(1, 300)][-1], lcg(7, 2000, 10007), countdown(9000, 3, -10))
print('hot', shifts(2000, 0), negs(5, 3000), by_two(10), sum(gcd(i, 360) for i in range(2000)), sum(isqrt(i) for i in range(1, 2000)))
print(fnv(bytes(range(200)) * 5))
if RUN:
    for cap in (2**29, 2**31, 2**59, 2**60, 2**61, 2**62 - 1, 2**62, 2**63 - 1, 2**63, 2**64, 2**200):
        print(cap, climb(3, 2, 3000, cap), climb(3, 5, 500, cap))
    for n in (86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 150, 300):
        print(n, fib(n), sys.getsizeof(fib(n)))
    for n in (27, 2**29 + 1, 2**60 - 1, 2**61 - 1, 2**62 - 1, 2**63 - 1, 2**63 + 1, 3**41, 10**30 + 7):
        print(n, collatz(n))
    for m in (2**31, 2**61 - 1, 2**62, 2**63, 2**64, 2**89 - 1):
        print(m, lcg(12345, 300, m))
    for k in (1, 3, 30, 31, 59, 60, 63, 64):
        print(k, shifts(400, k))
    for s in (2**62 + 50, 2**63 + 50, 2**64):
        print(countdown(s, 7, s - 5000), countdown(-s, 1, -s - 900), countdown(s, 2**61, -s))
        print(negs(s, 11), negs(-s, 12), by_two(s - 1000), by_two(-s - 1000))
    print(gcd(2**64, 2**63 - 1), gcd(2**63 * 45, 2**61 * 75), gcd(-2**63, 24), gcd(24, -2**63), gcd(True, 2), gcd(12.0, 8), gcd(7.5, 2))
    print([isqrt(2**e + d) for e in (60, 62, 63, 64, 126, 127) for d in (-1, 0, 1)])
# module-level loop growing over the limits
g = 1
k = 0
names = []
while k < (300 if RUN else 55):
    g = g * 2 + (k & 1)
    if g % 11 == 3:
        g -= 4
    k += 1
    if k in (28, 29, 30, 31, 58, 59, 60, 61, 62, 63, 64, 65, 150, 299):
        names.append((k, g, g // 3, -g // 3, g % -7, ~g, g >> 60, (g << 1) - g, hash(g), hash(-g)))
for t in names:
    print(*t)
print(k, type(g).__name__, sys.getsizeof(g))
