"""What stands behind the proxies: one small server for each protocol, on the client's loop."""
import asyncio
import contextlib


async def http(reader, writer):
    """Answers each request with 2 000 bytes."""
    body = b"x" * 2000
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()


async def redis(reader, writer):
    """Knows PING and ECHO, in arrays of bulk strings."""
    while line := await reader.readline():
        parts = []
        for _ in range(int(line[1:])):
            size = int((await reader.readline())[1:])
            parts.append((await reader.readexactly(size + 2))[:-2])
        if parts[0] == b"PING":
            writer.write(b"+PONG\r\n")
        else:
            writer.write(b"$%d\r\n%s\r\n" % (len(parts[-1]), parts[-1]))
        await writer.drain()


async def memcache(reader, writer):
    """Stores what comes, and has one value for all keys."""
    while line := await reader.readline():
        words = line.split()
        if words[0] == b"set":
            await reader.readexactly(int(words[4]) + 2)
            writer.write(b"STORED\r\n")
        else:
            writer.write(b"VALUE %s 0 5\r\nhello\r\nEND\r\n" % words[1])
        await writer.drain()


async def smtp(reader, writer):
    """Takes every mail."""
    writer.write(b"220 here ESMTP\r\n")
    while line := await reader.readline():
        word = line[:4].upper().strip()
        if word == b"DATA":
            writer.write(b"354 go on\r\n")
            await writer.drain()
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
        await writer.drain()
        if word == b"QUIT":
            return


async def tcp(reader, writer):
    """Sends back what comes."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


PROTOCOLS = {"http": http, "redis": redis, "memcache": memcache, "smtp": smtp, "tcp": tcp}


async def serve(protocol):
    """Starts one on a free port of 127.0.0.1: the server, and its port."""
    async def connected(reader, writer):
        # Cancelled: the loop ends.
        with contextlib.suppress(OSError, ValueError, IndexError, asyncio.IncompleteReadError,
                                 asyncio.LimitOverrunError, asyncio.CancelledError):
            await PROTOCOLS[protocol](reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20, backlog=1000)
    return server, server.sockets[0].getsockname()[1]
