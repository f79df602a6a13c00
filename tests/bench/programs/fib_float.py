"""Fibonacci numbers by recursion, in floats, written as one expression."""

N = 27


def fib(x):
    return 1.0 if x < 2.0 else fib(x - 1.0) + fib(x - 2.0)


def run(n):
    return fib(float(n))


if __name__ == "__main__":
    print(run(N))
