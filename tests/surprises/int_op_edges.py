# args: run
# profile-args: train
"""Every int operator: hot with small ints, then all pairs of edge values (2**30, 2**60, 2**62, 2**63 ...)."""
import sys, zlib
RUN = sys.argv[1:] == ['run']

def f_add(a, b): return a + b
def f_sub(a, b): return a - b
def f_mul(a, b): return a * b
def f_fdiv(a, b): return a // b
def f_mod(a, b): return a % b
def f_tdiv(a, b): return a / b
def f_and(a, b): return a & b
def f_or(a, b): return a | b
def f_xor(a, b): return a ^ b
def f_shl(a, b): return a << b
def f_shr(a, b): return a >> b
def f_divmod(a, b): return divmod(a, b)
def f_pow3(a, b): return pow(a, b, 97)
def f_powm(a, b): return pow(3, a, b)
def f_neg(a, b): return (-a, ~a, +a, abs(a), -b, not a)
def f_cmp(a, b): return (a < b, a <= b, a == b, a != b, a > b, a >= b, a < b <= a + 1)
def f_bits(a, b): return (a.bit_length(), a.bit_count(), hash(a), sys.getsizeof(a), bool(a))
def f_mixed(a, b):
    t = a * 3 + b
    u = t - (a ^ b)
    return (t, u, (u & 255) - (t % 7), -t // 2, (a - b) * (a + b))
def f_aug(a, b):
    x = a
    x += b; x -= 1; x *= 2; x |= 1; x ^= b; x &= -2; x //= 3; x %= 1 << 64
    return x

FS = [f_add, f_sub, f_mul, f_fdiv, f_mod, f_tdiv, f_and, f_or, f_xor, f_shl, f_shr, f_divmod,
      f_pow3, f_powm, f_neg, f_cmp, f_bits, f_mixed, f_aug]

def hot(f):
    acc = 0
    for i in range(1500):
        r = f(i + 1, i % 13 + 1)
        if type(r) is int:
            acc = (acc * 31 + r) % 1000003
    return acc

for f in FS:
    print('hot', f.__name__, hot(f))

EDGE = [0, 1, -1, 2, -2, 3, 255, 256, 257, -5, -6]
for e in (15, 30, 31, 32, 45, 53, 59, 60, 61, 62, 63, 64, 90):
    for d in (-1, 0, 1):
        EDGE.append((1 << e) + d)
        EDGE.append(-(1 << e) + d)
if not RUN:
    EDGE = EDGE[:14]

def call(f, a, b):
    try:
        r = f(a, b)
    except Exception as e:
        return f'{type(e).__name__}: {e}'
    if isinstance(r, tuple):
        return repr([(type(x).__name__, x) for x in r])
    return f'{type(r).__name__} {r!r}'

SHIFTS = [0, 1, 29, 30, 31, 59, 60, 61, 62, 63, 64, 65, 127, 128, 1000, -1, -64, -(1 << 63), -(1 << 70)]
for f in FS:
    for a in EDGE:
        crc = 0
        last = None
        seconds = SHIFTS if f is f_shl else EDGE
        for b in seconds:
            last = call(f, a, b)
            crc = zlib.crc32(last.encode(), crc)
        print(f.__name__, a, format(crc, '08x'), last if len(last) < 200 else last[:200])

# the sharpest ones in full
M = 1 << 63
for f, a, b in [(f_mul, -M, -1), (f_fdiv, -M, -1), (f_mod, -M, -1), (f_divmod, -M, -1), (f_neg, -M, M), (f_add, M - 1, 1),
                (f_sub, -M, 1), (f_shl, 1, 62), (f_shl, 1, 63), (f_shl, -1, 63), (f_shl, -1, 64), (f_shr, -1, 1 << 70),
                (f_shr, -M, 63), (f_shr, -M, 64), (f_shr, M, 1 << 65), (f_shl, 0, 1 << 70), (f_shl, 1, 1 << 70),
                (f_shr, 5, -1), (f_fdiv, 7, 0), (f_mod, 7, 0), (f_tdiv, 7, 0), (f_divmod, 7, 0), (f_fdiv, M * M, 0),
                (f_powm, -1, 97), (f_powm, -1, 9), (f_powm, 5, 0), (f_powm, 5, -7), (f_pow3, 5, -3), (f_pow3, 0, -1),
                (f_tdiv, M * M, 3), (f_tdiv, 1 << 2000, 1), (f_tdiv, 1 << 2000, 1 << 1999), (f_tdiv, 1, 1 << 1100),
                (f_tdiv, -1, 1 << 1100), (f_tdiv, (1 << 53) + 1, 1), (f_mul, 3037000500, 3037000500), (f_mul, 1 << 32, 1 << 31),
                (f_mul, 1 << 32, -(1 << 31)), (f_xor, -M, M), (f_and, -M, M - 1), (f_or, -1, M), (f_bits, -1, 0), (f_bits, -2, 0),
                (f_bits, (1 << 61) - 1, 0), (f_bits, (1 << 61) - 2, 0), (f_bits, 1 - (1 << 61), 0)]:
    print(f.__name__, a.bit_length(), b, call(f, a, b)[:300])
for f in FS:
    print('again', f.__name__, hot(f))
