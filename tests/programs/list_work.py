"""Lists: append, extend, slices, pop, insert, del, sort, nested lists."""


def primes(n):
    found = []
    for i in range(2, n):
        for p in found:
            if i % p == 0:
                break
        else:
            found.append(i)
    return found


def rotate(values, k):
    return values[k:] + values[:k]


def transpose(m):
    return [[row[j] for row in m] for j in range(len(m[0]))]


def spiral(m):
    out = []
    while m:
        out += m.pop(0)
        m = [list(row) for row in zip(*m)][::-1]
    return out


print(primes(400)[-5:])
x = list(range(10))
for i in range(50):
    x = rotate(x, 3)
print(x)
for _ in range(30):
    t = transpose([[1, 2, 3], [4, 5, 6]])
print(t, spiral([[i * 5 + j for j in range(5)] for i in range(5)]))
stack = []
for i in range(300):
    stack.append(i)
    if i % 3 == 0:
        stack.append(stack.pop() + stack.pop() if len(stack) > 1 else 0)
print(len(stack), sum(stack))
values = []
for i in range(100):
    values.insert(i // 2, i)
del values[10:20], values[-1], values[::7]
print(values[:10], len(values), values.index(50), values.count(3))
values.sort(key=lambda v: (v % 10, -v))
print(values[:8])
a = [0] * 10
b = a
for i in range(200):
    a[i % 10] += i
    a[(i * 3) % 10] -= 1
print(a, b is a)
a[2:5] = [1.5, "x"]
a += (1, 2)
a *= 2
print(a)
nested = [[]] * 3
for i in range(50):
    nested[i % 3].append(i)
print(len(nested[0]), nested[0] is nested[2])
