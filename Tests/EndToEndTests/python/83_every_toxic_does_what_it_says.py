"""Each toxic on real sockets, on both streams, added before and during connections."""
import socket
import time

from backends import connect, exchange, receive, receive_all, sink, source, stays_silent
from control import proxied
from harness import case, check, equal, main, wait_until

TEXT = b"".join(b"%07d," % number for number in range(10_000))


def seconds_since(start):
    return time.monotonic() - start


def both_streams(test):
    for stream in ("upstream", "downstream"):
        test(stream)


# Times

@case("latency: no byte comes early, nothing is lost, and delays of what is pipelined overlap")
def latency():
    def test(stream):
        with proxied() as (port, control):
            control.toxic("p", "latency", {"latency": 300}, stream=stream)
            with connect(port) as client:
                start = time.monotonic()
                exchange(client, b"ping")
                check(seconds_since(start) >= 0.3, f"{stream}: after {seconds_since(start)} s")
                start = time.monotonic()
                for number in range(20):
                    client.sendall(b"%04d" % number)
                    time.sleep(0.02)
                equal(receive(client, 80), b"".join(b"%04d" % n for n in range(20)), "order")
                check(0.3 <= seconds_since(start) < 3, f"20 delays took {seconds_since(start)} s")
    both_streams(test)


@case("latency with jitter never comes before latency less jitter, and keeps the order")
def jitter():
    with proxied() as (port, control), connect(port) as client:
        control.toxic("p", "latency", {"latency": 100, "jitter": 60})
        for number in range(10):
            start = time.monotonic()
            exchange(client, b"%d" % number)
            check(seconds_since(start) >= 0.04, f"after {seconds_since(start)} s")
        client.sendall(TEXT)
        check(receive(client, len(TEXT)) == TEXT, "bytes or their order")


@case("latency larger on one stream than the buffers of the kernel: 4 MB arrive, in order")
def latency_holds():
    data = TEXT * 50
    with proxied(source(data)) as (port, control):
        control.toxic("p", "latency", {"latency": 200})
        with connect(port) as client:
            check(receive_all(client) == (data, "fin"), "bytes")


@case("bandwidth: 40 kB at 20 kB/s take 2 s, on each stream, and arrive whole")
def bandwidth():
    def test(stream):
        with proxied() as (port, control):
            control.toxic("p", "bandwidth", {"rate": 20}, stream=stream)
            with connect(port) as client:
                start = time.monotonic()
                exchange(client, TEXT[:40_000])
                check(1.99 <= seconds_since(start) < 10, f"{stream}: {seconds_since(start)} s")
    both_streams(test)


@case("bandwidth 0 stalls until it is changed or removed; then all that was held arrives")
def bandwidth_zero():
    for change in (lambda c: c.remove("p", "bandwidth_downstream"),
                   lambda c: c.change("p", "bandwidth_downstream", attributes={"rate": 100_000})):
        with proxied() as (port, control), connect(port) as client:
            control.toxic("p", "bandwidth", {"rate": 0})
            client.sendall(TEXT)
            stays_silent(client, 0.5)
            change(control)
            check(receive(client, len(TEXT)) == TEXT, "what was held")


@case("slow_close holds back the end, not the bytes, and lets it go when removed")
def slow_close():
    with proxied(source(b"bye")) as (port, control):
        control.toxic("p", "slow_close", {"delay": 700})
        with connect(port) as client:
            start = time.monotonic()
            equal(receive(client, 3), b"bye", "the bytes")
            equal(client.recv(1), b"", "the end")
            check(seconds_since(start) >= 0.69, f"ended after {seconds_since(start)} s")
        control.change("p", "slow_close_downstream", attributes={"delay": 600_000})
        with connect(port) as client:
            equal(receive(client, 3), b"bye", "the bytes")
            stays_silent(client, 0.3)
            control.remove("p", "slow_close_downstream")
            equal(client.recv(1), b"", "the end after removal")


@case("slow_close holds back the end behind the last byte of limit_data, in either order")
def slow_limit():
    for kinds in (("limit_data", "slow_close"), ("slow_close", "limit_data")):
        with proxied(source(b"abcdef")) as (port, control):
            attributes = {"limit_data": {"bytes": 3}, "slow_close": {"delay": 700}}
            for kind in kinds:
                control.toxic("p", kind, attributes[kind])
            with connect(port) as client:
                start = time.monotonic()
                equal(receive(client, 3), b"abc", "the bytes")
                equal(client.recv(1), b"", "the end")
                check(seconds_since(start) >= 0.69, f"{kinds}: after {seconds_since(start)} s")


# Pieces and limits

@case("slicer: a reader sees many pieces and the same bytes, with a delay after each")
def slicer():
    with proxied() as (port, control):
        control.toxic("p", "slicer", {"average_size": 10, "size_variation": 5, "delay": 10_000})
        with connect(port) as client:
            start = time.monotonic()
            client.sendall(TEXT[:500])
            pieces, data = [], b""
            while len(data) < 500:
                piece = client.recv(500)
                check(piece, "the end")
                data += piece
                pieces.append(len(piece))
            equal(data, TEXT[:500], "bytes")
            # 500 / 15 pieces at least, and the pause after each of them but the last.
            check(seconds_since(start) >= 0.3, f"after {seconds_since(start)} s")
            check(len(pieces) > 5, f"pieces: {pieces}")


@case("limit_data: exactly so many bytes and FIN to both sides, on each stream; 0 on first data")
def limit_data():
    for limit in (0, 1, 100, 79_999, 80_000):
        with proxied(source(TEXT)) as (port, control):
            control.toxic("p", "limit_data", {"bytes": limit})
            with connect(port) as client:
                data, _ = receive_all(client)
                equal(len(data), limit, "bytes downstream")
                check(data == TEXT[:limit], "other bytes")
    received = []
    with proxied(sink(received)) as (port, control):
        control.toxic("p", "limit_data", {"bytes": 100}, stream="upstream")
        with connect(port) as client:
            client.sendall(TEXT[:1000])
            equal(receive_all(client)[0], b"", "the client's end")
        wait_until(lambda: received == [TEXT[:100]], f"100 bytes at the backend: {received}")


@case("limit_data cuts by FIN, and a limit raised on a live connection counts from its beginning")
def limit_raised():
    with proxied() as (port, control), connect(port) as client:
        control.toxic("p", "limit_data", {"bytes": 100})
        exchange(client, b"x" * 60)
        control.change("p", "limit_data_downstream", attributes={"bytes": 150})
        exchange(client, b"y" * 60)
        client.sendall(b"z" * 30)
        equal(receive_all(client), (b"z" * 30, "fin"), "the rest up to 150")


# Ends

@case("timeout: nothing gets through and the connection ends after it, also for a chatty client")
def timeout():
    def test(stream):
        with proxied() as (port, control):
            control.toxic("p", "timeout", {"timeout": 500}, stream=stream)
            with connect(port) as client:
                start = time.monotonic()
                client.settimeout(0.1)
                ended = False
                while not ended:
                    check(seconds_since(start) < 15, "a chatty client is never cut")
                    try:
                        client.sendall(b"chat")
                        ended = client.recv(10) == b""
                    except socket.timeout:
                        pass
                    except (ConnectionResetError, BrokenPipeError):
                        ended = True
                check(seconds_since(start) >= 0.49, f"{stream}: ended early")
    both_streams(test)


@case("timeout 0 is silence without an end; its removal ends the connection, a change does not")
def timeout_zero():
    with proxied() as (port, control):
        control.toxic("p", "timeout", {"timeout": 0})
        with connect(port) as client:
            client.sendall(b"lost")
            stays_silent(client, 0.3)
            control.change("p", "timeout_downstream", attributes={"timeout": 0})
            stays_silent(client, 0.2)
            control.remove("p", "timeout_downstream")
            equal(receive_all(client)[0], b"", "the end after removal")
        with connect(port) as client:
            exchange(client, b"whole again")


@case("reset_peer: a real RST to client and backend, after its time, on each stream")
def reset_peer():
    def test(stream):
        ends = []

        def serve(stream):
            try:
                while data := stream.recv(100):
                    stream.sendall(data)
                ends.append("fin")
            except ConnectionResetError:
                ends.append("rst")
        with proxied(serve) as (port, control):
            control.toxic("p", "reset_peer", {"timeout": 300}, stream=stream)
            with connect(port) as client:
                stays_silent(client, 0.2)  # an idle connection is left alone
                start = time.monotonic()
                client.sendall(b"ping")
                equal(receive_all(client), (b"", "rst"), f"{stream}: the client's end")
                check(seconds_since(start) >= 0.29, f"{stream}: after {seconds_since(start)} s")
            wait_until(lambda: ends, "the backend's end")
            equal(ends, ["rst"], f"{stream}: the backend's end")
    both_streams(test)


@case("reset_peer added to a live connection resets it, too")
def reset_live():
    with proxied() as (port, control), connect(port) as client:
        exchange(client, b"before")
        control.toxic("p", "reset_peer")
        client.sendall(b"after")
        equal(receive_all(client), (b"", "rst"), "the end")


@case("with toxicity 0 nothing is reset: every normal close stays a FIN")
def reset_never():
    with proxied(source(b"data")) as (port, control):
        control.toxic("p", "reset_peer", toxicity=0)
        for _ in range(50):
            with connect(port) as client:
                equal(receive_all(client), (b"data", "fin"), "with toxicity 0")


@case("with toxicity 0.5 a connection is either reset or whole, and both happen")
def reset_half():
    with proxied(source(b"data")) as (port, control):
        control.toxic("p", "reset_peer", toxicity=0.5)
        ends = set()
        for _ in range(60):
            ends.add(end_of_one(port))
        equal(ends, {(b"data", "fin"), (b"", "rst")}, "what 60 connections saw")


def end_of_one(port):
    """The backend speaks first, so that the reset may come while the client still connects."""
    try:
        with connect(port) as client:
            return receive_all(client)
    except ConnectionResetError:
        return b"", "rst"


# Damage

@case("corrupt: 1000 random bytes instead of the reply; inject: random bytes within the real ones")
def corrupt():
    with proxied(source(TEXT)) as (port, control):
        control.toxic("p", "corrupt")
        with connect(port) as client:
            data, end = receive_all(client)
            equal((len(data), end), (1000, "fin"), "bytes and end")
            check(data != TEXT[:1000], "they are the real ones")
        control.remove("p", "corrupt_downstream")
        control.toxic("p", "corrupt", {"bytes": 100, "inject": 1})
        with connect(port) as client:
            data, end = receive_all(client)
            equal((len(data), end), (len(TEXT) + 100, "fin"), "bytes and end")
            same = next(i for i, (a, b) in enumerate(zip(data, TEXT)) if a != b)
            check(same > 0, "not in the middle")
            check(data[:same] + data[same + 100:] == TEXT or TEXT.startswith(data[:same]), "rest")


@case("packet_loss 1 loses all, 0 loses nothing, on each stream")
def packet_loss():
    def test(stream):
        with proxied() as (port, control), connect(port) as client:
            control.toxic("p", "packet_loss", {"loss_rate": 0}, stream=stream)
            exchange(client, b"kept")
            control.change("p", f"packet_loss_{stream}", attributes={"loss_rate": 1})
            client.sendall(b"lost")
            stays_silent(client, 0.3)
            control.change("p", f"packet_loss_{stream}", attributes={"loss_rate": 0})
            exchange(client, b"kept again")
    both_streams(test)


@case("noop, toxicity 0 of every type, and zeros change nothing, half-close included")
def nothing():
    kinds = ("noop", "latency", "bandwidth", "slicer", "limit_data", "slow_close", "timeout",
             "reset_peer", "corrupt", "packet_loss")
    with proxied() as (port, control):
        for kind in kinds:
            for stream in ("upstream", "downstream"):
                control.toxic("p", kind, stream=stream, toxicity=1 if kind == "noop" else 0)
        control.toxic("p", "slicer", name="zeros")
        with connect(port) as client:
            exchange(client, TEXT)
            client.sendall(b"last words")
            client.shutdown(socket.SHUT_WR)
            equal(receive_all(client), (b"last words", "fin"), "after half-close")


main()
