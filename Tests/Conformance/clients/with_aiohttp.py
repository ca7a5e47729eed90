"""aiohttp, with one session."""
import asyncio

import aiohttp

from common import SECONDS, main


async def fetch_all(urls):
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=SECONDS, sock_read=SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
        contents = []
        for url in urls:
            async with session.get(url) as reply:
                contents.append(await reply.read())
        return contents


main(f"aiohttp {aiohttp.__version__}", lambda urls: asyncio.run(fetch_all(urls)))
