"""What a record may say: only what the client met. Small inputs, each of a kind that once lied."""
import json
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from backends import (
    answering, connect, echo, head, receive, receive_all, reset, source)
from control import Control, recorded
from harness import (
    BINARY, FIXTURES, Server, Skip, case, check, environment, equal, gif, main, need, prepare_child,
    wait_until)
from wire import Wire, request

GET = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HANG = 8  # seconds after which an end that does not come will not come any more
# What a backend does that is no good HTTP is also said in the log.
SAID = r"^warning: p: "


def toxics_of(record):
    return [fault["toxic"] for fault in record["faults"]]


# Faults: those that were met

@case("a latency that was met is recorded, although it was removed before the client closed")
def removed():
    with recorded(echo, "tcp", [("latency", {"latency": 300})]) as (port, control, _):
        start = time.monotonic()
        with connect(port) as client:
            client.sendall(b"x")
            receive(client, 1)
            waited = (time.monotonic() - start) * 1000
            control.remove("p", "latency_downstream")
        record, = control.records(1, proxy="p")
        equal(toxics_of(record), ["latency_downstream"], f"{record}")
        equal((record["faults"][0]["acted"], record["delay_ms"]), (True, 300), f"{record}")
        check(300 <= record["actual_delay_ms"], f"early: {record}")
        check(waited >= 300, f"the client waited {waited} ms")
        equal(control.metric("flagserver_faults_total", proxy="p", type="latency"), 1, "metrics")
        control.json("POST", "/verify", {
            "proxy": "p", "fault": "latency_downstream", "acted": True, "count": 1})


@case("after the cut of limit_data the exchange is over: recorded at once, and nothing more is met")
def after_the_cut():
    with recorded(echo, "tcp", [("limit_data", {"bytes": 1})]) as (port, control, _):
        with connect(port) as client:
            client.sendall(b"xyz")
            equal(receive_all(client), (b"x", "fin"), "what came")
            control.remove("p", "limit_data_downstream")
            control.toxic("p", "latency", {"latency": 5000})
            equal(control.meters("p")["in_flight"], 0, "in flight after the cut")
            record, = control.journal(proxy="p")
        equal((toxics_of(record), record["delay_ms"], record["bytes_sent"], record["end"]),
              (["limit_data_downstream"], 0, 1, "fin"), f"{record}")
        wait_until(lambda: control.meters("p")["connections"] == 0, "the client is gone")
        equal(control.journal(proxy="p"), [record], "the journal afterwards")
        control.json("POST", "/verify", {
            "proxy": "p", "fault": "limit_data_downstream", "count": 1})
        for kind, count in (("limit_data", 1), ("latency", 0)):
            equal(control.metric("flagserver_faults_total", proxy="p", type=kind), count, kind)


@case("what was in force and did nothing was met, but has not acted: noop, latency 0, a high limit")
def met_only():
    toxics = [("noop", {}), ("latency", {"latency": 0}), ("limit_data", {"bytes": 1 << 20})]
    with recorded(answering(OK), toxics=toxics) as (port, control, _):
        with connect(port) as client:
            client.sendall(GET % b"/")
            equal(receive(client, len(OK)), OK, "the answer")
        record, = control.records(1, proxy="p")
        equal([(fault["type"], fault["acted"]) for fault in record["faults"]],
              [(kind, False) for kind, _ in toxics], f"{record}")
        equal(control.journal(acted="true"), [], "/journal?acted=true")


# Errors: those that nobody planned

@case("a backend's own 500, short body and reset are unplanned, also behind a latency")
def nobody_planned():
    def serve(stream):
        asked = head(stream)
        if b"/500" in asked:
            stream.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
        if b"/short" in asked:
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 1000)
        if b"/rst" in asked:
            reset(stream)
    for toxics in ([], [("latency", {"latency": 1})]):
        with recorded(serve, toxics=toxics, expects_unplanned=3) as (port, control, _):
            for path in (b"/500", b"/short", b"/rst"):
                with connect(port) as client:
                    client.sendall(request("GET", path.decode(), "Connection: close"))
                    receive_all(client)
            records = control.records(3, proxy="p")
            equal([(r["target"], r["status"], r["bytes_promised"], r["bytes_sent"])
                   for r in records],
                  [("/500", 500, 0, 0), ("/short", 200, 5000, 1000), ("/rst", None, None, 0)],
                  f"with {toxics}")
            equal([r["end"] for r in records[1:]], ["backend-fin", "backend-rst"], "ends")
            equal(control.metric("flagserver_unplanned_errors_total", proxy="p"), 3,
                  f"unplanned with {toxics}")


@case("a client that leaves while a latency holds its answer has given up; else it is unplanned")
def gave_up():
    with recorded(answering(OK), toxics=[("latency", {"latency": 60_000})]) as (port, control, _):
        with connect(port) as client:
            client.sendall(GET % b"/held")
            wait_until(
                lambda: control.metric(
                    "toxiproxy_proxy_received_bytes_total", proxy="p", direction="downstream") > 0,
                "the answer, which is held")
        record, = control.records(1, proxy="p")
        equal((record["status"], record["bytes_sent"], toxics_of(record)),
              (None, 0, ["latency_downstream"]), f"{record}")
        check(record["end"] in ("client-fin", "client-rst"), f"{record}")
        equal(control.metric("flagserver_gave_up_total", proxy="p"), 1, "gave up")
        equal(control.meters("p")["in_flight"], 0, "in flight")

    def mute(stream):
        while stream.recv(100):
            pass
    with recorded(mute, expects_unplanned=1) as (port, control, _):
        with connect(port) as client:
            client.sendall(GET % b"/not-held")
            wait_until(lambda: control.meters("p")["in_flight"] == 1, "the exchange")
        control.records(1, proxy="p")
        equal(control.metric("flagserver_gave_up_total", proxy="p"), 0, "gave up")


# Connections: as long as the client has them

@case("ten requests one after the other have a peak of one, however late the backend notices")
def sequential():
    noticed = threading.Event()

    def late(stream):
        stream.recv(65536)
        stream.sendall(OK)
        while stream.recv(65536):
            pass
        noticed.wait(20)
    with recorded(late) as (port, control, _):
        def ask():
            with connect(port, HANG) as client:
                client.sendall(request("GET", "/", "Connection: close"))
                return receive_all(client)[0][:12]
        equal({ask() for _ in range(10)}, {b"HTTP/1.1 200"}, "answers")
        found = control.meters("p")
        equal((found["peak_connections"], found["peak"]), (1, 1), f"{found}")
        wait_until(lambda: control.meters("p")["connections"] == 0, "no connection")
        control.json("PATCH", "/proxies/p", {"max_connections": 1, "over_limit": "503"})
        equal([ask() for _ in range(3)], [b"HTTP/1.1 200"] * 3, "under a limit of one")
        noticed.set()


@case("an exchange that a fault has cut gives its place to the next, whatever its client does")
def place_is_free():
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    with recorded(answering(long), toxics=[("limit_data", {"bytes": 100})]) as (port, control, _):
        control.json("PATCH", "/proxies/p", {"max_concurrency": 1, "over_limit": "503"})
        clients = []
        for _ in range(5):
            clients.append(connect(port, HANG))
            clients[-1].sendall(GET % b"/")
            equal(receive_all(clients[-1]), (long[:100], "fin"), "up to the cut")
        found = control.meters("p")
        equal((found["peak"], found["in_flight"], found["refused"]), (1, 0, 0), f"{found}")
        equal({(r["status"], r["end"], r["in_flight"]) for r in control.journal(proxy="p")},
              {(200, "fin", 1)}, "records, while the clients are there")
        for client in clients:
            client.close()


@case("a half-close ends nothing: the answer comes, late as well, and nothing is unplanned")
def half_close():
    for toxics in ([], [("latency", {"latency": 100})]):
        with recorded(answering(OK), toxics=toxics) as (port, control, _):
            with connect(port) as client:
                client.sendall(GET % b"/")
                client.shutdown(socket.SHUT_WR)
                equal(receive_all(client), (OK, "fin"), f"with {toxics}")
            record, = control.records(1, proxy="p")
            equal((record["status"], record["bytes_sent"]), (200, 2), f"{record}")


@case("when the client has gone, its backend is let go at once, before it has answered")
def backend_is_let_go():
    ended = threading.Event()

    def mute(stream):
        while stream.recv(100):
            pass
        ended.set()
    for protocol in ("http", "tcp"):
        ended.clear()
        unplanned = 1 if protocol == "http" else 0
        with recorded(mute, protocol, expects_unplanned=unplanned) as (port, control, _):
            with connect(port) as client:
                client.sendall(GET % b"/")
                wait_until(lambda: control.meters("p")["in_flight"] == 1, "the exchange")
            wait_until(ended.is_set, f"the end at the backend of {protocol}")
            control.records(1, proxy="p")
            equal(control.meters("p")["connections"], 0, "connections")


@case("behind an answer to Connection: close comes our FIN, and end is fin; HTTP/1.0 as well")
def closes():
    with recorded(answering(OK)) as (port, control, _):
        last = request("GET", "/1", "Connection: close")
        for asked in (last, request("GET", "/1", version="1.0")):
            with connect(port, HANG) as client:
                client.sendall(asked)
                equal(receive_all(client), (OK, "fin"), f"{asked!r}")
        with connect(port) as client:
            for _ in range(2):
                client.sendall(GET % b"/2")
                equal(receive(client, len(OK)), OK, "kept alive")
        records = control.records(4, proxy="p")
        equal([(r["target"], r["status"], r["end"]) for r in records],
              [("/1", 200, "fin")] * 2 + [("/2", 200, "keep")] * 2, "records")


# Times

@case("delay_ms is what was drawn, on either stream; actual_delay_ms is at least that")
def delays():
    for attributes, stream, bounds in (
        ({"latency": 60}, "upstream", (60, 60)),
        ({"latency": 100, "jitter": 50}, "downstream", (50, 150)),
    ):
        with recorded(echo, "tcp") as (port, control, _):
            control.toxic("p", "latency", attributes, stream=stream)
            start = time.monotonic()
            with connect(port) as client:
                client.sendall(b"x")
                receive(client, 1)
            record, = control.records(1, proxy="p")
            waited = (time.monotonic() - start) * 1000
            drawn, actual = record["delay_ms"], record["actual_delay_ms"]
            check(bounds[0] <= drawn <= bounds[1], f"{stream} {attributes}: {record}")
            # Both are shown with one decimal.
            check(drawn - 0.1 <= actual <= waited, f"{stream} {attributes}: {waited} ms, {record}")


@case("a slicer, a bandwidth and the queue hold as long as they are said to")
def other_delays():
    for kind, attributes, body, least in (
        ("slicer", {"average_size": 1, "delay": 200_000}, b"ab", 200),
        ("bandwidth", {"rate": 1}, b"x" * 500, 400),
    ):
        with recorded(source(body), "tcp", [(kind, attributes)]) as (port, control, _):
            start = time.monotonic()
            with connect(port) as client:
                equal(receive_all(client), (body, "fin"), f"what came through {kind}")
            waited = (time.monotonic() - start) * 1000
            record, = control.records(1, proxy="p")
            check(record["actual_delay_ms"] >= least, f"{kind}: {record}")
            check(waited >= least, f"{kind}: the client waited {waited} ms")
            equal((record["delay_ms"], record["faults"][0]["acted"]), (0, True), f"{record}")
    options = ["-q", "--max-concurrency", "1", "--over-limit", "queue", "--delay", "0.3"]
    with Server(*options) as server:
        control = Control(server.ports["control"])
        first, second = Wire(server, "delay"), Wire(server, "delay")
        first.send(request(target=gif("br")))
        wait_until(lambda: control.meters("delay")["in_flight"] == 1, "the first")
        second.send(request(target=gif("br")))
        wait_until(lambda: control.meters("delay")["queued"] == 1, "the second")
        for wire in (first, second):
            wire.answer()
            wire.stream.close()
        one, two = control.records(2, proxy="delay")
        equal(one["queued_ms"], 0, f"{one}")
        check(two["queued_ms"] > 0 and two["duration_ms"] >= 300 + two["queued_ms"] - 0.2, f"{two}")


# What backends must not do

@case("a backend that answers nonsense: it passes, end is backend-malformed, status if it left")
def nonsense():
    replies = {b"/cl": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello!!",
               b"/garbage": b"garbage\r\n"}

    def serve(stream):
        stream.sendall(replies[head(stream).split()[1]])
    with recorded(serve, expects_unplanned=2, expects_log=[SAID]) as (port, control, _):
        for path, reply in replies.items():
            with connect(port) as client:
                client.sendall(GET % path)
                equal(receive_all(client)[0], reply, f"{path}")
        records = control.records(2, proxy="p")
        equal([(r["method"], r["target"], r["status"], r["bytes_promised"], r["end"])
               for r in records],
              [("GET", "/cl", 200, None, "backend-malformed"),
               ("GET", "/garbage", None, None, "backend-malformed")], "records")


EXCESS = [
    ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"hello"),
    ("PUT", b"HTTP/1.1 204 No Content\r\n\r\n", b"hello"),
    ("PUT", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b"hello"),
    ("PUT", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b", and more")]


@case("a body with HEAD, 204 or 304, and more than promised: thrown away, the rest stays HTTP")
def excess():
    for method, honest, more in EXCESS:
        def reply(asked):
            return honest + more if asked.startswith(method.encode()) else OK
        with recorded(answering(reply), expects_log=[SAID]) as (port, control, _):
            control.toxic("p", "respond", {"503": 1}, match={"method": "GET"})
            with connect(port) as client:
                ask = lambda asked: Answered(client, asked)
                equal(ask(request("GET", "/a")).status, 503, f"before {honest!r}")
                client.sendall(request(method, "/a"))
                equal(receive(client, len(honest)), honest, f"the answer to {method}")
                equal([ask(request("GET", "/a")).status for _ in range(3)], [503] * 3,
                      f"GETs behind {honest + more!r}")
                found = control.meters("p")
            equal((found["peak"], found["peak_connections"]), (1, 1), f"{found}")
            status = int(honest.split()[1])
            equal([(r["method"], r["status"]) for r in control.records(5, proxy="p")],
                  [("GET", 503), (method, status)] + [("GET", 503)] * 3, "records")


class Answered:
    """One answer with a Content-Length on a bare connection."""

    def __init__(self, client, asked):
        client.sendall(asked)
        top = head(client)
        check(top, "the connection has ended")
        self.status = int(top.split()[1])
        fields = dict(line.lower().split(b": ", 1) for line in top.split(b"\r\n")[1:] if line)
        self.body = receive(client, int(fields[b"content-length"]))


# Who is counted where

@case("requests behind a tcp proxy of ours count at the server, and are held to its limit")
def behind_a_tunnel():
    with Server("-q", "--max-concurrency", "1", "--delay", "2") as server:
        control = Control(server.ports["control"])
        port = control.proxy("mine", f"127.0.0.1:{server.ports['delay']}")
        with connect(port) as first, connect(port) as second, connect(port) as third:
            first.sendall(request(target=gif("br")))
            wait_until(lambda: control.meters("delay")["in_flight"] == 1, "the first at DELAY")
            for client in (second, third):
                client.sendall(request(target=gif("br")))
                equal(client.recv(12), b"HTTP/1.1 503", "over DELAY's limit")
            equal(first.recv(12), b"HTTP/1.1 200", "within it")
        records = control.records(3, proxy="delay")
        equal([(r["status"], r["refused"], r["via"]) for r in records],
              [(503, "max-concurrency", "mine")] * 2 + [(200, None, "mine")], "records")
        control.json("POST", "/verify", {
            "proxy": "delay", "count": 3, "peak_concurrency": {"max": 1}})
        found = control.meters("delay")
        equal((found["peak"], found["refused"]), (1, 2), f"{found}")


# What nobody got

@contextmanager
def failing(error, *options):
    """The flag servers while the kernel refuses to take what they send: ports, and a function that
    ends them and gives journal and log."""
    need("strace")
    with tempfile.TemporaryDirectory(prefix="flagserver-e2e-") as folder:
        ready, journal = Path(folder, "ready.json"), Path(folder, "journal")
        # -D: what we start is the program, and strace looks on from the side.
        process = subprocess.Popen(
            ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=sendto",
             "-e", f"inject=sendto:error={error}:when=1..40", BINARY, "--ports", "0", "--quiet",
             "--ready-file", ready, "--fixtures", FIXTURES, "--seed", "9", "--control", "off",
             "--journal", journal, *options], env=environment(), cwd=folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            preexec_fn=prepare_child())
        try:
            wait_until(lambda: ready.exists() or process.poll() is not None, "the ready file", 30)
            if process.poll() is not None:
                raise Skip(f"strace cannot trace here: {process.stderr.read()[-200:]}")

            def end():
                process.send_signal(signal.SIGTERM)
                log = process.communicate(timeout=20)[1]
                equal(process.returncode, 0, f"exit status ({log})")
                return [json.loads(line) for line in journal.read_text().splitlines()], log
            yield json.loads(ready.read_text())["ports"], end
        finally:
            process.kill()
            process.wait()


def ask_in_vain(ports, proxies, times=5, target=gif("br")):
    for proxy in proxies:
        for _ in range(times):
            with connect(ports[proxy], HANG) as client:
                client.sendall(request(target=target))
                equal(receive_all(client)[0], b"", f"what {proxy}'s client got")


@case("an injected answer that the kernel did not take was not sent: status null, no bytes")
def nobody_got():
    options = ["--error-rate", "100%", "--delay", "0.05", "--delay-rate", "100%"]
    with failing("ECONNRESET", *options) as (ports, end):
        ask_in_vain(ports, ("error", "chaos"))
        records, _ = end()
    for proxy in ("error", "chaos"):
        own = [(r["status"], r["bytes_sent"], r["end"]) for r in records if r["proxy"] == proxy]
        equal(own, [(None, 0, "client-rst")] * 5, f"{proxy}'s records")


@case("a system call of ours that fails is no reset of the client's: end is error, the log says")
def our_own_failure():
    with failing("EIO") as (ports, end):
        # Small enough to be copied: larger ones go with sendfile.
        ask_in_vain(ports, ("local",), 3, "/flags/br/metadata.json")
        records, log = end()
    own = [(r["status"], r["bytes_sent"], r["end"]) for r in records if r["proxy"] == "local"]
    equal(own, [(None, 0, "error")] * 3, "LOCAL's records")
    check("Input/output error" in log or "EIO" in log, f"the log: {log}")


main()
