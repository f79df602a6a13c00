"""Recursions of several shapes."""
import sys


def hanoi(n, a, b, c, moves):
    if n == 0:
        return 0
    left = hanoi(n - 1, a, c, b, moves)
    moves.append((a, c))
    return left + 1 + hanoi(n - 1, b, a, c, moves)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def permutations(items):
    if len(items) <= 1:
        return [items]
    out = []
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1:]):
            out.append([items[i]] + rest)
    return out


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


def mccarthy(n):
    return n - 10 if n > 100 else mccarthy(mccarthy(n + 11))


def power(x, n):
    if n == 0:
        return 1
    half = power(x, n // 2)
    return half * half * (x if n % 2 else 1)


def binomial(n, k):
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


def depth(tree):
    if not tree:
        return 0
    return 1 + max(depth(tree[0]), depth(tree[1]))


def hofstadter(n):
    if n <= 2:
        return 1
    return hofstadter(n - hofstadter(n - 1)) + hofstadter(n - hofstadter(n - 2))


moves = []
print(hanoi(8, "a", "b", "c", moves), moves[:3], len(moves))
print(is_even(500), is_odd(501), is_even(333))
print(len(permutations(list(range(6)))), permutations([1, 2, 3])[-1])
print(ackermann(2, 20), ackermann(1, 300))
print(factorial(20), factorial(21), factorial(100) % (10 ** 9 + 7))
print([mccarthy(n) for n in (1, 50, 99, 101, 120)])
print(power(3, 39), power(3, 41), power(1.5, 20), power(-2, 63), power(2, 64))
print(binomial(16, 8), depth(((None, ((), ((), ()))), ())))
print([hofstadter(n) for n in range(1, 20)])
sys.setrecursionlimit(3000)
print(factorial(2000) % 1000003, is_even(2500))
