"""Int against float comparisons where the float cannot hold the int."""


def count(values, others):
    less = equal = greater = 0
    for a in values:
        for b in others:
            if a < b:
                less += 1
            elif a == b:
                equal += 1
            elif a > b:
                greater += 1
    return less, equal, greater


INTS = [2 ** 53 - 1, 2 ** 53, 2 ** 53 + 1, -(2 ** 53) - 1, 2 ** 63 - 1, 2 ** 63,
        2 ** 63 + 1, 2 ** 64, 0, 1, -1, 10 ** 30]
FLOATS = [float(2 ** 53), 2.0 ** 53 + 2, -(2.0 ** 53), 2.0 ** 63, 2.0 ** 64, 0.0,
          -0.0, 1.0, 0.5, 1e30, float("inf"), float("-inf")]

for _ in range(30):
    print(end="")
    r = count(INTS, FLOATS), count(FLOATS, INTS), count(INTS, INTS), count(
        FLOATS, FLOATS)
print(r)
for a in INTS:
    print(a, [a == f for f in FLOATS], [a < f for f in FLOATS])
i = 2 ** 53 - 50
f = float(i)
same = 0
while i < 2 ** 53 + 50:
    if i == f:
        same += 1
    i += 1
    f += 1.0
print(same, i, f)
print(True < 1.5, True == 1.0, False == -0.0, 3 == 3.0, 3 is 3)
