"""Toxics of the listener, of a connection as it comes and as it lasts, and toxics that end."""
import http.client
import json
import socket
import subprocess
import time

from control import Control, recorded
from harness import Server, case, check, equal, main, need, wait_until
from wire import Wire, request

TARGET = "/flags/br/br.gif"


def curl(server, *options, name="local", host="127.0.0.1", count=1):
    """The exit status of curl, with the seconds that it took."""
    need("curl")
    url = f"http://{host}:{server.ports[name]}{TARGET}"
    began = time.monotonic()
    status = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "--max-time", "5", "--noproxy", "*", *options,
         *[url] * count], stdin=subprocess.DEVNULL, timeout=30).returncode
    return status, time.monotonic() - began


def local(*options, **expected):
    return Server("-q", "--seed", "1", *options, **expected)


def toxic(control, kind, attributes=None, **more):
    return control.toxic("local", kind, attributes, **more)


@case("refuse: connections are refused on both loopbacks, open ones go on, the port stays ours")
def refuse():
    with local() as server, Wire(server) as wire:
        control = Control(server.ports["control"])
        wire.check_open()
        toxic(control, "refuse", name="r")
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family) as stream:
                equal(stream.connect_ex((host, server.ports["local"])), 111, f"errno on {host}")
            with socket.socket(family) as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    other.bind((host, server.ports["local"]))
                except OSError as error:
                    equal(error.errno, 98, f"errno of bind on {host}")
                else:
                    raise AssertionError(f"the port on {host} is free for others")
        equal(curl(server)[0], 7, "curl's exit status")
        wire.check_open()
        check(control.json("GET", "/proxies/local")["enabled"], "it is enabled all the same")
        control.remove("local", "r")
        equal(curl(server)[0], 0, "curl's exit status behind it")


@case("accept-stall: backlog + 1 connections are there and hear nothing, others get no answer")
def stall():
    with local("--toxic", "local:accept-stall backlog=1") as server:
        control = Control(server.ports["control"])
        waiting = [socket.socket() for _ in range(3)]
        for stream in waiting:
            stream.settimeout(0.3)
        for stream in waiting[:2]:
            equal(stream.connect_ex(("127.0.0.1", server.ports["local"])), 0, "errno")
        check(waiting[2].connect_ex(("127.0.0.1", server.ports["local"])) != 0, "a third one")
        waiting[2].close()
        status, seconds = curl(server, "--connect-timeout", "0.5")
        equal(status, 28, "curl's exit status")
        check(0.4 < seconds < 5, f"curl took {seconds} s")
        waiting[0].sendall(request())
        control.remove("local", "accept-stall_downstream")
        waiting[0].settimeout(10)
        check(waiting[0].recv(12) == b"HTTP/1.1 200", "what has waited is served")
        for stream in waiting:
            stream.close()


@case("v6-blackhole: over IPv6 nothing is answered, over IPv4 all is; v4-only and v6-only refuse")
def families():
    with local() as server:
        control = Control(server.ports["control"])
        toxic(control, "v6-blackhole", name="x")
        equal(curl(server)[0], 0, "over IPv4")
        equal(curl(server, "--max-time", "0.5", host="[::1]")[0], 28, "over IPv6")
        equal(curl(server, "--connect-timeout", "0.5", host="localhost")[0] in (0, 28), True,
              "by name: what the client makes of it")
        control.remove("local", "x")
        for kind, statuses in (("v4-only", [0, 7]), ("v6-only", [7, 0])):
            toxic(control, kind, name="x")
            found = [curl(server)[0], curl(server, host="[::1]")[0]]
            equal(found, statuses, f"{kind}: IPv4, IPv6")
            equal(curl(server, host="localhost")[0], 0, f"{kind}: by name")
            control.remove("local", "x")


@case("accept-reset and accept-close end before a byte is read; each has its planned record")
def ends():
    with local() as server:
        control = Control(server.ports["control"])
        for kind, status, end in (("accept-reset", 56, "rst"), ("accept-close", 52, "fin")):
            toxic(control, kind, name="x")
            equal(curl(server)[0], status, f"curl's exit status on {kind}")
            record, = control.records(1, fault=kind)
            equal((record["end"], record["conn"] > 0, record["status"]),
                  (end, True, None), f"{kind}: {record}")
            check(record["faults"][0]["acted"], f"{kind} has acted")
            control.remove("local", "x")
        equal(control.meters("local")["in_flight"], 0, "in flight")


@case("accept-delay: connected at once, read late")
def delay():
    with local("--toxic", "local:accept-delay delay=500ms") as server:
        control = Control(server.ports["control"])
        began = time.monotonic()
        with Wire(server) as wire:
            check(time.monotonic() - began < 0.4, "it is connected at once")
            wire.send(request())
            equal(wire.answer().status, 200, "status")
            check(time.monotonic() - began >= 0.5, "it is read late")
            wire.check_open()
        record, = control.records(1, fault="accept-delay")
        check(record["actual_delay_ms"] >= 500 and record["end"] == "keep", f"{record}")


@case("before a backend, on tcp too, one that is turned away never gets there")
def backend():
    for protocol in ("http", "tcp"):
        came = []

        def serve(stream):
            came.append(stream.recv(4))

        toxics = [("accept-reset", {})]
        with recorded(serve, protocol, toxics) as (port, control, _):
            with socket.create_connection(("127.0.0.1", port)) as stream:
                try:
                    stream.sendall(request())
                    data = stream.recv(10)
                except ConnectionError:
                    data = None
                equal(data, None, "what came")
            record, = control.records(1)
            equal((record["end"], record["faults"][0]["acted"]), ("rst", True), "the record")
            equal(came, [], "what the backend saw")


@case("keepalive-race: who tries again gets the file, http.client hears of the end")
def race():
    with local("--toxic", "local:keepalive-race") as server:
        control = Control(server.ports["control"])
        equal(curl(server, count=2)[0], 0, "curl tries again on a new connection")
        connection = http.client.HTTPConnection("127.0.0.1", server.ports["local"], timeout=10)
        connection.request("GET", TARGET)
        connection.getresponse().read()
        connection.request("GET", TARGET)
        try:
            connection.getresponse()
        except http.client.RemoteDisconnected:
            pass
        else:
            raise AssertionError("the second request was answered")
        connection.close()
        found = [(record["status"], record["end"]) for record in control.records(5)]
        equal(found.count((None, "fin")), 2, f"requests that met the end: {found}")


@case("close-after, idle-close, a lying keep-alive and a close that stays do as they say")
def lasting():
    with local() as server:
        control = Control(server.ports["control"])
        toxic(control, "close-after", {"requests": 2}, name="x")
        with Wire(server) as wire:
            wire.check_open()
            wire.check_open()
            wire.check_end()
        control.remove("local", "x")
        toxic(control, "lying-keep-alive", name="x")
        with Wire(server) as wire:
            wire.send(request())
            equal(wire.answer().field("connection"), "keep-alive", "Connection")
            wire.check_end()
        control.remove("local", "x")
        toxic(control, "connection-close-stays", {"for": 600}, name="x")
        with Wire(server) as wire:
            wire.send(request())
            began = time.monotonic()
            equal(wire.answer().field("connection"), "close", "Connection")
            wire.check_end()
            check(time.monotonic() - began > 0.5, "it stays open")
        control.remove("local", "x")
        toxic(control, "idle-close", {"after": 300}, name="x")
        with Wire(server) as wire:
            wire.check_open()
            began = time.monotonic()
            wire.check_end()
            check(0.2 < time.monotonic() - began < 5, "it ends by itself")
        record, = control.records(1, fault="idle-close", acted="true")
        equal(record["end"], "fin", "the end of an idle connection")


@case("a toxic with a ttl is gone when its time is over, and back with a reset")
def ttl():
    with local("--toxic", "local:respond 503=1 ttl=600ms") as server:
        control = Control(server.ports["control"])
        equal(len(control.json("GET", "/proxies/local/toxics")), 1, "toxics at the start")
        wait_until(lambda: not control.json("GET", "/proxies/local/toxics"), "it ends", 5)
        equal(curl(server, "-f")[0], 0, "curl's exit status behind it")
        control.json("POST", "/reset", status=204)
        found, = control.json("GET", "/proxies/local/toxics")
        equal(found["ttl"], 600, "the ttl")
        equal(curl(server, "-f")[0], 22, "curl's exit status when it is back")


@case("a schedule: in force, and not, and in force again; shown as it can be written back")
def schedule():
    with local() as server:
        control = Control(server.ports["control"])
        made = toxic(control, "respond", {"503": 1}, schedule="1s/2s", ttl=60000, name="x")
        equal((made["schedule"], made["ttl"]), ("1s/2s", 60000), "as it is shown")
        began = time.monotonic()
        seen = []
        while len(seen) < 4 and time.monotonic() - began < 10:
            with Wire(server) as wire:
                wire.send(request())
                status = wire.answer().status
            if status not in seen[-1:]:
                seen.append(status)
            time.sleep(0.05)
        equal(seen, [503, 200, 503, 200], "statuses, one after the other")
        control.remove("local", "x")
        again = toxic(control, made["type"], made["attributes"], **{
            key: made[key] for key in ("name", "stream", "toxicity", "ttl", "schedule")})
        equal(again, made, "written back")
        changed = control.change("local", "x", ttl="")
        check("ttl" not in changed and changed["schedule"] == "1s/2s", f"changed: {changed}")


@case("what a toxic of the listener cannot be given, and wrong times, are a 400 that says why")
def refused():
    with local() as server:
        control = Control(server.ports["control"])
        rows = [
            ({"type": "refuse", "toxicity": 0.5}, "for, ttl and schedule only"),
            ({"type": "refuse", "match": {"client": "::1"}}, "for, ttl and schedule only"),
            ({"type": "v4-only", "exchanges": "1...2"}, "for, ttl and schedule only"),
            ({"type": "accept-stall", "stream": "upstream"}, "downstream"),
            ({"type": "accept-stall", "attributes": {"backlog": 5000}}, "out of range"),
            ({"type": "accept-reset", "match": {"path": "/a"}}, "only client"),
            ({"type": "noop", "ttl": 0}, "shorter than 1ms"),
            ({"type": "noop", "ttl": -5}, "whole number"),
            ({"type": "noop", "schedule": "30s/5s"}, "longer than the period"),
            ({"type": "noop", "schedule": "5s"}, "write 5s/30s"),
            ({"type": "noop", "schedule": 5}, ""),
        ]
        for body, part in rows:
            reply = control.call("POST", "/proxies/local/toxics", body)
            equal(reply.status, 400, f"{body}: {reply.body!r}")
            check(part in json.loads(reply.body)["error"], f"{body}: {reply.body!r}")
        equal(control.json("GET", "/proxies/local/toxics"), [], "toxics")


if __name__ == "__main__":
    main()
