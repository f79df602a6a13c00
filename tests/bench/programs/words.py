"""Counting words in a dict and ranking them."""

N = 60_000


def run(n):
    counts = {}
    x = 1
    for _ in range(n):
        x = x * 48271 % 2147483647
        word = "w" + str(x % 997)
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ranked[:3], len(ranked)


if __name__ == "__main__":
    print(run(N))
