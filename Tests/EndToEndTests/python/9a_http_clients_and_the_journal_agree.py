"""httpx, aiohttp, curl and node through proxies whose toxics change: what each of them reports of
an answer (status, bytes of the body, whether it was whole, how long it waited) its record says."""
import asyncio
import json
import subprocess
import tempfile
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from backends import answering, connect, echo, exchange, receive_all
from control import recorded
from harness import Skip, case, check, environment, equal, main, need

PATIENCE = 60
SIZE = 4000

# What a client says of one answer: `status` None if it saw none, `waited` in milliseconds.
Report = namedtuple("Report", "status received failed waited")


# What stands behind the proxies

def reply(asked):
    """/sized/… has a Content-Length, /chunked/… comes in chunks of a thousand bytes."""
    body = b"0123456789" * (SIZE // 10)
    top = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    if b" /sized/" in asked:
        return top + b"Content-Length: %d\r\n\r\n" % SIZE + body
    chunks = [body[at:at + 1000] for at in range(0, SIZE, 1000)]
    return top + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


HEAD_SIZE = reply(b" /sized/").index(b"\r\n\r\n") + 4
CUT = 1000  # bytes of an answer, its head included, that limit_data lets through


# The clients: each asks for all URLs, `tasks` at once, and says of each what came

def by_httpx(urls, tasks, patience=PATIENCE):
    try:
        import httpx
    except ImportError:
        raise Skip("the Python package httpx is not installed") from None

    async def fetch(client, url):
        status, received, failed, start = None, 0, False, time.monotonic()
        try:
            async with client.stream("GET", url) as answer:
                status = answer.status_code
                async for piece in answer.aiter_raw():
                    received += len(piece)
        except httpx.HTTPError:
            failed = True
        return Report(status, received, failed, since(start))

    async def run():
        limits = httpx.Limits(max_connections=tasks, max_keepalive_connections=tasks)
        async with httpx.AsyncClient(limits=limits, timeout=patience, trust_env=False) as client:
            return await in_turn(urls, tasks, lambda url: fetch(client, url))
    return asyncio.run(run())


def by_aiohttp(urls, tasks, patience=PATIENCE):
    try:
        import aiohttp
    except ImportError:
        raise Skip("the Python package aiohttp is not installed") from None

    async def fetch(client, url):
        status, received, failed, start = None, 0, False, time.monotonic()
        try:
            async with client.get(url) as answer:
                status = answer.status
                try:
                    async for piece in answer.content.iter_any():
                        received += len(piece)
                except aiohttp.ClientError:
                    # What had come before the end is there, but no longer given out.
                    received += sum(map(len, answer.content._buffer))
                    raise
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            failed = True
        return Report(status, received, failed, since(start))

    async def run():
        connector = aiohttp.TCPConnector(limit=tasks, force_close=True)
        timeout = aiohttp.ClientTimeout(total=patience)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
            client._retry_connection = False  # else it asks again, and tells only of the second
            return await in_turn(urls, tasks, lambda url: fetch(client, url))
    return asyncio.run(run())


async def in_turn(urls, tasks, fetch):
    rest, reports = iter(urls), {}

    async def work():
        for url in rest:
            reports[url] = await fetch(url)
    await asyncio.gather(*(work() for _ in range(tasks)))
    return reports


def by_curl(urls, tasks, patience=PATIENCE):
    need("curl")
    with tempfile.TemporaryDirectory() as folder:
        def fetch(url):
            path, start = Path(folder) / url.rsplit("/", 1)[1], time.monotonic()
            result = subprocess.run(
                ["curl", "-s", "-m", str(patience), "-o", str(path), "-w", "%{http_code}", url],
                env=environment(), text=True, stdout=subprocess.PIPE, timeout=2 * PATIENCE)
            received = path.stat().st_size if path.exists() else 0
            return Report(
                int(result.stdout) or None, received, result.returncode != 0, since(start))
        with ThreadPoolExecutor(tasks) as pool:
            return dict(zip(urls, pool.map(fetch, urls)))


NODE = """
const http = require('http');
const [tasks, patience, ...urls] = process.argv.slice(1);
const agent = new http.Agent({keepAlive: true, maxSockets: Number(tasks)});
function fetch(url) {
  return new Promise(done => {
    const start = performance.now();
    let status = null, received = 0;
    const end = failed => done([url, status, received, failed, performance.now() - start]);
    const request = http.get(url, {agent, timeout: Number(patience) * 1000}, reply => {
      status = reply.statusCode;
      reply.on('data', piece => received += piece.length);
      reply.on('end', () => end(!reply.complete));
      reply.on('error', () => end(true));
    });
    request.on('error', () => end(true)).on('timeout', () => request.destroy());
  });
}
async function work() {
  const reports = [];
  while (urls.length) reports.push(await fetch(urls.shift()));
  return reports;
}
Promise.all(Array.from({length: Number(tasks)}, work)).then(all => {
  console.log(JSON.stringify(all.flat()));
  agent.destroy();
});
"""


def by_node(urls, tasks, patience=PATIENCE):
    need("node")
    result = subprocess.run(
        ["node", "-e", NODE, str(tasks), str(patience), *urls], env=environment(), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    equal((result.returncode, result.stderr), (0, ""), "node")
    return {url: Report(*rest) for url, *rest in json.loads(result.stdout)}


CLIENTS = {"httpx": by_httpx, "aiohttp": by_aiohttp, "curl": by_curl, "node": by_node}


def since(start):
    return (time.monotonic() - start) * 1000


def for_each_client(sentence):
    """A case for each client, which a missing one skips."""
    def register(test):
        for name, fetch in CLIENTS.items():
            case(f"{name}: {sentence}")(lambda name=name, fetch=fetch: test(name, fetch))
        return test
    return register


# Held against each other

def check_agreement(report, record, what):
    """All that the client can know of its record."""
    what = f"{what}: the client says {report}, the record {record}"
    equal(record["status"], report.status, f"status ({what})")
    equal(record["bytes_sent"], report.received, f"bytes ({what})")
    wanted = SIZE if record["status"] == 200 else record["bytes_promised"]
    is_whole = record["status"] is not None and record["bytes_sent"] == wanted
    equal(not is_whole, report.failed, f"whole or not ({what})")
    if is_whole:
        check(record["end"] in ("keep", "fin"), what)
    # Shown with one decimal. What held it, held it while the client waited.
    check(record["actual_delay_ms"] <= report.waited + 0.1, what)
    for fault in record["faults"]:
        if fault["type"] == "respond" and fault["acted"]:
            equal(record["status"], fault["status"], f"the injected status ({what})")


LATENCY, SLICER = ("latency", {"latency": 80}), ("slicer", {"average_size": 500, "delay": 2000})
LIMIT, CORRUPT = ("limit_data", {"bytes": CUT}), ("corrupt", {"bytes": 100})
# Toxics that an exchange meets, the status that a client then sees, and which of them have acted.
TURNS = [
    ([], 200, []),
    ([LATENCY], 200, ["latency"]),
    ([LIMIT], 200, ["limit_data"]),
    ([("respond", {"503": 1})], 503, ["respond"]),
    ([SLICER], 200, ["slicer"]),
    ([("bandwidth", {"rate": 20})], 200, ["bandwidth"]),
    ([("reset_peer", {"timeout": 0})], None, ["reset_peer"]),
    ([("timeout", {"timeout": 100})], None, ["timeout"]),
    ([CORRUPT], None, ["corrupt"]),
    ([("noop", {}), ("latency", {"latency": 0}), ("packet_loss", {"loss_rate": 0})], 200, []),
    ([LATENCY, SLICER, LIMIT], 200, ["latency", "slicer", "limit_data"]),
    ([], 200, []),
]


@for_each_client("through http, each toxic in turn: status, bytes, faults and delays of the record")
def each_toxic(name, fetch):
    with recorded(answering(reply)) as (port, control, _):
        total = 0
        for toxics, status, acted in TURNS:
            control.set_toxics("p", toxics)
            kinds = [kind for kind, _ in toxics]
            for path in ("sized", "chunked"):
                url = f"http://127.0.0.1:{port}/{path}/{total}"
                report, total = fetch([url], 1)[url], total + 1
                record = control.records(total, proxy="p")[-1]
                what = f"{name} at /{path} with {kinds}"
                check_agreement(report, record, what)
                equal((record["target"], record["status"]), (f"/{path}/{total - 1}", status), what)
                found = {fault["type"]: fault["acted"] for fault in record["faults"]}
                equal(list(found), kinds, f"{what}: faults of {record}")
                equal([kind for kind in kinds if found[kind]], acted, f"{what}: acted in {record}")
                equal(record["mangled"], CORRUPT in toxics, f"{what}: mangled in {record}")
                delay = 80 if LATENCY in toxics else 0
                equal(record["delay_ms"], delay, f"{what}: delay_ms of {record}")
                check(record["actual_delay_ms"] >= delay - 0.1, f"{what}: early: {record}")
                check(report.waited >= delay, f"{what}: the client waited {report}")
                if LIMIT in toxics and path == "sized":
                    equal(report.received, CUT - HEAD_SIZE, f"{what}: bytes before the cut")


CHANGING = [
    [], [("latency", {"latency": 30})], [LIMIT], [("respond", {"503": 1})],
    [("slicer", {"average_size": 300, "delay": 1000})], [("bandwidth", {"rate": 100})],
    [("reset_peer", {"timeout": 0})], [("noop", {}), ("latency", {"latency": 10})]]


@for_each_client("through http, while toxics change under way: all its reports are the records")
def changing(name, fetch):
    with recorded(answering(reply)) as (port, control, _):
        done, turns = threading.Event(), count()

        def change():
            while not done.is_set():
                control.set_toxics("p", CHANGING[next(turns) % len(CHANGING)])
        thread = threading.Thread(target=change, daemon=True)
        thread.start()
        urls = [f"http://127.0.0.1:{port}/{('sized', 'chunked')[number % 2]}/{number}"
                for number in range(60)]
        try:
            reports = fetch(urls, 4)
        finally:
            done.set()
            thread.join(20)
        records = {record["target"]: record for record in control.records(len(urls), proxy="p")}
        for url, report in reports.items():
            record = records["/" + url.split("/", 3)[3]]
            check_agreement(report, record, f"{name} at {url}")
            check(report.waited >= record["actual_delay_ms"] - 0.1, f"{report} {record}")
        found = control.meters("p")
        check(found["peak"] <= 4 and found["in_flight"] == 0, f"{found}")


# The connection is the exchange

TUNNEL_TURNS = [
    ([], []), ([LATENCY], ["latency"]), ([LIMIT], ["limit_data"]), ([SLICER], ["slicer"]),
    ([("noop", {}), ("latency", {"latency": 0})], []),
    ([LATENCY, LIMIT], ["latency", "limit_data"])]


@for_each_client("through tcp, each toxic in turn: bytes, faults and delays of its connection")
def tunnel(name, fetch):
    with recorded(answering(reply), "tcp") as (port, control, _):
        for total, (toxics, acted) in enumerate(TUNNEL_TURNS, 1):
            control.set_toxics("p", toxics)
            url = f"http://127.0.0.1:{port}/sized/{total}"
            report = fetch([url], 1)[url]
            record = control.records(total, proxy="p")[-1]
            what = f"{name} with {[kind for kind, _ in toxics]}: {report}, {record}"
            equal((record["status"], record["method"]), (None, None), what)
            equal(record["bytes_sent"], HEAD_SIZE + report.received, what)
            equal((report.status, report.failed), (200, LIMIT in toxics), what)
            equal([fault["type"] for fault in record["faults"]], [kind for kind, _ in toxics], what)
            equal([f["type"] for f in record["faults"] if f["acted"]], acted, what)
            equal(record["mangled"], False, what)
            delay = 80 if LATENCY in toxics else 0
            equal(record["delay_ms"], delay, what)
            check(record["actual_delay_ms"] >= delay - 0.1 and report.waited >= delay, what)
            if LIMIT in toxics:
                equal((record["end"], record["bytes_sent"]), ("fin", CUT), what)


@case("toxics that come and go on a live connection: the record has each that it met, in order")
def live():
    with recorded(echo, "tcp") as (port, control, _):
        start = time.monotonic()
        with connect(port) as client:
            exchange(client, b"nothing yet")
            control.toxic("p", "latency", {"latency": 60})
            exchange(client, b"late")
            control.toxic("p", "noop", stream="upstream")
            control.remove("p", "latency_downstream")
            exchange(client, b"on time")
            control.toxic("p", "slicer", {"average_size": 1, "delay": 1000})
            exchange(client, b"in pieces")
            control.remove("p", "slicer_downstream")
            control.toxic("p", "latency", {"latency": 20}, name="again")
            exchange(client, b"late again")
            equal(control.journal(proxy="p"), [], "records of a connection that goes on")
        record, = control.records(1, proxy="p")
        waited = since(start)
        equal([(fault["toxic"], fault["acted"]) for fault in record["faults"]],
              [("latency_downstream", True), ("noop_upstream", False), ("slicer_downstream", True),
               ("again", True)], f"{record}")
        equal(record["bytes_sent"], len(b"nothing yetlateon timein pieceslate again"), f"{record}")
        # Each draws anew for every piece: the largest of each.
        equal(record["delay_ms"], 80, f"{record}")
        check(80 <= record["actual_delay_ms"] <= waited, f"{waited} ms: {record}")
        check(record["end"] in ("client-fin", "client-rst"), f"{record}")


@case("a limit that comes on a live connection cuts it, and what comes afterwards is not met")
def late_limit():
    with recorded(echo, "tcp") as (port, control, _):
        with connect(port) as client:
            exchange(client, b"before")
            control.toxic("p", "limit_data", {"bytes": 4})
            client.sendall(b"behind")
            data, end = receive_all(client)
            control.toxic("p", "latency", {"latency": 1000})
            record, = control.journal(proxy="p")
        equal(end, "fin", "the end")
        equal(([fault["toxic"] for fault in record["faults"]], record["bytes_sent"], record["end"]),
              (["limit_data_downstream"], len(b"before") + len(data), "fin"), f"{record}")


# Who does not wait

@for_each_client("who gives up while a latency holds it: nothing sent, no unplanned error")
def impatient(name, fetch):
    toxics = [("latency", {"latency": 60_000})]
    with recorded(answering(reply), toxics=toxics) as (port, control, _):
        urls = [f"http://127.0.0.1:{port}/sized/{number}" for number in range(5)]
        for url, report in fetch(urls, 5, patience=1).items():
            equal((report.status, report.received, report.failed), (None, 0, True), url)
            check(report.waited >= 1000, f"{report}")
        for record in control.records(5, proxy="p"):
            equal((record["status"], record["bytes_sent"]), (None, 0), f"{record}")
            equal((record["faults"][0]["acted"], record["delay_ms"]), (True, 60_000), f"{record}")
            check(record["end"] in ("client-fin", "client-rst"), f"{record}")
            check(record["actual_delay_ms"] > 0, f"{record}")
        equal(control.metric("flagserver_gave_up_total", proxy="p"), 5, "gave up")


main()
