"""bytes and bytearray element by element."""


def adler(data):
    a, b = 1, 0
    for byte in data:
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


def crc_table():
    table = []
    for n in range(256):
        c = n
        for _ in range(8):
            if c & 1:
                c = 0xEDB88320 ^ (c >> 1)
            else:
                c >>= 1
        table.append(c)
    return table


TABLE = crc_table()


def crc32(data):
    c = 0xFFFFFFFF
    for byte in data:
        c = TABLE[(c ^ byte) & 0xFF] ^ (c >> 8)
    return c ^ 0xFFFFFFFF


def rot(data):
    out = bytearray(len(data))
    for i in range(len(data)):
        out[i] = (data[i] + 13) % 256
    return bytes(out)


data = bytes(range(256)) * 4
print(adler(data), crc32(data), crc32(b"123456789") == 0xCBF43926)
print(rot(b"hello world" * 20)[:11], crc32(rot(data)))
array = bytearray(b"abc")
for i in range(100):
    array.append(i)
for bad in (256, -1, "x", 1.5, None):
    try:
        for i in range(50):
            array[i] = bad
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
try:
    for i in range(500):
        array[i]
except IndexError as error:
    print(i, error)
print(len(array), array[:5], sum(array))
view = memoryview(array)
total = 0
for i in range(len(view)):
    total += view[i]
print(total, bytes(view[:3]), view[-1])
