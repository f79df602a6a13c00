"""Floor division and modulo of negatives, ints and floats."""


def ints():
    rows = []
    total = 0
    for a in range(-12, 13):
        for b in range(-5, 6):
            if b == 0:
                continue
            q = a // b
            r = a % b
            assert q * b + r == a
            assert divmod(a, b) == (q, r)
            total = total * 3 + q * 7 + r
            total %= 1000000007
            if a in (-12, -7, 7) and b in (-5, 3):
                rows.append((a, b, q, r))
    return total, rows


def floats():
    rows = []
    for a in (-7.5, -1.0, -0.0, 0.0, 1.0, 7.5, 1e300, -1e-300):
        for b in (-2.5, -1.0, 1.0, 2.5, 1e-300, float("inf"), float("-inf")):
            rows.append((a // b, a % b))
    return rows


for _ in range(30):
    result = ints()
print(result)
for _ in range(20):
    result = floats()
for pair in result:
    print(pair)
print([i // 4 for i in range(-9, 9)])
print([i % 4 for i in range(-9, 9)])
print([i % -4 for i in range(-9, 9)])
print([-0.0 % 3.0, 0.0 % -3.0, -3.0 % 3.0, 3 % -1.5])
