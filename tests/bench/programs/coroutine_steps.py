"""Coroutines that await coroutines and seldom suspend."""

import asyncio

N = 20_000


async def work(k):
    s = 0
    for i in range(10):
        s = (s * 31 + i * k) % 65521
    return s


async def step(k):
    a = await work(k)
    b = await work(k + 1)
    return a ^ b


async def main(n):
    total = 0
    for i in range(n):
        total = (total + await step(i)) & 0xffffff
        if i % 64 == 0:
            await asyncio.sleep(0)
    return total


def run(n):
    return asyncio.run(main(n))


if __name__ == "__main__":
    print(run(N))
