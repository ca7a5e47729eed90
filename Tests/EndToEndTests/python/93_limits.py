"""Limits of concurrency, rate and connections, asked by real clients and by hand."""
import asyncio
import json
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from datetime import datetime

from control import Control
from harness import (
    CODES, Server, Skip, case, check, equal, flagserver, gif, main, need, wait_until)
from wire import Wire, request


def fetch_all(urls, tasks):
    """GETs the URLs with so many at once: (status, headers, body) of each."""
    try:
        import httpx
    except ImportError:
        raise Skip("the Python package httpx is not installed") from None

    async def run():
        semaphore, limits = asyncio.Semaphore(tasks), httpx.Limits(max_connections=tasks)
        async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
            async def fetch(url):
                async with semaphore:
                    reply = await client.get(url)
                    return reply.status_code, reply.headers, reply.text
            return await asyncio.gather(*(fetch(url) for url in urls))
    return asyncio.run(run())


def control_of(server):
    return Control(server.ports["control"])


def meters(server, proxy):
    return control_of(server).json("GET", "/concurrency")["proxies"][proxy]


def journal(server, proxy):
    lines = control_of(server).call("GET", f"/journal?proxy={proxy}").body.splitlines()
    return [json.loads(line) for line in lines]


def raw(server, proxy, head, seconds=20):
    """What comes back until the end of the connection, or until nothing comes."""
    with server.connect(proxy, seconds=seconds) as stream:
        stream.sendall(head)
        received = b""
        while piece := stream.recv(65536):
            received += piece
        return received


@case("under a limit of 5 five at once are all served, six are not, and the peak is five")
def limit_of_five():
    with Server("-q", "--max-concurrency", "5", "--delay", "0.1") as server:
        urls = [server.url("delay", gif(code)) for code in CODES[:50]]
        equal(Counter(r[0] for r in fetch_all(urls, 5)), Counter({200: 50}), "five at once")
        equal(meters(server, "delay")["refused"], 0, "refused")
        statuses = Counter(r[0] for r in fetch_all(urls, 6))
        check(statuses[503] > 0 and statuses[200] > 0, f"six at once: {statuses}")
        found = meters(server, "delay")
        equal((found["peak"], found["refused"]), (5, statuses[503]), f"{found}")
        equal((found["limit"], found["in_flight"]), (5, 0), f"{found}")


@case("--max-concurrency-per-client: each address has its own places, also in the queue")
def limit_per_client():
    def start(server, host):
        stream = socket.socket()
        stream.settimeout(20)
        stream.bind((host, 0))
        stream.connect(("127.0.0.1", server.ports["delay"]))
        stream.sendall(f"GET {gif('br')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return stream

    def statuses(streams):
        found = [int(stream.recv(65536).split()[1]) for stream in streams]
        for stream in streams:
            stream.close()
        return found
    hosts = ["127.0.0.1"] * 3 + ["127.0.0.2"]
    with Server("-q", "--max-concurrency-per-client", "2", "--delay", "1") as server:
        equal(statuses([start(server, host) for host in hosts]), [200, 200, 503, 200], "statuses")
        refused, = [r for r in journal(server, "delay") if r["refused"]]
        equal(refused["refused"], "max-concurrency-per-client", f"{refused}")
        check(refused["client"].startswith("127.0.0.1:"), f"{refused}")
        found = meters(server, "delay")
        equal((found["limit"], found["limit_per_client"], found["peak"]), (None, 2, 3), f"{found}")
        control_of(server).json("PATCH", "/proxies/delay", {
            "max_concurrency_per_client": 1, "over_limit": "queue"})
        equal(statuses([start(server, host) for host in hosts]), [200] * 4, "in the queue")
        last = journal(server, "delay")[-4:]
        equal(sorted(round(r["queued_ms"] / 1000) for r in last), [0, 0, 1, 2], f"{last}")


@case("a refused answer differs from an injected one: body, Server-Timing, record; both retry")
def refused_or_injected():
    options = ["--max-concurrency", "1", "--error-rate", "1", "--error-status", "503",
               "--delay", "0.5", "--delay-rate", "1", "--retry-after", "2s"]
    with Server("-q", *options) as server:
        replies = fetch_all([server.url("error", gif(code)) for code in CODES[:2]], 2)
        injected, refused = sorted(replies, key=lambda reply: "refused" in reply[2])
        equal((injected[0], refused[0]), (503, 503), "statuses")
        for reply in (injected, refused):
            equal(reply[1]["retry-after"], "2", "Retry-After")
        check("injected" in injected[2], injected[2])
        check("max-concurrency" in refused[2], refused[2])
        equal(injected[1]["server-timing"],
              'respond_upstream;desc="503", latency_downstream;dur=500.0', "injected")
        equal(refused[1]["server-timing"], 'refused;desc="max-concurrency"', "refused")
        first, second = journal(server, "error")
        equal((first["refused"], first["attempt"]), ("max-concurrency", None), f"{first}")
        equal((second["refused"], second["attempt"]), (None, 1), f"{second}")


@case("--no-fault-headers says nothing of faults")
def no_fault_headers():
    with Server("-q", "--no-fault-headers", "--delay", "0.01") as server:
        (status, headers, _), = fetch_all([server.url("delay", gif("br"))], 1)
        equal((status, "server-timing" in headers), (200, False), f"{headers}")
    with Server("-q", "--delay", "0.01") as server:
        (_, headers, _), = fetch_all([server.url("delay", gif("br"))], 1)
        equal(headers["server-timing"], "latency_downstream;dur=10.0", "by default")


@case("--over-limit 429, close and queue")
def over_limit():
    six = lambda server: [server.url("delay", gif(code)) for code in CODES[:6]]
    common = ["-q", "--max-concurrency", "2", "--delay", "0.2", "--over-limit"]
    with Server(*common, "429") as server:
        replies = fetch_all(six(server), 6)
        equal(Counter(r[0] for r in replies), Counter({200: 2, 429: 4}), "429")
        check(all(r[0] == 200 or r[1]["retry-after"] == "1" for r in replies), "Retry-After")
    with Server(*common, "queue") as server:
        start = time.monotonic()
        equal(Counter(r[0] for r in fetch_all(six(server), 6)), Counter({200: 6}), "queue")
        check(time.monotonic() - start >= 0.6, "three turns of two took too little time")
        found = meters(server, "delay")
        equal((found["peak"], found["refused"], found["queued"]), (2, 0, 0), f"{found}")
        records = journal(server, "delay")
        # Who waited came before the first one left: when exactly is the clients' affair.
        ends = [datetime.fromisoformat(r["t"].replace("Z", "+00:00")).timestamp() for r in records]
        came = [end - r["duration_ms"] / 1000 for end, r in zip(ends, records)]
        check(max(came) < min(ends), "the wait belongs to the duration")
        check(all(r["actual_delay_ms"] < 590 for r in records), "but not to the fault's delay")
        check(all(r["duration_ms"] >= r["queued_ms"] for r in records), f"{records}")
        equal(sum(r["queued_ms"] > 0 for r in records), 4, "records of who waited")
    with Server(*common, "close") as server:
        streams = [server.connect("delay") for _ in range(3)]
        for stream in streams:
            stream.sendall(request(target=gif("br")))
            time.sleep(0.05)
        equal(streams[2].recv(100), b"", "FIN without a byte")
        check(streams[0].recv(100).startswith(b"HTTP/1.1 200"), "the first")
        for stream in streams:
            stream.close()
        record = journal(server, "delay")[0]
        equal((record["refused"], record["status"], record["bytes_sent"], record["end"]),
              ("max-concurrency", None, 0, "fin"), f"{record}")


@case("who waits in the queue and leaves is out of it, and has a record")
def leaving_the_queue():
    options = ["-q", "--max-concurrency", "1", "--over-limit", "queue", "--delay", "0.6"]
    with Server(*options) as server:
        with server.connect("delay") as first:
            first.sendall(request(target=gif("br")))
            wait_until(lambda: meters(server, "delay")["in_flight"] == 1, "the first")
            waiting = [server.connect("delay") for _ in range(3)]
            for stream in waiting:
                stream.sendall(request(target=gif("cn")))
            wait_until(lambda: meters(server, "delay")["queued"] == 3, "the queue")
            for stream in waiting[:2]:
                stream.close()
            wait_until(lambda: meters(server, "delay")["queued"] == 1, "two gone")
            check(first.recv(100).startswith(b"HTTP/1.1 200"), "the first")
            check(waiting[2].recv(100).startswith(b"HTTP/1.1 200"), "the third who waited")
            waiting[2].close()
        wait_until(lambda: len(journal(server, "delay")) == 4, "four records")
        gone = [r for r in journal(server, "delay") if r["status"] is None]
        equal([(r["refused"], r["end"], r["bytes_sent"]) for r in gone],
              [(None, "client-fin", 0)] * 2, f"{gone}")
        check(all(r["queued_ms"] > 0 for r in gone), f"{gone}")
        equal(meters(server, "delay")["refused"], 0, "refused")


@case("--rate lets a burst through and then so many a second, and 429 says when to come again")
def rate():
    with Server("-q", "--rate", "5/s") as server:
        statuses = Counter()
        with Wire(server) as wire:
            for _ in range(20):
                wire.send(request(target=gif("br")))
                answer = wire.answer()
                statuses[answer.status] += 1
                if answer.status == 429:
                    check(int(answer.field("retry-after")) >= 1, "Retry-After")
        check(5 <= statuses[200] <= 15 and statuses[429] >= 5, f"{statuses}")
        refused = [r for r in journal(server, "local") if r["refused"]]
        equal({r["refused"] for r in refused}, {"rate"}, "the records")
        equal(len(refused), statuses[429], "the records")


@case("with --over-limit connections over --max-connections are refused, else they wait")
def connections():
    with Server("-q", "--max-connections", "2", "--over-limit", "503") as server:
        held = [server.connect() for _ in range(2)]
        for stream in held:
            stream.sendall(request(target=gif("br")))
            check(stream.recv(10).startswith(b"HTTP/1.1 2"), "within the limit")
        answer = raw(server, "local", request(target=gif("br")))
        check(answer.startswith(b"HTTP/1.1 503") and b"max-connections" in answer, f"{answer!r}")
        record = journal(server, "local")[-1]
        equal((record["refused"], record["status"]), ("max-connections", 503), f"{record}")
        held[0].close()
        wait_until(lambda: meters(server, "local")["connections"] == 1, "a free place")
        with server.connect() as stream:
            stream.sendall(request(target=gif("br")))
            check(stream.recv(10).startswith(b"HTTP/1.1 2"), "after one had left")
        held[1].close()
        equal(meters(server, "local")["peak_connections"], 2, "peak")


@case("limits change through the control port, for who comes next and for who waits")
def changed():
    with Server("-q", "--delay", "0.3") as server:
        control = control_of(server)
        check("max_concurrency" not in control.json("GET", "/proxies/delay"), "not set, not shown")
        set_to = {"max_concurrency": 1, "over_limit": "queue"}
        shown = control.json("PATCH", "/proxies/delay", set_to)
        equal({key: shown[key] for key in set_to}, set_to, "shown")
        results = []
        threads = [threading.Thread(target=lambda: results.append(
            raw(server, "delay", request("GET", gif("br"), "Connection: close"))))
            for _ in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda: meters(server, "delay")["queued"] == 3, "three wait")
        control.json("PATCH", "/proxies/delay", {"max_concurrency": 0})
        wait_until(lambda: meters(server, "delay")["queued"] == 0, "none waits")
        for thread in threads:
            thread.join(20)
        equal([r[:12] for r in results], [b"HTTP/1.1 200"] * 4, "all served")
        for wrong in ({"max_concurrency": -1}, {"over_limit": "what"}, {"rate": "fast"},
                      {"max_concurrency": 1.5}, {"max_connections": "3"}):
            reply = control.call("PATCH", "/proxies/delay", wrong)
            equal(reply.status, 400, f"{wrong}: {reply.body!r}")
        control.json("POST", "/reset", status=204)
        check("over_limit" not in control.json("GET", "/proxies/delay"), "reset")


@case("the peak is the truth under thousands of connections at once")
def thousands():
    count = 3000
    with Server("-q", "--delay", "3", open_files=8000) as server:
        streams = [server.connect("delay", seconds=60) for _ in range(count)]
        for stream in streams:
            stream.sendall(request(target=gif("br")))
        wait_until(lambda: meters(server, "delay")["in_flight"] == count, "all in flight", 30)
        for stream in streams:
            check(stream.recv(20).startswith(b"HTTP/1.1 200"), "an answer")
            stream.close()
        found = meters(server, "delay")
        equal((found["peak"], found["peak_connections"]), (count, count), f"{found}")
        client = found["clients"]["127.0.0.1"]
        equal((client["peak"], client["in_flight"]), (count, 0), f"{client}")
        control_of(server).json("POST", "/concurrency/reset", status=204)
        equal(meters(server, "delay")["peak"], 0, "after the reset")


@case("wrong limits are explained before anything starts")
def wrong():
    for options, words in [
        (["--max-concurrency", "0"], ["--max-concurrency 0"]),
        (["--max-concurrency", "many"], ["many"]),
        (["--over-limit", "wait", "--max-concurrency", "5"], ["wait", "queue"]),
        (["--over-limit", "queue"], ["--over-limit", "--max-concurrency"]),
        (["--rate", "0"], ["--rate 0"]),
        (["--rate", "-3"], ["--rate"]),
        (["--rate", "fast"], ["fast"]),
    ]:
        result = flagserver("--ports", "0", *options)
        equal(result.returncode, 64, f"exit status of {options}: {result.stderr}")
        for word in words:
            check(word in result.stderr, f"{options}: no {word} in {result.stderr}")


main()
