"""`flagserver toxiproxy`: Toxiproxy's command line, its file, and its name."""
import json
import os
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from backends import Backend, connect, echo, exchange, free_port
from control import Control
from harness import BINARY, Program, case, check, equal, flagserver, main, wait_until


@contextmanager
def config(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "toxiproxy.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        yield path


@case("-config: the proxies in it are there at once, with the toxics in it, disabled ones too")
def file():
    with Backend(echo) as backend:
        first, second = free_port(), free_port()
        proxies = [
            {"name": "a", "listen": f"127.0.0.1:{first}", "upstream": backend.address,
             "toxics": [{"type": "latency", "stream": "upstream", "attributes": {"latency": 5}},
                        {"name": "n", "type": "noop", "toxicity": 0.5}]},
            {"name": "b", "listen": f"127.0.0.1:{second}", "upstream": backend.address,
             "enabled": False}]
        port = free_port()
        with config(proxies) as path:
            for hyphens in ("-", "--"):
                with Program("toxiproxy", f"{hyphens}port", port, f"{hyphens}config", path,
                             f"{hyphens}host", "localhost", f"{hyphens}seed", "5", port=port):
                    control = Control(port)
                    found = control.json("GET", "/proxies")
                    equal([t["name"] for t in found["a"]["toxics"]],
                          ["latency_upstream", "n"], "toxics of the file")
                    equal(found["b"]["enabled"], False, "a disabled one")
                    with connect(first) as stream:
                        exchange(stream, b"through")


@case("an invalid, missing or unreadable file is logged, and the server goes on with its API")
def bad_file():
    port = free_port()
    for content in ("{", "", "null", '{"name": "a"}', '[{"name": "a"}]', "[5]", "\xff",
                    '[{"name":"a","upstream":"x:1","toxics":[{"type":"none"}]}]'):
        with config(content) as path, Program(
                "toxiproxy", "-port", port, "-config", path, port=port,
                expects_log=["cannot populate from file"]) as program:
            equal(Control(port).call("GET", "/proxies").status, 200, content)
            if content != "null":
                wait_until(lambda: '"level":"error"' in program.log(), f"an error: {content}")
    with Program("toxiproxy", "-port", port, "-config", "/nowhere.json", port=port,
                 expects_log=["cannot populate from file"]) as program:
        equal(Control(port).json("GET", "/proxies"), {}, "proxies")
        wait_until(lambda: "/nowhere.json" in program.log(), "the file's name")


@case("every line of its log is JSON with level, time and message; LOG_LEVEL is honoured")
def log():
    port = free_port()
    for level, wanted in (("debug", True), ("error", False), ("loud", True), (None, True)):
        env = {"LOG_LEVEL": level} if level else {}
        with Program("toxiproxy", "-port", port, port=port, env=env,
                     expects_log=["unknown LOG_LEVEL loud"]) as program:
            Control(port).json("GET", "/proxies")
            if wanted:
                wait_until(lambda: "Starting Toxiproxy HTTP server" in program.log(), "a message")
            lines = [json.loads(line) for line in program.log().splitlines()]
            check(all({"level", "time"} <= set(line) for line in lines), f"{lines}")
            check(all("message" in line or "handler" in line for line in lines), f"{lines}")
            messages = [line.get("message") for line in lines]
            equal("Starting Toxiproxy" in messages, wanted, f"messages at {level}: {messages}")


@case("LOG_LEVEL=debug: every call of the API is logged, as Toxiproxy logs it")
def log_of_calls():
    port = free_port()
    for level in ("debug", "info"):
        with Program("toxiproxy", "-port", port, port=port,
                     env={"LOG_LEVEL": level}) as program:
            control = Control(port)
            reply = control.call("GET", "/proxies/a%20b?x=1", headers={"User-Agent": "some/1"})
            control.call("GET", "/none")
            control.call("POST", "/reset")
            if level == "info":
                check('"handler"' not in program.log(), program.log())
                continue
            wait_until(lambda: "ResetState" in program.log(), "the calls")
            lines = [json.loads(line) for line in program.log().splitlines()]
            first, last = [line for line in lines if "handler" in line]
            check(first.pop("client").startswith("127.0.0.1:"), "the client")
            check(first.pop("duration") > 0 and first.pop("time"), "the time")
            equal(first, {"level": "debug", "method": "GET", "url": "/proxies/a%20b?x=1",
                          "request_id": reply.headers["X-Toxiproxy-Request-Id"],
                          "user_agent": "some/1", "status": 404, "size": len(reply.body),
                          "handler": "ProxyShow"}, "a call")
            equal((last["status"], last["size"]), (204, 0), "the last one")


@case("-runtime-metrics: what the kernel says of the process; -proxy-metrics: bytes; each alone")
def metrics():
    port = free_port()

    def names(*options):
        with Program("toxiproxy", "-port", port, *options, port=port) as program:
            control = Control(port)
            with Backend(echo) as backend:
                control.proxy("p", backend.address)
            text = control.call("GET", "/metrics").body.decode()
            samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
            return samples, program.process.pid, time.time()
    samples, pid, now = names("-runtime-metrics")
    equal(set(samples), {f"process_{name}" for name in (
        "cpu_seconds_total", "open_fds", "max_fds", "virtual_memory_bytes",
        "resident_memory_bytes", "start_time_seconds")}, "process metrics")
    check(abs(float(samples["process_start_time_seconds"]) - now) < 30, f"{samples}")
    check(1e6 < float(samples["process_resident_memory_bytes"]) < 1e9, f"{samples}")
    samples, _, _ = names("-proxy-metrics")
    check(all(name.startswith("toxiproxy_proxy_") for name in samples), f"{samples}")


@case("without -host no foreign Host; a loopback name or address with any port; -host: any")
def hosts():
    port = free_port()
    for options, foreign in (((), 421), (("-host", "localhost"), 200)):
        with Program("toxiproxy", "-port", port, *options, port=port):
            control = Control(port)
            for host in ("localhost", "localhost:9474", "127.0.0.1", "[::1]:1"):
                reply = control.call("GET", "/version", headers={"Host": host})
                equal(reply.status, 200, host)
                equal(reply.headers["Cache-Control"], "no-store", host)
            for host in ("toxiproxy:8474", "evil.example"):
                reply = control.call("GET", "/version", headers={"Host": host})
                equal(reply.status, foreign, f"{host} with {options}")
                equal(reply.headers["Cache-Control"], "no-store", host)


@case("journal, events, verify and concurrency are there, the page is not")
def records():
    port = free_port()
    with Program("toxiproxy", "-port", port, port=port), Backend(echo) as backend:
        control = Control(port)
        with connect(control.proxy("p", backend.address)) as stream:
            exchange(stream, b"through")
        record, = control.records(1, proxy="p")
        equal((record["bytes_sent"], record["end"]), (7, "client-fin"), f"{record}")
        control.json("POST", "/verify", {"proxy": "p", "count": 1, "peak_connections": 1})
        equal(control.json("GET", "/concurrency")["proxies"]["p"]["peak"], 1, "peak")
        equal(control.call("POST", "/concurrency/reset").status, 204, "reset of peaks")
        equal(control.call("GET", "/").status, 404, "the page")
        events = socket.create_connection(("127.0.0.1", port), timeout=20)
        events.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = b""
        while b"event: meters" not in text:
            text += events.recv(65536)
        check(b"event: state" in text, text)
        events.close()


@case("its log tells of proxies that are started and terminated, and of clients, as Toxiproxy's")
def log_of_proxies():
    port = free_port()
    with Program("toxiproxy", "-port", port, port=port) as program, Backend(echo) as backend:
        control = Control(port)
        with connect(control.proxy("p", backend.address)) as stream:
            exchange(stream, b"through")
        control.remove("p")
        for message in ("Started proxy", "Accepted client", "Terminated proxy"):
            wait_until(lambda: message in program.log(), f"{message!r} in the log", seconds=2)


@case("without flag servers and proxies, as Toxiproxy starts; -version tells the API's version")
def bare():
    port = free_port()
    with Program("toxiproxy", "-port", port, port=port):
        equal(Control(port).json("GET", "/proxies"), {}, "proxies at the start")
    result = flagserver("toxiproxy", "-version")
    equal(result.returncode, 0, "status of -version")
    check(result.stdout.startswith("toxiproxy-server version 2."), result.stdout)
    with Program("toxiproxy", "-port", port, "-runtime-metrics", "-proxy-metrics", port=port):
        equal(Control(port).call("GET", "/metrics").status, 200, "/metrics")


@case("under the name toxiproxy-server it is Toxiproxy")
def name():
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, "toxiproxy-server")
        os.symlink(os.path.abspath(BINARY), link)
        port = free_port()
        with Program("-host", "127.0.0.1", "-port", port, name=link, port=port):
            equal(Control(port).json("GET", "/proxies"), {}, "proxies")
        result = subprocess.run([link, "-version"], capture_output=True, text=True, timeout=20)
        check(result.stdout.startswith("toxiproxy-server version 2."), result.stdout)


@case("-seed: the same seed hurts the same connections")
def seed():
    port = free_port()
    with Backend(echo) as backend:
        fates = []
        for _ in range(2):
            with Program("toxiproxy", "-port", port, "-seed", "11", port=port):
                control = Control(port)
                listen = control.proxy("p", backend.address)
                control.toxic("p", "reset_peer", toxicity=0.5)
                fates.append([is_reset(listen) for _ in range(30)])
        equal(fates[0], fates[1], "who is reset")
        equal(set(fates[0]), {True, False}, "both kinds")


def is_reset(port):
    with connect(port) as stream:
        try:
            stream.sendall(b"ping")
            return stream.recv(4) != b"ping"
        except ConnectionResetError:
            return True


main()
