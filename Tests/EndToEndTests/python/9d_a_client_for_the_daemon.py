"""`flagserver status`, `journal`, `reset`, `verify`, and toxiproxy-cli's words, under its name too."""
import json
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from clients import fetch_all
from control import Control
from backends import Backend, connect, echo, exchange, free_port
from harness import (
    BINARY, CODES, Program, Server, case, check, environment, equal, flagserver, gif, main,
    prepare_child, wait_until)

OPTIONS = ["-q", "--seed", "42", "--delay", "0.01"]


@contextmanager
def running(*options, **more):
    """A server, and what asks it by the words of a command line."""
    with Server(*OPTIONS, *options, **more) as server:
        url = f"http://localhost:{server.ports['control']}"

        def ask(*words, status=0, env=None, errors=""):
            result = flagserver(*words, env={"FLAGS_CONTROL_URL": url + "/", **(env or {})})
            equal(result.returncode, status, f"status of {words}: {result.stderr}")
            check(
                result.stderr == errors if not errors.endswith("…")
                else result.stderr.startswith(errors[:-1]), f"{words}: {result.stderr!r}")
            return result.stdout
        yield server, ask


def fetch(server, proxy, codes):
    fetch_all("httpx", [server.url(proxy, gif(code)) for code in codes], 10)


@contextmanager
def toxiproxy_cli():
    """The program under the name of toxiproxy-cli."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "toxiproxy-cli"
        path.symlink_to(Path(BINARY).resolve())

        def ask(*words, status=0, env=None):
            result = subprocess.run(
                [path, *map(str, words)], env=environment(env), text=True, capture_output=True,
                stdin=subprocess.DEVNULL, timeout=20, preexec_fn=prepare_child())
            equal(result.returncode, status, f"status of {words}: {result.stderr}")
            equal(bool(result.stderr), status != 0, f"something on stderr: {result.stderr}")
            return result.stdout if status == 0 else result.stderr
        yield ask


@case("status: a line for each proxy, with what it does, its limit and its figures")
def status():
    with running("--max-concurrency", "7") as (server, ask):
        fetch(server, "error", CODES[:40])
        errors = Control(server.ports["control"]).meters("error")["errors"]
        check(0 < errors < 40, f"errors: {errors}")
        lines = ask("status").splitlines()
        equal(lines[0].split(),
              "NAME ADDRESS NOW PEAK LIMIT REQUESTS ERRORS REFUSED DOES".split(), "the head")
        rows = {line.split()[0]: line for line in lines[1:]}
        equal(set(rows), set(server.ports) - {"control"}, "the proxies")
        name, address, now, peak, limit, requests, failed, refused, *does = rows["error"].split()
        equal((now, limit, requests, failed), ("0", "7", "40", str(errors)), "figures")
        check(address.endswith(f":{server.ports['error']}"), address)
        check("25 % → 418 / 503" in rows["error"] and "0.01" in " ".join(does)
              or "10 ms" in rows["error"], rows["error"])
        check(rows["local"].endswith("  no faults"), rows["local"])
        found = json.loads(ask("status", "--json"))
        equal(set(found), {"url", "proxies", "concurrency"}, "members")
        equal(found["concurrency"]["proxies"]["error"]["requests"], 40, "requests")


@case("journal: the records that match, as /journal has them; wrong filters are wrong usage")
def journal():
    with running() as (server, ask):
        fetch(server, "error", CODES[:30])
        fetch(server, "local", CODES[:3])
        control = Control(server.ports["control"])
        for words, query in (((), {}), (("proxy=error", "status:4xx"), dict(
                proxy="error", status="4xx")), (("path=/flags/a*/*",), {"path": "/flags/a*/*"}),
                (("limit=2 proxy:local",), {"limit": "2", "proxy": "local"}),
                (("-path:/flags/a*/*", "proxy:error status>=400 limit=9"), {
                    "q": quote("proxy:error status>=400 -path:/flags/a*/*"), "limit": "9"}),
                (("--", "-/flags/a"), {"q": quote("-/flags/a")})):
            lines = [json.loads(line) for line in ask("journal", *words).splitlines()]
            equal(lines, control.journal(**query), f"journal {words}")
        equal(ask("journal", "fault=*", "proxy=local"), "", "nothing")
        ask("journal", "proxi=error", status=64,
            errors="error: there is no key 'proxi'. Did you mean 'proxy'? There are proxy, …")
        ask("journal", "proxy=eror", status=64,
            errors="error: there is no proxy 'eror'. Did you mean 'error'?\n")
        ask("journal", "-f", "status=abc", status=64, errors="error: status: 'abc' is no status…")


@case("journal -f: every record once, those before and those after; ends with Ctrl-C, with its "
      "reader and with the daemon, by 0")
def follow():
    with running() as (server, _):
        env = environment({"TOXIPROXY_URL": f"localhost:{server.ports['control']}"})

        def start(*words):
            return subprocess.Popen(
                [BINARY, "journal", "-f", *words], env=env, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=prepare_child())

        fetch(server, "local", CODES[:20])
        fetch(server, "error", CODES[:20])
        with start("proxy=local") as one, start("proxy=error", "limit=1") as other:
            lines = [one.stdout.readline() for _ in range(20)]
            first = json.loads(other.stdout.readline())
            equal(first["proxy"], "error", "the newest of error")
            fetch(server, "error", CODES[20:40])
            fetch(server, "local", CODES[20:120])
            lines += [one.stdout.readline() for _ in range(100)]
            records = [json.loads(line) for line in lines]
            equal({record["proxy"] for record in records}, {"local"}, "proxies")
            numbers = [record["seq"] for record in records]
            equal(numbers, sorted(set(numbers)), "each once, in order")
            more = [json.loads(other.stdout.readline()) for _ in range(20)]
            check(all(record["seq"] > first["seq"] for record in more), f"{first} {more}")
            one.send_signal(signal.SIGINT)
            equal((one.wait(10), one.stderr.read()), (0, b""), "after Ctrl-C")
            other.stdout.close()  # and the next record finds nobody
            fetch(server, "error", CODES[:1])
            equal((other.wait(10), other.stderr.read()), (0, b""), "after its reader")
        with start() as last:
            last.stdout.readline()
            server.stop()
            equal((last.wait(10), last.stderr.read()), (0, b""), "after the daemon")


@case("verify: 0 if it holds, 1 with what was found instead, 64 for a mistake; reset begins anew")
def verify():
    with running("--error-rate", "1") as (server, ask):
        fetch(server, "error", CODES[:5])
        check(ask("verify", "proxy:error count==5 peak_concurrency<=5").startswith(
            "It holds: count 5, peak_concurrency "), "it holds")
        ask("verify", "proxy=error", "fault=respond", "count>=5", "count<6")
        ask("verify", "proxy:error -status:200 attempt<=1 count==5")
        ask("verify", "proxy:error count==4", status=1,
            errors="error: count is 5, but 4 was expected.\nThe last that were counted:\n  {…")
        ask("verify", "proxy:eror count==4", status=64,
            errors="error: there is no proxy 'eror'. Did you mean 'error'?\n")
        ask("verify", "proxy:error", status=64, errors="error: nothing is expected. …")
        ask("toxic", "add", "-t", "latency", "-a", "latency=5ms", "-n", "mine", "local")
        ask("reset")
        ask("verify", "count=0")
        equal(ask("inspect", "local"), "", "toxics after the reset")


@case("toxiproxy-cli's words change live proxies; a time needs its unit, an update keeps the share")
def words():
    with running() as (server, ask), Backend(echo) as backend:
        port = free_port()
        equal(ask("create", "db", "-l", f"127.0.0.1:{port}", "-u", backend.address),
              "Created new proxy db\n", "create")
        with connect(port) as stream:
            exchange(stream, b"through")
        equal(ask("toxic", "add", "-t", "latency", "-a", "latency=20ms", "--toxicity", "25%", "db"),
              "Added downstream latency toxic 'latency_downstream' on proxy 'db'\n", "add")
        line = ("latency_downstream\ttype=latency\tstream=downstream\ttoxicity=0.25\tattributes=["
                "\tjitter=0\tlatency={}\t]\n")
        equal(ask("inspect", "db"), line.format(20), "inspect")
        equal(ask("toxic", "update", "db", "-n", "latency_downstream", "-a", "latency=30ms"),
              "Updated toxic 'latency_downstream' on proxy 'db'\n", "update")
        equal(ask("i", "db"), line.format(30), "inspect")
        ask("toxic", "add", "-t", "latency", "-a", "latency=20", "db", status=64, errors="error: …")
        ask("toxic", "add", "-t", "latency", "-a", "latency=1s", "db", status=1,
            errors="error: toxic already exists.\n")
        equal(ask("toxic", "remove", "-n", "latency_downstream", "db"),
              "Removed toxic 'latency_downstream' on proxy 'db'\n", "remove")
        equal(ask("tog", "db"), "Proxy db is now disabled\n", "toggle")
        equal(ask("ls").splitlines()[1].split("\t"),
              ["db", f"127.0.0.1:{port}", backend.address, "disabled", "0"], "list")
        equal(ask("toggle", "db"), "Proxy db is now enabled\n", "toggle")
        equal(ask("delete", "db"), "Deleted proxy db\n", "delete")
        ask("delete", "db", status=1, errors="error: there is no proxy 'db' (…")
        # What cannot be said in whole milliseconds is kept.
        ask("toxic", "add", "-t", "latency", "-a", "latency=100us", "-n", "x", "local")
        check("0.1 ms" in ask("status"), "100 us")
        # A server that deals its errors exactly still does.
        ask("toxic", "update", "error", "-n", "respond_upstream", "-a", "statuses=404")
        check("25 % → 404, " in ask("status"), ask("status"))


@case("under the name toxiproxy-cli: its host, its units, its toxicity, and 1 for every failure")
def name():
    port, backend_port = free_port(), free_port()
    with Program("toxiproxy", "-port", port, port=port), toxiproxy_cli() as cli:
        host = f"localhost:{port}"
        env = {"TOXIPROXY_URL": f"http://{host}"}
        equal(cli("list", env=env), "", "no proxies")
        equal(cli("-h", host, "create", "-l", f"localhost:{backend_port}", "-u", "localhost:1", "a"),
              "Created new proxy a\n", "create")
        equal(cli("--host", host, "toxic", "add", "-t", "latency", "-tox", "0.5", "-a",
                  "latency=100", "-a", "jitter=50", "a"),
              "Added downstream latency toxic 'latency_downstream' on proxy 'a'\n", "add")
        line = ("latency_downstream\ttype=latency\tstream=downstream\ttoxicity={}\tattributes=["
                "\tjitter=50\tlatency={}\t]\n")
        equal(cli("ins", "a", env=env), line.format("0.50", 100), "inspect")
        cli("t", "u", "-n", "latency_downstream", "-a", "latency=200", "a", env=env)
        equal(cli("ins", "a", env=env), line.format("1.00", 200), "after an update")
        equal(cli("list", env=env), f"a\t127.0.0.1:{backend_port}\tlocalhost:1\tenabled\t1\n",
              "list")
        cli("t", "d", "a", "-n", "latency_downstream", env=env)
        for words in (("inspect", "b"), ("inspect",), ("nonsense",), ("list", "--nonsense"),
                      ("toxic", "add", "a"), ("toxic", "add", "-t", "none", "a"),
                      ("-h", "localhost:1", "list"), ("-h", "ftp://x", "list"), ("toxic", "ad")):
            check(cli(*words, status=1, env=env).startswith("error: "), f"{words}")
        # Ours go there as far as the routes do.
        url = ("--url", host)
        equal(flagserver("list", *url).returncode, 0, "list")
        check("  → localhost:1, no faults\n" in flagserver("status", *url).stdout, "status")
        equal(flagserver("reset", *url).returncode, 0, "reset")


@case("what does not answer, answers something else, or stops in between is said as such")
def nobody():
    free = free_port()
    result = flagserver("status", "--url", f"http://localhost:{free}")
    equal((result.returncode, result.stderr),
          (69, f"error: nothing answers at http://localhost:{free}. Is flagserver running? Its "
               "control port is in its banner; name another with --url.\n"), "nobody")
    result = flagserver("list", env={"TOXIPROXY_URL": "http://nowhere.invalid:1"})
    equal(result.returncode, 69, f"no host: {result.stderr}")
    check("http://nowhere.invalid:1 cannot be reached: " in result.stderr, result.stderr)
    for answer in (b"220 mail\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                   b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"):
        check("is no control port of flagserver or Toxiproxy (" in told(answer), f"{answer}")
    for answer in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"):
        check("ended the connection before its answer was complete" in told(answer), f"{answer}")
    with running() as (server, ask):
        ask("status", "--url", server.url("local", ""), status=69,
            errors="error: what answers at http://localhost:…")
    with running("--control-token", "secret") as (server, ask):
        ask("list", status=77, errors="error: http://localhost:…")
        ask("list", "--token", "wrong", status=77, errors="error: the token is not that of …")
        ask("list", "--token", "secret")
        ask("list", env={"FLAGSERVER_CONTROL_TOKEN": "secret"})


def told(answer):
    """What the client says of a server that answers so and goes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            stream, _ = listener.accept()
            with stream:
                stream.recv(65536)
                stream.sendall(answer)
                stream.shutdown(socket.SHUT_WR)
                stream.recv(1)
        thread = threading.Thread(target=serve)
        thread.start()
        result = flagserver("list", "--url", f"127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
        equal(result.returncode, 69, f"{answer}: {result.stderr}")
        return result.stderr


@case("a daemon that has stopped is given up after 10 s")
def stopped():
    with running() as (server, ask):
        server.signal(signal.SIGSTOP)
        try:
            start = time.monotonic()
            result = flagserver(
                "status", "--url", f"localhost:{server.ports['control']}", seconds=30)
            took = time.monotonic() - start
        finally:
            server.signal(signal.SIGCONT)
        equal(result.returncode, 69, result.stderr)
        check("has not answered within 10 s" in result.stderr, result.stderr)
        check(9.9 < took < 20, f"{took} s")


if __name__ == "__main__":
    main()
