"""Division by zero: the error, its text, its line and its columns."""
import traceback


def divide(values, by):
    total = 0
    for v in values:
        total += v / by
        by -= 1
    return total


def floor(values, by):
    total = 0
    for v in values:
        total += v // by
        by -= 1
    return total


def modulo(values, by):
    total = 0
    for v in values:
        total = total + v % by - 1
        by -= 1
    return total


for function in (divide, floor, modulo):
    for values in (range(10), range(200), [float(i) for i in range(200)]):
        for start in (500, 50, 50.0):
            try:
                print(function.__name__, function(values, start))
            except ZeroDivisionError as error:
                print(function.__name__, "raises", error)
                traceback.print_exc()
try:
    x = 100
    while True:
        y = 10 % x
        x -= 1
except ZeroDivisionError:
    traceback.print_exc()
    print(x, y)
