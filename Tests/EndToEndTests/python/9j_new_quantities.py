"""What faults have beyond Toxiproxy's: delays by load and of other shapes, one bandwidth for all
connections, answers with headers and a body, requests that lack a header. Shown only when set."""
import json
import socket
import subprocess
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

from backends import Backend, connect, free_port, receive_all, source
from control import Control
from harness import Server, Skip, case, check, equal, flagserver, main, need

PLAIN = {
    "latency": {"latency": 0, "jitter": 0}, "bandwidth": {"rate": 0},
    "respond": {"418": 1, "503": 1, "retry_after": 1000},
}
OWN_KEYS = {"attributes", "name", "type", "stream", "toxicity"}


def control_of(server):
    return Control(server.ports["control"])


def get(url, **headers):
    """The status, the headers and the body of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


@case("a toxic that has nothing new shows nothing new, and a strict client sees integers alone")
def nothing_new():
    with Server("-q") as server:
        control = control_of(server)
        for kind, attributes in PLAIN.items():
            toxic = control.json("POST", "/proxies/local/toxics", {"type": kind, "name": kind})
            equal(toxic["attributes"], attributes, kind)
            equal(set(toxic), OWN_KEYS, f"keys of {kind}")
        new = {"type": "latency", "name": "new", "distribution": "pareto",
               "attributes": {"latency": 1, "jitter": 1, "per_in_flight": 1}}
        control.json("POST", "/proxies/local/toxics", new)
        control.json("POST", "/proxies/local/toxics", {
            "type": "respond", "name": "answer", "headers": {"X-A": "1"}, "body": "b"})
        for toxic in control.json("GET", "/proxies/local/toxics"):
            for name, value in toxic["attributes"].items():
                check(type(value) is int and value >= 0, f"{name}: {value!r}")


@case("Toxiproxy's Python client reads, changes and removes toxics that have something new")
def python_client():
    try:
        from toxiproxy import Toxiproxy
    except ImportError:
        raise Skip("the Python package toxiproxy-python is not installed") from None
    words = ["--toxic",
             "local:latency latency=5ms jitter=1ms distribution=normal per_in_flight=1ms",
             "--toxic", "local:bandwidth rate=1MB/s shared",
             "--toxic", "local:respond 429=1 headers='X-A: 1' body=b toxicity=0"]
    with Server("-q", *words) as server:
        client = Toxiproxy()
        client.update_api_consumer("127.0.0.1", server.ports["control"])
        proxy = client.get_proxy("local")
        equal(sorted(proxy.toxics()),
              ["bandwidth_downstream", "latency_downstream", "respond_upstream"], "toxics")
        equal(proxy.get_toxic("latency_downstream").attributes,
              {"latency": 5, "jitter": 1, "per_in_flight": 1}, "latency")
        equal(proxy.get_toxic("bandwidth_downstream").attributes, {"rate": 1000, "shared": 1},
              "bandwidth")
        for name in proxy.toxics():
            check(proxy.destroy_toxic(name), name)
        equal(proxy.toxics(), {}, "toxics left")


@case("each request waits longer by all that are in flight, and the record says how long")
def knee():
    words = ["--delay", "0", "--toxic", "local:latency latency=20ms per_in_flight=100ms"]
    with Server("-q", *words) as server:
        url = server.url("local", "/flags/br/br.gif")
        start = time.monotonic()
        equal(get(url)[0], 200, "status")
        check(time.monotonic() - start >= 0.12, "one alone waits 120 ms")
        with ThreadPoolExecutor(6) as pool:
            equal({answer[0] for answer in pool.map(get, [url] * 6)}, {200}, "statuses")
        for record in control_of(server).records(7, proxy="local"):
            equal(record["delay_ms"], 20 + 100 * record["in_flight"], f"{record}")
            check(record["actual_delay_ms"] >= record["delay_ms"], f"{record}")
        most = max(r["in_flight"] for r in control_of(server).journal(proxy="local"))
        check(most >= 3, f"{most} at once")


@case("draw tells of a delay by load, and the server keeps to the drawn delays of every shape")
def shapes():
    for shape in ("uniform", "normal", "lognormal", "pareto"):
        toxic = f"local:latency latency=30ms jitter=10ms distribution={shape}"
        options = ["--seed", "7", "--toxic", toxic]
        rows = flagserver("draw", "local", "-n", "6", *options).stdout.splitlines()
        drawn = {row.split("\t")[0]: float(row.split("\t")[3]) for row in rows}
        check(len(set(drawn.values())) > 3, f"different delays of {shape}: {drawn}")
        with Server("-q", *options) as server:
            with ThreadPoolExecutor(6) as pool:
                list(pool.map(lambda path: get(server.url("local", path)), drawn))
            for record in control_of(server).records(6, proxy="local"):
                difference = abs(record["delay_ms"] - drawn[record["target"]])
                check(difference < 0.11, f"{shape} {record}")
    result = flagserver("draw", "local", "-n", "1", "--toxic",
                        "local:latency latency=20ms per_in_flight=10ms")
    check(result.stdout.endswith("\t-\t30.0\tlatency_downstream by load\n"), result.stdout)
    check("delays by load" in result.stderr, result.stderr)


@case("three connections share a bandwidth: together as fast as one, and equally")
def shared():
    count, rate = 60_000, 200_000
    with Backend(source(bytes(count))) as backend:
        port = free_port()
        words = ["--proxy", f"thin={port}={backend.address}", "--toxic",
                 "thin:bandwidth rate=200kB/s shared"]
        with Server("-q", *words) as server:
            ends, start = [], time.monotonic()

            def read():
                with connect(port) as stream:
                    data, _ = receive_all(stream)
                    equal(len(data), count, "bytes")
                    ends.append(time.monotonic() - start)

            threads = [threading.Thread(target=read) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
            equal(len(ends), 3, "connections")
            check(max(ends) >= 3 * count / rate, f"together too fast: {ends}")
            # Nobody was served before the others: the first ends shortly before the last.
            check(min(ends) >= 2 * count / rate, f"not equally: {ends}")
            control = control_of(server)
            control.json("PATCH", "/proxies/thin/toxics/bandwidth_downstream",
                         {"attributes": {"rate": 0, "shared": 1}})
            with connect(port) as stream:
                stream.settimeout(0.3)
                try:
                    equal(stream.recv(1), b"no byte", "while it stalls")
                except socket.timeout:
                    pass
                control.call("DELETE", "/proxies/thin/toxics/bandwidth_downstream")
                stream.settimeout(10)
                equal(len(receive_all(stream)[0]), count, "bytes once it is removed")


@case("respond answers with headers and a body of its own, by curl and by Python")
def answers():
    need("curl")
    toxic = ("local:respond 429=1 headers='X-RateLimit-Remaining: 0' headers='Retry-After: 7' "
             "headers=Content-Type:application/json body=\"{\\\"error\\\": \\\"slow down\\\"}\\n\"")
    with Server("-q", "--toxic", toxic) as server:
        url = server.url("local", "/flags/br/br.gif")
        status, headers, body = get(url)
        equal((status, headers["X-RateLimit-Remaining"], headers["Retry-After"],
               headers["Content-Type"]), (429, "0", "7", "application/json"), "the answer")
        equal(json.loads(body), {"error": "slow down"}, "the body")
        result = subprocess.run(["curl", "-sS", "-I", url], capture_output=True, text=True)
        check(f"Content-Length: {len(body)}" in result.stdout, result.stdout)
        record = control_of(server).records(2, proxy="local")[0]
        equal((record["status"], record["bytes_sent"]), (429, len(body)), "the record")
        shown = control_of(server).json("GET", "/proxies/local/toxics")[0]
        equal((shown["headers"]["X-RateLimit-Remaining"], shown["body"]), ("0", body.decode()),
              "what is shown")
        control_of(server).json("PATCH", "/proxies/local/toxics/respond_upstream", {
            "attributes": {"429": 0, "204": 1}})
        equal(get(url)[::2], (204, b""), "204 has no body")


@case("what would break an answer is refused, with a word")
def refusals():
    for word, reason in [
            ("headers='Content-Length: 5'", "the server's to say"),
            ("headers='X A: 5'", "no name of a field"), ("headers=X", "is no field"),
            ("body='x", "there is no second '"), ("header=!", "is no name of a field")]:
        result = flagserver("--toxic", f"local:respond {word}")
        equal(result.returncode, 64, word)
        check(reason in result.stderr, result.stderr)
    with Server("-q") as server:
        for body in ({"headers": {"X": "a\r\nY: b"}}, {"body": "x" * 65_537},
                     {"headers": {f"X-{n}": "a" for n in range(65)}},
                     {"headers": {"Connection": "close"}}):
            toxic = {"type": "respond", **body}
            control_of(server).json("POST", "/proxies/local/toxics", toxic, 400)


@case("a toxic may be for requests that lack a header")
def absence():
    toxic = "local:respond 401=1 header=!x-key exchanges=1 per=match"
    with Server("-q", "--toxic", toxic) as server:
        url = server.url("local", "/flags/br/br.gif")
        found = [get(url, **({"X-Key": "1"} if key else {}))[0] for key in (1, 0, 1, 0)]
        equal(found, [200, 401, 200, 200], "statuses")
        equal(control_of(server).json("GET", "/proxies/local/toxics")[0]["match"],
              {"header": "!x-key"}, "what is shown")


main()
