"""Generators that draw from generators: trees, pipelines, deep chains."""
import sys


class Node:
    def __init__(self, key):
        self.key = key
        self.left = self.right = None

    def insert(self, key):
        node = self
        while True:
            if key < node.key:
                if node.left is None:
                    node.left = Node(key)
                    return
                node = node.left
            else:
                if node.right is None:
                    node.right = Node(key)
                    return
                node = node.right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.key
        if self.right:
            yield from self.right

    def loops(self):
        if self.left:
            for k in self.left.loops():
                yield k
        yield self.key
        if self.right:
            for k in self.right.loops():
                yield k


def numbers(n):
    x = 1
    for i in range(n):
        x = (x * 48271) % 2147483647
        x = x ^ (i & 3)
        yield x % 10007


def odd(items):
    for x in items:
        y = x * 3 + 1
        if (y >> 1) % 3 != 1:
            yield y % 5003


def pairs(items):
    previous = None
    for x in items:
        if previous is not None:
            yield (previous * 31 + x) % 4999
        previous = x


def limited(items, limit):
    count = 0
    for x in items:
        if x < limit:
            count += 1
            yield x + count


def permutations(items, k):
    if k == 0:
        yield ()
        return
    for i in range(len(items)):
        rest = items[:i] + items[i + 1:]
        for p in permutations(rest, k - 1):
            yield (items[i],) + p


def nest(n):
    if n == 0:
        i = 0
        while i < 30:
            i += 1
            yield i * i % 7
    else:
        for v in nest(n - 1):
            w = v + n % 3
            yield w - n % 3


def delegate(n):
    if n > 0:
        yield from delegate(n - 1)
    else:
        yield from numbers(40)


def main():
    root = Node(5000)
    for k in numbers(600):
        root.insert(k)
    print(sum(root), sum(root.loops()), list(root)[:8])
    s = 0
    for k in root:
        s = (s * 7 + k) % 100003
    print(s)
    s = 0
    for v in limited(pairs(odd(numbers(4000))), 3000):
        s += v
    print(s)
    print(sum(limited(pairs(odd(numbers(1000))), 3000)))
    print(sum(a * 9 + b for a, b, *_ in permutations((1, 2, 3, 4, 5), 4)))
    for _ in range(30):
        s += sum(nest(12))
    print(s, sum(delegate(50)))
    try:
        print(sum(nest(3000)))
    except RecursionError as error:
        print(error)
    sys.setrecursionlimit(20000)
    print(sum(nest(2000)), sum(delegate(3000)))
    print(sum(x * y for x in numbers(60) for y in range(x % 50) if y % 3))


main()
