"""A server and its client in one event loop."""
# install: python3-aiohttp
# import: aiohttp.web
# args: 500
import asyncio
import sys

import aiohttp
from aiohttp import web


async def answer(request):
    name = request.match_info["name"]
    body = await request.json()
    return web.json_response({"name": name, "sum": sum(body["values"]),
                              "query": dict(request.query)})


async def main(requests):
    app = web.Application()
    app.router.add_post("/items/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    total = 0
    async with aiohttp.ClientSession() as session:
        for k in range(requests):
            async with session.post(f"http://127.0.0.1:{port}/items/n{k}?a={k}",
                                    json={"values": list(range(k % 20))}) as got:
                total += (await got.json())["sum"]
    await runner.cleanup()
    print(total)


asyncio.run(main(int(sys.argv[1])))
