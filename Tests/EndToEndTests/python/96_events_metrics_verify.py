"""What the control port tells of what happened: journal, events, verdicts, meters and metrics."""
import json
import re
import signal
import socket
import subprocess
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from backends import Backend, receive_all, reset
from clients import fetch_all
from control import Control
from harness import (
    CODES, Server, Skip, case, check, environment, equal, gif, main, need, wait_until)
from wire import Wire, request

MISSING = ["/flags/xx/xx.gif", "/flags/zz/zz.gif", "/nothing?a=1"]
OPTIONS = ["-q", "--seed", "42", "--delay", "0.01"]


@contextmanager
def running(*options, **more):
    with Server(*OPTIONS, *options, **more) as server:
        yield server, Control(server.ports["control"])


def journal(control, query=""):
    reply = control.call("GET", f"/journal{query and '?' + query}")
    equal(reply.status, 200, f"GET /journal?{query}: {reply.body[:200]!r}")
    equal(reply.headers["Content-Type"], "application/x-ndjson", "the type")
    return [json.loads(line) for line in reply.body.splitlines()]


def fetch(server, proxy, targets, tasks=10):
    urls = [server.url(proxy, target) for target in targets]
    return Counter(reply.status for reply in fetch_all("httpx", urls, tasks).values())


def some_traffic(server, control):
    """Everything that can become of an exchange; all of it is in the journal at the end."""
    flags = [gif(code) for code in CODES]
    fetch(server, "error", flags[:60])
    fetch(server, "error", flags[:20])
    fetch(server, "local", flags[:5] + MISSING)
    fetch(server, "delay", flags[:5])
    fetch(server, "chaos", flags[:30])
    with Wire(server) as wire:
        wire.send(request("HEAD", gif("br")))
        wire.answer("HEAD")
        wire.send(request("DELETE", gif("br")))
        equal(wire.answer().status, 405, "DELETE")
        wire.send(b"GET / HTTP/1.1\r\n\r\n")
        equal(wire.answer().status, 400, "no Host")
    control.change("delay", "latency_downstream", attributes={"latency": 30_000})
    with server.connect("delay") as stream:
        stream.sendall(request())
        wait_until(lambda: control.json("GET", "/concurrency")["proxies"]["delay"]["in_flight"],
                   "an exchange under way")
    control.json("PATCH", "/proxies/local", {"max_concurrency": 1, "rate": 0.01})
    fetch(server, "local", flags[:3])
    wait_until(lambda: any(r["end"].startswith("client-") for r in journal(control)), "the end")


# The journal

def wants_status(*wanted):
    return lambda record: record["status"] in wanted


FILTERS = [
    ("proxy=error", lambda r: r["proxy"] == "error"),
    ("fault=*", lambda r: r["faults"]),
    ("fault=respond", lambda r: any(f["type"] == "respond" for f in r["faults"])),
    ("fault=latency_downstream",
     lambda r: any(f["toxic"] == "latency_downstream" for f in r["faults"])),
    ("path=/flags/b*", lambda r: (r["target"] or "").startswith("/flags/b")),
    ("path=/nothing", lambda r: r["target"] == "/nothing?a=1"),
    ("path=%2Fflags%2Fad%2F*", lambda r: (r["target"] or "").startswith("/flags/ad/")),
    ("client=127.0.0.1", lambda r: r["client"].startswith("127.0.0.1:")),
    ("client=::1", lambda r: r["client"].startswith("[")),
    ("client=127.0.0.0/8", lambda r: r["client"].startswith("127.")),
    ("status=404", wants_status(404)),
    ("status=418,503", wants_status(418, 503)),
    ("status=4xx", lambda r: r["status"] and 400 <= r["status"] < 500),
    ("status=none", wants_status(None)),
    ("refused=true", lambda r: r["refused"]),
    ("refused=rate", lambda r: r["refused"] == "rate"),
    ("refused=false", lambda r: not r["refused"]),
    ("method=HEAD", lambda r: r["method"] == "HEAD"),
    ("attempt=2", lambda r: r["attempt"] == 2),
    ("end=client-fin", lambda r: r["end"] == "client-fin"),
    ("since=100", lambda r: r["seq"] > 100),
    ("proxy=error&fault=respond&status=503&attempt=1", lambda r: (
        r["proxy"], r["status"], r["attempt"]) == ("error", 503, 1)),
]


@case("GET /journal gives exactly the records that a filter means, in order, and the last ones")
def filters():
    with running() as (server, control):
        some_traffic(server, control)
        records = journal(control)
        equal([r["seq"] for r in records], list(range(1, len(records) + 1)), "the numbers")
        for query, is_meant in FILTERS:
            wanted = [record["seq"] for record in records if is_meant(record)]
            check(wanted or "::1" in query, f"{query} means nothing: the test proves nothing")
            equal([r["seq"] for r in journal(control, query)], wanted, query)
            limited = journal(control, query + "&limit=3")
            equal([r["seq"] for r in limited], wanted[-3:], f"{query}&limit=3")
        moment = records[70]["t"]
        # Later than all that the record's microseconds may stand for.
        later = [r["seq"] for r in journal(control, f"since={moment[:-1]}999Z")]
        equal(later, [r["seq"] for r in records if r["t"] > moment], f"since={moment}")


@case("what /journal does not understand is 400 with a hint, and never the whole journal")
def filters_refused():
    with running() as (server, control):
        for query, words in (
            ("proxi=error", "proxy"), ("proxy=eror", "'error'"), ("status=abc", "4xx"),
            ("status=999", "999"), ("fault=latancy", "'latency'"), ("refused=maybe", "rate"),
            ("since=yesterday", "sequence number"), ("limit=0", "from 1"), ("limit=x", "limit"),
            ("client=nobody", "address"), ("attempt=0", "from 1"), ("end=bang", "keep"),
            ("path=", "empty"), ("path=/a&path=/b", "path"),
        ):
            reply = control.call("GET", f"/journal?{query}")
            equal(reply.status, 400, f"{query}: {reply.body[:200]!r}")
            check(words in json.loads(reply.body)["error"], f"{query}: {reply.body!r}")


# Events

class Events:
    """A reader of /events in a thread, over `lines`: what came, as (name, id, value)."""

    def __init__(self, lines):
        self.events, self.error, self.newest = [], None, 0
        self.thread = threading.Thread(target=self._read, args=(lines,), daemon=True)
        self.thread.start()

    def _read(self, lines):
        try:
            fields = {}
            for line in lines:
                line = line.rstrip("\n")
                if line and not line.startswith(":"):
                    name, value = line.split(": ", 1)
                    fields[name] = value
                elif fields:
                    self.events.append(
                        (fields["event"], fields.get("id"), json.loads(fields["data"])))
                    self.newest = int(fields.get("id", self.newest))
                    fields = {}
            check(not fields, f"it ends in an event: {fields}")
        except Exception as error:  # told by whoever looks at the reader
            self.error = error

    def of(self, name):
        return [event[2] for event in list(self.events) if event[0] == name]

    def numbers(self):
        return [record["seq"] for batch in self.of("records") for record in batch]

    def join(self):
        self.thread.join(20)
        check(not self.thread.is_alive(), "the stream does not end")
        check(self.error is None, f"reading /events: {self.error!r}")


def by_httpx(control, headers=None, query=""):
    try:
        import httpx
    except ImportError:
        raise Skip("the Python package httpx is not installed") from None

    def lines():
        url = f"http://localhost:{control.port}/events{query}"
        with httpx.stream("GET", url, headers=headers, timeout=30, trust_env=False) as reply:
            equal(reply.status_code, 200, "status")
            equal(reply.headers["content-type"], "text/event-stream", "type")
            yield from reply.iter_lines()
    return Events(lines())


@contextmanager
def by_curl(control, *options):
    need("curl")
    process = subprocess.Popen(
        ["curl", "-sN", *options, f"http://localhost:{control.port}/events"], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment())
    try:
        yield Events(process.stdout), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@case("/events is the state first, then meters and the records of what happens meanwhile")
def events():
    with running() as (server, control), by_curl(control) as (curl, _):
        fetch(server, "local", [gif("br")])
        readers = [by_httpx(control), curl]
        for reader in readers:
            wait_until(lambda: reader.of("meters"), f"the first meters ({reader.error!r})")
            equal([event[0] for event in reader.events[:2]], ["state", "meters"], "the beginning")
            state = reader.of("state")[0]
            equal((state["seed"], state["seed_text"]), (42, "42"), "the seed")
            equal((state["seed"], state["proxies"]), (42, control.json("GET", "/proxies")), "state")
        fetch(server, "error", [gif(code) for code in CODES], 30)
        records = {r["seq"]: r for r in journal(control)}
        for reader in readers:
            wait_until(lambda: reader.newest == len(records), "all records")
            for batch in reader.of("records"):
                check(len(batch) <= 64, f"{len(batch)} records in a batch")
                for record in batch:
                    equal(record, records[record["seq"]], "a record")
            wait_until(lambda: reader.of("meters")[-1]["proxies"] == control.json(
                "GET", "/concurrency")["proxies"], "the last meters")
        first = readers[0].numbers()
        equal(first, list(range(2, len(records) + 1)), "records since httpx began to read")
        for name, number, value in readers[0].events:
            if name == "records":
                equal(number, str(value[-1]["seq"]), "the id of a batch")
        control.toxic("local", "latency", {"latency": 7}, name="new")
        for reader in readers:
            wait_until(lambda: len(reader.of("state")) == 2, "another state")
            equal(reader.of("state")[1]["proxies"], control.json("GET", "/proxies"), "it")


@case("readers hear of a reload: the state is told again, with what the file changed")
def reloaded():
    with tempfile.TemporaryDirectory(prefix="flagserver-e2e-") as place:
        file = Path(place) / "x.yaml"
        file.write_text("max-concurrency: 3\n")
        with running("--config", file) as (server, control):
            reader = by_httpx(control)
            wait_until(lambda: reader.of("meters"), f"the first meters ({reader.error!r})")
            equal(reader.of("state")[0]["proxies"]["local"]["max_concurrency"], 3, "the limit")
            file.write_text("max-concurrency: 4\n")
            server.signal(signal.SIGHUP)
            wait_until(lambda: len(reader.of("state")) > 1, "another state")
            equal(reader.of("state")[-1]["proxies"]["local"]["max_concurrency"], 4, "the new limit")
            wait_until(lambda: reader.of("meters")[-1]["proxies"]["local"]["limit"] == 4, "meters")


@case("with Last-Event-ID a reader goes on where it was: nothing twice, nothing left out")
def resuming():
    with running() as (server, control):
        flags = [gif(code) for code in CODES]
        reader = by_httpx(control)
        wait_until(lambda: reader.of("state"), f"the state ({reader.error!r})")
        fetch(server, "local", flags[:100])
        wait_until(lambda: len(reader.numbers()) == 100, "the first records")
        seen, known = [], {}
        for event in reader.events[:-1]:
            if event[0] == "records":
                seen, known = seen + [r["seq"] for r in event[2]], event
        fetch(server, "local", flags[100:])
        for again in (by_httpx(control, {"Last-Event-ID": known[1]}),
                      by_httpx(control, {"Last-Event-ID": "0"})):
            wait_until(lambda: again.newest == len(flags), "the newest")
            before = seen if again.numbers()[0] > 1 else []
            equal(before + again.numbers(), list(range(1, len(flags) + 1)), "the numbers")
            equal(again.of("lost"), [], "lost")
        with by_curl(control, "-H", "Last-Event-ID: 190") as (curl, _):
            wait_until(lambda: curl.numbers() == list(range(191, 195)), "curl's")
        reply = control.call("GET", "/events", headers={"Last-Event-ID": "what"})
        equal(reply.status, 400, f"a wrong one: {reply.body!r}")


@case("after a reload a page begins with the newest of the ring, or where it was")
def last():
    with running() as (server, control):
        many(server, 500)
        for query, headers, first in (
            ("?last=1", {}, 500), ("?last=200", {}, 301), ("?last=10000", {}, 1),
            ("?last=200&since=450", {}, 451), ("?last=200", {"Last-Event-ID": "490"}, 491),
            ("?last=300&max_rate=1", {}, 201),
        ):
            reader = by_httpx(control, headers, query)
            wait_until(lambda: reader.newest == 500, f"the newest of {query} ({reader.error!r})")
            equal(reader.numbers(), list(range(first, 501)), f"{query} {headers}")
            equal(reader.of("lost") + reader.of("sampled"), [], "no word")
        for query, words in (
            ("last=0", "from 1 to 1000000000"), ("last=x", "no whole number"),
            ("last=x", "last"), ("max_rate=0", "from 1 to 1000000"), ("max_rate=1e3", "a second"),
            ("max_rat=5", "Did you mean 'max_rate'?"), ("since=1&last=0", "last"),
        ):
            reply = control.call("GET", f"/events?{query}")
            equal(reply.status, 400, f"{query}: {reply.body[:200]!r}")
            check(words in json.loads(reply.body)["error"], f"{query}: {reply.body!r}")


@case("what a fault or the queue holds is in /running and its event, and then has its record")
def under_way():
    keys = ("proxy", "conn", "exchange", "client", "method", "target", "attempt")
    with running() as (server, control):
        control.change("delay", "latency_downstream", attributes={"latency": 1500})
        control.json("PATCH", "/proxies/delay", {"max_concurrency": 1, "over_limit": "queue"})
        equal(control.json("GET", "/running"), [], "nothing yet")
        reader = by_httpx(control)
        wait_until(lambda: reader.of("meters"), f"the first meters ({reader.error!r})")
        held, waiting = (server.connect("delay") for _ in range(2))
        with held, waiting:
            target = gif("br") + "?" + "x" * 400
            held.sendall(request(target=target))
            wait_until(lambda: control.json("GET", "/running"), "the first one")
            waiting.sendall(request(target=gif("cn")))
            wait_until(lambda: len(control.json("GET", "/running")) == 2, "the other one")
            told = control.json("GET", "/running")
            equal([one["waiting"] for one in told], [False, True], "who waits for a place")
            equal([one["faults"] for one in told], [["latency"], []], "what was drawn")
            meters = control.meters("delay")
            equal((meters["in_flight"], meters["queued"]), (1, 1), "the meters")
            wait_until(lambda: told in reader.of("running"), "the event")
            for stream in (held, waiting):
                check(stream.recv(100).startswith(b"HTTP/1.1 200"), "an answer")
        records = control.records(2)
        for one, record in zip(told, records):
            equal(len(one["target"]), min(len(record["target"]), 300), "the target's length")
            one["target"] = record["target"]
            if one["waiting"]:
                one["attempt"] = record["attempt"]
            equal([one[key] for key in keys], [record[key] for key in keys], "the record")
            check(one["start"] < record["t"], f"{one['start']} is not before {record['t']}")
        wait_until(lambda: reader.of("running")[-1] == [], "the end of both")
        equal(control.json("GET", "/running"), [], "nothing any more")


@case("sampling is said: what is sent and what is left out are all that match, with a filter too")
def sampling():
    with running() as (server, control):
        readers = [by_httpx(control, query=query) for query in (
            "?max_rate=400", "?max_rate=40&method=GET", "?max_rate=1000000", "")]
        for reader in readers:
            wait_until(lambda: reader.of("meters"), f"the first meters ({reader.error!r})")
        for _ in range(4):
            many(server, 1500)
            fetch(server, "error", [gif(code) for code in CODES[:150]], 10)
        total, matching = 4 * 1650, 4 * 150
        for reader, count in zip(readers, (total, matching, total, total)):
            def sum_of():
                return len(reader.numbers()) + sum(w["left_out"] for w in reader.of("sampled"))
            wait_until(lambda: sum_of() == count, f"{count} ({reader.error!r})")
            equal(reader.of("lost"), [], "lost")
            records = [record for batch in reader.of("records") for record in batch]
            if count == matching:
                equal({record["method"] for record in records}, {"GET"}, "those that match")
        for reader in readers[:2]:
            words = reader.of("sampled")
            check(any(word["one_in"] > 1 for word in words), f"nothing was left out: {words}")
            wait_until(lambda: reader.of("sampled")[-1] == {"one_in": 1, "left_out": 0}, "the end")
        one_in = 1
        for name, _, value in list(readers[0].events):
            one_in = value["one_in"] if name == "sampled" else one_in
            for record in value if name == "records" else []:
                equal(record["seq"] % one_in, 0, f"{record['seq']} of one in {one_in}")
        for reader in readers[2:]:
            equal(reader.of("sampled"), [], "where all is sent")


def resident(server):
    """What is in memory, in KiB."""
    with open(f"/proc/{server.pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1))


def many(server, count):
    """So many HEAD requests of LOCAL over one connection."""
    one = request("HEAD", gif("br"))
    with server.connect(seconds=30) as stream:
        stream.sendall(one)
        size = len(stream.recv(4096))
        for done in range(1, count, 50):
            batch = min(50, count - done)
            stream.sendall(one * batch)
            left = size * batch
            while left:
                piece = stream.recv(left)
                check(piece, "the server has closed")
                left -= len(piece)


def account(reader):
    """Holds records and losses against each other: the number of the newest record."""
    newest, lost = 0, 0
    for name, _, value in list(reader.events):
        if name == "lost":
            newest += value["count"]
            lost += value["count"]
        elif name == "records":
            for record in value:
                equal(record["seq"], newest + 1, f"the next record, after {lost} lost")
                newest += 1
    return newest


@case("readers that never read cost no memory; another one gets all, or is told what it lost")
def slow_reader():
    with running() as (server, control):
        stuck = []
        for _ in range(10):
            stream = socket.socket()
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stream.connect(("127.0.0.1", control.port))
            stream.sendall(request(target="/events", host=f"localhost:{control.port}"))
            stuck.append(stream)
        many(server, 12_000)  # The journal's ring is full.
        before = resident(server)
        with by_curl(control, "-H", "Last-Event-ID: 0") as (reader, _):
            many(server, 50_000)
            wait_until(
                lambda: reader.newest == 62_000, f"all of them ({reader.error!r})", 30)
            equal(account(reader), 62_000, "records and losses")
            grown = resident(server) - before
            check(grown < 8 << 10, f"it has grown by {grown} KiB")
            check(reader.of("lost")[0]["count"] >= 2_000, "the first 2 000 cannot be had")
        # Who reads again after all is told as well.
        stuck[0].settimeout(5)
        check(b"event: state" in stuck[0].recv(1 << 16), "what had been sent to it")
        for stream in stuck:
            stream.close()
        fetch(server, "local", [gif("br")])


@case("there are at most 64 readers; the next one is told so, and comes in when one has gone")
def readers():
    with running() as (server, control):
        def enter():
            stream = server.connect("control")
            stream.sendall(request(target="/events", host=f"localhost:{control.port}"))
            return stream, stream.recv(12)
        entered = [enter() for _ in range(64)]
        equal({head for _, head in entered}, {b"HTTP/1.1 200"}, "the first 64")
        last, head = enter()
        equal(head, b"HTTP/1.1 503", "one more")
        check(b"close one of them" in last.recv(4096), "the reason")
        entered[30][0].close()

        def comes_in():
            stream, head = enter()
            entered.append((stream, head))
            return head.endswith(b"200")
        wait_until(comes_in, "a place")
        for stream in [last] + [stream for stream, _ in entered]:
            stream.close()
        wait_until(lambda: control.call("GET", "/livez").status == 200, "the server")


@case("SIGTERM and SIGINT end event streams at once and whole, for readers that read or do not")
def ending():
    for number in (signal.SIGTERM, signal.SIGINT):
        with running("--grace", "1h") as (server, control), by_curl(control) as (curl, process):
            reader = by_httpx(control)
            idle = server.connect("control")
            idle.sendall(request(target="/events", host=f"localhost:{control.port}"))
            fetch(server, "local", [gif(code) for code in CODES])
            for one in (reader, curl):
                wait_until(lambda: one.newest == len(CODES), f"records ({one.error!r})")
            equal(server.stop(number), 0, "exit status")
            reader.join()
            curl.join()
            equal(process.wait(10), 0, "curl's exit status (18: it was cut)")
            idle.close()


# Verdicts

@case("POST /verify is 200 for what is so, and 409 with what was found for what is not")
def verdicts():
    with running() as (server, control):
        some_traffic(server, control)
        records = [r for r in journal(control) if r["via"] is None]
        peaks = control.json("GET", "/concurrency")["proxies"]
        for query, is_meant in FILTERS:
            expectation = {}
            for part in query.split("&"):
                name, value = part.split("=")
                expectation[name] = int(value) if value.isdigit() else value.replace("%2F", "/")
            count = len([record for record in records if is_meant(record)])
            for bounds in (count, {"min": count}, {"max": count}, {"min": count, "max": count}):
                verdict = control.json("POST", "/verify", {**expectation, "count": bounds})
                equal((verdict["verified"], verdict["count"]), (True, count), f"{query}: {bounds}")
            for bounds in (count + 1, {"min": count + 1}):
                verdict = control.json(
                    "POST", "/verify", {**expectation, "count": bounds}, status=409)
                equal((verdict["verified"], verdict["count"]), (False, count), f"{query}")
                last = [r for r in records if is_meant(r)][-5:]
                equal(verdict["records"], last, f"{query}: the last records")
                check(f"{count + 1} was expected" in verdict["problems"][0], f"{verdict}")
        for name, meter in peaks.items():
            for maximum, status in ((meter["peak"], 200), (meter["peak"] - 1, 409)):
                if maximum >= 0:
                    control.json("POST", "/verify", {
                        "proxy": name, "peak_concurrency": {"max": maximum}}, status=status)
        highest = max(meter["peak_connections"] for meter in peaks.values())
        control.json("POST", "/verify", {"peak_connections": highest})
        control.json("POST", "/reset", status=204)
        control.json("POST", "/verify", {"count": 0})
        control.json("POST", "/verify", {"since": 0, "count": len(records)})


@case("what /verify does not understand is 400 with a hint: a test can never pass by a mistake")
def verify_refused():
    with running() as (server, control):
        for body, words in (
            ({}, "nothing is expected"), ({"proxy": "error"}, "nothing is expected"),
            ({"cont": 5}, "Did you mean 'count'?"), ({"count": "5"}, "count"),
            ({"count": -1}, "count"), ({"count": 1.5}, "count"), ({"count": {}}, "count"),
            ({"count": {"min": 5, "max": 4}}, "count"), ({"count": {"mni": 5}}, "mni"),
            ({"count": 1, "proxy": "eror"}, "Did you mean 'error'?"),
            ({"count": 1, "status": 999}, "999"), ({"count": 1, "status": {}}, "status"),
            ({"count": 1, "fault": "latancy"}, "latency"), ({"count": 1, "since": "x"}, "since"),
            ({"peak_concurrency": True}, "peak_concurrency"), ([], "object"), ("{", ""),
            ('{"count": 1, "count": 2}', "twice"), ("", ""),
        ):
            reply = control.call("POST", "/verify", body)
            equal(reply.status, 400, f"{body!r}: {reply.body!r}")
            check(words in json.loads(reply.body)["error"], f"{body!r}: {reply.body!r}")


@case("a count that neither the journal nor the counters can know any more is not confirmed")
def forgotten():
    with running() as (server, control):
        many(server, 10_500)
        for known in ({"status": 200}, {"proxy": "local"}, {}):
            verdict = control.json("POST", "/verify", {**known, "count": 10_500})
            equal((verdict["count"], verdict["forgotten"]), (10_500, 0), f"{known}")
        for known in ({"status": 404}, {"fault": "*"}, {"proxy": "delay"}):
            control.json("POST", "/verify", {**known, "count": 0})
        asked = {"method": "HEAD", "status": 200}
        verdict = control.json("POST", "/verify", {**asked, "count": 10_500}, status=409)
        check("10000" in "".join(verdict["problems"]), f"{verdict['problems']}")
        equal((verdict["count"], verdict["forgotten"]), (10_000, 500), "what is known")
        control.json("POST", "/verify", {"method": "PUT", "count": {"max": 0}}, status=409)
        control.json("POST", "/verify", {**asked, "count": {"min": 10_000}})
        reply = control.call("GET", "/journal?since=100&proxy=delay")
        equal(reply.headers["X-Flagserver-Forgotten"], "400", "records that were asked for")


# Meters and metrics

@case("/concurrency counts per proxy and per client, and its reset begins the peaks again")
def meters():
    with running("--delay", "0.3") as (server, control):
        held = [server.connect("delay") for _ in range(4)] + [server.connect("delay", host="::1")]
        for stream in held:
            stream.sendall(request())
        fetch(server, "local", [gif(code) for code in CODES[:30]], 3)
        for stream in held:
            check(stream.recv(100).startswith(b"HTTP/1.1 200"), "an answer")
        found = control.json("GET", "/concurrency")
        delay = found["proxies"]["delay"]
        equal((delay["in_flight"], delay["peak"], delay["connections"]), (0, 5, 5), f"{delay}")
        equal({host: meter["peak"] for host, meter in delay["clients"].items()},
              {"127.0.0.1": 4, "::1": 1}, "by client")
        check(1 <= found["proxies"]["local"]["peak"] <= 3, f"{found['proxies']['local']}")
        check(4 <= found["clients"]["127.0.0.1"]["peak"] <= 7, f"{found['clients']}")
        control.json("POST", "/concurrency/reset", status=204)
        delay = control.json("GET", "/concurrency")["proxies"]["delay"]
        equal((delay["peak"], delay["peak_connections"]), (0, 5), f"after the reset: {delay}")
        for stream in held:
            stream.close()


def samples(control):
    """/metrics as a dictionary from name and labels to value."""
    reply = control.call("GET", "/metrics")
    equal(reply.status, 200, "GET /metrics")
    check(reply.headers["Content-Type"].startswith("text/plain"), "the type")
    found = {}
    for line in reply.body.decode().splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            check(match, f"no sample: {line!r}")
            labels = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")))
            check((match[1], labels) not in found, f"twice: {line}")
            found[match[1], labels] = float(match[3])
    return found


@case("/metrics says the same as the journal, and promtool has nothing to say to it")
def metrics():
    with running() as (server, control), Backend(reset) as backend:
        some_traffic(server, control)
        control.json("PUT", "/backend", {"backend": backend.address})
        for code in ("br", "cn"):
            with server.connect("chaos") as stream:
                stream.sendall(request(target=gif(code)))
                receive_all(stream)
        control.json("PATCH", "/proxies/local", {"max_concurrency": 0})
        records = [r for r in journal(control) if r["via"] is None]
        cut = sum(r["end"] == "backend-rst" for r in records)
        check(cut > 0, "the backend has reset nothing")
        server.expect_unplanned(cut)
        found = samples(control)

        def told(name, label):
            return Counter({
                (dict(labels)["proxy"], dict(labels)[label]): int(value)
                for (other, labels), value in found.items() if other == name and value})
        equal(told("flagserver_requests_total", "status"), Counter(
            (r["proxy"], str(r["status"] or "none")) for r in records), "requests")
        equal(told("flagserver_faults_total", "type"), Counter(
            (r["proxy"], fault["type"]) for r in records for fault in r["faults"]), "faults")
        equal(told("flagserver_refused_total", "reason"), Counter(
            (r["proxy"], r["refused"]) for r in records if r["refused"]), "refused")
        for proxy in ("local", "delay", "error", "chaos"):
            own = [r for r in records if r["proxy"] == proxy]
            name, labels = "flagserver_request_duration_seconds", (("proxy", proxy),)
            equal(found[f"{name}_count", labels], len(own), f"{proxy}'s histogram")
            equal(found[f"{name}_bucket", (("le", "+Inf"), *labels)], len(own), "+Inf")
            seconds = sum(r["duration_ms"] for r in own) / 1000
            check(seconds <= found[f"{name}_sum", labels] <= seconds + 0.0002 * len(own),
                  f"{proxy}: {found[f'{name}_sum', labels]} s, in the journal {seconds} s")
            for (other, bucket), value in found.items():
                bound = dict(bucket).get("le")
                if other == f"{name}_bucket" and dict(bucket)["proxy"] == proxy and bound != "+Inf":
                    below = [sum(r["duration_ms"] + rest < float(bound) * 1000 for r in own)
                             for rest in (0, 0.1)]
                    check(below[1] <= value <= below[0] + 1, f"{proxy} le {bound}: {value} {below}")
        equal(found["flagserver_malformed_requests_total", (("proxy", "local"),)], 1, "malformed")
        check_with_promtool(control)


@case("the meters have the statuses, faults and durations of /metrics, exactly")
def same_as_metrics():
    with running() as (server, control):
        some_traffic(server, control)
        reader = by_httpx(control)
        wait_until(lambda: reader.of("meters"), f"the meters ({reader.error!r})")
        found, told = samples(control), control.json("GET", "/concurrency")
        wait_until(lambda: reader.of("meters")[-1]["latency"] == told["latency"], "the same")
        for key, name, label in (("statuses", "flagserver_requests_total", "status"),
                                 ("faults", "flagserver_faults_total", "type")):
            of_metrics = {
                (dict(labels)["proxy"], dict(labels)[label]): value
                for (other, labels), value in found.items() if other == name}
            equal({(proxy, value): count for proxy, meter in told["proxies"].items()
                   for value, count in meter[key].items()}, of_metrics, key)
        bounds = [*told["latency_bounds_seconds"], "+Inf"]
        count, name = 0, "flagserver_request_duration_seconds"
        for proxy, meter in told["proxies"].items():
            labels, latency = (("proxy", proxy),), meter["latency"]
            equal(meter["unplanned"], found["flagserver_unplanned_errors_total", labels], proxy)
            equal(latency["count"], found[f"{name}_count", labels], f"{proxy}'s count")
            equal(latency["sum_seconds"], found[f"{name}_sum", labels], f"{proxy}'s sum")
            equal(len(latency["buckets"]), len(bounds), "buckets")
            for index, bound in enumerate(bounds):
                text = bound if bound == "+Inf" else f"{bound:g}"
                equal(sum(latency["buckets"][:index + 1]),
                      found[f"{name}_bucket", (("le", text), *labels)], f"{proxy} le {text}")
            count += latency["count"]
            times = sorted(
                r["duration_ms"] for r in journal(control)
                if r["proxy"] == proxy and r["via"] is None)
            for quantile, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
                equal(latency[quantile] is None, not times, f"whether {proxy} has any")
                if not times:
                    continue
                exact = times[max(-int(-len(times) * share // 1), 1) - 1]
                here = latency[quantile] * 1000
                check(exact - 0.1 <= here <= exact * 1.016 + 0.2, f"{proxy} {quantile}: {here}")
        equal(told["latency"]["count"], count, "all together")


def check_with_promtool(control):
    control.proxy('odd "name" \\ ü', "127.0.0.1:1")
    need("promtool")
    result = subprocess.run(
        ["promtool", "check", "metrics"], input=control.call("GET", "/metrics").body,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    equal((result.returncode, result.stdout), (0, b""), "promtool")


# All of them

GETS = ("/journal", "/journal?proxy=local", "/events", "/concurrency", "/running", "/metrics", "/livez",
        "/readyz")
POSTS = (("/verify", {"count": 0}), ("/concurrency/reset", None))


@case("HEAD is GET without a body, on every route, and the connection persists")
def head():
    with running() as (server, control):
        fetch(server, "local", [gif("br")])
        host = f"localhost:{control.port}"
        with server.connect("control") as stream:
            for path in GETS:
                stream.sendall(request("HEAD", path, host=host))
                answer = b""
                while b"\r\n\r\n" not in answer:
                    answer += stream.recv(4096)
                start, rest = answer.split(b"\r\n\r\n", 1)
                equal((start[:12], rest), (b"HTTP/1.1 200", b""), f"HEAD {path}")
                if path != "/events":
                    reply = control.call("GET", path)
                    fields = dict(line.split(": ", 1) for line in start.decode().split("\r\n")[1:])
                    for name in ("Content-Type", "Content-Length", "Cache-Control"):
                        equal(fields.get(name), reply.headers[name], f"{name} of {path}")
            for path, _ in POSTS:
                reply = control.call("HEAD", path)
                equal((reply.status, reply.headers["Allow"]), (405, "POST"), f"HEAD {path}")


@case("the access rules hold on all of these routes: Host, Origin, Sec-Fetch-Site, token")
def access():
    routes = [("GET", path, None) for path in GETS] + [("POST", *route) for route in POSTS]
    with running("--control-bind", "all", "--control-token", "s3cret") as (server, control):
        for method, path, body in routes:
            for value in (None, "Bearer wrong"):
                headers = {"Authorization": value} if value else {}
                reply = control.call(method, path, body, headers)
                equal(reply.status, 401, f"{method} {path} with {value}")
            reply = control.call("HEAD", path, None, {"Authorization": "Bearer s3cret"})
            equal(reply.status, 200 if method == "GET" else 405, f"HEAD {path} with the token")
    with running() as (server, control):
        for method, path, body in routes:
            status = control.call(
                method, path, body, {"Host": f"evil.example:{control.port}"}).status
            check(status in (403, 421), f"{method} {path} by another name: {status}")
            for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                            {"Sec-Fetch-Site": "cross-site"}):
                reply = control.call(method, path, body, headers)
                equal(reply.status, 403, f"{method} {path} with {headers}")
                check("Access-Control-Allow-Origin" not in reply.headers, "a CORS field")


main()
