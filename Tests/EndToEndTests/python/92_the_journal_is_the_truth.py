"""A downloader's own report against the server's record: they must be equal, exactly."""
import asyncio
import json
import signal
import time
from collections import Counter

from clients import NAMES
from control import Control
from harness import CODES, Server, Skip, case, check, draw, equal, gif, main, stored, wait_until
from wire import request

# Two-letter codes of which some are no country: 404 belongs to the book's exercise.
MISSING = ["xx", "zz", "aa", "qq"]
TARGETS = [gif(code) for code in CODES + MISSING]


class Downloader:
    """The book's downloader: a semaphore, one task for each flag, and a report at the end."""

    def __init__(self, client, concurrency, timeout=60, retries=0):
        self.client, self.concurrency = client, concurrency
        self.timeout, self.retries = timeout, retries
        self.report, self.bodies = Counter(), {}
        self.in_flight = self.peak = 0

    def run(self, urls):
        asyncio.run(getattr(self, f"_run_{self.client}")(urls))
        return self.report

    async def _all(self, urls, get, timeouts):
        semaphore = asyncio.Semaphore(self.concurrency)

        async def fetch(url):
            for attempt in range(1, self.retries + 2):
                async with semaphore:
                    self.in_flight += 1
                    self.peak = max(self.peak, self.in_flight)
                    try:
                        status, headers, body = await get(url)
                    except timeouts:
                        status = "timeout"
                    finally:
                        self.in_flight -= 1
                self.report[status] += 1
                if status == 200:
                    self.bodies[url] = body
                if status != 503 or attempt > self.retries:
                    return
                equal(headers["retry-after"], "1", "Retry-After of a 503")

        await asyncio.gather(*(fetch(url) for url in urls))

    async def _run_httpx(self, urls):
        try:
            import httpx
        except ImportError:
            raise Skip("the Python package httpx is not installed") from None
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        async with httpx.AsyncClient(
            limits=limits, timeout=self.timeout, trust_env=False
        ) as client:
            async def get(url):
                reply = await client.get(url)
                return reply.status_code, reply.headers, reply.content
            await self._all(urls, get, httpx.TimeoutException)

    async def _run_aiohttp(self, urls):
        try:
            import aiohttp
        except ImportError:
            raise Skip("the Python package aiohttp is not installed") from None
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200), timeout=timeout
        ) as client:
            async def get(url):
                async with client.get(url) as reply:
                    return reply.status, reply.headers, await reply.read()
            await self._all(urls, get, asyncio.TimeoutError)


def journal(control, **filters):
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    reply = control.call("GET", f"/journal?{query}" if query else "/journal")
    equal(reply.status, 200, f"GET /journal: {reply.body[:200]!r}")
    return [json.loads(line) for line in reply.body.splitlines()]


def told(records):
    """What the server says of the same exchanges, in the words of the report."""
    return Counter("timeout" if r["status"] is None else r["status"] for r in records)


def concurrency(control, proxy):
    return control.json("GET", "/concurrency")["proxies"][proxy]


def check_order(records):
    numbers = [record["seq"] for record in records]
    equal(numbers, sorted(set(numbers)), "sequence numbers")
    times = [record["t"] for record in records]
    equal(times, sorted(times), "times")


def situation(client, server, control, proxy, tasks):
    """All flags once: the report, after it was held against the journal and the meters."""
    control.json("POST", "/reset", status=204)
    before = journal(control)
    since = before[-1]["seq"] if before else 0
    downloader = Downloader(client, tasks)
    urls = [server.url(proxy, target) for target in TARGETS]
    report = downloader.run(urls)
    records = journal(control, proxy=proxy, since=since)
    what = f"{client} with {tasks} at {proxy}"
    equal(told(records), report, f"{what}: the journal's counts and the downloader's")
    equal(len(records), len(TARGETS), f"{what}: records")
    check_order(records)
    for url, body in downloader.bodies.items():
        check(body == stored("/" + url.split("/", 3)[3]), f"{what}: other bytes of {url}")
    for record in records:
        equal(record["bytes_promised"], record["bytes_sent"], f"{what}: bytes of {record}")
        equal((record["refused"], record["via"]), (None, None), f"{what}: {record}")
        check(record["end"] in ("keep", "fin"), f"{what}: {record}")
        check(record["in_flight"] <= tasks, f"{what}: in_flight of {record}")
        if record["faults"]:
            check(record["actual_delay_ms"] >= record["delay_ms"], f"{what}: early: {record}")
    meters = concurrency(control, proxy)
    check(meters["peak"] <= tasks, f"{what}: peak {meters}")
    equal(meters["in_flight"], 0, f"{what}: in flight at the end")
    return report, records


@case("LOCAL, DELAY, ERROR and CHAOS with 5, 30 and 100 at once: counts, bytes and peaks agree")
def everywhere():
    options = ["--seed", "42", "--delay", "0.02"]
    wanted = {proxy: Counter() for proxy in ("local", "delay", "error", "chaos")}
    for proxy in wanted:
        for _, _, status, _ in draw(proxy, *options, "-n", len(CODES)):
            wanted[proxy][status] += 1
    with Server("-q", *options) as server:
        control = Control(server.ports["control"])
        for client in NAMES:
            for proxy in wanted:
                for tasks in (5, 30, 100):
                    report, records = situation(client, server, control, proxy, tasks)
                    named = Counter(
                        r["status"] for r in records if r["target"][7:9] in CODES)
                    equal(named, wanted[proxy], f"{client}, {tasks} at {proxy}: as drawn")
                    check(report[200] > 90, f"{report}")


@case("on DELAY the measured peak is the semaphore, for 5, 30 and 100")
def peaks():
    # Long enough for the slowest client to have all of them under way.
    with Server("-q", "--delay", "2") as server:
        control = Control(server.ports["control"])
        for client in NAMES:
            for tasks in (5, 30, 100):
                control.json("POST", "/concurrency/reset", status=204)
                downloader = Downloader(client, tasks)
                report = downloader.run(
                    [server.url("delay", gif(code)) for code in CODES[:tasks + 5]])
                equal(report, Counter({200: tasks + 5}), f"{client}, {tasks}: what was answered")
                meters = concurrency(control, "delay")
                equal((meters["peak"], downloader.peak, meters["in_flight"]), (tasks, tasks, 0),
                      f"{client}: peak at the server and here, in flight at the end")


@case("through CHAOS nothing counts twice, and LOCAL says through whom they came")
def through_chaos():
    with Server("-q", "--seed", "42", "--delay", "0.02", "--delay-rate", "0") as server:
        control = Control(server.ports["control"])
        report, records = situation("httpx", server, control, "chaos", 30)
        behind = journal(control, proxy="local")
        equal(len(behind), report[200] + report[404], "requests that LOCAL saw")
        equal({record["via"] for record in behind}, {"chaos"}, "via")
        local = concurrency(control, "local")
        equal((local["peak"], local["connections"]), (0, 0), f"LOCAL's meters: {local}")
        metrics = control.call("GET", "/metrics").body.decode()
        check('flagserver_requests_total{proxy="local"' not in metrics, "LOCAL in the metrics")
        verdict = control.json("POST", "/verify", {"count": len(records)})
        equal(verdict["count"], len(records), "verify")
    equal(Counter(r["status"] for r in records), report, "CHAOS's own")


@case("timeouts are the exchanges whose client left: status null, nothing sent, out of flight")
def timeouts():
    for client in NAMES:
        # Nobody's answer comes near the end of the client's patience.
        options = ["-q", "--seed", "7", "--delay", "5", "--error-rate", "0"]
        with Server(*options) as server:
            control = Control(server.ports["control"])
            downloader = Downloader(client, 50, timeout=1.5)
            report = downloader.run([server.url("error", gif(code)) for code in CODES])
            check(report["timeout"] > 50 and report[200] > 50, f"{client}: {report}")
            wait_until(
                lambda: len(journal(control, proxy="error")) == len(CODES), "all records")
            records = journal(control, proxy="error")
            equal(told(records), report, f"{client}: the journal's counts and the downloader's")
            for record in records:
                left = record["status"] is None
                check(record["end"] in (
                    ("client-fin", "client-rst") if left else ("keep", "fin")), f"{record}")
                if left:
                    equal(record["bytes_sent"], 0, f"{record}")
            meters = concurrency(control, "error")
            equal((meters["in_flight"], meters["peak"]), (0, 50), f"{client}: {meters}")


@case("a client that cancels and starts anew is not refused under a limit of its own size")
def cancelling():
    with Server("-q", "--max-concurrency", "5", "--delay", "0.3") as server:
        control = Control(server.ports["control"])
        url = server.url("delay", gif("br"))

        async def cancel():
            try:
                import aiohttp
            except ImportError:
                raise Skip("the Python package aiohttp is not installed") from None
            statuses = Counter()
            async with aiohttp.ClientSession() as client:
                async def fetch(patience):
                    try:
                        async with asyncio.timeout(patience), client.get(url) as reply:
                            await reply.read()
                            statuses[reply.status] += 1
                    except TimeoutError:
                        statuses["cancelled"] += 1

                async def work(number):
                    for turn in range(12):
                        await fetch(0.05 if (number + turn) % 2 else 30)

                await asyncio.gather(*(work(number) for number in range(5)))
            return statuses

        statuses = asyncio.run(cancel())
        equal(statuses, Counter({200: 30, "cancelled": 30}), "what became of them")
        wait_until(lambda: len(journal(control, proxy="delay")) == 60, "all records")
        records = journal(control, proxy="delay")
        equal(told(records), Counter({200: 30, "timeout": 30}), "the journal")
        meters = concurrency(control, "delay")
        equal((meters["refused"], meters["in_flight"]), (0, 0), f"{meters}")
        check(meters["peak"] <= 5, f"{meters}")


@case("retries after 503 are attempts 2 and 3, with fates of their own that draw foretells")
def retries():
    options = ["--seed", "42", "--delay-rate", "0", "--error-rate", "50%", "--error-status", "503"]
    with Server("-q", *options) as server:
        control = Control(server.ports["control"])
        downloader = Downloader("httpx", 5, retries=2)
        codes = CODES[:15]
        report = downloader.run([server.url("error", gif(code)) for code in codes])
        records = journal(control, proxy="error")
        equal(told(records), report, "the journal's counts and the downloader's")
        attempts = {}
        for record in records:
            attempts.setdefault(record["target"], []).append((record["attempt"], record["status"]))
        for code in codes:
            rows = draw("error", *options, "--target", gif(code), "-n", 3)
            fates = [(attempt, status) for _, attempt, status, _ in rows]
            end = next((i + 1 for i, f in enumerate(fates) if f[1] == 200), 3)
            equal(attempts[gif(code)], fates[:end], f"attempts at {code}")
        check(max(map(len, attempts.values())) == 3, "somebody needed three attempts")


@case("--journal writes the same lines as GET /journal, to a file and to stdout")
def files():
    import subprocess
    with Server("-q", "--seed", "42", "--delay", "0.01", "--journal", "j.ndjson") as server:
        control = Control(server.ports["control"])
        Downloader("httpx", 30).run([server.url("error", gif(code)) for code in CODES])
        shown = journal(control)
        path = server.folder / "j.ndjson"
        wait_until(lambda: path.read_text().count("\n") == len(shown), "the whole file")
        equal([json.loads(line) for line in path.read_text().splitlines()], shown, "the file")
    with Server("-q", "--journal", "-", stdout=subprocess.PIPE) as server:
        with server.connect() as stream:
            stream.sendall(b"GET /flags/br/br.gif HTTP/1.1\r\nHost: x\r\n\r\n")
            check(stream.recv(100), "no answer")
        server.stop()
        lines = server.process.stdout.read().splitlines()
        equal([json.loads(line)["target"] for line in lines], ["/flags/br/br.gif"], "stdout")


@case("a journal that is emptied under way has the next lines alone; renamed, SIGHUP makes it anew")
def rotated():
    with Server("-q", "--journal", "j.ndjson") as server:
        path, old = server.folder / "j.ndjson", server.folder / "j.1"

        def ask(code):
            with server.connect() as stream:
                stream.sendall(request(target=gif(code)))
                check(stream.recv(100), "no answer")

        def targets(path):
            return [json.loads(line)["target"] for line in path.read_text().splitlines()]

        def has(path, codes):
            wanted = [gif(code) for code in codes]
            wait_until(lambda: path.exists() and path.read_text().count("\n") >= len(wanted),
                       f"{wanted} in {path}")
            equal(targets(path), wanted, f"what is in {path}")
        ask("br")
        has(path, ["br"])
        with open(path, "w"):
            pass  # as `: > j.ndjson` and logrotate's copytruncate do
        ask("us")
        has(path, ["us"])
        path.rename(old)
        server.signal(signal.SIGHUP)
        wait_until(path.exists, "the file made anew at SIGHUP")
        ask("cn")
        has(path, ["cn"])
        has(old, ["us"])


@case("a journal that cannot be written is refused at the start, or told once, and harms nobody")
def unwritable():
    from harness import flagserver
    for path in ("/no/such/folder/j", "/", "/proc/version/j"):
        result = flagserver("--ports", "0", "--journal", path)
        equal(result.returncode, 73, f"exit status with --journal {path}: {result.stderr}")
        check(path in result.stderr and "journal" in result.stderr, result.stderr)
    said = ["No space left on device", "lines are missing in the journal '/dev/full'"]
    with Server("-q", "--journal", "/dev/full", expects_log=said) as server:
        report = Downloader("httpx", 30).run(
            [server.url("local", gif(code)) for code in CODES] * 3)
        equal(report, Counter({200: 3 * len(CODES)}), "what was answered")
        wait_until(lambda: "No space left" in server.log(), "the message")
        time.sleep(0.2)
        equal(server.log().count("No space left"), 1, f"messages: {server.log()}")


main()
