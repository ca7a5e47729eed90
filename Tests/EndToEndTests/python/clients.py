"""The clients that people use: httpx and aiohttp, asked from several tasks at once."""
from __future__ import annotations

import asyncio
import time
from collections import namedtuple

from harness import Skip

# `seconds` is from before the request was made to the end of its body.
Reply = namedtuple("Reply", "status headers body seconds")
NAMES = ("httpx", "aiohttp")
PATIENCE = 60


def fetch_all(client, urls, tasks):
    """GETs every URL once from `tasks` concurrent tasks: a dictionary from URL to Reply."""
    return asyncio.run(_FETCHERS[client](list(urls), tasks))


async def _gather(urls, tasks, get):
    """Each task takes the next URL when it has done with one, as the book's downloaders do."""
    rest, replies = iter(urls), {}

    async def work():
        for url in rest:
            start = time.monotonic()
            status, headers, body = await get(url)
            replies[url] = Reply(status, headers, body, time.monotonic() - start)

    await asyncio.gather(*(work() for _ in range(tasks)))
    return replies


async def _httpx(urls, tasks):
    try:
        import httpx
    except ImportError:
        raise Skip("the Python package httpx is not installed") from None
    limits = httpx.Limits(max_connections=tasks, max_keepalive_connections=tasks)
    async with httpx.AsyncClient(limits=limits, timeout=PATIENCE, trust_env=False) as client:
        async def get(url):
            reply = await client.get(url)
            return reply.status_code, reply.headers, reply.content
        return await _gather(urls, tasks, get)


async def _aiohttp(urls, tasks):
    try:
        import aiohttp
    except ImportError:
        raise Skip("the Python package aiohttp is not installed") from None
    connector = aiohttp.TCPConnector(limit=tasks)
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
        async def get(url):
            async with client.get(url) as reply:
                return reply.status, reply.headers, await reply.read()
        return await _gather(urls, tasks, get)


_FETCHERS = {"httpx": _httpx, "aiohttp": _aiohttp}
