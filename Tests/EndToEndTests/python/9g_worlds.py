"""Private worlds: servers, a control port, counters and a seed for one test each."""
import http.client
import json
import subprocess
import sys
import threading
import time
from urllib.parse import quote, urlsplit

from backends import Backend, echo
from control import Control
from harness import (
    BINARY, FIXTURES, Server, case, check, environment, equal, main, wait_until)


class World:
    """One that was made: where its servers are, and its own control port."""

    def __init__(self, daemon, **body):
        reply = daemon.call("POST", "/worlds", body)
        equal(reply.status, 201, f"POST /worlds {body}: {reply.body!r}")
        self.ready = json.loads(reply.body)
        self.name = self.ready["name"]
        self.control = Control(self.ready["ports"]["control"])

    def get(self, server, path="/br/br.gif", **headers):
        url = urlsplit(self.ready["urls"][server])
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
        try:
            connection.request("GET", url.path + path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def end(self, daemon):
        return daemon.json("DELETE", f"/worlds/{quote(self.name, safe='')}")


def daemon(*options, **more):
    return Server("--delay", "0.01", *options, **more)


def control(server):
    return Control(server.ports["control"])


@case("a world has servers, a control port, a seed and records of its own")
def private():
    with daemon("--seed", "42") as server:
        outside = control(server)
        one = World(outside, name="one", **{"error-rate": 1, "error-status": 503})
        two = World(outside, seed=7)
        equal(set(one.ready["urls"]), {"local", "delay", "error", "chaos", "fault", "control"},
              "its URLs")
        equal((one.ready["seed"], two.ready["seed"], one.ready["ttl"]), (42, 7, 600), "seeds, ttl")
        equal(one.get("error"), 503, "the error rate of the first")
        two.control.json("POST", "/proxies/local/toxics",
                         {"type": "respond", "attributes": {"418": 1}})
        equal((two.get("local"), one.get("local")), (418, 200), "the toxic of the second")
        record, other = one.control.records(2)
        equal((record["world"], record["seed"], record["proxy"]), ("one", 42, "error"), "a record")
        equal(two.control.records(1)[0]["world"], two.name, "the other's record")
        equal(outside.journal(), [], "records outside")
        one.control.json("POST", "/verify", {"proxy": "error", "status": 503, "count": 1})
        one.control.json("POST", "/reset", status=204)
        one.control.json("POST", "/verify", {"count": 0})
        two.control.json("POST", "/verify", {"count": 1})
        equal(len(two.control.json("GET", "/proxies/local/toxics")), 1, "toxics behind a reset")
        equal(one.control.call("GET", "/worlds").status, 404, "worlds of a world")


@case("the same seed deals the same fates in each world, and outside")
def fates():
    with daemon("--seed", "42", "--error-rate", "0.5") as server:
        outside = control(server)
        worlds = [World(outside), World(outside)]

        def fate(code):
            return [world.get("error", f"/{code}/{code}.gif") for world in worlds]
        seen = [fate(code) for code in "br cn fr de in id jp mx ng pk".split()]
        equal([a for a, _ in seen], [b for _, b in seen], "the fates")
        check(len(set(map(tuple, seen))) > 1, f"there are different ones: {seen}")


@case("a label is in the record, from the header and from /mark, and can be asked for")
def labels():
    with daemon("--error-rate", "0") as server:
        world = World(control(server))
        world.get("local", **{"X-Flagserver-Label": "by header"})
        world.control.json("POST", "/mark", {"label": "by mark"}, 204)
        world.get("chaos")
        world.control.json("POST", "/mark", {"label": None}, 204)
        world.get("delay")
        # The one that CHAOS has sent to LOCAL, too.
        labels = [record["label"] for record in world.control.records(4)]
        equal(labels, ["by header", "by mark", "by mark", None], "the labels")
        equal(len(world.control.journal(label=quote("by mark"))), 2, "those of the mark")
        world.control.json("POST", "/verify", {"label": "by header", "count": 1})
        too_long = {"X-Flagserver-Label": "x" * 201}
        equal((world.get("local", **too_long), world.get("chaos", **too_long)), (400, 400), "long")
        equal(world.control.call("POST", "/mark", {"label": "x" * 201}).status, 400, "a long mark")


@case("DELETE closes the ports at once, and tells the totals and the last records")
def deleted():
    with daemon() as server:
        outside = control(server)
        world = World(outside, name="tests/a.py::b[1]")
        for _ in range(25):
            world.get("local")
        ended = world.end(outside)
        equal(ended["totals"]["local"]["requests"], 25, "its total")
        equal([record["seq"] for record in ended["records"]], list(range(6, 26)), "its last records")
        for port in world.ready["ports"].values():
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                raise AssertionError(f"port {port} is still open")
            except ConnectionRefusedError:
                pass
        equal(outside.call("DELETE", "/worlds/nobody").status, 404, "another")
        World(outside, name="tests/a.py::b[1]")


@case("what is open when a world ends has its record, and the world goes")
def ended_open():
    with daemon() as server, Backend(echo) as backend:
        outside = control(server)
        world = World(outside, delay=30, proxies=[
            {"name": "db", "listen": "localhost:0", "upstream": backend.address}])
        waiting = threading.Thread(target=lambda: swallow(lambda: world.get("delay")))
        waiting.start()
        wait_until(lambda: world.control.meters("delay")["in_flight"] == 1, "one in flight")
        ended = world.end(outside)
        waiting.join(10)
        check(not waiting.is_alive(), "its client is told")
        equal([record["proxy"] for record in ended["records"]], ["delay"], "the record")
        equal(outside.json("GET", "/worlds"), [], "the list")


def swallow(action):
    try:
        action()
    except (OSError, http.client.HTTPException):
        pass


@case("a world that nobody asks for ends by itself, one that is asked for stays")
def ttl():
    with daemon() as server:
        outside = control(server)
        World(outside, name="left", ttl="2s")
        used = World(outside, name="used", ttl="2s")

        def is_alone():
            used.get("local")
            return [each["name"] for each in outside.json("GET", "/worlds")] == ["used"]
        wait_until(is_alone, "the end of the one", seconds=10)
        note = "world 'left' has ended: nobody had asked for it for 2 s"
        wait_until(lambda: note in server.log(), "the note")


@case("257 are too many; wrong bodies and busy ports leave nothing half made")
def refused():
    with daemon() as server, Backend(echo) as backend:
        outside = control(server)
        before = server.descriptors()
        bodies = [
            ({"name": "x", "proxies": [{"name": "p", "listen": backend.address, "upstream": "a:1"}]},
             409), ({"sead": 1}, 400), ({"journal": "-"}, 400), ({"ttl": 0}, 400), ("{", 400),
            ("[]", 400), ({"ring": 1_000_000}, 429)]
        for body, status in bodies:
            reply = outside.call("POST", "/worlds", body)
            equal(reply.status, status, f"{body}: {reply.body!r}")
            check(json.loads(reply.body)["error"], f"a reason: {reply.body!r}")
        equal(outside.json("GET", "/worlds"), [], "what is left")
        wait_until(lambda: server.descriptors() <= before, "the descriptors back")
        worlds = [World(outside) for _ in range(256)]
        reply = outside.call("POST", "/worlds", {})
        equal(reply.status, 429, "one more")
        check(b"256 worlds" in reply.body, f"the reason: {reply.body!r}")
        equal(outside.call("POST", "/worlds", {"name": worlds[0].name}).status, 429, "the name")
        worlds[7].end(outside)
        equal(outside.call("POST", "/worlds", {"name": worlds[8].name}).status, 409, "a name twice")
        World(outside)


@case("worlds that have ended are none: 300 in quick succession, one at a time")
def quick():
    with daemon() as server:
        outside = control(server)
        for _ in range(300):
            World(outside).end(outside)
        equal(outside.json("GET", "/worlds"), [], "the worlds that there are")


@case("no proxy leads to a control port of any world, nor round in circles through one")
def no_way_back():
    with daemon(expects_log=["leads back"]) as server:
        outside = control(server)
        one, two = World(outside), World(outside)
        for upstream in (one.ready["ports"]["control"], two.ready["ports"]["control"],
                         server.ports["control"]):
            reply = one.control.call("POST", "/proxies", {
                "name": "p", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{upstream}"})
            equal(reply.status, 400, f"{reply.body!r}")
        first = one.control.proxy("first", "127.0.0.1:1")
        second = two.control.proxy("second", f"127.0.0.1:{first}")
        one.control.json("PATCH", "/proxies/first", {"upstream": f"127.0.0.1:{second}"})
        connection = http.client.HTTPConnection("127.0.0.1", first, timeout=10)
        swallow(lambda: (connection.request("GET", "/"), connection.getresponse()))
        wait_until(lambda: "leads back to this proxy" in server.log(), "the warning")


@case("with --world-ports its servers are on ports of the range")
def ports():
    low = 31_000
    with daemon("--world-ports", f"{low}..{low + 99}") as server:
        outside = control(server)
        for _ in range(30):
            world = World(outside, proxies=[
                {"name": "p", "listen": "localhost:0", "upstream": "127.0.0.1:1"}])
            used = world.ready["ports"].values()
            check(all(low <= port <= low + 99 for port in used), f"{used}")
            world.end(outside)


def run(options, script):
    line = [BINARY, "run", "--fixtures", str(FIXTURES), "--delay", "0.01", *options, "--",
            sys.executable, "-c", script]
    return subprocess.run(line, env=environment(), text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


IN_WORLDS = """
import json, os, urllib.request
def post(url, body):
    return json.load(urllib.request.urlopen(url, json.dumps(body).encode()))
for name in ("one", "two"):
    world = post(os.environ["FLAGS_CONTROL_URL"] + "/worlds", {"name": name})
    for _ in range(3):
        urllib.request.urlopen(world["urls"]["local"] + "/br/br.gif").read()
    if name == "one":
        url = os.environ["FLAGS_CONTROL_URL"] + "/worlds/one"
        urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).read()
"""


@case("what happens in worlds counts for run, also of those that have ended")
def expectations():
    kept = ["requests==6", "local.requests==6", "one/local.requests==3", "two/requests==3",
            "peak_concurrency==1", "unplanned_errors==0"]
    options = [word for text in kept for word in ("--expect", text)]
    outcome = run(options, IN_WORLDS)
    equal((outcome.returncode, outcome.stderr), (0, ""), "what holds")
    outcome = run(["--expect", "two/local.requests==4"], IN_WORLDS)
    equal(outcome.returncode, 1, "what does not")
    check("expected two/local.requests==4, measured 3" in outcome.stderr, outcome.stderr)


@case("a reload renews what worlds serve, and leaves their toxics alone")
def reload():
    with daemon() as server:
        world = World(control(server), **{"error-rate": 1})
        server.signal(1)
        wait_until(lambda: "reloaded" in server.log(), "the reload")
        equal((world.get("local"), world.get("error") >= 400), (200, True), "its servers")


@case("with 256 worlds under load every control port answers")
def load():
    with daemon() as server:
        outside = control(server)
        worlds = [World(outside) for _ in range(256)]
        stop = threading.Event()

        def work(part):
            connections = [http.client.HTTPConnection("127.0.0.1", world.ready["ports"]["local"])
                           for world in worlds[part::4]]
            while not stop.is_set():
                for connection in connections:
                    connection.request("GET", "/flags/br/br.gif")
                    connection.getresponse().read()
        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        times = []
        try:
            for world in worlds:
                begin = time.perf_counter()
                world.control.json("GET", "/proxies")
                times.append(time.perf_counter() - begin)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        times.sort()
        print(f"     256 control ports: p50 {times[128] * 1e3:.1f} ms, p99 {times[253] * 1e3:.1f} ms")
        total = sum(world.control.meters("local")["peak"] > 0 for world in worlds)
        equal(total, 256, "worlds that were asked")


if __name__ == "__main__":
    main()
