"""1 GiB through proxies without toxics, each way, with checksums; memory stays flat."""
import os
import socket
import time
import zlib
from contextlib import contextmanager

from backends import Backend, connect, free_port
from control import Control
from harness import Program, case, check, equal, main

COUNT = 1024
BLOCK = os.urandom((1 << 20) - 7)  # no power of two: a misplaced block would be noticed
LENGTH = len(BLOCK) * COUNT
ALLOWED_KILOBYTES = 64 * 1024


def checksum():
    value = 0
    for _ in range(COUNT):
        value = zlib.crc32(BLOCK, value)
    return value


def send_all(stream):
    for _ in range(COUNT):
        stream.sendall(BLOCK)


def read_all(stream, length=LENGTH, prefix=b""):
    """Bytes until so many or the end, and their checksum."""
    buffer = bytearray(1 << 20)
    count, value = len(prefix), zlib.crc32(prefix)
    while count < length and (got := stream.recv_into(buffer)):
        value = zlib.crc32(memoryview(buffer)[:got], value)
        count += got
    return count, value


def read_head(stream):
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        check(more, f"the end within a head: {data!r}")
        data += more
    return data.split(b"\r\n\r\n", 1)[1]


@contextmanager
def proxied(serve, protocol):
    port = free_port()
    with Backend(serve) as backend, Program("toxiproxy", "-port", port, port=port) as program:
        yield Control(port).proxy("p", backend.address, protocol=protocol), program


def memory(program, name="VmHWM"):
    with open(f"/proc/{program.pid}/status") as file:
        return int(dict(line.split(":", 1) for line in file)[name].split()[0])


def moved(what, transfer, program):
    """Runs it; its bytes must be all and the right ones, and memory flat."""
    before, start = memory(program), time.monotonic()
    equal(transfer(), (LENGTH, checksum()), f"bytes and checksum {what}")
    print(f"     {what}: {LENGTH / (time.monotonic() - start) / 1e6:.0f} MB/s, "
          f"memory +{memory(program) - before} kB", flush=True)
    check(memory(program) - before < ALLOWED_KILOBYTES, f"memory grew {what}")


@case("1 GiB through tcp, downstream and upstream: the same bytes, and no memory")
def tcp():
    def serve(stream):
        if stream.recv(4) == b"send":
            send_all(stream)
            stream.shutdown(socket.SHUT_WR)
        else:
            results.append(read_all(stream))
            stream.sendall(b"done")
    results = []
    with proxied(serve, "tcp") as (port, program):
        with connect(port) as client:
            client.sendall(b"send")
            moved("downstream", lambda: read_all(client), program)
            equal(client.recv(1), b"", "the end")

        def upload():
            with connect(port) as client:
                client.sendall(b"take")
                send_all(client)
                client.shutdown(socket.SHUT_WR)
                equal(client.recv(4), b"done", "after half-close")
            return results[0]
        moved("upstream", upload, program)


@case("1 GiB as one HTTP answer and as one HTTP request, and the connection goes on")
def http():
    def serve(stream):
        while True:
            head = stream.recv(4, socket.MSG_PEEK)
            if not head:
                return
            rest = read_head(stream)
            if head == b"PUT ":
                results.append(read_all(stream, prefix=rest))
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            else:
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LENGTH)
                send_all(stream)
    results = []
    with proxied(serve, "http") as (port, program), connect(port) as client:
        def download():
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            return read_all(client, prefix=read_head(client))

        def upload():
            client.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % LENGTH)
            send_all(client)
            equal(read_head(client), b"", "the answer")
            return results[0]
        moved("as an answer", download, program)
        moved("as a request", upload, program)


@case("who does not read holds the sender back, in both directions, within bounded memory")
def held_back():
    def flood(stream):
        while True:
            stream.sendall(BLOCK)
    for protocol in ("tcp", "http"):
        with proxied(flood, protocol) as (port, program):
            before = memory(program)
            clients = [connect(port) for _ in range(8)]
            time.sleep(1)
            check(memory(program) - before < ALLOWED_KILOBYTES, f"downstream on {protocol}")
            for client in clients:
                client.close()

    def unread(stream):
        time.sleep(5)
    with proxied(unread, "tcp") as (port, program), connect(port) as client:
        before, sent = memory(program), 0
        client.settimeout(0.5)
        try:
            while sent < 200 << 20:
                sent += client.send(BLOCK)
        except socket.timeout:
            pass
        check(sent < 100 << 20, f"{sent} bytes were taken")
        check(memory(program) - before < ALLOWED_KILOBYTES, "upstream")


main()
