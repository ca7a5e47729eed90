"""`flagserver toxiproxy`: Toxiproxy's command line, its file, and its name."""
import json
import os
import subprocess
import tempfile
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
            check(all({"level", "time", "message"} <= set(line) for line in lines), f"{lines}")
            messages = [line["message"] for line in lines]
            equal("Starting Toxiproxy" in messages, wanted, f"messages at {level}: {messages}")


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
