"""A short tool: parses records, keeps statistics, prints a few."""

N = 12_000


def parse(line):
    name, _, rest = line.partition("=")
    value = 0
    for c in rest:
        if c < "0" or c > "9":
            return name, -1
        value = value * 10 + ord(c) - ord("0")
    return name, value


def run(n):
    lines = [f"key{i % 50}={i * i % 9973}" for i in range(n)]
    total = [0] * 50
    squares = 0.0
    for line in lines:
        name, value = parse(line)
        slot = int(name[3:])
        total[slot] += value
        squares += value * value
    mean = sum(total) / n
    return round(mean, 6), round((squares / n - mean * mean) ** 0.5, 6)


if __name__ == "__main__":
    print(run(N))
