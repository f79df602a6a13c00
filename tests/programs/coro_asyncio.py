"""Coroutines under asyncio: tasks, queues, timeouts, cancellation."""
import asyncio


async def produce(queue, n, seed):
    x = seed
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        y = (x >> 5) % 1000 + i % 3
        await queue.put(y)
        if i % 50 == 0:
            await asyncio.sleep(0)
    await queue.put(None)


async def consume(queue, out):
    total = 0
    count = 0
    while True:
        item = await queue.get()
        if item is None:
            break
        total = (total * 31 + item) % 1000003
        count += 1
        for k in range(item % 5):
            total += k * item % 3
    out.append((count, total))
    return total


async def numbers(n):
    s = 0
    for i in range(n):
        s = (s * 17 + i) % 9973
        if i % 64 == 63:
            await asyncio.sleep(0)
        yield s


async def total(n):
    t = 0
    async for v in numbers(n):
        t += v
    return t


async def forever(log):
    i = 0
    try:
        while True:
            i += 1
            if i % 10 == 0:
                await asyncio.sleep(0)
            if i == 5000:
                log.append("waiting")
                await asyncio.sleep(60)
    except asyncio.CancelledError:
        log.append(i)
        raise
    finally:
        log.append("finally")


async def fails(n):
    for i in range(n):
        if i % 30 == 0:
            await asyncio.sleep(0)
        10 // (n - 1 - i)


async def main():
    queue = asyncio.Queue(maxsize=20)
    out = []
    results = await asyncio.gather(produce(queue, 1500, 7), consume(queue, out))
    print(results, out)
    print(await asyncio.gather(*(total(n) for n in (100, 400, 900))))
    log = []
    task = asyncio.create_task(forever(log))
    while "waiting" not in log:
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled", log)
    try:
        await fails(400)
    except ZeroDivisionError as error:
        print(error, error.__traceback__.tb_next.tb_lineno)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(30)
    except TimeoutError:
        print("timeout")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(total(200 + k)) for k in range(5)]
    print([t.result() for t in tasks])


asyncio.run(main())
