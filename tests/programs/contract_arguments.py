"""sys.argv, __name__, __file__ and exit status are as without pyaot."""
# args: 3 "two words" -x
# args: 0
# args: 5 --flag
# profile-args: 1
import os
import sys

print(len(sys.argv), sys.argv[1:], __name__, os.path.basename(__file__))
print(os.path.basename(sys.argv[0]), sys.flags.optimize, __doc__ is not None)
print(sorted(n for n in globals() if not n.startswith("__")))
print(__spec__, __package__, type(__loader__).__name__)
print(sys.path[0] == os.path.dirname(os.path.abspath(__file__)))
n = int(sys.argv[1])
total = 0
for i in range(300 * n):
    total += i
print(total)
sys.exit(n)
