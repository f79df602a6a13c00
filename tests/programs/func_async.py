"""async functions: tasks in turn, async for, async with, cancellation."""
import asyncio


async def worker(name, n, log):
    total = 0
    for i in range(n):
        total += i * i
        if i % 50 == 0:
            log.append(name)
            await asyncio.sleep(0)
    return name, total


async def ticker(n):
    for i in range(n):
        if i % 20 == 0:
            await asyncio.sleep(0)
        yield i


class Resource:
    def __init__(self, log):
        self.log = log

    async def __aenter__(self):
        self.log.append("enter")
        return self

    async def __aexit__(self, *details):
        self.log.append("exit")


async def forever(log):
    try:
        n = 0
        while True:
            n += 1
            if n % 100 == 0:
                await asyncio.sleep(0)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise


async def main():
    log = []
    print(await asyncio.gather(*(worker(c, 200, log) for c in "abc")))
    print("".join(log))
    total = 0
    async for i in ticker(200):
        total += i
    print(total, [i async for i in ticker(5)])
    log = []
    async with Resource(log):
        task = asyncio.create_task(forever(log))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            log.append("gone")
    print(log)


asyncio.run(main())
