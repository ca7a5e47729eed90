"""What stands behind a proxy in the stories: small servers of our own, each connection a thread."""
from __future__ import annotations

import random
import socket
import struct
import threading
from contextlib import contextmanager, suppress

from harness import check, equal


def listener(host="127.0.0.1", backlog=128, port=0):
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stream.bind((host, port))
    stream.listen(backlog)
    return stream


def free_port():
    """A port that nobody listens on, of those that the kernel gives to nobody who asks for any:
    what else runs on the machine does not take it meanwhile."""
    for port in random.SystemRandom().sample(range(10_000, 32_000), 100):
        with suppress(OSError), listener(port=port):
            return port
    raise OSError("of a hundred ports none is free")


class Backend:
    """Calls `serve(stream)` in a thread for each connection; what that raises ends the connection.
    A context manager; its connections end with it."""

    def __init__(self, serve):
        self.serve = serve
        self.connections = []
        self.listener = listener(backlog=4096)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        for stream in self.connections:
            stream.close()

    def stop(self):
        """Listens no more; what is open stays so."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def _accept(self):
        while True:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(stream)
            threading.Thread(target=self._run, args=(stream,), daemon=True).start()

    def _run(self, stream):
        try:
            self.serve(stream)
        except (OSError, AssertionError):  # the far end has gone, also in the midst of a message
            pass
        stream.close()


def echo(stream):
    """Sends back what comes, until the client's FIN."""
    while data := stream.recv(1 << 16):
        stream.sendall(data)


def sink(received):
    """Reads all, adds it to `received` (a list of byte strings, one for each connection)."""
    def serve(stream):
        received.append(b"")
        index = len(received) - 1
        while data := stream.recv(1 << 16):
            received[index] += data
    return serve


def source(content):
    """Sends `content` at once, then FIN, and reads what the client says."""
    def serve(stream):
        stream.sendall(content)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(1 << 16):
            pass
    return serve


def silent(stream):
    """Reads all and says nothing."""
    while stream.recv(1 << 16):
        pass


def head(stream):
    """The bytes of the next request of HTTP without a body; none at the end."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = stream.recv(1)
        if not more:
            return b""
        data += more
    return data


def answering(reply):
    """Answers every request of HTTP with `reply`, or with what `reply(head)` gives."""
    def serve(stream):
        while asked := head(stream):
            stream.sendall(reply(asked) if callable(reply) else reply)
    return serve


def reset(stream):
    """Ends a connection with RST."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


@contextmanager
def blackhole():
    """An address that neither accepts nor refuses: a listener whose queue is full."""
    with listener(backlog=0) as stream:
        address = stream.getsockname()
        fillers = []
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        try:
            yield f"127.0.0.1:{address[1]}"
        finally:
            for filler in fillers:
                filler.close()


# Clients

def connect(port, seconds=20):
    stream = socket.create_connection(("127.0.0.1", port), timeout=seconds)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def receive(stream, count):
    """Exactly so many bytes."""
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        check(more, f"the connection ended after {len(data)} of {count} bytes")
        data += more
    return data


def receive_all(stream):
    """What comes until FIN, and how it ended: "fin" or "rst"."""
    data = b""
    try:
        while more := stream.recv(1 << 16):
            data += more
        return data, "fin"
    except ConnectionResetError:
        return data, "rst"


def exchange(stream, data):
    """One round with an echo backend."""
    stream.sendall(data)
    equal(receive(stream, len(data)), data, "the echo")


def stays_silent(client, seconds):
    """Neither bytes nor an end."""
    client.settimeout(seconds)
    try:
        raise AssertionError(f"it should be silent, and says {client.recv(100)!r}")
    except socket.timeout:
        client.settimeout(20)
