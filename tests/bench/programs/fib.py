"""Fibonacci numbers by recursion."""

N = 28


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def run(n):
    return fib(n)


if __name__ == "__main__":
    print(run(N))
