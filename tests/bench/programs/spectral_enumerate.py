"""Spectral norm with enumerate over the vector."""

import math

N = 70


def eval_A(i, j):
    ij = i + j
    return 1.0 / (ij * (ij + 1) / 2 + i + 1)


def mul_Av(v, n, out):
    for i in range(n):
        s = 0.0
        for j in range(n):
            s += eval_A(i, j) * v[j]
        out[i] = s


def mul_Atv(v, n, out):
    for i in range(n):
        s = 0.0
        for j, x in enumerate(v):
            s += eval_A(j, i) * x
        out[i] = s


def run(n):
    u = [1.0] * n
    v = [0.0] * n
    t = [0.0] * n
    for _ in range(4):
        mul_Av(u, n, t)
        mul_Atv(t, n, v)
        mul_Av(v, n, t)
        mul_Atv(t, n, u)
    vbv = vv = 0.0
    for i in range(n):
        vbv += u[i] * v[i]
        vv += v[i] * v[i]
    return math.sqrt(vbv / vv)


if __name__ == "__main__":
    print(run(N))
