"""Toxics and proxies that change under open connections, and far ends that do."""
import errno
import socket
import time

from backends import connect, exchange, free_port, receive, receive_all, reset
from control import proxied
from harness import case, check, equal, main


@case("toxics come and go 100 times on a live connection without losing or reordering a byte")
def live():
    kinds = [("latency", {"latency": 5}), ("slicer", {"average_size": 100, "delay": 10}),
             ("bandwidth", {"rate": 100_000}), ("noop", {}), ("slow_close", {"delay": 5})]
    with proxied() as (port, control), connect(port) as client:
        sent = b""
        for number in range(100):
            kind, attributes = kinds[number % len(kinds)]
            stream = ("upstream", "downstream")[number // 5 % 2]
            part = b"%08d" % number * 200
            client.sendall(part)
            sent += part
            control.toxic("p", kind, attributes, stream=stream, name=f"t{number}")
            if number >= 3:
                control.remove("p", f"t{number - 3}")
        check(receive(client, len(sent)) == sent, "bytes or their order")


@case("toxicity is not drawn again: PATCH {} and neighbours leave each connection as it was")
def not_drawn_again():
    with proxied() as (port, control):
        control.toxic("p", "timeout", {"timeout": 0}, toxicity=0.5)
        clients = [connect(port) for _ in range(24)]
        for client in clients:
            client.sendall(b"a")
        time.sleep(0.3)
        before = [answers(client) for client in clients]
        equal(set(before), {True, False}, "both kinds among 24")
        for number in range(5):
            control.change("p", "timeout_downstream")
            control.toxic("p", "noop", name=f"n{number}")
            control.remove("p", f"n{number}")
        for client in clients:
            client.sendall(b"b")
        time.sleep(0.3)
        equal([answers(client) for client in clients], before, "who is hurt")
        for client in clients:
            client.close()


def answers(client):
    client.setblocking(False)
    try:
        return client.recv(100) != b""
    except BlockingIOError:
        return False
    finally:
        client.settimeout(20)


@case("disable ends every connection with FIN and refuses new ones; enable has the same port")
def disable():
    with proxied() as (port, control):
        control.toxic("p", "noop")
        clients = [connect(port) for _ in range(5)]
        for client in clients:
            exchange(client, b"open")
        control.json("PATCH", "/proxies/p", {"enabled": False})
        for client in clients:
            equal(receive_all(client), (b"", "fin"), "the end of an open connection")
        try:
            connect(port).close()
            raise AssertionError("a disabled proxy accepts")
        except OSError as error:
            equal(error.errno, errno.ECONNREFUSED, "connecting")
        proxy = control.json("PATCH", "/proxies/p", {"enabled": True})
        equal((proxy["listen"], len(proxy["toxics"])), (f"127.0.0.1:{port}", 1), "kept")
        with connect(port) as client:
            exchange(client, b"again")


@case("what the backend does reaches the client as it is: half-close, FIN, RST, refusal")
def far_end():
    def last_words(stream):
        data = b""
        while more := stream.recv(100):
            data += more
        stream.sendall(b"heard " + data)
    with proxied(last_words) as (port, _), connect(port) as client:
        client.sendall(b"words")
        client.shutdown(socket.SHUT_WR)
        equal(receive_all(client), (b"heard words", "fin"), "after the client's half-close")

    def rude(stream):
        stream.recv(4)
        reset(stream)
    with proxied(rude) as (port, _), connect(port) as client:
        client.sendall(b"ping")
        equal(receive_all(client), (b"", "rst"), "after the backend's RST")
    with proxied(expects_log=["q: connect .*: Connection refused"]) as (_, control):
        port = control.proxy("q", f"127.0.0.1:{free_port()}")
        with connect(port) as client:
            equal(receive_all(client), (b"", "fin"), "when the backend refuses")


main()
