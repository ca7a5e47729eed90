"""Mixed traffic for a running flagserver: every protocol, changing toxics, worlds, reloads, and
clients that leave. Shared by the soak and by the runs under the sanitizers.

What toxics make of an exchange is not judged, but bytes may be lost only at the end: what comes is
what was sent, as far as it comes. Afterwards everything works again as if nothing had been."""
import asyncio
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import struct
from collections import Counter

import backends

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
FLAG = (PROJECT / "fixtures" / "flags" / "br" / "br.gif").read_bytes()
PATIENCE = 20
# So many visits are under way at most; what is more is skipped, and counted.
VISITS_MAX = 400
REQUESTS_A_VISIT = 5
ABORTED = 0.01

# How often each is visited.
WEIGHTS = {"local": 25, "delay": 6, "error": 10, "chaos": 10, "fault": 5,
           "http": 16, "redis": 9, "memcache": 8, "smtp": 3, "tcp": 8}
FLAG_SERVERS = ("local", "delay", "error", "chaos", "fault")

# For all, in units of the JSON API.
TOXICS = [
    ("latency", {"latency": 20, "jitter": 10}), ("bandwidth", {"rate": 200}),
    ("slow_close", {"delay": 50}), ("timeout", {"timeout": 100}),
    ("slicer", {"average_size": 300, "size_variation": 100, "delay": 500}),
    ("limit_data", {"bytes": 1500}), ("reset_peer", {"timeout": 30}), ("noop", {}),
]

# Of toxics and of worlds: what each name has counted is kept (up to a bound), and is no leak.
NAMES = 50


class Wrong(Exception):
    """Something that no toxic explains."""


class Traffic:
    """`control`: the port of the API. `ports`: of the flag servers. `rate`: requests a second."""

    def __init__(self, pid, ports, config, rate, seed):
        self.pid, self.ports, self.config, self.rate = pid, dict(ports), config, rate
        self.control = ports["control"]
        self.random = random.Random(seed)
        self.counts, self.wrong = Counter(), []
        self.servers, self.visits = [], set()
        self.number = 0

    # Set-up and end

    async def set_up(self):
        """A backend and a proxy for each protocol."""
        for protocol in backends.PROTOCOLS:
            server, port = await backends.serve(protocol)
            self.servers.append(server)
            answer = await self.call("POST", "/proxies", {
                "name": protocol, "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{port}",
                "protocol": protocol}, 201)
            self.ports[protocol] = int(answer["listen"].rsplit(":", 1)[1])
        await self.all_works()

    async def all_works(self):
        """Each server and proxy answers rightly, without toxics."""
        await self.call("POST", "/reset", None, 204)
        for name in WEIGHTS:
            for _ in range(3):
                visit = VISITORS.get(name, ask)(self, name, 2, strict=True)
                await asyncio.wait_for(visit, PATIENCE)

    async def fill(self):
        """What is kept by design, up to a bound, is brought there: what each name has counted, and
        what as many clients need as there ever are at once (a machine that stands still for some
        seconds has them come together)."""
        for number in range(NAMES):
            await self._world_named(number)
            for proxy in WEIGHTS:
                await self._add(proxy, number, "noop", {}, 1)
        for held in (0, 1000):
            for proxy in WEIGHTS if held else ():
                await self._add(proxy, 0, "latency", {"latency": held}, 1)
            names = list(WEIGHTS) * (VISITS_MAX // len(WEIGHTS) if held else 1)
            await asyncio.gather(*(self._visit(name, 1) for name in names))
            await self._reset()
        self.counts.clear()

    async def tear_down(self):
        for visit in list(self.visits):
            visit.cancel()
        await asyncio.gather(*self.visits, return_exceptions=True)
        for server in self.servers:
            server.close()

    # Running

    async def run(self, seconds):
        """For so long; then what is under way comes to its end, or is left."""
        stop = asyncio.get_running_loop().time() + seconds
        jobs = [self._visit_all(stop), self._often(0.25, stop, self._change_toxics),
                self._often(7, stop, self._reset), self._often(2, stop, self._world),
                self._often(5, stop, self._reload), self._often(1, stop, self._look),
                self._often(3, stop, self._events)]
        await asyncio.gather(*jobs)
        if self.visits:
            await asyncio.wait(self.visits, timeout=PATIENCE)

    async def _visit_all(self, stop):
        """Begins visits at an even pace, whatever becomes of those before."""
        loop = asyncio.get_running_loop()
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        begin, begun = loop.time(), 0
        while loop.time() < stop:
            due = int((loop.time() - begin) * self.rate / REQUESTS_A_VISIT)
            for _ in range(due - begun):
                if len(self.visits) >= VISITS_MAX:
                    self.counts["skipped"] += REQUESTS_A_VISIT
                    continue
                name = self.random.choices(names, weights)[0]
                visit = asyncio.create_task(self._visit(name))
                self.visits.add(visit)
                visit.add_done_callback(self.visits.discard)
            begun = due
            await asyncio.sleep(0.02)

    async def _visit(self, name, requests=REQUESTS_A_VISIT):
        try:
            await asyncio.wait_for(VISITORS.get(name, ask)(self, name, requests), PATIENCE)
        except Wrong as error:
            self.wrong.append(f"{name}: {error}")
        except asyncio.TimeoutError:
            self.counts["timeout"] += 1
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            self.counts["cut"] += 1

    async def _often(self, pause, stop, job):
        loop = asyncio.get_running_loop()
        while loop.time() < stop:
            try:
                await asyncio.wait_for(job(), PATIENCE)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                if loop.time() < stop:
                    self.wrong.append(f"the control port: {job.__name__}: {error!r}")
                    await asyncio.sleep(1)
            except Wrong as error:
                self.wrong.append(str(error))
            await asyncio.sleep(pause)

    # What changes

    async def _change_toxics(self):
        """One more on some proxy, or one less."""
        proxy = self.random.choice(list(WEIGHTS))
        own = [toxic["name"] for toxic in await self.call("GET", f"/proxies/{proxy}/toxics")
               if toxic["name"].startswith("t-")]
        if len(own) > 2 or own and self.random.random() < 0.4:
            name = self.random.choice(own)
            await self.call("DELETE", f"/proxies/{proxy}/toxics/{name}", None, (204, 404))
            return
        self.number += 1
        await self._add(proxy, self.number, *self.random.choice(TOXICS), 0.3)

    async def _add(self, proxy, number, kind, attributes, toxicity):
        await self.call("POST", f"/proxies/{proxy}/toxics", {
            "name": f"t-{number % NAMES}", "type": kind, "attributes": attributes,
            "stream": self.random.choice(("upstream", "downstream")), "toxicity": toxicity},
            (200, 409))
        self.counts["toxics"] += 1

    async def _reset(self):
        await self.call("POST", "/reset", None, 204)

    async def _world(self):
        self.number += 1
        await self._world_named(self.number)

    async def _world_named(self, number):
        """A world is made, asked, and ended."""
        name = f"world-{number % NAMES}-here"
        made = await self.call("POST", "/worlds", {
            "name": name, "seed": number, "delay": 0.01}, 201)
        for _ in range(3):
            status, body = await get(made["ports"]["local"], "/flags/br/br.gif")
            if (status, body) != (200, FLAG):
                raise Wrong(f"a world's local: {status}, {len(body)} bytes")
        await self.call("DELETE", f"/worlds/{name}")
        self.counts["worlds"] += 1

    async def _reload(self):
        """SIGHUP with another text of the configuration."""
        self.number += 1
        self.config.write_text(configuration(self.number))
        os.kill(self.pid, signal.SIGHUP)
        self.counts["reloads"] += 1

    async def _look(self):
        """What people and their tests ask the control port."""
        for path in ("/metrics", "/concurrency", "/running", "/proxies", "/journal?limit=50",
                     "/journal?path=/flags/*/*.gif&status=5xx&limit=20"):
            status, _ = await get(self.control, path)
            if status != 200:
                raise Wrong(f"{path}: {status}")
        await self.call("POST", "/verify", {"proxy": "local", "count": {"min": 0}}, (200, 409))

    async def _events(self):
        """A reader of /events that leaves after a while."""
        reader, writer = await connect(self.control)
        writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(2):
                while await reader.read(1 << 16):
                    pass
        abort(writer)

    # The control port

    async def call(self, method, path, values=None, status=200):
        found, body = await get(
            self.control, path, method, b"" if values is None else json.dumps(values).encode())
        wanted = status if isinstance(status, tuple) else (status,)
        if found not in wanted:
            raise Wrong(f"{method} {path}: {found} {body[:200]!r}")
        return json.loads(body) if body[:1] in (b"{", b"[") else None


def configuration(number):
    """Another one for each number."""
    return (f"proxies:\n  - name: extra\n    listen: 127.0.0.1:0\n    upstream: 127.0.0.1:9\n"
            f"    toxics:\n      - type: latency\n        latency: {number % 50 + 1}ms\n")


# Clients

async def connect(port):
    return await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)


def abort(writer):
    """RST."""
    stream = writer.get_extra_info("socket")
    if stream:
        with contextlib.suppress(OSError):
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def answer(reader, method="GET"):
    """A whole answer of HTTP: status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(None, 2)[1])
    fields = head.lower()
    if method == "HEAD" or status in (204, 304):
        return status, b""
    if b"\r\ncontent-length:" in fields:
        size = int(fields.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        return status, await reader.readexactly(size)
    if b"transfer-encoding: chunked" not in fields:
        return status, await reader.read()
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return status, body


async def get(port, path, method="GET", body=b""):
    """One exchange on a connection of its own."""
    reader, writer = await connect(port)
    try:
        kind = "Content-Type: application/json\r\n" if body else ""
        writer.write((f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{kind}"
                      f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode() + body)
        return await answer(reader, method)
    finally:
        abort(writer)


def visitor(function):
    """Opens a connection for a visit, leaves it as some clients do, and counts what was whole."""
    async def visit(traffic, name, count, strict=False):
        reader, writer = await connect(traffic.ports[name])
        try:
            if not strict and traffic.random.random() < ABORTED * REQUESTS_A_VISIT:
                count = traffic.random.randrange(count)
                traffic.counts["aborted"] += 1
                await function(traffic, name, reader, writer, count, strict)
                writer.write(b"GET /flags/br/br.gif HTTP/1.1\r\nHost: a\r\n\r\n"[:30 + count])
                await asyncio.sleep(0.001)
                abort(writer)
                return
            await function(traffic, name, reader, writer, count, strict)
        except (OSError, asyncio.IncompleteReadError) as error:
            if strict:
                raise Wrong(f"{name}: {error!r}") from None
            raise
        finally:
            writer.close()
    return visit


def told(traffic, what, strict):
    """Something else than the backend says: a fault's own answer, or a mistake."""
    if strict:
        raise Wrong(what)
    traffic.counts["faulty"] += 1


@visitor
async def ask(traffic, name, reader, writer, count, strict):
    path = {"http": "/", "fault": "/"}.get(name, "/flags/br/br.gif")
    for _ in range(count):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status, body = await answer(reader)
        traffic.counts["requests"] += 1
        wanted = {"http": b"x" * 2000, "fault": body}.get(name, FLAG)
        if status == 200 and body != wanted:
            raise Wrong(f"{len(body)} bytes that are not the file's")
        if status != 200 and name not in ("error", "chaos"):
            told(traffic, f"{name}: {status}", strict)


@visitor
async def ask_redis(traffic, name, reader, writer, count, strict):
    for index in range(count):
        word = b"%08d" % index
        writer.write(b"*2\r\n$4\r\nECHO\r\n$8\r\n%s\r\n" % word)
        line = await reader.readuntil(b"\r\n")
        if line == b"$8\r\n":
            line += await reader.readexactly(10)
        traffic.counts["requests"] += 1
        if line != b"$8\r\n" + word + b"\r\n":
            if not line.startswith(b"-"):
                raise Wrong(f"{line!r} in place of {word!r}")
            told(traffic, f"{line!r}", strict)


@visitor
async def ask_memcache(traffic, name, reader, writer, count, strict):
    for index in range(count):
        writer.write(b"set k 0 0 5\r\nhello\r\n" if index % 2 else b"get k\r\n")
        wanted = b"STORED\r\n" if index % 2 else b"VALUE k 0 5\r\nhello\r\nEND\r\n"
        found = await reader.readuntil(b"\r\n")
        if found.startswith(b"VALUE"):
            found += await reader.readuntil(b"END\r\n")
        traffic.counts["requests"] += 1
        if found != wanted:
            if b"ERROR" not in found:
                raise Wrong(f"{found!r} in place of {wanted!r}")
            told(traffic, f"{found!r}", strict)


@visitor
async def ask_smtp(traffic, name, reader, writer, count, strict):
    await reader.readuntil(b"\r\n")
    for word in (b"EHLO here", b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA",
                 b"Subject: hello\r\n\r\nhello\r\n.", b"QUIT"):
        writer.write(word + b"\r\n")
        reply = await reader.readuntil(b"\r\n")
        while reply[3:4] == b"-":
            reply = await reader.readuntil(b"\r\n")
        traffic.counts["requests"] += 1
        if reply[:1] not in b"23":
            told(traffic, f"{reply!r}", strict)
            return


@visitor
async def ask_tcp(traffic, name, reader, writer, count, strict):
    for _ in range(count):
        data = traffic.random.randbytes(traffic.random.choice((10, 1000, 20000)))
        writer.write(data)
        received = b""
        while len(received) < len(data):
            more = await reader.read(len(data) - len(received))
            if not more:
                break
            received += more
            if not data.startswith(received):
                raise Wrong("other bytes come back than were sent")
        if len(received) < len(data):
            raise asyncio.IncompleteReadError(received, len(data))
        traffic.counts["requests"] += 1


VISITORS = {"redis": ask_redis, "memcache": ask_memcache, "smtp": ask_smtp, "tcp": ask_tcp}
