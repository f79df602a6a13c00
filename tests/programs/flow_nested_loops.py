"""Nested loops where inner and outer ones change each other's state."""


def triangle(n):
    total = 0
    for i in range(n):
        j = i
        while j > 0:
            j -= 2
            total += j
            if total % 11 == 0:
                break
        else:
            total += 5
        if total > 10 ** 7:
            return total, i
    return total, i, j


def four(n):
    count = 0
    for a in range(n):
        for b in range(a, n):
            for c in range(b, n):
                for d in (a, b, c):
                    if a * a + b * b == c * c and d:
                        count += 1
                    if d > n // 2:
                        break
                else:
                    continue
                count += 100
    return count


def restart(n):
    i = passes = 0
    while i < n:
        i += 1
        for j in range(i):
            if (i + j) % 97 == 96:
                i += 7
                passes += 1
                break
    return i, passes


def labelled(grid, wanted):
    for i, row in enumerate(grid):
        for j, cell in enumerate(row):
            if cell == wanted:
                break
        else:
            continue
        break
    else:
        return None
    return i, j


print(triangle(300), four(25), restart(400))
grid = [[i * 17 + j * 3 for j in range(20)] for i in range(20)]
print(labelled(grid, 17 * 12 + 9), labelled(grid, -1))
primes = []
n = 2
while len(primes) < 100:
    for p in primes:
        if p * p > n:
            primes.append(n)
            break
        if n % p == 0:
            break
    else:
        primes.append(n)
    n += 1
print(primes[-1])
x = y = 0
for i in range(30):
    for j in range(30):
        x += i - j
        if j > i:
            break
    y += x
    i = j
print(x, y, i, j)
