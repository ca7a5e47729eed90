"""Seeded mutations of good requests: every answer is HTTP, and the server lives."""
import random
import re
import socket

from harness import Server, case, check, gif, main
from wire import PROBE, SMALL, Wire, request

SEED = 20260726
COUNT = 3000
GOOD = [
    PROBE,
    request("GET", gif("br"), "Range: bytes=0-9,20-29", 'If-Range: "a"'),
    request("HEAD", gif("br"), 'If-None-Match: "a", W/"b", *', "If-Match: *"),
    request("GET", SMALL, "If-Modified-Since: Sat, 21 Nov 2026 04:17:44 GMT"),
    request("POST", SMALL, "Transfer-Encoding: chunked",
            body=b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    request("POST", SMALL, "Content-Length: 5", "Expect: 100-continue", body=b"hello"),
    request("GET", "http://x" + SMALL, "Connection: keep-alive, close", version="1.0"),
    request("OPTIONS", "*", "Host: x", host=None),
    request("GET", "/flags/%62r/br.gif?a=b", "Cookie: a=b", "Accept: */*"),
]
PIECES = [
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%", b"%00", b"%2e%2e", b"../", b"HTTP/1.1",
    b"HTTP/9.9", b"Host: x\r\n", b"Content-Length: 1\r\n", b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n", b"\xff", b"\x80", b"9" * 30, b"A" * 9000,
    b"ffffffffffffffff\r\n", b"0\r\n\r\n", b"Range: bytes=0-\r\n", b",", b"W/", b'"', b"[", b"]",
]


def mutate(generator):
    data = bytearray(generator.choice(GOOD))
    for _ in range(generator.randint(1, 6)):
        place = generator.randrange(len(data) + 1)
        kind = generator.randrange(6)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << generator.randrange(8)
        elif kind == 1:
            data[place:place] = generator.choice(PIECES)
        elif kind == 2:
            del data[place:place + generator.randint(1, 8)]
        elif kind == 3:
            other = generator.choice(GOOD)
            data[place:] = other[generator.randrange(len(other)):]
        elif kind == 4:
            data[place:place] = data[place:place + generator.randint(1, 40)]
        elif place < len(data):
            data[place] = generator.randrange(256)
    return bytes(data)


def answers_to(server, proxy, data):
    """Everything that comes back until the server closes; our FIN says that no more is coming."""
    with server.connect(proxy, seconds=15) as stream:
        received = b""
        try:
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
            while True:
                more = stream.recv(65536)
                if not more:
                    return received
                received += more
        except (ConnectionResetError, BrokenPipeError):
            return received
        except socket.timeout:
            raise AssertionError(f"no end after {data!r}") from None


def check_http(received, data):
    if not received:
        return
    check(re.match(rb"HTTP/1\.1 [1-5]\d\d [ -~]*\r\n", received), f"{received[:80]!r} for {data!r}")
    head = received.split(b"\r\n\r\n", 1)[0]
    check(b"\r\nDate: " in head or head.startswith(b"HTTP/1.1 100"), f"{head!r} for {data!r}")
    status = int(received[9:12])
    check(status < 500 or status in (501, 505), f"{status} for {data!r}")


@case(f"{COUNT} mutated requests, seed {SEED}: answers are HTTP, none is a 5xx of ours")
def mutations():
    generator = random.Random(SEED)
    with Server("-q", "--delay", "0.001", "--error-rate", "0") as server:
        baseline = server.descriptors()
        for number in range(COUNT):
            data = mutate(generator)
            proxy = ("local", "delay", "error")[number % 3]
            check_http(answers_to(server, proxy, data), data)
            if number % 100 == 0:
                check(server.is_alive(), f"it died after {number}, at the latest of {data!r}")
        with Wire(server) as wire:
            wire.check_open()
        check(server.descriptors() <= baseline + 3, "descriptors were lost")


@case("random bytes of every length up to a few thousand")
def noise():
    generator = random.Random(SEED)
    with Server("-q") as server:
        for number in range(300):
            data = generator.randbytes(generator.randrange(1, 4000))
            check_http(answers_to(server, "local", data), data)
        check(server.is_alive(), "it died")


@case("all of the mutated requests in one stream after another, in pieces of any size")
def stream():
    generator = random.Random(SEED + 1)
    with Server("-q") as server:
        for _ in range(100):
            data = b"".join(mutate(generator) for _ in range(10))
            with server.connect(seconds=15) as connection:
                try:
                    while data:
                        size = generator.randint(1, 200)
                        connection.sendall(data[:size])
                        data = data[size:]
                    connection.shutdown(socket.SHUT_WR)
                    received = connection.recv(65536)
                    check_http(received, b"a stream")
                    while connection.recv(65536):
                        pass
                except (ConnectionResetError, BrokenPipeError):
                    pass
        with Wire(server) as wire:
            wire.check_open()


main()
