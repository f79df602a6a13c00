"""Builtins shadowed and replaced while loops use them."""
import builtins

real_len = len
real_range = range


def lengths(lists):
    total = 0
    for v in lists:
        total += len(v)
    return total


def shadow_midway(n):
    global abs
    total = 0
    for i in range(n):
        total += abs(-i)
        if i == 150:
            abs = lambda x: 1
    del abs
    return total


def replace_midway(n):
    total = 0
    for i in range(n):
        total += len("four")
        if i == 100:
            builtins.len = lambda x: 1000
    builtins.len = real_len
    return total


def own_range(n):
    return sum(1 for _ in range(n))


data = [[0] * (i % 5) for i in range(200)]
print(lengths(data))
builtins.len = lambda v: real_len(v) + 1
print(lengths(data))
builtins.len = real_len
len = lambda v: 7
print(lengths(data))
del len
print(lengths(data))
print(shadow_midway(300), abs(-3))
print(replace_midway(200), len("abc"))
print(own_range(100))
range = lambda n: real_range(n * 2)
print(own_range(100))
del range
print(own_range(100))
builtins.range = lambda *a: real_range(3)
print(own_range(100))
builtins.range = real_range


def use_max(values):
    best = 0
    for v in values:
        best = max(best, v)
        if v == 70:
            globals()["max"] = min
    return best


print(use_max(real_range(100)))
del globals()["max"]
print(use_max(real_range(60)))
builtins.answer = 42
total = 0
for i in range(100):
    total += answer
    if i == 60:
        answer = 1
print(total)
del answer
print(answer)
del builtins.answer
try:
    answer
except NameError as error:
    print(error)
builtins.isinstance, saved = (lambda *a: True), isinstance
print(sum(isinstance(i, str) for i in range(50)))
builtins.isinstance = saved
print(sum(isinstance(i, str) for i in range(50)))
