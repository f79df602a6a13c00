"""A comprehension as the argument of a call, its loop entered in the middle:
the empty stack entry below the callee's arguments stays empty."""


def ordered(n):
    for i in range(n):
        for k in sorted([j * -i for j in range(4)]):
            pass
        yield i + k


def lengths(n):
    for i in range(n):
        yield len([j * i % 1180591620717411303424 for j in range(4)])


for n in range(40):
    print(sum(ordered(n)), sum(lengths(n)))
