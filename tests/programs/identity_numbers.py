"""`is` of numbers: small ints are one object, others are what they were."""


def same_objects(values):
    count = 0
    for v in values:
        w = v
        if w is v:
            count += 1
    return count


def pass_through(x):
    return x


def find(values, wanted):
    for i, v in enumerate(values):
        if v is wanted:
            return i
    return -1


floats = [i * 1.5 for i in range(200)]
ints = [i * 1000 for i in range(200)]
for _ in range(20):
    r = (same_objects(floats), same_objects(ints), find(floats, floats[150]),
         find(ints, ints[120]), all(pass_through(f) is f for f in floats))
print(r)
small = 0
for i in range(-10, 300):
    j = i + 0
    k = i + 1 - 1
    if j is k:
        small += 1
print(small >= 267)
x = 1.5
y = x
for _ in range(100):
    z = y
    y = z
print(y is x)
swapped = floats[:]
for i in range(0, 198, 2):
    swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
print(sum(swapped[i] is floats[i + 1] for i in range(0, 198, 2)))
best = floats[0]
for f in floats:
    if f > best:
        best = f
print(best is floats[-1], max(floats) is floats[-1], min(ints) is ints[0])
t = (floats[3], ints[7])
for _ in range(50):
    a, b = t
print(a is floats[3], b is ints[7])
