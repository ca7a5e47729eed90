"""Every input that kills or freezes Toxiproxy or Vaurien, and worse: an error or it works, and the
control port answers whatever the connections do."""
import json
import random
import resource
import select
import socket
import time
from contextlib import contextmanager, suppress

from backends import (
    Backend, blackhole, connect, echo, exchange, free_port, receive_all, silent, source)
from control import Control
from harness import Program, Server, case, check, equal, main, wait_until

TEXT = b"0123456789" * 10_000


@contextmanager
def running(*options, **expected):
    port = free_port()
    with Program("toxiproxy", "-port", port, *options, port=port, **expected) as program:
        yield Control(port), program


def timed(control, *call):
    """Status and seconds of one call."""
    start = time.monotonic()
    status = control.call(*call).status
    return status, time.monotonic() - start


# Values

KILLERS = [
    ("bandwidth", {"rate": -1}), ("bandwidth", {"rate": -(1 << 63)}),
    ("bandwidth", {"rate": (1 << 63) - 1}), ("latency", {"jitter": 1 << 62}),
    ("latency", {"jitter": (1 << 63) - 1}), ("latency", {"latency": -1}),
    ("latency", {"latency": 1, "jitter": -1}), ("latency", {"latency": -(1 << 63)}),
    ("slicer", {}), ("slicer", {"average_size": 0, "size_variation": 0, "delay": 0}),
    ("slicer", {"average_size": 0, "size_variation": 10}), ("slicer", {"average_size": -5}),
    ("slicer", {"average_size": 1, "size_variation": 1 << 62}),
    ("slicer", {"average_size": 1, "delay": (1 << 63) - 1}), ("slow_close", {"delay": -1}),
    ("slow_close", {"delay": (1 << 63) - 1}), ("timeout", {"timeout": -1}),
    ("timeout", {"timeout": (1 << 63) - 1}), ("reset_peer", {"timeout": -1}),
    ("limit_data", {"bytes": -1}), ("limit_data", {"bytes": (1 << 63) - 1}),
    ("packet_loss", {"loss_rate": 2}), ("packet_loss", {"loss_rate": 0.5, "correlation": 7}),
    ("corrupt", {"bytes": 1 << 40}), ("corrupt", {"inject": 2}), ("respond", {"99": 1}),
    ("latency", {"latency": 1 << 64}), ("latency", {"latency": 10 ** 400})]


@case(f"{len(KILLERS)} attributes of the kind that ends the peer: 400, or it works")
def killers():
    with Backend(echo) as backend, running(expects_log=["unknown key"]) as (control, program):
        witness = control.proxy("witness", backend.address)
        port = control.proxy("p", backend.address)
        with connect(witness) as kept:
            for kind, attributes in KILLERS:
                body = {"type": kind, "attributes": attributes, "name": "t"}
                reply = control.call("POST", "/proxies/p/toxics", body)
                check(reply.status in (200, 400), f"{body}: {reply}")
                with connect(port) as client:
                    client.sendall(TEXT)
                    client.settimeout(0.05)
                    try:
                        client.recv(100)
                    except OSError:
                        pass
                if reply.status == 200:
                    control.remove("p", "t")
                check(program.is_alive(), f"{body} has ended it")
            exchange(kept, b"alive")
        with connect(port) as client:
            exchange(client, b"and whole")


def hostile_value(random):
    number = random.choice([0, 1, -1, 1 << 31, 1 << 53, (1 << 63) - 1, -(1 << 63), 1 << 63,
                            1 << 64, 10 ** 30, random.randrange(-1000, 1000)])
    texts = ["", "5", "NaN", "\\u0000", "x" * 10_000, "../../", "%s%n",
             "\ud800", "🇧🇷", "null"]
    return random.choice([
        lambda: number, lambda: number, lambda: number + 0.5, lambda: -0.0, lambda: 1e308,
        lambda: 5e-324, lambda: random.choice(texts), lambda: None, lambda: True, lambda: [],
        lambda: [number], lambda: {}, lambda: {"a": number}])()


@case("300 toxics of random hostile values: 200 or 400, it lives, and no 200 breaks listing")
def hostile():
    generator = random.Random(42)
    kinds = {"latency": ["latency", "jitter"], "bandwidth": ["rate"], "timeout": ["timeout"],
             "slicer": ["average_size", "size_variation", "delay"], "slow_close": ["delay"],
             "limit_data": ["bytes"], "reset_peer": ["timeout"], "corrupt": ["bytes", "inject"],
             "packet_loss": ["loss_rate", "correlation"], "noop": ["x"], "respond": ["503"]}
    with Backend(source(TEXT)) as backend, running(expects_log=["unknown key"]) as (control, program):
        port = control.proxy("p", backend.address)
        for number in range(300):
            kind = generator.choice(list(kinds))
            body = {"type": kind, "name": f"t{number}"}
            if generator.random() < 0.95:
                body["attributes"] = {n: hostile_value(generator) for n in kinds[kind]}
            if generator.random() < 0.3:
                key = generator.choice(
                    ["toxicity", "stream", "type", "name", "exchanges", "match"])
                body[key] = hostile_value(generator)
            reply = control.call("POST", "/proxies/p/toxics", body)
            check(reply.status in (200, 400, 409), f"{json.dumps(body)[:300]}: {reply}")
            if reply.status == 200:
                json.loads(reply.body)
                with suppress(ConnectionError), connect(port) as client:  # also resets at once
                    client.sendall(b"x")
                for toxic in control.json("GET", "/proxies/p/toxics"):
                    control.json("GET", "/proxies/p")
                    remove_any(control, toxic["name"])
            check(program.is_alive(), f"{json.dumps(body)[:300]} has ended it")


def remove_any(control, name):
    """Also a toxic whose name no path can hold goes: with its proxy's reset."""
    from urllib.parse import quote
    path = f"/proxies/p/toxics/{quote(name, safe='', errors='surrogatepass')}"
    if control.call("DELETE", path).status != 204:
        control.json("POST", "/reset", status=204)


BODIES = [
    b"", b"{", b"null", b"[]", b"5", b'"x"', b"{}" * 1000, b"[" * 100_000, b'{"a":' * 50_000,
    b"\xff\xfe", b"\0", b'{"name":"\\ud800"}', b'{"name":1e999}', b'{"name":"a","name":"b"}',
    b'{"name":"x","upstream":"u:1","listen":"garbage"}', b'{"name":"","upstream":""}',
    b'{"name":"x","upstream":"u:1","listen":"127.0.0.1:99999"}', b'{"enabled":"yes"}',
    b'{"name":"x","upstream":"u:1","toxics":[{"type":"bandwidth","attributes":{"rate":-1}}]}',
    b'{"name":"x","upstream":"u:1","toxics":7}', b'[{"name":"x"}]', b'[null]', b'[[]]',
    b'{"backend":"nohost"}', b'{"backend":5}', b'{"name":"delay","sleep":"x"}',
    b'{"name":"delay","sleep":1e999}', b'{"name":"delay","sleep":-1}',
    b'{"name":"' + b"x" * 900_000 + b'"}', b" " * 900_000]


@case(f"{len(BODIES)} bodies at every route that reads one: a clear status, and it lives")
def bodies():
    routes = [("POST", "/proxies"), ("POST", "/populate"), ("PATCH", "/proxies/p"),
              ("POST", "/proxies/p/toxics"), ("PATCH", "/proxies/p/toxics/t"), ("POST", "/reset"),
              ("PUT", "/behavior"), ("PUT", "/backend")]
    told = ["unknown key", "connections will fail"]
    with Backend(echo) as backend, running(expects_log=told) as (control, program):
        control.proxy("p", backend.address)
        control.toxic("p", "latency", name="t")
        for method, path in routes:
            for body in BODIES:
                status = control.call(method, path, body).status
                check(200 <= status < 600, f"{method} {path} {body[:60]!r}: {status}")
                check(program.is_alive(), f"{method} {path} {body[:60]!r} has ended it")
        equal(control.call("POST", "/proxies", b"x" * (2 << 20)).status, 413, "2 MiB of body")
        control.json("GET", "/proxies")


@case("a change that fails half-way changes nothing")
def atomic():
    with Backend(echo) as backend, running() as (control, _):
        control.proxy("p", backend.address)
        control.toxic("p", "latency", {"latency": 5})
        before = control.json("GET", "/proxies/p/toxics")
        for body in ({"attributes": {"latency": 77, "jitter": "x"}}, {"toxicity": "7"},
                     {"toxicity": 0.5, "attributes": {"latency": -1 << 70}}):
            reply = control.call("PATCH", "/proxies/p/toxics/latency_downstream", body)
            equal(reply.status, 400, f"{body}")
            equal(control.json("GET", "/proxies/p/toxics"), before, f"after {body}")


# What freezes the peer

@case("a backend that neither accepts nor refuses: accepts go on, and changes answer at once")
def unreachable():
    with blackhole() as hole, Backend(echo) as backend, running() as (control, _):
        port = control.proxy("p", hole)
        clients = [connect(port, seconds=5) for _ in range(50)]
        for client in clients:
            client.sendall(b"anyone?")
        other = control.proxy("other", backend.address)
        with connect(other) as client:
            exchange(client, b"not hindered")
        for call in (("GET", "/proxies"), ("POST", "/proxies/p/toxics", {"type": "noop"}),
                     ("PATCH", "/proxies/p", {"upstream": backend.address})):
            status, seconds = timed(control, *call)
            equal(status, 200, f"{call}")
            check(seconds < 2, f"{call} took {seconds} s")
        port = int(control.json("GET", "/proxies/p")["listen"].rsplit(":")[-1])
        with connect(port) as client:
            exchange(client, b"the new backend")
        control.json("PATCH", "/proxies/p", {"upstream": hole})
        clients += [connect(port, seconds=5) for _ in range(10)]
        status, seconds = timed(control, "DELETE", "/proxies/p")
        equal(status, 204, "DELETE")
        check(seconds < 2, f"DELETE took {seconds} s")
        for client in clients:
            equal(receive_all(client)[0], b"", "a client of the deleted proxy")
            client.close()


def stuck(port, count):
    """Clients that ask for much and do not read."""
    clients = []
    for _ in range(count):
        client = connect(port)
        client.sendall(b"more")
        clients.append(client)
    return clients


def raise_open_files():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@case("with 1 000 stuck connections every control call answers, and disable, reset, delete work")
def thousand_stuck():
    raise_open_files()
    with Backend(source(b"x" * 2_000_000)) as flood, Backend(silent) as mute, \
            running() as (control, program):
        unread = control.proxy("unread", flood.address)
        quiet = control.proxy("quiet", mute.address)
        control.toxic("quiet", "timeout", {"timeout": 0})
        control.toxic("unread", "latency", {"latency": 10_000}, stream="upstream")
        clients = stuck(unread, 500) + stuck(quiet, 500)
        wait_until(lambda: len(flood.connections) + len(mute.connections) == 1000, "1 000 pairs")
        control.proxy("q", flood.address)
        calls = [("GET", "/proxies"), ("GET", "/version"), ("GET", "/proxies/unread/toxics"),
                 ("POST", "/proxies/unread/toxics", {"type": "slicer", "name": "s"}),
                 ("PATCH", "/proxies/unread/toxics/s", {"attributes": {"average_size": 100}}),
                 ("DELETE", "/proxies/unread/toxics/s"),
                 ("POST", "/proxies/quiet/toxics", {"type": "bandwidth", "name": "b"}),
                 ("DELETE", "/proxies/quiet/toxics/b")]
        times = []
        for _ in range(25):
            for call in calls:
                status, seconds = timed(control, *call)
                check(status in (200, 204), f"{call}: {status}")
                times.append(seconds)
        for call in (("PATCH", "/proxies/unread", {"enabled": False}),
                     ("PATCH", "/proxies/unread", {"enabled": True}), ("POST", "/reset"),
                     ("DELETE", "/proxies/quiet"), ("DELETE", "/proxies/unread")):
            status, seconds = timed(control, *call)
            check(status in (200, 204), f"{call}: {status}")
            times.append(seconds)
        times.sort()
        print(f"     {len(times)} calls: p50 {times[len(times) // 2] * 1000:.1f} ms, "
              f"p99 {times[len(times) * 99 // 100] * 1000:.1f} ms, max {times[-1] * 1000:.1f} ms")
        check(times[-1] < 1, f"the slowest call took {times[-1]} s")
        for client in clients:
            client.settimeout(20)
            try:
                while client.recv(1 << 20):
                    pass
            except ConnectionResetError:
                pass
            client.close()
        check(program.is_alive(), program.log())


@case("a toxic is removed at once while the peer does not read, and the bytes come when it does")
def removed_while_stuck():
    content = b"0123456789abcdef" * 200_000
    with Backend(source(content)) as backend, running() as (control, _):
        port = control.proxy("p", backend.address)
        control.toxic("p", "latency", {"latency": 100})
        with connect(port) as client:
            time.sleep(0.5)
            status, seconds = timed(control, "DELETE", "/proxies/p/toxics/latency_downstream")
            equal(status, 204, "DELETE")
            check(seconds < 2, f"DELETE took {seconds} s")
            check(receive_all(client) == (content, "fin"), "the bytes")


@case("a fast sender before a stalled toxic is held back: the server's memory stays bounded")
def bounded():
    with Backend(silent) as backend, running() as (control, program):
        port = control.proxy("p", backend.address)
        control.toxic("p", "bandwidth", {"rate": 0}, stream="upstream")
        with connect(port) as client:
            client.settimeout(1)
            sent = 0
            try:
                while sent < 200 << 20:
                    sent += client.send(b"x" * 65536)
            except socket.timeout:
                pass
            check(sent < 64 << 20, f"{sent} bytes were taken")
            check(resident(program) < 150_000, f"VmRSS {resident(program)} kB")


def resident(program):
    """In kB."""
    with open(f"/proc/{program.pid}/status") as file:
        status = dict(line.split(":", 1) for line in file)
    return int(status["VmRSS"].split()[0])


@case("the memory of what was held back is given back soon after")
def given_back():
    def flood(stream):
        stream.sendall(b"x" * (8 << 20))

    with Backend(flood) as backend, running() as (control, program):
        slow = control.proxy("slow", backend.address)
        control.toxic("slow", "bandwidth", {"rate": 1})
        late = control.proxy("late", backend.address)
        control.toxic("late", "latency", {"latency": 600_000})
        plain = control.proxy("plain", backend.address)
        with connect(plain) as client:
            receive_exactly(client, 8 << 20)
        before = resident(program)
        clients = [connect(slow) for _ in range(300)] + [connect(late) for _ in range(10)]
        wait_until(lambda: resident(program) > before + 40_000, "much is held", seconds=30)
        for client in clients:
            client.close()
        for _ in range(3):
            with connect(plain) as client:
                receive_exactly(client, 8 << 20)
        wait_until(lambda: resident(program) < before + 12_000,
                   f"memory as before ({before} kB)", seconds=20)


def receive_exactly(client, count):
    while count > 0:
        more = client.recv(min(count, 1 << 20))
        check(more, f"it ended {count} bytes early")
        count -= len(more)


# What reads the journal

HOSTILE = "*" + "?" * 250 + "b"
LONG = "/" + "a" * 7900


def fill(server, count):
    """Puts so many records with long targets into the ring."""
    with connect(server.ports["local"]) as client:
        for _ in range(count):
            client.sendall(f"GET {LONG} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            receive_until(client, b"\r\n\r\n")
    control = Control(server.control_port)
    wait_until(lambda: len(control.journal(limit=count)) == count, "the records")


def receive_until(client, end):
    data = b""
    while end not in data:
        more = client.recv(1 << 16)
        check(more, f"it ended after {data[:200]!r}")
        data += more


@case("while hostile patterns are held against the ring, the others are answered as before")
def patterns():
    words = "+".join(["*" + "%3F" * 250 + str(number) for number in range(4)])
    verify = json.dumps({"path": HOSTILE, "count": 0}).encode()
    calls = [
        b"POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
        % (len(verify), verify),
        b"GET /journal?limit=1&path=%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
        % HOSTILE.replace("?", "%3F").encode(),
        b"GET /journal?limit=1&q=%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % words.encode()]
    with Server() as server:
        fill(server, 400)
        for call in calls:
            with connect(server.control_port) as asking, \
                    connect(server.ports["local"]) as other:
                asking.sendall(call)
                answers = 0
                while not select.select([asking], [], [], 0)[0]:
                    other.sendall(b"GET /flags/br/metadata.json HTTP/1.1\r\nHost: x\r\n\r\n")
                    receive_until(other, b"}")
                    answers += 1
                reply = asking.recv(1 << 16)
                check(reply.startswith(b"HTTP/1.1 200 OK\r\n"), reply[:300])
                check(answers > 3, f"{answers} answers between {call[:40]!r} and its own")


@case("slow, half and broken calls at the control port hinder no other call")
def slow_calls():
    with running() as (control, program):
        half = []
        for number in range(200):
            stream = connect(control.port)
            stream.sendall((b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                            b"\r\n{", b"GET /pro", b"", b"\0\1\2\r\n\r\n")[number % 4])
            half.append(stream)
        status, seconds = timed(control, "GET", "/proxies")
        equal(status, 200, "another call")
        check(seconds < 2, f"it took {seconds} s")
        for stream in half:
            stream.close()
        check(program.is_alive(), program.log())


@case("a busy API port, a busy proxy port and an unresolvable backend are said, not fatal")
def busy():
    said = ["resolve no-such-host.invalid: no such host"]
    with Backend(echo) as backend, running(expects_log=said) as (control, program):
        reply = control.call("POST", "/proxies", {
            "name": "p", "upstream": "x:1", "listen": backend.address})
        equal(reply.status, 500, "a busy port")
        check(b"address already in use" in reply.body, reply.body)
        port = control.proxy("q", "no-such-host.invalid:1")
        with connect(port) as client:
            client.sendall(b"x")
            equal(receive_all(client)[0], b"", "from a name that does not exist")
        check(program.is_alive(), program.log())


main()
