"""Functions to many digits."""
# install: python3-mpmath
# import: mpmath
# args: 400
import sys

from mpmath import mp

mp.dps = 60
total = mp.mpf(0)
for k in range(1, int(sys.argv[1])):
    total += mp.sin(k) * mp.exp(-mp.mpf(k) / 7) + mp.log(k + 1) / mp.sqrt(k)
    total += mp.gamma(mp.mpf(k) / 3 + 1) / mp.factorial(k)
print(total, mp.quad(lambda x: mp.exp(-x * x), [-2, 2]))
print(mp.findroot(lambda x: mp.cos(x) - x, 0.7), mp.zeta(3))
