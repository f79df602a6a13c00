"""Prefix sums and the best subarray (Kadane)."""

N = 200_000


def run(n):
    values = []
    x = 17
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        values.append(x % 201 - 100)
    prefix = [0] * (n + 1)
    for i in range(n):
        prefix[i + 1] = prefix[i] + values[i]
    best = current = values[0]
    for i in range(1, n):
        v = values[i]
        current = v if current < 0 else current + v
        if current > best:
            best = current
    return prefix[n], best, max(prefix), min(prefix)


if __name__ == "__main__":
    print(run(N))
