"""Who may use the control port, chains of proxies, and the flag servers as proxies."""
import threading
import time
from contextlib import contextmanager

from backends import free_port, receive_all
from control import Control
from harness import (
    CODES, Server, case, check, equal, flagserver, gif, main, stored)
from wire import Wire, request


@contextmanager
def running(*options):
    with Server("-q", *options) as server:
        yield server, Control(server.ports["control"])


# Who may use it

@case("a Host that is not ours is refused (DNS rebinding), also for reading")
def rebinding():
    with running() as (server, control):
        port = control.port
        for host in (f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}",
                     f"localhost.evil.example:{port}", f"192.0.2.1:{port}"):
            for method, path in (("GET", "/proxies"), ("POST", "/reset"), ("GET", "/metrics")):
                status = control.call(method, path, headers={"Host": host}).status
                check(400 <= status < 500, f"{method} {path} for {host}: {status}")
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "localhost",
                     f"localhost:{port + 1}", "127.0.0.1:1"):
            equal(control.call("GET", "/proxies", headers={"Host": host}).status, 200, host)


@case("pages of other origins are refused with 403, without CORS fields; our own origin is not")
def origins():
    with running() as (server, control):
        own = f"http://localhost:{control.port}"
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Origin": "http://localhost:1"}, {"Origin": f"https{own[4:]}"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            for call in (("GET", "/proxies"), ("POST", "/reset"), ("PUT", "/behavior", "{}")):
                reply = control.call(*call, headers=headers)
                equal(reply.status, 403, f"{call} with {headers}")
                check("Access-Control-Allow-Origin" not in reply.headers, "a CORS field")
        for headers in ({"Origin": own, "Host": own[7:]}, {"Sec-Fetch-Site": "same-origin"},
                        {"Sec-Fetch-Site": "none"}, {"User-Agent": "Mozilla/5.0"}):
            equal(control.call("GET", "/proxies", headers=headers).status, 200, f"{headers}")


@case("--allowed-host allows one name more; --control-bind elsewhere needs --control-token")
def token():
    with running("--allowed-host", "ci.example") as (server, control):
        headers = {"Host": f"ci.example:{control.port}"}
        equal(control.call("GET", "/proxies", headers=headers).status, 200, "an allowed name")
    result = flagserver("--ports", "0", "--control-bind", "all", "--fixtures", "fixtures")
    equal(result.returncode, 64, f"without a token: {result.stderr}")
    check("--control-token" in result.stderr, result.stderr)
    with running("--control-bind", "all", "--control-token", "s3cret") as (server, control):
        for value in (None, "Bearer wrong", "Bearer", "Basic s3cret", "s3cret", "Bearer s3crets"):
            headers = {"Authorization": value} if value else {}
            reply = control.call("GET", "/proxies", headers=headers)
            equal(reply.status, 401, f"{value}")
            check(b"s3cret" not in reply.body, "it tells the token")
        headers = {"Authorization": "Bearer s3cret"}
        equal(control.call("GET", "/proxies", headers=headers).status, 200, "with it")


# Chains

@case("the control port as a backend, and chains that lead back, are refused, by PATCH too")
def chains():
    with running() as (server, control):
        for host in ("127.0.0.1", "localhost", "[::1]"):
            body = {"name": "c", "listen": "127.0.0.1:0", "upstream": f"{host}:{control.port}"}
            reply = control.call("POST", "/proxies", body)
            equal(reply.status, 400, f"{body}: {reply.body}")
            check(b"control port" in reply.body, reply.body)
        ports = [free_port() for _ in range(3)]
        own = {"name": "own", "listen": f"127.0.0.1:{ports[0]}",
               "upstream": f"localhost:{ports[0]}"}
        equal(control.call("POST", "/proxies", own).status, 400, "itself")
        for number in range(2):
            control.json("POST", "/proxies", {
                "name": f"n{number}", "listen": f"127.0.0.1:{ports[number]}",
                "upstream": f"127.0.0.1:{ports[number + 1]}"}, 201)
        last = {"name": "n2", "listen": f"127.0.0.1:{ports[2]}",
                "upstream": f"127.0.0.1:{ports[0]}"}
        reply = control.call("POST", "/proxies", last)
        equal(reply.status, 400, f"a ring of three: {reply.body}")
        last["upstream"] = "127.0.0.1:1"
        control.json("POST", "/proxies", last, 201)
        for body in ({"upstream": f"127.0.0.1:{ports[0]}"},
                     {"upstream": f"localhost:{ports[1]}"}):
            equal(control.call("PATCH", "/proxies/n2", body).status, 400, f"{body}")
        equal(control.json("GET", "/proxies/n2")["upstream"], "127.0.0.1:1", "unchanged")
        reply = control.call("POST", "/populate", [dict(last, upstream=f"127.0.0.1:{ports[0]}")])
        check(reply.status >= 400, f"by populate: {reply}")
        reply = control.call("PUT", "/backend", {"backend": f"127.0.0.1:{server.ports['chaos']}"})
        equal(reply.status, 400, f"CHAOS before itself: {reply.body}")
        reply = control.call("PUT", "/backend", {"backend": f"127.0.0.1:{control.port}"})
        equal(reply.status, 400, f"CHAOS before the control port: {reply.body}")


# LOCAL, DELAY, ERROR and CHAOS are proxies

@case("the flag servers are listed with their toxics, and /reset brings all back as it was")
def flag_servers():
    with running("--delay", "0.3") as (server, control):
        before = control.json("GET", "/proxies")
        equal(sorted(before), ["chaos", "delay", "error", "fault", "local"], "names")
        equal([before[name]["upstream"] for name in ("local", "delay", "error")],
              ["flags"] * 3, "upstreams")
        equal([t["type"] for t in before["error"]["toxics"]], ["respond", "latency"], "ERROR's")
        control.change("delay", "latency_downstream", attributes={"latency": 0})
        control.remove("error", "respond_upstream")
        control.toxic("local", "respond", {"500": 1})
        control.json("PATCH", "/proxies/local", {"enabled": False})
        control.remove("chaos")
        control.proxy("mine", "127.0.0.1:1")
        control.toxic("mine", "noop")
        control.json("POST", "/reset", status=204)
        after = control.json("GET", "/proxies")
        equal(after.pop("mine")["toxics"], [], "toxics of a proxy made through the API")
        equal(after, before, "after /reset")
        with Wire(server) as wire:
            wire.check_open()


@case("LOCAL is changed while requests are in flight: every answer is one of the two, whole")
def in_flight():
    with running() as (server, control):
        stop, wrong, count = threading.Event(), [], [0]

        def ask():
            with Wire(server) as wire:
                while not stop.is_set():
                    wire.send(b"".join(request(target=gif(code)) for code in CODES[:10]))
                    for code in CODES[:10]:
                        answer = wire.answer()
                        count[0] += 1
                        if answer.status == 200 and answer.body != stored(gif(code)):
                            wrong.append(code)
                        elif answer.status not in (200, 503):
                            wrong.append(answer.status)
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(50):
            control.toxic("local", "respond", {"503": 1}, toxicity=0.5)
            control.toxic("local", "latency", {"latency": 1})
            control.toxic("local", "slicer", {"average_size": 500})
            control.change("local", "respond_upstream", toxicity=0.1)
            for name in ("respond_upstream", "latency_downstream", "slicer_downstream"):
                control.remove("local", name)
        control.json("POST", "/reset", status=204)
        stop.set()
        for thread in threads:
            thread.join(20)
            check(not thread.is_alive(), "a client hangs")
        equal(wrong, [], f"wrong ones of {count[0]}")


@case("DELAY disabled while answers wait ends their connections; /reset has it answer again")
def disabled_in_flight():
    with running("--delay", "30") as (server, control):
        server.expect_unplanned(20)  # no fault ends them
        clients = [Wire(server, "delay") for _ in range(20)]
        for wire in clients:
            wire.send(request())
        time.sleep(0.2)
        control.json("PATCH", "/proxies/delay", {"enabled": False})
        for wire in clients:
            equal(receive_all(wire.stream), (b"", "fin"), "the end of one in flight")
        control.json("POST", "/reset", status=204)
        control.change("delay", "latency_downstream", attributes={"latency": 1})
        with Wire(server, "delay") as wire:
            wire.check_open()


@case("when a change has answered, the next request on every live connection meets it")
def at_once():
    with running() as (server, control):
        wires = [Wire(server) for _ in range(50)]
        for wire in wires:
            wire.check_open()
        for _ in range(5):
            control.toxic("local", "respond", {"503": 1})
            for wire in wires:
                wire.send(request())
                equal(wire.answer().status, 503, "after the toxic was made")
            control.remove("local", "respond_upstream")
            for wire in wires:
                wire.check_open()
        for wire in wires:
            wire.stream.close()


main()
