"""Warnings name the line of the caller, once or always."""
import sys
import warnings


def old(x):
    warnings.warn(f"old({x % 2})", DeprecationWarning, stacklevel=2)
    return x


def run(n):
    total = 0
    for i in range(n):
        total += old(i)
        if i == 70:
            total += old(
                i)
    return total


def recorded(n):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(n):
            old(i)
    return [(str(w.message), w.lineno, w.filename == __file__)
            for w in caught[-2:]], len(caught)


def as_error(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(n):
            if i == 60:
                old(i)
    return "no error"


warnings.simplefilter("default")
print(run(100))
print(recorded(100))
try:
    as_error(100)
except DeprecationWarning as error:
    print("raised", error, error.__traceback__.tb_next.tb_lineno)
warnings.simplefilter("once")
print(run(100))


def here(n):
    for i in range(n):
        if i % 40 == 0:
            warnings.warn("here")
    return i


warnings.resetwarnings()
print(here(100))
sys.stderr.flush()
