"""Iterators that raise: StopIteration, and other errors from __next__."""


class CountDown:
    def __init__(self, n, fail_at=None):
        self.n = n
        self.fail_at = fail_at

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        if self.n == self.fail_at:
            raise RuntimeError(f"failed at {self.n}")
        self.n -= 1
        return self.n


class OldStyle:
    def __init__(self, n):
        self.n = n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError(i)
        return i * i


def total(iterable):
    result = 0
    for v in iterable:
        result += v
    return result


for _ in range(20):
    r = total(CountDown(50)), total(OldStyle(50)), total(range(50))
print(r)
for fail in (49, 1, 25):
    try:
        print(total(CountDown(50, fail)))
    except RuntimeError as error:
        print(error)
try:
    total(5)
except TypeError as error:
    print(error)
it = CountDown(200)
first = total(it)
it.n = 10
print(first, total(it))


def generator():
    yield 1
    raise StopIteration


try:
    print(total(generator()))
except RuntimeError as error:
    print(error, repr(error.__cause__))
