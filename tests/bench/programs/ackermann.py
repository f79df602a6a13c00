"""Ackermann's function."""

import sys

N = 6


def ack(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))


def run(n):
    sys.setrecursionlimit(10000)
    return ack(2, n * 20) + ack(3, n - 1)


if __name__ == "__main__":
    print(run(N))
