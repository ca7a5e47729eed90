"""Slow, broken and too many clients: an honest one is served throughout, and nothing is left."""
import signal
import socket
import struct
import threading

from aftermath import ANY_NUMBER, at_least
from harness import Server, case, check, equal, gif, main, stored, wait_until
from wire import PROBE, SMALL, Wire, request

# Abusers are given up on with RST (SO_LINGER 0): that is how a client vanishes.
RESET = struct.pack("ii", 1, 0)


def reset(stream):
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    stream.close()


class Honest:
    """Asks again and again on connections of its own while the abuse goes on."""

    def __init__(self, server):
        self.server, self.count, self.trouble = server, 0, []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self):
        while not self.done.is_set() and not self.trouble:
            try:
                with Wire(self.server, seconds=20) as wire:
                    wire.check_open()
                    wire.send(request(target=gif("br")))
                    check(wire.answer().body == stored(gif("br")), "other bytes")
                    self.count += 1
            except (AssertionError, OSError) as error:
                self.trouble.append(error)
            self.done.wait(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.done.set()
        self.thread.join(30)
        if kind is None:
            check(not self.trouble, f"an honest client: {self.trouble}")
            check(self.count > 0, "an honest client got no answer")


def without_trace(abuse, *options, **expected):
    """Descriptors are back to the baseline, give or take two, when the abuse is over."""
    with Server("-q", *options, **expected) as server:
        Wire(server).__exit__()
        baseline = server.descriptors()
        with Honest(server):
            abuse(server)
        wait_until(lambda: server.descriptors() <= baseline + 2,
                   f"descriptors back to {baseline}", seconds=6)
        with Wire(server) as wire:
            wire.check_open()


@case("300 heads that come a byte at a time")
def slow_heads():
    def abuse(server):
        streams = [server.connect() for _ in range(300)]
        head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
        for byte in head + b"a" * 20:
            for stream in streams:
                stream.send(bytes([byte]))
        for stream in streams:
            reset(stream)
    without_trace(abuse)


@case("500 connections that are reset in the middle of their heads")
def reset_in_head():
    def abuse(server):
        for number in range(500):
            stream = server.connect(("local", "delay", "error")[number % 3])
            stream.send(PROBE[:number % len(PROBE)])
            reset(stream)
    without_trace(abuse)


@case("500 connections that are reset in the middle of their bodies")
def reset_in_body():
    def abuse(server):
        for number in range(500):
            stream = server.connect(("local", "delay", "error")[number % 3])
            framing = ("Content-Length: 1000", "Transfer-Encoding: chunked")[number % 2]
            stream.send(request("POST", SMALL, framing, body=b"5\r\nhel"))
            reset(stream)
    without_trace(abuse)


@case("500 connections that are reset while their answers wait or are on their way")
def reset_in_answer():
    def abuse(server):
        streams = []
        for number in range(500):
            stream = server.connect(("local", "delay", "error")[number % 3])
            stream.send(request(target=gif("br")) * 30)
            streams.append(stream)
            if len(streams) == 50:
                for stream in streams:
                    reset(stream)
                streams.clear()
    without_trace(abuse, "--delay", "2", expects_unplanned=at_least(1))


@case("2 000 idle connections, new ones and used ones")
def idle():
    def abuse(server):
        streams = []
        for number in range(2000):
            streams.append(server.connect(("local", "delay")[number % 2]))
            if number % 3 == 0:
                streams[-1].send(b"\r\n" if number % 2 else PROBE)
        for stream in streams:
            stream.close()
    without_trace(abuse, "--delay", "0.05")


@case("100 clients that ask for much and never read")
def never_read():
    def abuse(server):
        streams = []
        for _ in range(100):
            stream = server.connect()
            stream.settimeout(0.02)
            try:
                for _ in range(20):
                    stream.send(request(target=gif("br")) * 100)
            except (socket.timeout, BlockingIOError):
                pass  # it reads no more requests than it can answer
            streams.append(stream)
        memory = int(open(f"/proc/{server.pid}/statm").read().split()[1]) * 4096
        check(memory < 200 << 20, f"{memory} bytes of memory for 100 clients that do not read")
        for stream in streams:
            reset(stream)
    without_trace(abuse, expects_unplanned=at_least(1))


@case("half-closed connections, and ones that are closed while they are owed an answer")
def half_closed():
    def abuse(server):
        streams = []
        for number in range(300):
            stream = server.connect(("local", "delay")[number % 2])
            stream.send(PROBE * (number % 4))
            stream.shutdown(socket.SHUT_WR)
            streams.append(stream)
        for stream in streams:
            stream.close()
    # The kernel has taken what LOCAL answers before a client goes, or it has not.
    without_trace(abuse, "--delay", "0.3", expects_unplanned=ANY_NUMBER)


@case("refused requests that go on being sent")
def refused():
    def abuse(server):
        for _ in range(200):
            stream = server.connect()
            try:
                stream.send(b"nonsense\r\n\r\n" + b"x" * 5000)
                stream.send(b"x" * 50_000)
            except OSError:
                pass
            stream.close()
    without_trace(abuse)


@case("a SIGTERM in the middle of it all ends the server with status 0")
def stop_under_abuse():
    with Server("-q", "--delay", "0.5", "--grace", "5s") as server:
        streams = []
        for number in range(300):
            stream = server.connect(("local", "delay", "error")[number % 3])
            stream.send((PROBE * 3, PROBE[:-5], b"")[number % 3])
            streams.append(stream)
        equal(server.stop(signal.SIGTERM), 0, "exit status")
        for stream in streams:
            stream.close()


main()
