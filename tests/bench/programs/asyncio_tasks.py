"""Tasks of asyncio that compute between two suspensions."""

import asyncio

N = 1_000


async def task(k, n):
    x = k
    for i in range(n):
        for j in range(8):
            x = (x * 1103515245 + 12345 + j) % 2147483648
        await asyncio.sleep(0)
    return x


async def main(n):
    return sum(await asyncio.gather(*(task(k, n) for k in range(10))))


def run(n):
    return asyncio.run(main(n))


if __name__ == "__main__":
    print(run(N))
