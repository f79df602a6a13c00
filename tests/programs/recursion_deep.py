"""Recursion tens of thousands deep with the limit raised."""
import sys
import threading


def down(n):
    if n == 0:
        return 0
    return 1 + down(n - 1)


def total(n, acc):
    if n == 0:
        return acc
    return total(n - 1, acc + n * 0.5)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def fail(n):
    if n == 0:
        raise ValueError("bottom")
    return fail(n - 1) + 1


def main():
    for _ in range(100):
        down(20), total(20, 0.0), even(20)
    for depth in (1000, 20000, 60000, 100000):
        print(depth, down(depth), total(depth, 0.0), even(depth))
    try:
        fail(50000)
    except ValueError as error:
        tb = error.__traceback__
        count = 0
        while tb:
            count += 1
            tb = tb.tb_next
        print(error, count)
    try:
        down(10 ** 6)
    except RecursionError as error:
        print(error)


sys.setrecursionlimit(110000)
main()
threading.stack_size(512 * 1024 * 1024)
thread = threading.Thread(target=main)
thread.start()
thread.join()
