"""Number theory: modular powers, sieves, digits, perfect numbers."""


def power_mod(base, exponent, modulus):
    result = 1
    base %= modulus
    while exponent > 0:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def is_probable_prime(n):
    if n < 2:
        return False
    for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d //= 2
        s += 1
    for a in (2, 3, 5, 7, 11, 13, 17):
        x = power_mod(a, d, n)
        if x == 1 or x == n - 1:
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def egcd(a, b):
    x0, x1, y0, y1 = 1, 0, 0, 1
    while b:
        q = a // b
        a, b = b, a - q * b
        x0, x1 = x1, x0 - q * x1
        y0, y1 = y1, y0 - q * y1
    return a, x0, y0


def isqrt(n):
    x = n
    y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x


def factor(n):
    out = []
    p = 2
    while p * p <= n:
        while n % p == 0:
            out.append(p)
            n //= p
        p += 1
    if n > 1:
        out.append(n)
    return out


def to_base(n, base):
    digits = ""
    while n:
        n, r = divmod(n, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[r] + digits
    return digits or "0"


print(power_mod(3, 1000, 1000000007), power_mod(2, 10 ** 18, 2 ** 61 - 1))
print([n for n in range(2000, 2100) if is_probable_prime(n)])
print(is_probable_prime(2 ** 61 - 1), is_probable_prime(2 ** 61 + 1),
      is_probable_prime(10 ** 18 + 9), is_probable_prime(2 ** 89 - 1))
print(egcd(240, 46), egcd(2 ** 80, 3 ** 50), egcd(-15, 4))
print([isqrt(n) for n in (15, 16, 10 ** 18, 10 ** 30, 2 ** 63 - 1)])
print(factor(360360), factor(1000003), factor(2 ** 31 - 1), factor(1))
print(to_base(255, 16), to_base(10 ** 25, 36), to_base(-0, 2))
total = 0
for n in range(1, 3000):
    m = n
    reverse = 0
    while m:
        reverse = reverse * 10 + m % 10
        m //= 10
    if reverse == n:
        total += n
print(total)
a, b = 0, 1
while len(str(a)) < 40:
    a, b = b, a + b
print(a)
