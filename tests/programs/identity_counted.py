"""A number that a loop counts on is, in its first turn, the object that came
in: kept in a list, passed on, returned by a loop without a turn."""
import sys


def note(x):
    SEEN.append(x)


SEEN = []


def passed_on(x, n):
    for k3 in range(n):
        for k4 in sorted([x, 7, 3]):
            note(k4)
            x ^= 15


def kept(x, n):
    for k3 in range(n):
        out = [x, 7]
        note(out[0])
        x ^= 15


def listed(x):
    for k4 in [x, 7, 3]:
        note(k4)
        x ^= 15


def returned(x, n):
    for k in range(n):
        x += 3
    return x


def returned_float(x, n):
    while n > 0:
        x *= 0.5
        n -= 1
    return x, n


def in_an_exception(x, n):
    for k in range(n):
        try:
            if k == 0:
                raise ValueError(x)
        except ValueError as e:
            note(e.args[0])
        x -= 1
    return x


def run(turns, start):
    for k in range(turns):
        big = start - k
        del SEEN[:]
        passed_on(big, 3)
        kept(big, 3)
        listed(big)
        in_an_exception(big, 3)
        seen = [s is big for s in SEEN]
        f = big * 0.5
        seen += [returned(big, 0) is big, returned(big, 1) is big,
                 returned_float(f, 0)[0] is f, returned_float(f, 2)[0] is f]
    return seen


print(run(300, 20000))
print(run(3, 2 ** 63 - 1), run(3, 2 ** 40), run(2, 5), sys.maxsize)
