"""Each operator at the edges of 30, 32, 62, 63 and 64 bits."""

EDGES = []
for bits in (15, 29, 30, 31, 32, 59, 60, 61, 62, 63, 64):
    for delta in (-1, 0, 1):
        EDGES.append((1 << bits) + delta)
        EDGES.append(-(1 << bits) + delta)
EDGES += [0, 1, -1, 2, -2, 7, -7]


def mix(h, value):
    return (h * 1000003 ^ hash(value)) & 0xFFFFFFFFFFFF


def run():
    sums = products = differences = floors = mods = ands = ors = xors = 0
    for a in EDGES:
        for b in EDGES:
            sums = mix(sums, a + b)
            differences = mix(differences, a - b)
            products = mix(products, a * b)
            ands = mix(ands, a & b)
            ors = mix(ors, a | b)
            xors = mix(xors, a ^ b)
            if b != 0:
                floors = mix(floors, a // b)
                mods = mix(mods, a % b)
    return sums, differences, products, floors, mods, ands, ors, xors


def unary():
    total = 0
    for a in EDGES:
        total = mix(total, -a)
        total = mix(total, ~a)
        total = mix(total, +a)
        total = mix(total, abs(a))
        total = mix(total, not a)
    return total


for _ in range(20):
    result = run()
print(result)
for _ in range(50):
    result = unary()
print(result)
print(-(-9223372036854775808), (-9223372036854775808) // -1,
      (-9223372036854775808) % -1, abs(-9223372036854775808))
