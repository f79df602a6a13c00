"""Bytes-likes: exports, resizing, values out of range."""


def attempt(f, *a):
    try:
        print(f.__name__, f(*a), a[0] if len(a[0]) < 20 else len(a[0]))
    except Exception as e:
        print(f.__name__, repr(e), len(a[0]))


def store(b, v, n):
    for i in range(n):
        b[i] = v
    return sum(b)


def grow(b, v, n):
    for i in range(n):
        b.append(v)
        b[-1] = b[i] ^ 1
    return len(b)


def read(b, v, n):
    t = 0
    for i in range(-n, n):
        t = t * 3 + b[i] & 0xFFFF
    return t


def loop(b, v, n):
    t = 0
    for x in b:
        t += x
    return t, len(b[1:]), len(b)


def sliced(b, v, n):
    r = b
    for i in range(n):
        r = b[i:n] + b[:i]
    return len(r), r[:3]


def slice_store(b, v, n):
    for i in range(n):
        b[i:i + 1] = bytes([i & 255])
    return bytes(b)


def compare(b, v, n):
    t = 0
    for i in range(n):
        if b[i:i + 1] == b"a" or b[i] in b"xyz":
            t += 1
        if b"b" in b:
            t += 2
        if v in b:
            t += 3
    return t


KINDS = (bytearray(b"abcdefghij" * 3), bytes(range(30)), bytearray(30))
FUNCS = (store, grow, read, loop, sliced, slice_store, compare)
for turn in range(60):
    for f in FUNCS:
        for k in (bytearray(b"abcdefghij" * 3), bytes(range(30))):
            try:
                f(k, turn, 20)
            except TypeError:
                pass
            except AttributeError:
                pass
for v in (0, 255, 256, -1, True, 1 << 70, 1.5, "a", None, b"a"):
    for f in FUNCS:
        for k in (bytearray(b"abc" * 10), bytes(range(30)), "a" * 30, list(range(30)), memoryview(bytearray(30))):
            attempt(f, k, v, 20)
        attempt(f, bytearray(5), v, 20)
b = bytearray(range(40))
m = memoryview(b)
for f in FUNCS:
    attempt(f, b, 3, 20)
    attempt(f, m, 3, 20)
del m
attempt(grow, b, 3, 20)
