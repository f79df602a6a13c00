# args: run
# profile-args: train
"""2D lists: multiply, transpose, gauss, spiral, aliasing rows, in-place updates; element types change and rows get ragged in mid-loop."""
import sys, copy
from fractions import Fraction as F
from decimal import Decimal as D
from array import array
RUN = sys.argv[1:] == ['run']

class Poly:
    """polynomial over ints, records the operations"""
    ops = 0
    def __init__(self, *c): self.c = c
    def __add__(self, o):
        Poly.ops += 1
        if not isinstance(o, Poly): return Poly(self.c[0] + o, *self.c[1:])
        n = max(len(self.c), len(o.c)); a = self.c + (0,) * n; b = o.c + (0,) * n
        return Poly(*[a[i] + b[i] for i in range(n)])
    __radd__ = __add__
    def __mul__(self, o):
        Poly.ops += 1
        if not isinstance(o, Poly): return Poly(*[x * o for x in self.c])
        r = [0] * (len(self.c) + len(o.c) - 1)
        for i, x in enumerate(self.c):
            for j, y in enumerate(o.c): r[i + j] += x * y
        return Poly(*r)
    def __repr__(self): return f'P{self.c}'

def mul(a, b):
    n, m, p = len(a), len(b), len(b[0]); r = [[0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            s = 0
            for k in range(m): s += a[i][k] * b[k][j]
            r[i][j] = s
    return r
def mul2(a, b): return [[sum(x * y for x, y in zip(row, col)) for col in zip(*b)] for row in a]
def mpow(m, e):
    n = len(m); r = [[int(i == j) for j in range(n)] for i in range(n)]
    while e:
        if e & 1: r = mul(r, m)
        m = mul(m, m); e >>= 1
    return r
def transpose(a):
    for i in range(len(a)):
        for j in range(i): a[i][j], a[j][i] = a[j][i], a[i][j]
    return a
def gauss(a):
    a = [row[:] for row in a]; n = len(a); det = 1
    for c in range(n):
        p = c
        for r in range(c, n):
            if abs(a[r][c]) > abs(a[p][c]): p = r
        if a[p][c] == 0: return 0, a
        if p != c: a[p], a[c] = a[c], a[p]; det = -det
        det = det * a[c][c]
        for r in range(c + 1, n):
            f = a[r][c] / a[c][c]
            for k in range(c, n): a[r][k] -= f * a[c][k]
    return det, a
def bareiss(a):
    a = [row[:] for row in a]; n = len(a); prev = 1
    for k in range(n - 1):
        for i in range(k + 1, n):
            for j in range(k + 1, n):
                a[i][j] = (a[i][j] * a[k][k] - a[i][k] * a[k][j]) // prev
        prev = a[k][k]
    return a[-1][-1]
def spiral(a):
    out = []
    while a:
        out += a.pop(0)
        a = [list(r) for r in zip(*a)][::-1]
    return out
def relax(g, n):
    h, w = len(g), len(g[0])
    for _ in range(n):
        for y in range(1, h - 1):
            row = g[y]; up = g[y - 1]; dn = g[y + 1]
            for x in range(1, w - 1): row[x] = (row[x - 1] + row[x + 1] + up[x] + dn[x]) / 4
    return g
def addto(g, y, x, v):
    g[y][x] += v
    g[y][x] -= 1
    g[-1][0] ^= 1
    return g[y][x]
def pascal(n, one=1):
    row = [one]; tr = [row]
    for _ in range(n):
        row = [one] + [row[i] + row[i + 1] for i in range(len(row) - 1)] + [one]
        tr.append(row)
    return tr
def prefix(g):
    p = [[0] * (len(g[0]) + 1) for _ in range(len(g) + 1)]
    for i, row in enumerate(g):
        for j, v in enumerate(row): p[i + 1][j + 1] = p[i][j + 1] + p[i + 1][j] - p[i][j] + v
    return p[-1]
def paths(g):
    d = copy.deepcopy(g)
    for i in range(len(d)):
        for j in range(len(d[i])):
            if i and j: d[i][j] += min(d[i - 1][j], d[i][j - 1])
            elif i: d[i][j] += d[i - 1][j]
            elif j: d[i][j] += d[i][j - 1]
    return d[-1][-1]
def safe(f, *a):
    try: print(f.__name__, repr(f(*a))[:330])
    except Exception as e: print(f.__name__, 'EXC', type(e).__name__, e)

A = [[(i * 5 + j * 3) % 11 - 5 for j in range(14)] for i in range(14)]
FA = [[x / 2 + 0.25 for x in r] for r in A]
for _ in range(2):
    print(mul(A, A)[3][:4], mul2(A, A)[3][:4], mul(FA, FA)[0][:3], mpow([[1, 1], [1, 0]], 40), transpose([r[:] for r in A])[1][:4], gauss(FA)[0], bareiss([[2, 1, 3], [1, 5, 1], [4, 2, 9]]), len(spiral([r[:] for r in A])), relax([r[:] for r in FA], 8)[5][:3], pascal(30)[-1][15], prefix(A)[-3:], paths(A))
    g = [[0] * 4 for _ in range(4)]
    for i in range(2500): addto(g, i % 4, i % 3, i)
    print(g)
if RUN:
    big = 2**61
    MS = [[[big, big], [big, -big]], [[2**31, -2**31], [2**32, 1]], [[1, 2.5], [True, 3]], [[F(1, 3), 2], [3, F(5, 7)]], [[D('1.1'), D(2)], [D(3), 4]], [[1j, 2], [0.5, -1j]], [[Poly(1, 1), 2], [3, Poly(0, 1)]], [[float('nan'), 1], [float('inf'), -0.0]], [[0, 0], [0, 0]], [[0, 1], [1, 0]], [['a', 'b'], ['c', 'd']], [[1, 2], [3, 'x']], [[1, None], [2, 3]], [[1, 2], [3]], [[1], [2, 3]], [[], []], [], [[7]], [(1, 2), (3, 4)], (array('q', [1, 2]), array('q', [2**62, 4])), [b'ab', b'cd'], ['12', '34'], [range(2), range(2, 4)], [[D('1.5'), 0.5], [1, 2]], [[1e308, 1e308], [1e308, -1e308]], [{0: 1, 1: 2}, {0: 3, 1: 4}], [[[1], [2]], [[3], [4]]], [[True, False], [True, True]], 5, [1, 2], [[2**1024, 1], [1.5, 1]]]
    for n, m in enumerate(MS):
        print('---', n)
        c = lambda: [r[:] if hasattr(r, '__getitem__') and not isinstance(r, dict) else r for r in m] if not isinstance(m, int) else m
        for f in (mul, mul2): safe(f, m, m); safe(f, m, [[1, 2], [2, 1]]); safe(f, [[1, 2.0]], m)
        safe(mpow, m, 5); safe(mpow, m, 0); safe(transpose, c()); safe(gauss, c()); safe(bareiss, c()); safe(prefix, c()); safe(paths, c())
        if n not in (16,): safe(spiral, list(c()) if not isinstance(m, int) else m)
    print(Poly.ops)
    for v in (2**62, 2**63, 0.5, True, F(1, 2), 1j, 'x', None, [1], -0.0, float('nan')):
        for g in ([[5, 6], [7, 8]], [[2**62] * 2] * 2, [[1.5] * 2, [1, 2]], [['s'] * 2] * 2, ([1, 2], [3, 4]), [(1, 2), (3, 4)], [bytearray(b'ab')] * 2, [array('d', [1.0, 2.0])] * 2, [{}, {0: 1}]):
            try: r = addto(g, 0, 1, v)
            except Exception as e: r = f'{type(e).__name__}: {e}'
            print(r, g, g[0] is g[1])
    row = [0] * 3; g = [row] * 3
    for i in range(3): addto(g, i, i, i * 10)
    print(g, row is g[2], copy.deepcopy(g)[0] is copy.deepcopy(g)[1]); dc = copy.deepcopy(g); print(dc[0] is dc[1], transpose([row] * 3), [[0] * 2] * 2 == [[0, 0], [0, 0]])
    for y, x in ((5, 0), (0, 5), (-1, -1), (True, False), (1.0, 0), ('a', 0), (2**64, 0), (0, slice(0, 1)), (None, 0)): safe(addto, [[1, 2], [3, 4]], y, x, 1)
    for one in (0.1, F(1, 3), True, 2**62, 'a', [1], -0.0, 1j): print(repr(pascal(4, one)[-1]))
    print(pascal(70)[-1][33:37], pascal(0), pascal(-1), mpow([[1, 1], [1, 0]], 90), mpow([[1, 1], [1, 0]], 93)[0], mpow([[1, 1], [1, 0]], 300)[0][0], mpow([[1.0, 1], [1, 0]], 100)[0]); safe(mpow, [[2]], -1) if 0 else safe(mpow, [[2]], 2.0)
    for g in ([[1, 2, 3]] * 3, [[0.0] * 3, [1, 1, 1], [2**1024] * 3], [[F(1)] * 3] * 3, [[1, 2]], [[1]], [['a'] * 3] * 3, [[True] * 3] * 3, [[2**62] * 3, [0, 0, 0], [2**62] * 3], [(1, 2, 3)] * 3, [[D(1)] * 3] * 3, [[float('inf'), 0, float('nan')]] * 3, [[1, 2, 3], [4], [5, 6, 7]], []): safe(relax, g, 2)
