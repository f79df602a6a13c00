"""Coroutines driven by hand: await, async for, async with, throw and close."""
import inspect
import types


@types.coroutine
def pause(value):
    got = yield value
    return got


class Count:
    def __init__(self, n):
        self.i = 0
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.i >= self.n:
            raise StopAsyncIteration
        self.i += 1
        if self.i % 50 == 0:
            await pause(("tick", self.i))
        return self.i * 3 % 17


class Guard:
    def __init__(self, log):
        self.log = log

    async def __aenter__(self):
        self.log.append("in")
        return await pause("enter")

    async def __aexit__(self, kind, value, tb):
        self.log.append(kind.__name__ if kind else "out")
        await pause("exit")
        return kind is KeyError


async def agen(n):
    a = 1
    for i in range(n):
        a = (a * 69069 + 1) % 65536
        b = a ^ (i * 5)
        if i % 40 == 7:
            b += await pause(("agen", i))
        yield b % 101


async def add(x, y):
    s = 0
    for k in range(y % 20):
        s += (x * k) % 7
    return s


async def main(log, n):
    total = 0
    async for x in Count(n):
        total = total * 3 % 1009 + x
        total += await add(total, x)
    async with Guard(log) as k:
        for i in range(n):
            total += await add(i, k)
            if i % 100 == 99:
                total += await pause(("loop", total))
    async for v in agen(n):
        total += v * 3 - (v ^ 5)
    values = [v async for v in agen(200)]
    more = [await add(v, 6) for v in values]
    async with Guard(log):
        total += sum(values) + sum(more)
        raise KeyError("swallowed")
    return total


def drive(coro, reply):
    seen = []
    value = None
    try:
        while True:
            seen.append(coro.send(value))
            value = reply(seen[-1])
    except StopIteration as stop:
        return stop.value, len(seen), seen[-3:]


def main_program():
    for n in (300, 500):
        log = []
        print(drive(main(log, n), lambda got: 2), log)
    c = main([], 200)
    print(inspect.getcoroutinestate(c))
    print(c.send(None), inspect.getcoroutinestate(c), c.cr_await is not None)
    try:
        c.throw(ValueError("in"))
    except ValueError as error:
        print("out", error)
    print(inspect.getcoroutinestate(c), c.cr_frame)
    log = []
    c = main(log, 120)
    c.send(None)
    while log != ["in"]:
        c.send(1)
    c.close()
    print(log)
    a = agen(30)
    step = a.asend(None)
    try:
        step.send(None)
    except StopIteration as stop:
        print("agen", stop.value)
    step = a.athrow(KeyError("k"))
    try:
        step.send(None)
    except KeyError as error:
        print("athrow", error)
    c = add(1, 2)
    try:
        c.send(None)
    except StopIteration as stop:
        print(stop.value)
    try:
        c.send(None)
    except RuntimeError as error:
        print(error)
    try:
        drive(main([], 60), lambda got: "text")
    except TypeError as error:
        print(error)


main_program()
