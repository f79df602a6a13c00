"""Binary trees of tuples built and counted recursively."""

N = 14


def build(depth):
    if depth == 0:
        return None, None
    return build(depth - 1), build(depth - 1)


def count(tree):
    left, right = tree
    if left is None:
        return 1
    return 1 + count(left) + count(right)


def run(n):
    return sum(count(build(n)) for _ in range(4))


if __name__ == "__main__":
    print(run(N))
