"""CHAOS and other proxies of protocol http, asked by real clients and by hand."""
import socket
import subprocess
import time
from contextlib import contextmanager

from backends import Backend, connect, echo, free_port, receive_all, reset
from clients import NAMES, fetch_all
from control import Control
from harness import CODES, Server, case, check, draw, equal, gif, main, need, stored, wait_until
from wire import Wire, request

TARGETS = [gif(code) for code in CODES]
NEVER = ["--error-rate", "0", "--delay-rate", "0"]
REFUSED = "connect .*: Connection refused"


# CHAOS

@case("statuses at CHAOS are the ones that draw foretells, for httpx and aiohttp; bytes are whole")
def drawn():
    options = ["--seed", "42", "--delay", "0.01"]
    wanted = {row[0]: row[2] for row in draw("chaos", *options, "-n", "194")}
    check({200, 418, 503} == set(wanted.values()), "what draw foretells")
    for client in NAMES:
        with Server("-q", *options) as server:
            urls = {server.url("chaos", target): target for target in TARGETS}
            for url, reply in fetch_all(client, urls, tasks=30).items():
                target = urls[url]
                equal(reply.status, wanted[target], f"{client}: {target}")
                if reply.status == 200:
                    check(reply.body == stored(target), f"{client}: {target} has other bytes")


@case("curl and wget get LOCAL's bytes through CHAOS, with its tag, type and date")
def curl_and_wget():
    need("curl")
    need("wget")
    with Server("-q", *NEVER) as server:
        for target in TARGETS[:20]:
            url = server.url("chaos", target)
            for command in (["curl", "-sSf", "--noproxy", "*", url],
                            ["wget", "-q", "--no-proxy", "-O", "-", url]):
                result = subprocess.run(command, capture_output=True, timeout=20)
                equal(result.returncode, 0, f"{command[0]}: {result.stderr}")
                check(result.stdout == stored(target), f"{command[0]}: other bytes")
        with Wire(server, "chaos") as chaos, Wire(server) as local:
            fields = []
            for wire in (chaos, local):
                wire.send(request(target=TARGETS[0]))
                fields.append([f for f in wire.answer().fields if f[0] != "date"])
            equal(fields[0], fields[1], "fields of CHAOS and of LOCAL")


@case("HEAD, ranges, conditions, POST, pipelines and Connection: close pass CHAOS")
def framing():
    target = TARGETS[0]
    with Server("-q", *NEVER) as server, Wire(server, "chaos") as wire:
        wire.send(request("HEAD", target))
        equal(int(wire.answer("HEAD").field("content-length")), len(stored(target)), "HEAD")
        wire.send(request("GET", target, "Range: bytes=10-19"))
        answer = wire.answer()
        equal((answer.status, answer.body), (206, stored(target)[10:20]), "a range")
        wire.send(request("GET", target))
        tag = wire.answer().field("etag")
        wire.send(request("GET", target, f"If-None-Match: {tag}"))
        equal(wire.answer().status, 304, "a condition")
        wire.send(request("POST", target, "Content-Length: 5", body=b"hello"))
        equal(wire.answer().status, 405, "POST")
        wire.send(request("GET", target, "Expect: 100-continue", "Content-Length: 0"))
        equal(wire.answer().status, 200, "Expect without a body")
        wire.send(b"".join(request(target=gif(code)) for code in CODES[:50]))
        for code in CODES[:50]:
            check(wire.answer().body == stored(gif(code)), f"{code} in a pipeline")
        wire.send(request("GET", target, "Connection: close"))
        check(wire.answer().closes, "no Connection: close")
        wire.check_end()


@case("delays of CHAOS are kept, and those of pipelined requests overlap, in order")
def delays():
    with Server("-q", "--error-rate", "0", "--delay-rate", "1", "--delay", "0.4") as server:
        with Wire(server, "chaos") as wire:
            start = time.monotonic()
            wire.send(b"".join(request(target=gif(code)) for code in CODES[:20]))
            for code in CODES[:20]:
                check(wire.answer().body == stored(gif(code)), code)
                check(time.monotonic() - start >= 0.4, "an answer came early")
            check(time.monotonic() - start < 7, "twenty delays one after another")


@case("LOCAL switched off behind CHAOS: its connection is reset, and CHAOS lives")
def local_off():
    with Server("-q", *NEVER, expects_unplanned=1, expects_log=[REFUSED]) as server:
        control = Control(server.ports["control"])
        control.json("POST", "/proxies/local", {"enabled": False})
        with connect(server.ports["chaos"]) as client:
            client.sendall(request())
            equal(receive_all(client), (b"", "rst"), "from a backend that refuses")
        control.json("POST", "/reset", status=204)
        with Wire(server, "chaos") as wire:
            wire.check_open()


# A backend of the tests' own

HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def http_proxy(serve, *toxics, **expected):
    ports = "local=0,delay=off,error=off,chaos=off"
    with Backend(serve) as backend, Server(
            "-q", "--control", "0", ports=ports, **expected) as server:
        control = Control(server.ports["control"])
        port = control.proxy("h", backend.address, protocol="http")
        for kind, attributes in toxics:
            control.toxic("h", kind, attributes)
        yield port, control, backend


def replying(*replies):
    """Answers the nth head with the nth text, then ends."""
    def serve(stream):
        data = b""
        for reply in replies:
            while b"\r\n\r\n" not in data:
                more = stream.recv(65536)
                if not more:
                    return
                data += more
            data = data.split(b"\r\n\r\n", 1)[1]
            stream.sendall(reply)
    return serve


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = HEAD + (b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n"
                  b"6;a=b\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n")
LONG = HEAD + b"Content-Length: 50000\r\n\r\n" + b"0123456789" * 5000


@case("replies by length, chunked, 1xx, 204, 304, HEAD and by close pass byte for byte")
def replies():
    rows = [
        (GET, LONG), (GET, CHUNKED), (GET, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (GET, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
        (GET.replace(b"GET", b"HEAD"), HEAD + b"Content-Length: 500\r\n\r\n"),
        (GET, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + LONG),
        (GET, b"HTTP/1.0 200 OK\r\n\r\nuntil the end"),
    ]
    with http_proxy(replying(*[reply for _, reply in rows])) as (port, _, backend):
        with connect(port) as client:
            for query, reply in rows:
                client.sendall(query)
                got = b""
                while len(got) < len(reply):
                    more = client.recv(65536)
                    check(more, f"the end after {got[:100]!r} of {reply[:100]!r}")
                    got += more
                equal(got, reply, f"reply to {query[:4]}")
            equal(receive_all(client), (b"", "fin"), "the end of the last")
        equal(len(backend.connections), 1, "connections to the backend")


@case("Upgrade and CONNECT become plain tunnels, in both directions")
def tunnels():
    def serve(stream):
        head = b""
        while b"\r\n\r\n" not in head:
            head += stream.recv(1000)
        connects = head.startswith(b"CONNECT")
        stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n" if connects else
                       b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n"
                       b"Connection: Upgrade\r\n\r\n")
        while data := stream.recv(1000):
            stream.sendall(data)
    for head in (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n",
                 b"CONNECT y:1 HTTP/1.1\r\nHost: y:1\r\n\r\n"):
        with http_proxy(serve) as (port, _, _), connect(port) as client:
            client.sendall(head)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += client.recv(1000)
            for text in (b"\0\1\2 no HTTP", b"GET / HTTP/1.1\r\n\r\n"):
                client.sendall(text)
                got = b""
                while len(got) < len(text):
                    got += client.recv(1000)
                equal(got, text, "through the tunnel")


@case("Expect: 100-continue: the backend's interim answer comes before the body is sent")
def expect():
    received = []

    def serve(stream):
        head = b""
        while b"\r\n\r\n" not in head:
            head += stream.recv(1000)
        stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        received.append(stream.recv(1000))
        stream.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")
    with http_proxy(serve) as (port, _, _), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                       b"Expect: 100-continue\r\n\r\n")
        equal(client.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n", "the interim answer")
        client.sendall(b"body")
        check(client.recv(1000).endswith(b"ok"), "the final answer")
    equal(received, [b"body"], "the body at the backend")


@case("bodies of requests pass by length and chunked, 5 MB as well")
def request_bodies():
    received = []

    def serve(stream):
        data = b""
        while not data.endswith(b"END\r\n0\r\n\r\n") and not data.endswith(b"END"):
            data += stream.recv(1 << 16)
        received.append(data)
        stream.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")
    body = b"x" * 5_000_000 + b"END"
    for fields, data in ((b"Content-Length: %d" % len(body), body),
                         (b"Transfer-Encoding: chunked",
                          b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")):
        query = b"PUT / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n\r\n" + data
        with http_proxy(serve) as (port, _, _), connect(port) as client:
            client.sendall(query)
            check(client.recv(1000).endswith(b"ok"), "the answer")
        check(received.pop() == query, f"other bytes with {fields}")


@case("a backend that dies in the middle, by FIN or RST, or never answers, is passed on as it is")
def dying():
    def by_rst(stream):
        stream.recv(1000)
        stream.sendall(HEAD + b"Content-Length: 100\r\n\r\n12345")
        time.sleep(0.2)
        reset(stream)
    with http_proxy(by_rst, expects_unplanned=1) as (port, _, _), connect(port) as client:
        client.sendall(GET)
        data, end = receive_all(client)
        check(data.endswith(b"12345"), f"before the RST: {data!r}")
        equal(end, "rst", "the end")
    part = HEAD + b"Content-Length: 100\r\n\r\n12345"
    with http_proxy(replying(part), expects_unplanned=1) as (port, _, _), connect(port) as client:
        client.sendall(GET)
        equal(receive_all(client), (part, "fin"), "before the FIN")
    mute = lambda stream: stream.recv(1000)
    with http_proxy(mute, expects_unplanned=1) as (port, _, _), connect(port) as client:
        client.sendall(GET)
        equal(receive_all(client)[0], b"", "without an answer")
    refused = {"expects_unplanned": 1, "expects_log": [REFUSED]}
    with http_proxy(replying(LONG), **refused) as (_, control, _):
        port = control.proxy("nobody", f"127.0.0.1:{free_port()}", protocol="http")
        with connect(port) as client:
            client.sendall(GET)
            equal(receive_all(client), (b"", "rst"), "from nobody")


@case("a client's half-close after its request does not lose the answer")
def half_close():
    with http_proxy(replying(LONG)) as (port, _, _), connect(port) as client:
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        equal(receive_all(client), (LONG, "fin"), "the answer")


@case("what is no HTTP falls back to bytes, and the log says so")
def fallback():
    said = ["goes on as plain bytes"]
    with Backend(echo) as backend, Server(expects_log=said) as server:
        control = Control(server.ports["control"])
        port = control.proxy("h", backend.address, protocol="http")
        with connect(port) as client:
            client.sendall(b"\x16\x03\x01\x00\x05hello, this is TLS or so\r\n\r\n")
            check(client.recv(1000).startswith(b"\x16\x03\x01"), "bytes")
        control.call("GET", "/version")
        wait_until(lambda: "goes on as plain bytes" in server.log(), "a word about it")


# Toxics on protocol http

@case("limit_data counts for each request, reset_peer resets, latency delays each answer")
def toxics():
    many = replying(*[LONG] * 20)
    with http_proxy(many) as (port, control, _):
        with connect(port) as client:
            for _ in range(3):
                client.sendall(GET)
                got = b""
                while len(got) < len(LONG):
                    got += client.recv(65536)
            control.toxic("h", "limit_data", {"bytes": len(LONG) - 100})
            client.sendall(GET)
            equal(receive_all(client)[0], LONG[:-100], "with the limit")
        control.change("h", "limit_data_downstream", attributes={"bytes": len(LONG) + 1})
        with connect(port) as client:
            for _ in range(3):
                client.sendall(GET)
                got = b""
                while len(got) < len(LONG):
                    more = client.recv(65536)
                    check(more, "the limit has counted over requests")
                    got += more
        control.remove("h", "limit_data_downstream")
        control.toxic("h", "reset_peer")
        with connect(port) as client:
            client.sendall(GET)
            equal(receive_all(client), (b"", "rst"), "with reset_peer")


@case("respond answers in place of the backend, which hears nothing, and the connection goes on")
def respond():
    with http_proxy(replying(LONG)) as (port, control, backend):
        toxic = control.toxic("h", "respond", {"503": 1}, exchanges="1...2")
        equal(toxic["stream"], "upstream", "stream")
        with connect(port) as client:
            wire = Wire.over(client)
            for _ in range(2):
                wire.send(GET)
                answer = wire.answer()
                equal((answer.status, answer.field("retry-after")), (503, "1"), "injected")
            client.sendall(GET)
            got = b""
            while len(got) < len(LONG):
                more = client.recv(65536)
                check(more, "the end instead of the third answer")
                got += more
            check(got == LONG, "the third answer")
        reply = control.call("POST", "/proxies/h/toxics", {
            "type": "respond", "name": "d", "stream": "downstream", "attributes": {"503": 1}})
        equal(reply.status, 400, "respond downstream")


main()
