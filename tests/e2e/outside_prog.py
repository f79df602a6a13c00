"""Run by test_outside.py: native code that is busy while others look at the
process. Says its process id when it is there."""
import os
import sys


def leaf(x):
    return x * 2 + 1


def spin(n):
    total = 0
    for i in range(n):
        total += leaf(i) & 3
    return total


def busy(x):
    if x == 5:
        return spin(turns)
    y = x * x + 7
    z = y % 11 + (x * 3 & 5) - y // 3
    return (z * z ^ y) + x * 2      # enough to be worth a native entry


def framed(n, f):
    total = 0
    for i in range(n):
        total += f(i)
    return total


def generated(n):
    for i in range(n):
        yield leaf(i)


turns = 50
for _ in range(150):    # all of them hot
    spin(200)
    framed(200, busy)
    framed(200, leaf)   # another callee: called as any object
    sum(generated(100))
if len(sys.argv) > 1:
    turns = int(sys.argv[1])
    print(os.getpid(), flush=True)
    print(framed(10, busy), flush=True)
    with open("/proc/self/maps", encoding="ascii") as file:
        print(sum("/image-" in line and "r-x" in line for line in file))
