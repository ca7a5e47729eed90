"""Toxiproxy's API: its Python client unmodified, and by hand all that other clients rely on."""
import errno
import json
import re
import select
import socket
import time
from collections import Counter
from contextlib import contextmanager

from backends import Backend, connect, echo, exchange, free_port
from control import Control
from harness import Program, Server, Skip, case, check, equal, main, wait_until


@contextmanager
def both(*options, **expected):
    """`flagserver toxiproxy` and the control port of flagserver, one after the other."""
    port = free_port()
    with Program("toxiproxy", "-port", port, *options, port=port, **expected):
        yield Control(port)


def each(test):
    """Runs `test(control)` against `flagserver toxiproxy` and against our own control port."""
    with both("-proxy-metrics") as control:
        test(control)
    with Server("-q") as server:
        test(Control(server.ports["control"]))


# The Python client

def client_of(control):
    try:
        from toxiproxy import Toxiproxy
    except ImportError:
        raise Skip("the Python package toxiproxy-python is not installed") from None
    server = Toxiproxy()
    server.update_api_consumer("127.0.0.1", control.port)
    return server


@case("toxiproxy-python: create, list, get, populate, toxics, down, reset, version, running")
def python_client():
    def test(control):
        server = client_of(control)
        check(server.running(), "running()")
        version = json.loads(server.version())["version"]
        numbers = tuple(map(int, re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version).groups()))
        check(numbers >= (2, 6, 0), f"a version at which clients use PATCH: {version}")
        with Backend(echo) as backend:
            use_proxy(server, backend)
            use_collection(server, backend)
    each(test)


def use_proxy(server, backend):
    from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists
    proxy = server.create(upstream=backend.address, name="py")
    port = int(proxy.listen.rsplit(":", 1)[1])
    equal((proxy.enabled, proxy.upstream), (True, backend.address), "the proxy")
    raises(ProxyExists, lambda: server.create(upstream=backend.address, name="py"))
    with connect(port) as stream:
        exchange(stream, b"through")
    proxy.add_toxic(type="latency", attributes={"latency": 200, "jitter": 0})
    proxy.add_toxic(name="slow", type="bandwidth", stream="upstream", toxicity=0.5,
                    attributes={"rate": 1000})
    equal(sorted(proxy.toxics()), ["latency_downstream", "slow"], "toxics()")
    toxic = proxy.get_toxic("slow")
    equal((toxic.type, toxic.stream, toxic.toxicity, toxic.attributes),
          ("bandwidth", "upstream", 0.5, {"rate": 1000}), "the toxic")
    with connect(port) as stream:
        start = time.monotonic()
        exchange(stream, b"late")
        check(time.monotonic() - start >= 0.2, "latency")
    raises(InvalidToxic, lambda: proxy.add_toxic(type="none"))
    raises(InvalidToxic, lambda: proxy.add_toxic(type="latency", stream="sideways"))
    raises(ProxyExists, lambda: proxy.add_toxic(type="latency"))
    check(proxy.destroy_toxic("slow"), "destroy_toxic")
    equal(proxy.get_toxic("slow"), None, "a destroyed toxic")
    raises(NotFound, lambda: proxy.destroy_toxic("slow"))
    with proxy.down():
        check(not server.get_proxy("py").enabled, "down()")
        raises(ConnectionRefusedError, lambda: connect(port))
    with connect(port) as stream:
        exchange(stream, b"up again")
    check(server.reset(), "reset()")
    equal(server.get_proxy("py").toxics(), {}, "toxics after reset()")
    proxy.destroy()
    equal(server.get_proxy("py"), None, "a destroyed proxy")
    raises(NotFound, proxy.destroy)


def use_collection(server, backend):
    names = [f"pop{number}" for number in range(3)]
    proxies = [{"name": name, "upstream": backend.address, "listen": f"127.0.0.1:{free_port()}"}
               for name in names]
    equal([proxy.name for proxy in server.populate(proxies)], names, "populate")
    equal(server.populate(proxies), [], "populate again")
    check(set(names) <= set(server.proxies()), "proxies()")
    server.destroy_all()
    equal(server.proxies(), {}, "after destroy_all()")


def raises(kind, function):
    try:
        function()
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


# By hand

ERROR = "text/plain; charset=utf-8"
JSON = "application/json"
# Method, path, body, status, content type, and words of the body or None.
ROWS = [
    ("GET", "/version", None, 200, "application/json;charset=utf-8", '{"version": "2.'),
    ("GET", "/proxies/p", None, 200, JSON, '"name":"p"'),
    ("GET", "/proxies/none", None, 404, ERROR, '{"error":"proxy not found","status":404}\n'),
    ("GET", "/proxies/p/toxics", None, 200, JSON, "["),
    ("GET", "/proxies/none/toxics", None, 404, ERROR, "proxy not found"),
    ("GET", "/proxies/p/toxics/none", None, 404, ERROR, "toxic not found"),
    ("DELETE", "/proxies/none", None, 404, ERROR, "proxy not found"),
    ("DELETE", "/proxies/p/toxics/none", None, 404, ERROR, "toxic not found"),
    ("PATCH", "/proxies/none", "{}", 404, ERROR, "proxy not found"),
    ("PATCH", "/proxies/p", "{}", 200, JSON, '"name":"p"'),
    ("POST", "/proxies/p", '{"enabled":null}', 200, JSON, '"enabled":true'),
    ("POST", "/proxies", "", 400, ERROR, "bad request body: EOF"),
    ("POST", "/proxies", "{", 400, ERROR, "bad request body: unexpected EOF"),
    ("POST", "/proxies", "x", 400, ERROR, "bad request body: invalid character 'x'"),
    ("POST", "/proxies", "null", 400, ERROR, "missing required field: name"),
    ("POST", "/proxies", "{}", 400, ERROR, "missing required field: name"),
    ("POST", "/proxies", '{"name":"a"}', 400, ERROR, "missing required field: upstream"),
    ("POST", "/proxies", '{"name":"p","upstream":"x:1"}', 409, ERROR, "proxy already exists"),
    ("POST", "/proxies", '{"name":"a","upstream":"x:1","enabled":"yes"}', 400, ERROR, "bad req"),
    ("POST", "/proxies", '{"name":"a","upstream":"x:1","listen":"garbage"}', 500, ERROR,
     "missing port in address"),
    ("POST", "/proxies", '{"name":"a","upstream":"x:1","listen":"127.0.0.1:99999"}', 500, ERROR,
     "invalid port"),
    ("POST", "/proxies/p/toxics", '{"type":"none"}', 400, ERROR, "invalid toxic type"),
    ("POST", "/proxies/p/toxics", '{"type":"Latency"}', 400, ERROR, "invalid toxic type"),
    ("POST", "/proxies/p/toxics", "{}", 400, ERROR, "invalid toxic type"),
    ("POST", "/proxies/p/toxics", '{"type":"none","stream":"x"}', 400, ERROR,
     "stream was invalid, can be either upstream or downstream"),
    ("POST", "/proxies/p/toxics", '{"type":"noop","stream":""}', 400, ERROR, "stream was invalid"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","name":"taken"}', 409, ERROR,
     "toxic already exists"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","attributes":{"latency":1.5}}', 400, ERROR,
     "bad request body"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","attributes":{"latency":1e3}}', 400, ERROR,
     "bad request body"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","attributes":{"latency":"5"}}', 400, ERROR,
     "bad request body"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","attributes":{"latency":true}}', 400, ERROR,
     "bad request body"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","attributes":[]}', 400, ERROR, "bad req"),
    ("POST", "/proxies/p/toxics", '{"type":"latency","attributes":"x"}', 400, ERROR, "bad req"),
    ("POST", "/populate", "[]", 201, JSON, '{"proxies":null}'),
    ("POST", "/populate", "null", 201, JSON, '{"proxies":null}'),
    ("POST", "/populate", "{", 400, JSON, '"status":400,"proxies":null}'),
    ("POST", "/populate", '[{"name":"a","upstream":"x:1"},{"name":"b"}]', 400, JSON,
     "missing required field: upstream at proxy 2"),
    ("GET", "/none", None, 404, ERROR, "404 page not found"),
    ("GET", "/proxies/", None, 404, ERROR, "404 page not found"),
    ("GET", "/proxies?x=1", None, 200, JSON, "{"),
    ("DELETE", "/proxies", None, 405, None, ""),
    ("HEAD", "/proxies", None, 405, None, ""),
    ("OPTIONS", "/proxies", None, 405, None, ""),
    ("GET", "/reset", None, 405, None, ""),
    ("PUT", "/proxies/p", "{}", 405, None, ""),
    ("GET", "/populate", None, 405, None, ""),
]


@case(f"{len(ROWS)} calls have Toxiproxy's statuses, content types and texts")
def rows():
    def test(control):
        control.proxy("p", "127.0.0.1:1")
        control.toxic("p", "noop", name="taken")
        wrong = []
        for method, path, body, status, kind, words in ROWS:
            reply = control.call(method, path, body)
            found = (reply.status, reply.headers["Content-Type"] if kind else None)
            text = reply.body.decode()
            if found != (status, kind) or words not in text or (words == "" and text):
                wrong.append(f"{method} {path} {body}: {found} {text[:150]!r}")
        check(not wrong, "\n    ".join([f"{len(wrong)} of {len(ROWS)}", *wrong]))
    each(test)


@case("every routed reply has a request id of 20 characters of its own, 404 and 405 have none")
def request_id():
    def test(control):
        found = set()
        for path in ("/proxies", "/version", "/proxies/none"):
            reply = control.call("GET", path, headers={"X-Toxiproxy-Request-Id": "mine"})
            name = reply.headers["X-Toxiproxy-Request-Id"]
            check(re.fullmatch("[0-9a-v]{20}", name or ""), f"{path}: {name}")
            found.add(name)
        equal(len(found), 3, "ids")
        for method, path in (("GET", "/none"), ("DELETE", "/proxies")):
            equal(control.call(method, path).headers["X-Toxiproxy-Request-Id"], None, path)
        reply = control.call("GET", "/proxies/none")
        equal(reply.headers["X-Content-Type-Options"], "nosniff", "of an error")
    each(test)


@case("what other clients send: PascalCase, null, no or odd Content-Type, POST, chunks")
def dialects():
    def test(control):
        created = control.json("POST", "/proxies", {
            "Name": "net", "Listen": "127.0.0.1:0", "Upstream": "127.0.0.1:1", "Enabled": None,
            "Toxics": None, "Logger": [1]}, 201, {"Content-Type": "text/x"})
        equal(list(created)[:5], ["name", "listen", "upstream", "enabled", "toxics"], "keys")
        equal((created["enabled"], created["toxics"]), (True, []), "null is the default")
        toxic = control.json("POST", "/proxies/net/toxics", {
            "Type": "latency", "Stream": "Upstream", "Toxicity": None, "Attributes": None},
            headers={"Content-Type": "application/x-www-form-urlencoded"})
        equal((toxic["attributes"], toxic["type"], toxic["toxicity"]),
              ({"latency": 0, "jitter": 0}, "latency", 1), "the toxic")
        equal((toxic["stream"], toxic["name"].lower()), ("Upstream", "latency_upstream"), "it")
        path = f"/proxies/net/toxics/{toxic['name']}"
        for method, body in (("POST", {"attributes": {"latency": 5}}), ("POST", {"toxicity": 0.2}),
                             ("PATCH", {"ATTRIBUTES": {"JITTER": 3}, "name": "x", "type": "y"})):
            toxic = control.json(method, path, body)
        equal((toxic["attributes"], toxic["toxicity"]), ({"latency": 5, "jitter": 3}, 0.2), "it")
        reply = raw(control, b"POST /reset HTTP/1.1\r\nHost: localhost:%d\r\n\r\n")
        check(reply.startswith(b"HTTP/1.1 204"), f"POST /reset without length: {reply!r}")
        reply = raw(control, b"POST /proxies/net HTTP/1.1\r\nHost: localhost:%d\r\n"
                             b"Transfer-Encoding: chunked\r\n\r\n11\r\n{\"enabled\":false}\r\n"
                             b"0\r\n\r\n")
        check(reply.startswith(b"HTTP/1.1 200") and b'"enabled":false' in reply, f"{reply!r}")
        reply = raw(control, b"GET /proxies HTTP/1.1\r\nHost: localhost:%d\r\n"
                             b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        check(reply.startswith(b"HTTP/1.1 200"), f"GET with a body: {reply!r}")
        control.remove("net")
    each(test)


def raw(control, data):
    with connect(control.port) as stream:
        stream.sendall(data % control.port if b"%d" in data else data)
        return stream.recv(65536)


@case("lists are sorted by name, toxics upstream first, all attributes are always there")
def order():
    def test(control):
        for name in ("zeta", "Alpha", "mid", "b<&>"):
            control.proxy(name, "127.0.0.1:1")
        names = list(control.json("GET", "/proxies"))
        equal(names, sorted(names), "order of GET /proxies")
        check(b"b\\u003c\\u0026\\u003e" in control.call("GET", "/proxies").body, "escapes")
        equal(control.json("GET", "/proxies/b%3C%26%3E")["name"], "b<&>", "percent-coding")
        wanted = {"latency": {"latency", "jitter"}, "bandwidth": {"rate"}, "timeout": {"timeout"},
                  "slicer": {"average_size", "size_variation", "delay"}, "noop": set(),
                  "slow_close": {"delay"}, "limit_data": {"bytes"}, "reset_peer": {"timeout"},
                  "packet_loss": {"loss_rate", "correlation"}}
        for kind, keys in wanted.items():
            toxic = control.toxic("mid", kind)
            equal(set(toxic["attributes"]), keys, kind)
            control.toxic("mid", kind, stream="upstream")
        toxics = control.json("GET", "/proxies/mid/toxics")
        equal([t["name"] for t in toxics], [f"{kind}_{stream}" for stream in
              ("upstream", "downstream") for kind in wanted], "order of toxics")
    each(test)


@case("listen: the real address; equal text is no change; disabled keeps any text; busy is 500")
def listen():
    def test(control):
        with Backend(echo) as backend:
            port = control.proxy("p", backend.address)
            with connect(port) as stream:
                exchange(stream, b"a")
                for text in (f"localhost:{port}", f"127.0.0.1:{port}"):
                    control.json("PATCH", "/proxies/p", {"listen": text})
                exchange(stream, b"still there")
                control.json("PATCH", "/proxies/p", {"listen": "127.0.0.1:0"})
                equal(stream.recv(1), b"", "after a move")
            proxy = control.json("POST", "/proxies", {
                "name": "off", "upstream": "x:1", "listen": "garbage", "enabled": False}, 201)
            equal(proxy["listen"], "garbage", "of a disabled proxy")
            reply = control.call("POST", "/proxies", {
                "name": "busy", "upstream": "x:1", "listen": backend.address})
            equal((reply.status, json.loads(reply.body)["error"]),
                  (500, f"listen tcp {backend.address}: bind: address already in use"), "busy")
            for listen in ("", None):
                proxy = control.json("POST", "/proxies", {
                    "name": "any", "upstream": "x:1", "listen": listen}, 201)
                check(int(proxy["listen"].rsplit(":", 1)[1]) > 0, f"{proxy}")
                control.remove("any")
            control.remove("p")
            control.remove("off")
    each(test)


@case("a backend that refuses: 300 non-blocking connects succeed, and then read an ordered end")
def refused():
    refuses = ["p: connect .*: Connection refused"]

    def test(control):
        port = control.proxy("p", f"127.0.0.1:{free_port()}")
        equal(Counter(outcome(port) for _ in range(300)), {"EOF": 300}, "what became of them")
        control.remove("p")
    with both(expects_log=refuses) as control:
        test(control)
    with Server("-q", expects_log=refuses, expects_unplanned=300) as server:
        test(Control(server.ports["control"]))


def outcome(port):
    """Of a connect as clients with an event loop make it, and of the first read."""
    with socket.socket() as stream:
        stream.setblocking(False)
        stream.connect_ex(("127.0.0.1", port))
        check(select.select([], [stream], [], 20)[1], "the connect hangs")
        failure = stream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            return f"connect: {errno.errorcode[failure]}"
        check(select.select([stream], [], [], 20)[0], "no end comes")
        try:
            return "data" if stream.recv(1) else "EOF"
        except OSError as error:
            return f"read: {errno.errorcode[error.errno]}"


@case("populate: made with toxics in one step, the same ones left alone, others replaced")
def populate():
    def test(control):
        with Backend(echo) as backend:
            port = free_port()
            body = [{"name": "pop", "listen": f"127.0.0.1:{port}", "upstream": backend.address,
                     "toxics": [{"type": "latency", "attributes": {"latency": 100}}]}]
            made = control.json("POST", "/populate", body, 201)["proxies"][0]
            equal(made["toxics"][0]["attributes"]["latency"], 100, "a toxic in populate")
            with connect(port) as stream:
                start = time.monotonic()
                exchange(stream, b"a")
                check(time.monotonic() - start >= 0.1, "the toxic does nothing")
                control.json("POST", "/populate", [dict(body[0], toxics=[])], 201)
                exchange(stream, b"left alone")
                with Backend(echo) as other:
                    body[0]["upstream"] = other.address
                    del body[0]["toxics"]
                    made = control.json("POST", "/populate", body, 201)["proxies"][0]
                    equal(made["toxics"], [], "toxics of one replaced")
                    equal(stream.recv(1), b"", "the old one's connection")
            control.remove("pop")
    each(test)


@case("byte counters at /metrics count while a connection lives")
def metrics():
    def test(control):
        with Backend(echo) as backend:
            with connect(control.proxy("count", backend.address)) as stream:
                exchange(stream, b"x" * 12345)
                for name in ("received", "sent"):
                    for direction in ("upstream", "downstream"):
                        wait_until(lambda n=name, d=direction: counter(control, n, d) == 12345,
                                   f"{name} {direction}: {counter(control, name, direction)}")
        control.remove("count")
    each(test)


def counter(control, name, direction):
    reply = control.call("GET", "/metrics")
    equal(reply.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8", "type")
    for line in reply.body.decode().splitlines():
        if (line.startswith(f"toxiproxy_proxy_{name}_bytes_total{{")
                and f'direction="{direction}"' in line and 'proxy="count"' in line):
            return float(line.split()[-1])
    return None


@case("a browser's User-Agent is refused with 403 under flagserver toxiproxy, and only there")
def browser():
    headers = {"User-Agent": "Mozilla/5.0"}
    with both() as control:
        reply = control.call("GET", "/proxies", headers=headers)
        equal((reply.status, b"User agent not allowed" in reply.body), (403, True), "toxiproxy")
        equal(control.call("GET", "/none", headers=headers).status, 404, "an unknown path")
        equal(control.call("GET", "/metrics").status, 404, "/metrics without its option")
    with Server("-q") as server:
        reply = Control(server.ports["control"]).call("GET", "/proxies", headers=headers)
        equal(reply.status, 200, "our control port")


# Toxiproxy.Net, as its tests call: PascalCase, upstreams without a port, a toxicity in percent

def net(name, listen="localhost:0", **more):
    return {"Name": name, "Listen": listen, "Upstream": f"{name}.com", "Enabled": True, **more}


@case("Toxiproxy.Net's proxies lead to names without a port: all of its calls work")
def net_proxies():
    with both(expects_log=["connections will fail"]) as control:
        port = free_port()
        for name in ("one", "two", "three"):
            listen = f"localhost:{port}" if name == "one" else "localhost:0"
            made = control.json("POST", "/proxies", net(name, listen), 201)
            equal((made["name"], made["upstream"]), (name, f"{name}.com"), f"{made}")
        equal(list(control.json("GET", "/proxies")), ["one", "three", "two"], "all of them")
        equal(control.call("POST", "/proxies", net("one", listen)).status, 409, "twice")
        for path in ("DOESNOTEXIST", "DOESNOTEXIST/toxics"):
            equal(control.call("GET", f"/proxies/{path}").status, 404, path)
        changed = {"Name": "one", "Listen": "localhost:55555", "Upstream": "gmail.com",
                   "Enabled": False}
        control.json("POST", "/proxies/one", changed)
        found = control.json("GET", "/proxies/one")
        equal([found[key] for key in ("listen", "upstream", "enabled")],
              ["localhost:55555", "gmail.com", False], "changed")
        control.json("POST", "/proxies/one", {**changed, "Listen": f"localhost:{port}"})
        equal(control.call("POST", "/reset").status, 204, "reset")
        equal(control.json("GET", "/proxies/one")["enabled"], True, "enabled again")
        for name in ("one", "two", "three"):
            equal(control.call("DELETE", f"/proxies/{name}").status, 204, name)
        equal(control.json("GET", "/proxies"), {}, "none left")


@case("Toxiproxy.Net's toxics: each kind, a toxicity of 80, names and streams that stay")
def net_toxics():
    with both(expects_log=["connections will fail"]) as control:
        made = control.json("POST", "/proxies", {
            "Name": "testingProxy", "Listen": "127.0.0.1:0", "Upstream": "google.com",
            "Enabled": True}, 201)
        path = f"/proxies/{made['name']}/toxics"
        kinds = [("latency", {"Jitter": 10, "Latency": 5}, None),
                 ("slow_close", {"Delay": 100}, 0.5), ("timeout", {"Timeout": 10}, 0.5),
                 ("bandwidth", {"Rate": 100}, None), ("limit_data", {"Bytes": 7}, None),
                 ("slicer", {"average_size": 10, "Delay": 5, "size_variation": 1}, None)]
        for kind, attributes, toxicity in kinds:
            toxic = {"Attributes": attributes, "Name": f"{kind}Test", "Stream": "upstream",
                     "Toxicity": toxicity, "Type": kind}
            found = control.json("POST", path, toxic)
            equal((found["name"], found["stream"]), (f"{kind}Test", "upstream"), f"{found}")
            equal(found["attributes"], {k.lower(): v for k, v in attributes.items()}, kind)
            equal(control.json("GET", f"{path}/{kind}Test"), found, kind)
            equal(control.call("POST", path, toxic).status, 409, f"{kind} twice")
        slow = {"Attributes": {"Delay": 50}, "Name": "slowCloseToxic", "Stream": "downstream",
                "Toxicity": 80, "Type": "slow_close"}
        equal(control.json("POST", path, slow)["toxicity"], 80, "its toxicity")
        changed = {"Attributes": {"average_size": 20, "Delay": 10, "size_variation": 2},
                   "Name": "NewName", "Stream": "downstream", "Type": "slicer"}
        found = control.json("POST", f"{path}/slicerTest", changed)
        equal((found["name"], found["stream"]), ("slicerTest", "upstream"), "what stays")
        equal(found["attributes"]["average_size"], 20, "what changes")
        for kind, _, _ in kinds:
            equal(control.call("DELETE", f"{path}/{kind}Test").status, 204, kind)
        equal(control.json("GET", path), [{
            "attributes": {"delay": 50}, "name": "slowCloseToxic", "type": "slow_close",
            "stream": "downstream", "toxicity": 80}], "what is left")


@case("an upstream that is no address fails at connect, as one that refuses, and is warned of")
def any_upstream():
    with both(expects_log=["connections will fail", "is not of the form host:port",
                           "leads back to this proxy"]) as control:
        for upstream in ("google.com", "x", "h:99999", "http://h/"):
            port = control.proxy("p", upstream)
            with connect(port) as stream:
                equal(stream.recv(10), b"", f"from {upstream}")
            with connect(port) as stream:
                try:
                    stream.sendall(b"hello")
                    equal(stream.recv(10), b"", f"from {upstream}")
                except ConnectionResetError:
                    pass
            ends = {r["end"] for r in control.journal(proxy="p")}
            equal(ends, {"backend-refused"}, "records")
            control.remove("p")
        port = control.proxy("loop", f"127.0.0.1:{control.port}")
        with connect(port) as stream:
            equal(stream.recv(10), b"", "our own control port")
        control.json("POST", "/proxies/loop", {"upstream": f"127.0.0.1:{port}"})
        with connect(port) as stream:
            equal(stream.recv(10), b"", "itself")


main()
