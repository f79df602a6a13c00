"""Symbolic derivatives, expansions, integrals and equations."""
# install: python3-sympy
# import: sympy
# args: 5
import sys

import sympy as sp

x, y = sp.symbols("x y")
for k in range(1, int(sys.argv[1]) + 1):
    f = (x + k * y) ** 4 * sp.sin(k * x) / (x ** 2 + 1)
    print(sp.count_ops(sp.diff(f, x, 2)))
    print(sp.expand((x + y + k) ** 5).coeff(x, 2))
    print(sp.integrate(x ** k * sp.exp(-x), x))
    print(sp.solve(x ** 2 - k * x - 2, x))
    print(sp.factor(x ** 6 - k ** 6))
    print(sp.Matrix(3, 3, lambda i, j: x ** i + j * k).det())
