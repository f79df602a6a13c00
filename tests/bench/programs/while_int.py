"""Integer arithmetic in a while loop."""

N = 1_000_000


def run(n):
    i = 0
    even = 0
    odd = 0
    while i < n:
        if i % 2 == 0:
            even += i * 3
        else:
            odd += i - 7
        i += 1
    return even, odd


if __name__ == "__main__":
    print(run(N))
