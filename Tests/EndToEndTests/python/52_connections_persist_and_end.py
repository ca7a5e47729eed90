"""Keep-alive, pipelining, close, 100-continue, and requests that come in pieces."""
import socket
import time

from harness import CODES, Server, case, check, equal, gif, main, stored
from wire import PROBE, SMALL, Wire, request, run_table

CHUNKED_REQUEST = request(
    "POST", gif("br"), "Transfer-Encoding: chunked",
    body=b"5;a=b\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-Trailer: y\r\n\r\n")
LENGTH_REQUEST = request("POST", gif("br"), "Content-Length: 12", body=b"hello, world")


def says(value):
    def judge(answers):
        equal((answers[0].field("connection") or "").lower(), value, "Connection")
    return judge


def connection(value, version="1.1"):
    return request("GET", SMALL, f"Connection: {value}", version=version)


PERSISTENCE = [
    ("1.1", PROBE, "200", says("")),
    ("1.1, close", connection("close"), "200 close", says("close")),
    ("1.1, Close", connection("Close"), "200 close"),
    ("1.1, close in a list", connection("foo, close, bar"), "200 close"),
    ("1.1, close on a second line",
     request("GET", SMALL, "Connection: foo", "Connection: close"), "200 close"),
    ("1.1, close and keep-alive", connection("keep-alive, close"), "200 close"),
    ("1.1, keep-alive", connection("keep-alive"), "200"),
    ("1.1, closed is another word", connection("closed"), "200"),
    ("1.1, Proxy-Connection is nothing",
     request("GET", SMALL, "Proxy-Connection: close"), "200"),
    ("1.1, upgrade is declined",
     request("GET", SMALL, "Connection: upgrade", "Upgrade: websocket"), "200"),
    ("1.1, HTTP2-Settings are ignored",
     request("GET", SMALL, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
             "HTTP2-Settings: AAMAAABk"), "200"),
    ("1.0", request("GET", SMALL, version="1.0"), "200 close", says("close")),
    ("1.0, keep-alive", connection("keep-alive", "1.0"), "200", says("keep-alive")),
    ("1.0, Keep-Alive", connection("Keep-Alive", "1.0"), "200", says("keep-alive")),
    ("1.0, close", connection("close", "1.0"), "200 close"),
    ("1.0, 404", request("GET", "/nothing", version="1.0"), "404 close"),
    ("1.0, HEAD", request("HEAD", gif("br"), version="1.0"), "200h close"),
    ("1.0, 304", request("GET", SMALL, "If-None-Match: *", version="1.0"), "304 close"),
    ("close with 404", request("GET", "/nothing", "Connection: close"), "404 close"),
    ("close with 405", request("POST", SMALL, "Connection: close"), "405 close"),
    ("close with 206",
     request("GET", SMALL, "Range: bytes=0-3", "Connection: close"), "206 close"),
    ("close after a body", request("POST", SMALL, "Content-Length: 5", "Connection: close",
                                   body=b"hello"), "405 close"),
    ("what follows close is not answered", connection("close") + PROBE, "200 close"),
    ("what follows close is not read", connection("close") + b"nonsense\r\n\r\n", "200 close"),
    ("what follows 1.0 is not answered", request("GET", SMALL, version="1.0") + PROBE,
     "200 close"),
    ("a megabyte follows close", connection("close") + b"x" * 1_000_000, "200 close"),
    ("what follows a refusal is not answered", b"GET / HTTP/1.1\r\n\r\n" + PROBE, "400 close"),
    ("a megabyte follows a refusal", b"GET / HTTP/1.1\r\n\r\n" + b"x" * 1_000_000, "400 close"),
    ("a refusal comes after what is owed", PROBE * 3 + b"nonsense\r\n\r\n",
     "200 200 200 400 close"),
]

MIXED = [
    ("kinds of answers in a row",
     PROBE + request("HEAD", gif("br")) + request("GET", "/nothing") + request("POST", SMALL)
     + request("GET", SMALL, "If-None-Match: *") + request("GET", SMALL, "Range: bytes=0-0")
     + request("HEAD", "/nothing") + request("GET", "/") + request("OPTIONS", "*")
     + request("BREW", SMALL) + request("GET", SMALL, "Range: bytes=9999-") + PROBE,
     "200 200h 404 405 304 206 404h 302 204|200 501 416 200"),
    ("after a chunked body", CHUNKED_REQUEST + PROBE, "405 200"),
    ("after a body with a length", LENGTH_REQUEST + PROBE, "405 200"),
    ("bodies in a row", (CHUNKED_REQUEST + LENGTH_REQUEST) * 5, " ".join(["405"] * 10)),
    ("empty lines between", PROBE + b"\r\n" + PROBE + b"\r\n\r\n" + PROBE, "200 200 200"),
    ("413 for a body that is announced too long",
     request("POST", SMALL, "Content-Length: 99999999999"), "413 close"),
]

EXPECT = [
    ("an unknown expectation", request("GET", SMALL, "Expect: 200-ok"), "417 close"),
    ("100-continue without a body", request("GET", SMALL, "Expect: 100-continue"), "200"),
    ("100-continue with an empty body",
     request("GET", SMALL, "Expect: 100-continue", "Content-Length: 0"), "200"),
    ("100-Continue and its body at once",
     request("GET", SMALL, "Expect: 100-Continue", "Content-Length: 5", body=b"hello"), "200"),
    ("in 1.0 it is ignored", request("GET", SMALL, "Expect: 100-continue", "Content-Length: 5",
                                     version="1.0", body=b"hello"), "200 close"),
]


def run(rows):
    with Server("-q") as server:
        run_table(server, rows)


@case(f"{len(PERSISTENCE)} ways to keep and to close a connection")
def persistence():
    run(PERSISTENCE)


@case("requests in a row are all answered in order, whatever the answers are")
def mixed():
    run(MIXED)


@case("expectations are met or refused")
def expect():
    run(EXPECT)


@case("100 Continue comes before the body is sent, once, and the final answer after it")
def continues():
    with Server("-q") as server, Wire(server) as wire:
        for fields, body in ((["Content-Length: 5"], b"hello"),
                             (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n")):
            wire.interims.clear()
            wire.send(request("POST", gif("br"), "Expect: 100-continue", *fields))
            wait_for_interim(wire)
            wire.send(body)
            equal(wire.answer().status, 405, "final status")
            equal(wire.interims, [], "more interim answers")
            wire.check_open()


def wait_for_interim(wire):
    while b"\r\n\r\n" not in wire.buffer:
        wire._more("before 100 Continue")
    head, wire.buffer = wire.buffer.split(b"\r\n\r\n", 1)
    check(head.startswith(b"HTTP/1.1 100"), f"instead of 100: {head!r}")


@case("a body that is refused (413) does not cost the client its answer")
def refused_body():
    """RFC 9112 §9.6: what is still on its way must not turn the answer into an RST."""
    data = request("POST", SMALL, "Content-Length: 99999999999")
    with Server("-q") as server:
        for _ in range(20):
            with Wire(server) as wire:
                wire.send(data + b"x" * 20_000)
                try:
                    wire.send(b"x" * 500_000)
                except OSError as error:
                    raise AssertionError(f"while sending the body: {error}") from None
                equal(wire.answer().status, 413, "status")
                wire.check_end()


@case("500 pipelined requests for different flags are answered in order")
def pipelined():
    codes = (CODES * 3)[:500]
    with Server("-q") as server, Wire(server) as wire:
        wire.send(b"".join(request(target=f"/flags/{code}/metadata.json") for code in codes))
        for code in codes:
            equal(wire.answer().body, stored(f"/flags/{code}/metadata.json"), code)
        for code in codes[:194]:  # large answers while the client does not read
            wire.send(request(target=gif(code)))
        time.sleep(0.1)
        for code in codes[:194]:
            check(wire.answer().body == stored(gif(code)), f"{code} has other bytes")


@case("a client that has sent FIN still gets every answer, and then FIN")
def half_closed():
    with Server("-q", "--delay", "0.2") as server:
        for proxy in ("local", "delay"):
            with Wire(server, proxy) as wire:
                wire.send(PROBE * 5 + request("GET", gif("br")))
                wire.finish()
                for _ in range(5):
                    equal(wire.answer().body, stored(SMALL), proxy)
                check(wire.answer().body == stored(gif("br")), "the last answer")
                wire.check_end()


@case("a client that sends FIN in the middle of a request gets FIN, and no answer but a refusal")
def cut_requests():
    with Server("-q") as server:
        for data in (b"", b"G", PROBE[:-1], PROBE[:20], LENGTH_REQUEST[:-1], CHUNKED_REQUEST[:-1]):
            with Wire(server) as wire:
                wire.send(data)
                wire.finish()
                wire.stream.settimeout(5)
                rest = b""
                while True:
                    more = wire.stream.recv(65536)
                    if not more:
                        break
                    rest += more
                check(rest[:12] in (b"", b"HTTP/1.1 400"), f"after {data!r}: {rest[:100]!r}")


def split_everywhere(server, data, method, status):
    """All first halves, a pause, all second halves: so no two halves arrive together."""
    wires = [Wire(server) for _ in range(len(data) - 1)]
    for position, wire in enumerate(wires, 1):
        wire.send(data[:position])
    time.sleep(0.15)
    for position, wire in enumerate(wires, 1):
        wire.send(data[position:])
    for position, wire in enumerate(wires, 1):
        equal(wire.answer(method).status, status, f"split after {data[:position]!r}")
        wire.check_open()
        wire.stream.close()


@case("requests that are split in two at every byte are understood")
def split():
    with Server("-q") as server:
        get = request("GET", gif("br"), "If-None-Match: *", "Range: bytes=0-9", "X:  y ")
        split_everywhere(server, get, "GET", 304)
        split_everywhere(server, CHUNKED_REQUEST, "GET", 405)
        split_everywhere(server, LENGTH_REQUEST, "GET", 405)
        split_everywhere(server, b"\r\n" + request("HEAD", gif("br")), "HEAD", 200)


@case("malformed requests that are split in two at every byte are refused all the same")
def split_malformed():
    with Server("-q") as server:
        for data in (b"GET / HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n",
                     request("POST", SMALL, "Transfer-Encoding: chunked",
                             body=b"5\r\nhelloX\r\n0\r\n\r\n"),
                     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\n"):
            wires = [Wire(server) for _ in range(len(data) - 1)]
            for position, wire in enumerate(wires, 1):
                wire.send(data[:position])
            time.sleep(0.15)
            for position, wire in enumerate(wires, 1):
                try:
                    wire.send(data[position:])
                except OSError:
                    pass  # refused and closed already
                equal(wire.answer().status, 400, f"split after {data[:position]!r}")
                wire.stream.close()


@case("requests that come byte by byte are understood")
def byte_by_byte():
    with Server("-q") as server, Wire(server) as wire:
        for data, status in ((PROBE, 200), (CHUNKED_REQUEST, 405), (LENGTH_REQUEST, 405)):
            for byte in data:
                wire.send(bytes([byte]))
                time.sleep(0.0003)
            equal(wire.answer().status, status, f"of {data[:20]!r}")


@case("both loopbacks answer on the same port, as localhost does")
def loopbacks():
    if not socket.has_ipv6:
        return
    with Server("-q") as server:
        for proxy in ("local", "delay", "error"):
            check("localhost" in server.urls[proxy], f"the URL is {server.urls[proxy]}")
            for host in ("127.0.0.1", "::1", "localhost"):
                server.connect(proxy, host).close()


main()
