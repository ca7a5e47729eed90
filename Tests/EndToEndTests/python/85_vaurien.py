"""`flagserver vaurien`: Vaurien's command line, file, behaviours, API and counters."""
import os
import socket
import time
from contextlib import contextmanager

from backends import Backend, connect, echo, exchange, free_port, receive, receive_all
from control import Control
from harness import (
    BINARY, Program, Server, case, check, equal, flagserver, main, stored, wait_until)
from wire import SMALL, Wire, request

BEHAVIORS = ["abort", "blackout", "delay", "dummy", "error", "hang", "transient"]


@contextmanager
def vaurien(backend, *options, **more):
    """Vaurien's program before `backend`: its port."""
    port = free_port()
    arguments = ["--proxy", f"localhost:{port}", "--backend", backend, *options]
    with Program("vaurien", *arguments, port=port, **more) as program:
        program.proxy = port
        yield program


@contextmanager
def local():
    """LOCAL alone: its address."""
    with Server("-q", "--control", "0", ports="local=0,delay=off,error=off,chaos=off") as server:
        yield f"127.0.0.1:{server.ports['local']}"


def ask(port, count=1, seconds=20):
    """Statuses and bodies of `count` requests on one connection."""
    with connect(port, seconds) as stream:
        wire = Wire.over(stream)
        answers = []
        for _ in range(count):
            wire.send(request())
            answers.append(wire.answer())
        return answers


# Behaviours on http

@case("error on http: 500 to 503, well-formed, kept alive, and the backend hears nothing")
def http_error():
    with local() as address, vaurien(address, "--protocol", "http",
                                     "--behavior", "100:error") as program:
        answers = ask(program.proxy, 60)
        equal({answer.status for answer in answers}, {500, 501, 502, 503}, "statuses")
        check(all(not answer.closes for answer in answers), "kept alive")


@case("dummy passes, a mix has each of its parts, and the rest passes")
def http_mix():
    body = stored(SMALL)
    with local() as address:
        with vaurien(address, "--protocol", "http") as program:
            equal({a.body for a in ask(program.proxy, 20)}, {body}, "dummy")
        with vaurien(address, "--protocol", "http", "--behavior", "50:error") as program:
            found = {answer.status for answer in ask(program.proxy, 80)}
            check(200 in found and found <= {200, 500, 501, 502, 503}, f"{found}")
            check(len(found) > 1, "no error among 80")
        with vaurien(address, "--protocol", "http", "--behavior", "25:error,50:delay",
                     "--behavior-delay-sleep", ".15") as program:
            late = 0
            for _ in range(30):
                start = time.monotonic()
                answer = ask(program.proxy)[0]
                if time.monotonic() - start >= 0.15:
                    late += 1
                    equal(answer.status, 200, "at most one of them for each request")
            check(late > 0, "no delay among 30")


@case("delay: never early, before the backend is asked or after it (before = false in the file)")
def delay():
    for before in (True, False):
        asked = []

        def serve(stream):
            while data := stream.recv(1000):
                asked.append(time.monotonic())
                stream.sendall(data)
        with Backend(serve) as backend, ini(
                "[vaurien]\nbehavior = 100:delay\n[behavior:delay]\nsleep = 0.4\n"
                f"before = {str(before).lower()}\n") as file:
            with vaurien(backend.address, "--config", file) as program:
                with connect(program.proxy) as stream:
                    start = time.monotonic()
                    exchange(stream, b"ping")
                    check(time.monotonic() - start >= 0.4, f"before={before}: early")
                equal(asked[0] - start >= 0.4, before, "asked after the delay")


@contextmanager
def ini(text):
    import tempfile
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(text)
        file.flush()
        yield file.name


@case("blackout, abort and hang on http and tcp: silence or the end, and what the backend hears")
def ends():
    for protocol in ("http", "tcp"):
        heard = []

        def serve(stream):
            data = stream.recv(1000)
            heard.append(data)
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            stream.recv(1000)
        for behavior in ("blackout", "abort", "hang"):
            heard.clear()
            with Backend(serve) as backend, vaurien(
                    backend.address, "--protocol", protocol,
                    "--behavior", f"100:{behavior}") as program:
                with connect(program.proxy) as stream:
                    stream.sendall(request())
                    what = f"{behavior} on {protocol}"
                    if behavior == "hang":
                        stream.settimeout(0.5)
                        try:
                            raise AssertionError(f"{what}: {stream.recv(100)!r}")
                        except socket.timeout:
                            pass
                    else:
                        equal(receive_all(stream)[0], b"", what)
                check(behavior == "abort" or not any(heard), f"{what}: backend heard {heard}")
                if behavior == "abort":
                    wait_until(lambda: any(heard), f"{what}: the request at the backend")


@case("error on tcp: 1000 random bytes, or with inject the real ones with 100 among them")
def tcp_error():
    with Backend(echo) as backend:
        with vaurien(backend.address, "--behavior", "100:error") as program:
            with connect(program.proxy) as stream:
                stream.sendall(b"a" * 500)
                data = receive(stream, 1000)
                check(b"a" * 20 not in data, "the real ones")
        with vaurien(backend.address, "--behavior", "100:error",
                     "--behavior-error-inject") as program:
            with connect(program.proxy) as stream:
                stream.sendall(b"a" * 500)
                data = receive(stream, 600)
                check(data.startswith(b"aaaa") and data.endswith(b"aaaa"), "ends of it")


@case("warmup and agitate: so many pass, so many are hit, and the rest passes")
def transient():
    with local() as address, vaurien(
            address, "--protocol", "http", "--behavior", "100:transient",
            "--behavior-transient-warmup", "2", "--behavior-transient-agitate", "3") as program:
        hit = [answer.status >= 500 for answer in ask(program.proxy, 10)]
        equal(hit, [False] * 2 + [True] * 3 + [False] * 5, "which were hit")


# The API

@case("--http: the API on its port, a behaviour over it with its options really applied")
def api():
    with Backend(echo) as backend, Backend(echo) as other:
        port = free_port()
        with vaurien(backend.address, "--http", "--http-port", str(port)) as program:
            wait_until(lambda: listens(port), "the API's port")
            control = Control(port)
            equal(control.json("GET", "/behavior"), {"behavior": "dummy"}, "at first")
            equal(control.json("GET", "/behaviors"), {"behaviors": BEHAVIORS}, "all")
            equal(control.json("PUT", "/behavior", {"name": "delay", "sleep": 0.3}),
                  {"status": "ok"}, "PUT")
            equal(control.json("GET", "/behavior"), {"behavior": "delay"}, "then")
            with connect(program.proxy) as stream:
                start = time.monotonic()
                exchange(stream, b"ping")
                found = time.monotonic() - start
                check(0.3 <= found < 10, f"delayed by {found}")
            control.json("PUT", "/behavior", {"name": "50:error,50:delay"})
            equal(control.json("GET", "/behavior"), {"behavior": "50:error,50:delay"}, "a mix")
            control.json("PUT", "/behavior", '{"name":"dummy"}')
            equal(control.json("GET", "/backend"), {"backend": backend.address}, "backend")
            equal(control.json("PUT", "/backend", {"backend": other.address}),
                  {"status": "ok"}, "PUT /backend")
            with connect(program.proxy) as stream:
                exchange(stream, b"other")
            equal(len(other.connections), 1, "connections to the other backend")


def listens(port):
    try:
        connect(port).close()
        return True
    except OSError:
        return False


def description(control, path, body, status=400):
    error = control.json("PUT", path, body, status)
    equal(error["status"], "error", f"{body!r}")
    return error["errors"][0]


@case("the API's errors: 400 with what is wrong, 404, 405 with Allow, and nothing ends it")
def api_errors():
    with Backend(echo) as backend:
        port = free_port()
        with vaurien(backend.address, "--http", "--http-port", str(port)) as program:
            wait_until(lambda: listens(port), "the API's port")
            control = Control(port)
            for body in (b"", b"{", b"x"):
                equal(description(control, "/behavior", body), {
                    "location": "body", "name": "",
                    "description": "the value is not a valid json object"}, f"{body}")
            equal(description(control, "/behavior", b"{}")["description"],
                  'the value should contain a "name" key', "no name")
            error = description(control, "/behavior", {"name": "none"})
            equal((error["name"], error["description"]),
                  ("name", "the 'none' behavior does not exist"), "an unknown one")
            for body in (b"[]", {"name": 5}, {"name": "delay", "sleep": "x"},
                         {"name": "130:error"}, {"name": "80:error,50:delay"},
                         {"name": "delay", "sleep": -1}):
                equal(control.call("PUT", "/behavior", body).status, 400, f"{body}")
            for body in (b"[]", b"{}", {"backend": "nohost"}, {"backend": "h:99999"}):
                equal(control.call("PUT", "/backend", body).status, 400, f"backend {body}")
            reply = control.call("POST", "/behavior", "{}")
            equal(reply.status, 405, "POST")
            equal(sorted(reply.headers["Allow"].split(", ")), ["GET", "HEAD", "PUT"], "Allow")
            equal(control.call("HEAD", "/behavior").status, 200, "HEAD")
            for path in ("/none", "/behavior/"):
                equal(control.call("GET", path).status, 404, path)
            reply = control.call("GET", "/behaviors")
            equal((reply.headers["Content-Type"], reply.headers["X-Content-Type-Options"]),
                  ("application/json", "nosniff"), "fields")
            check(program.is_alive(), program.log())


@case("CHAOS has the same API on our control port, and /reset brings back what it was started with")
def on_chaos():
    with Server("-q") as server:
        control = Control(server.ports["control"])
        control.json("PUT", "/behavior", {"name": "error"})
        with Wire(server, "chaos") as wire:
            for _ in range(20):
                wire.send(request())
                check(wire.answer().status in (418, 503), "--error-status holds here")
        control.json("PUT", "/behavior", {"name": "delay", "sleep": 0.2})
        with Wire(server, "chaos") as wire:
            start = time.monotonic()
            wire.check_open()
            check(time.monotonic() - start >= 0.2, "an early answer")
        control.json("POST", "/reset", status=204)
        toxics = control.json("GET", "/proxies/chaos/toxics")
        equal([toxic["type"] for toxic in toxics], ["respond", "latency"], "after /reset")


# File, counters, name, mistakes

@case("the INI file wins over the command line, and its [behavior:…] sections are honoured")
def file():
    with local() as address, ini(
            "[vaurien]\nprotocol = http\nbehavior = 100:error\n[behavior:error]\nwarmup = 2\n"
            "[protocol:http]\noverwrite_host_header = true\n") as path:
        with vaurien(address, "--behavior", "100:dummy", "--config", path) as program:
            statuses = [answer.status for answer in ask(program.proxy, 5)]
            equal(statuses[:2], [200, 200], "warmup")
            check(min(statuses[2:]) >= 500, f"{statuses}")


@case("overwrite_host_header puts the backend into Host; else it stays")
def host_header():
    heads = []

    def serve(stream):
        heads.append(stream.recv(1000))
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with Backend(serve) as backend:
        for options in ([], ["--protocol-http-overwrite-host-header"]):
            with vaurien(backend.address, "--protocol", "http", *options) as program:
                with connect(program.proxy) as stream:
                    stream.sendall(request(host="original"))
                    stream.recv(1000)
        wait_until(lambda: [h for h in heads if h][1:], "two requests")
        heads = [head for head in heads if head]
        check(b"Host: original\r\n" in heads[0], f"{heads[0]}")
        check(f"Host: {backend.address}\r\n".encode() in heads[1], f"{heads[1]}")


@case("statsd counters come by UDP with the prefix and without a random key")
def statsd():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, Backend(echo) as backend:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        options = ["--statsd.enabled", "--statsd.host", "127.0.0.1", "--statsd.port",
                   str(receiver.getsockname()[1]), "--statsd.prefix", "mine"]
        with vaurien(backend.address, *options) as program:
            for _ in range(3):
                with connect(program.proxy) as stream:
                    exchange(stream, b"ping")
            found = set()
            while len(found) < 4:
                found.update(receiver.recv(1500).decode().split())
        equal(found, {f"mine.tcp.{word}:1|c" for word in
                      ("start", "to_backend", "to_client", "end")}, "counters")


@case("under the name vaurien it takes the same command line")
def name():
    import tempfile
    with tempfile.TemporaryDirectory() as folder, Backend(echo) as backend:
        link = os.path.join(folder, "vaurien")
        os.symlink(os.path.abspath(BINARY), link)
        port = free_port()
        with Program("--proxy", f"localhost:{port}", "--backend", backend.address, name=link,
                     port=port):
            with connect(port) as stream:
                exchange(stream, b"ping")


MISTAKES = [
    (["--behavior", "80:error,50:delay"], "130 %"), (["--behavior", "x:error"], "x:error"),
    (["--behavior", "50:eror"], "eror"), (["--protocol", "ftp"], "ftp"),
    (["--backend", "nohost"], "nohost"), (["--proxy", "nohost"], "nohost"),
    (["--config", "/nowhere.ini"], "/nowhere.ini"), (["--behavior-delay-sleep", "x"], "x"),
    (["--log-level", "loud"], "loud")]


@case(f"{len(MISTAKES)} mistakes on Vaurien's command line get a message and a status, no trace")
def mistakes():
    for arguments, word in MISTAKES:
        result = flagserver("vaurien", "--backend", "localhost:1", *arguments)
        check(result.returncode > 0, f"{arguments}: status {result.returncode}")
        check(word in result.stderr, f"{arguments}: {result.stderr}")
    with Backend(echo) as backend, vaurien(backend.address, "--behavior", "50:dummy") as program:
        with connect(program.proxy) as stream:
            exchange(stream, b"50:dummy ends Vaurien, and works here")


main()
