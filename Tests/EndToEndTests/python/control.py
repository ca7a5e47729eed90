"""The control port, asked by hand: what clients of Toxiproxy's and Vaurien's APIs send."""
from __future__ import annotations

import http.client
import json
from collections import namedtuple
from contextlib import contextmanager

from aftermath import Watched
from backends import Backend, echo, free_port
from harness import Program, Server, check, equal, wait_until

Reply = namedtuple("Reply", "status headers body")


class Control:
    def __init__(self, port, host="127.0.0.1"):
        self.host, self.port = host, port

    def call(self, method, path, body=None, headers=None, seconds=20):
        """One request on a connection of its own. `body`: bytes or text as they are, else JSON."""
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        server = Watched.by_control_port.get(self.port) if _clears(method, path) else None
        if server:
            server.counters_go()
        try:
            return self._call(method, path, body, headers, seconds)
        finally:
            if server:
                server.counters_went()

    def _call(self, method, path, body, headers, seconds):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=seconds)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def json(self, method, path, body=None, status=200, headers=None):
        """The value that is answered, with the status that it must have."""
        reply = self.call(method, path, body, headers)
        equal(reply.status, status, f"{method} {path} {body!r}: {reply.body!r}")
        return json.loads(reply.body) if reply.body else None

    def journal(self, **filters):
        """The records that these filters mean, oldest first."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        reply = self.call("GET", f"/journal?{query}" if query else "/journal")
        equal(reply.status, 200, f"GET /journal?{query}: {reply.body[:200]!r}")
        return [json.loads(line) for line in reply.body.splitlines()]

    def records(self, count, **filters):
        """The same, once there are so many of them."""
        wait_until(lambda: len(self.journal(**filters)) >= count, f"{count} records of {filters}")
        records = self.journal(**filters)
        equal(len(records), count, f"records of {filters}")
        return records

    def meters(self, proxy):
        return self.json("GET", "/concurrency")["proxies"][proxy]

    def metric(self, name, **labels):
        """The sample of that name with those labels; 0 if there is none."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in self.call("GET", "/metrics").body.decode().splitlines():
            found, _, rest = line.partition("{")
            if found == name and wanted <= set(rest.partition("}")[0].split(",")):
                return float(line.split()[-1])
        return 0

    def proxy(self, name, upstream, **more):
        """Creates a proxy on a free port of 127.0.0.1: the port."""
        values = {"name": name, "upstream": upstream, "listen": "127.0.0.1:0", **more}
        proxy = self.json("POST", "/proxies", values, 201)
        host, port = proxy["listen"].rsplit(":", 1)
        equal(host, "127.0.0.1", "the address listened on")
        check(proxy["enabled"] == more.get("enabled", True), f"enabled: {proxy}")
        return int(port)

    def toxic(self, proxy, kind, attributes=None, **more):
        values = {"type": kind, "attributes": attributes or {}, **more}
        return self.json("POST", f"/proxies/{proxy}/toxics", values)

    def change(self, proxy, toxic, **values):
        return self.json("PATCH", f"/proxies/{proxy}/toxics/{toxic}", values)

    def set_toxics(self, proxy, toxics):
        """Takes all toxics away, and sets these: type and attributes of each."""
        for toxic in self.json("GET", f"/proxies/{proxy}/toxics"):
            self.remove(proxy, toxic["name"])
        for kind, attributes in toxics:
            self.toxic(proxy, kind, attributes)

    def remove(self, proxy, toxic=None):
        path = f"/proxies/{proxy}" + (f"/toxics/{toxic}" if toxic else "")
        return self.json("DELETE", path, status=204)


def _clears(method, path):
    """Whether a call takes counters away: of all proxies, or with the proxy that it ends."""
    return (method, path) == ("POST", "/reset") or (
        method == "DELETE" and path.startswith("/proxies/") and "/toxics" not in path)


@contextmanager
def proxied(serve=echo, expects_log=(), **more):
    """A proxy named p before a backend, under `flagserver toxiproxy`: its port, and the API."""
    port = free_port()
    with Backend(serve) as backend, Program(
            "toxiproxy", "-port", port, port=port, expects_log=expects_log):
        control = Control(port)
        yield control.proxy("p", backend.address, **more), control


@contextmanager
def recorded(serve, protocol="http", toxics=(), **expected):
    """The same under flagserver itself, which keeps records: the port, the API, the backend.
    `toxics`: type and attributes of each; `expected`: what Server expects."""
    with Backend(serve) as backend:
        with recorded_before(backend.address, protocol, **expected) as (port, control):
            for kind, attributes in toxics:
                control.toxic("p", kind, attributes)
            yield port, control, backend


@contextmanager
def recorded_before(address, protocol, **expected):
    """The same before a server that is there: the port, and the API."""
    with Server("-q", "--seed", "1", **expected) as server:
        control = Control(server.ports["control"])
        yield control.proxy("p", address, protocol=protocol), control
