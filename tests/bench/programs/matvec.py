"""Repeated matrix by vector product with a norm, power iteration."""

from math import sqrt

N = 300


def dot(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total += x * y
    return total


def run(n):
    matrix = [[1.0 / (i + j + 1) for j in range(n)] for i in range(n)]
    vector = [1.0] * n
    norm = 0.0
    for _ in range(10):
        product = [dot(row, vector) for row in matrix]
        norm = sqrt(dot(product, product))
        vector = [x / norm for x in product]
    return norm


if __name__ == "__main__":
    print(run(N))
