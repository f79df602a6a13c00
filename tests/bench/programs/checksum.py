"""A rolling checksum of a string and an Adler sum of bytes."""

N = 60_000


def run(n):
    text = "The quick brown fox jumps over the lazy dog. " * (n // 45)
    h = 5381
    for c in text:
        h = (h * 33 + ord(c)) & 0xFFFFFFFF
    a = 1
    b = 0
    for byte in text.encode():
        a = (a + byte) % 65521
        b = (b + a) % 65521
    h2 = 0x811C9DC5
    for byte in text.encode():
        h2 ^= byte
        h2 = (h2 * 0x01000193) & 0xFFFFFFFF
    return h, b << 16 | a, h2


if __name__ == "__main__":
    print(run(N))
