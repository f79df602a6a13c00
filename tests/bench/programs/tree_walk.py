"""A recursive generator over a tree: `yield from` many levels deep."""

N = 20_000


class Node:
    def __init__(self, key, left, right):
        self.key, self.left, self.right = key, left, right


def build(lo, hi):
    if lo >= hi:
        return None
    middle = (lo + hi) // 2
    return Node(middle, build(lo, middle), build(middle + 1, hi))


def walk(node):
    if node is not None:
        yield from walk(node.left)
        yield node.key
        yield from walk(node.right)


def run(n):
    total = 0
    for key in walk(build(0, n)):
        total = (total * 3 + key) % 1000003
    return total


if __name__ == "__main__":
    print(run(N))
