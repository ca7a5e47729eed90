"""The configuration file: what it says is done, mistakes are explained, SIGHUP reads it again."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from backends import Backend, connect, echo, exchange, free_port, receive_all, source
from clients import fetch_all
from control import Control
from harness import (
    CODES, FIXTURES, Server, accepts, case, check, draw, environment, equal, flagserver, gif, main,
    need, stored, wait_until)
from wire import Wire, request

EXAMPLE = """\
seed: 42
fixtures: ./fixtures
max-concurrency: 8
proxies:
  - name: error
    toxics:
      - { type: respond, statuses: { 418: 1, 503: 1 }, toxicity: 0.25, retry_after: 1s }
      - { type: latency, latency: 500ms, toxicity: 0.5 }
      - { type: respond, statuses: { 503: 1 }, exchanges: "1...2", match: { path: "/flags/br/*" } }
  - { name: db, listen: "127.0.0.1:DB", upstream: "127.0.0.1:BACKEND", protocol: tcp,
      toxics: [ { type: bandwidth, rate: 64kB/s, stream: downstream } ] }
  - { name: origin, listen: ORIGIN, upstream: "127.0.0.1:LOCAL", protocol: http,
      behavior: "25:error,50:delay" }
"""


@contextmanager
def folder(**files):
    """A folder with these files; `__` in a name stands for the dot."""
    path = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
    try:
        for name, text in files.items():
            write(path / name.replace("__", "."), text)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write(path, text):
    """At once, as a good editor does: a reload may come at any time."""
    data = text if isinstance(text, bytes) else text.encode()
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    os.rename(new, path)


def control_of(server):
    return Control(server.ports["control"])


def proxies(server):
    return control_of(server).json("GET", "/proxies")


# What the file says

@contextmanager
def example():
    """The example with free ports, running; the server, its file, and the backend's content."""
    content = os.urandom(80_000)
    ports = {name: str(free_port()) for name in ("DB", "ORIGIN", "LOCAL")}
    with Backend(source(content)) as backend, folder() as place:
        text = EXAMPLE.replace("BACKEND", str(backend.port))
        for name, port in ports.items():
            text = text.replace(name, port)
        write(place / "flagserver.yaml", text)
        local = f"local={ports['LOCAL']},delay=0,error=0,chaos=0,fault=0"
        with Server(
            "-q", "--control", "0", "--config", place / "flagserver.yaml", ports=local
        ) as server:
            yield server, place / "flagserver.yaml", content


@case("the example does what it says: db is slow, origin has its mix, the limit holds")
def does_what_it_says():
    with example() as (server, file, content):
        equal(server.seed, 42, "the seed")
        start = time.monotonic()
        with connect(server.ports["db"]) as stream:
            received = receive_all(stream)
        seconds = time.monotonic() - start
        equal(received, (content, "fin"), "what came from the database")
        check(seconds >= 1, f"80 kB at 64 kB/s took only {seconds:.2f} s")
        rows = draw("origin", "--config", file, "-n", 24)
        root = f"http://127.0.0.1:{server.ports['origin']}"
        replies = fetch_all("httpx", [root + row[0] for row in rows], 8)
        for target, _, status, delay in rows:
            reply = replies[root + target]
            equal(reply.status, status, f"origin's status of {target}")
            check(reply.seconds >= delay, f"{target} after {reply.seconds} s, drawn {delay}")
            check(status != 200 or reply.body == stored(target), f"other bytes of {target}")
        met = {(row[2] != 200, row[3] > 0) for row in rows}
        check((True, False) in met and (False, True) in met, f"the mix is no mix: {met}")
        found = control_of(server).json("GET", "/concurrency")["proxies"]
        equal({name: found[name]["limit"] for name in found}, {
            "chaos": 8, "db": None, "delay": 8, "error": 8, "fault": 8, "local": 8,
            "origin": None}, "limits")


@case("Brazil recovers on the third attempt, for httpx and for curl")
def brazil():
    with example() as (server, file, _):
        rows = draw("error", "--config", file, "--target", gif("br"), "-n", 4)
        equal([row[2] for row in rows[:3]], [503, 503, 200], "what draw says")
        url = server.url("error", gif("br"))
        statuses = [fetch_all("httpx", [url], 1)[url].status for _ in range(4)]
        equal(statuses, [row[2] for row in rows], "httpx")
        equal(fetch_all("httpx", [server.url("error", gif("af"))], 1).popitem()[1].status,
              draw("error", "--config", file, "--target", gif("af"), "-n", 1)[0][2], "another's")
        need("curl")
        control_of(server).json("POST", "/reset", status=204)
        since = json.loads(control_of(server).call("GET", "/journal").body.splitlines()[-1])["seq"]
        got = server.folder / "br.gif"
        result = subprocess.run(
            ["curl", "-s", "--retry", "5", "--retry-delay", "1", "-o", str(got), "-w",
             "%{http_code}", server.url("error", gif("br"))], env=environment(), text=True,
            stdout=subprocess.PIPE, timeout=60)
        equal((result.returncode, result.stdout), (0, "200"), "curl")
        equal(got.read_bytes(), stored(gif("br")), "the flag")
        records = control_of(server).call("GET", f"/journal?since={since}").body.splitlines()
        equal([(r["attempt"], r["status"]) for r in map(json.loads, records)],
              [(1, 503), (2, 503), (3, 200)], "the journal")


@case("the same in JSON is the same, for check, draw and serve")
def as_json():
    value = {
        "seed": 42, "max-concurrency": 8, "quiet": True, "delay": "50ms", "error-status": [500],
        "proxies": [
            {"name": "error", "toxics": [
                {"type": "respond", "statuses": {"418": 1, "503": 1}, "toxicity": 0.5}]},
            {"name": "db", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1", "toxics": [
                {"type": "bandwidth", "rate": "64kB/s", "stream": "downstream"}]}]}
    yaml = """
seed: 42
max-concurrency: 8
quiet: yes
delay: 50ms
error-status: 500
proxies:
- name: error
  toxics:
  - {type: respond, statuses: {418: 1, 503: 1}, toxicity: 50%}
- name: db
  listen: 127.0.0.1:0
  upstream: 127.0.0.1:1
  toxics: [{type: bandwidth, rate: 64kB/s}]
"""
    with folder(x__json=json.dumps(value), x__yaml=yaml) as place:
        told, drawn, shown = [], [], []
        for name in ("x.json", "x.yaml"):
            result = flagserver("check", name, cwd=place, env={"FLAGSERVER_FIXTURES": ""})
            told.append(result.stdout.splitlines()[:1])
            drawn.append(draw("error", "--config", place / name, "-n", 30))
            with Server("--config", place / name) as server:
                equal(server.log(), "", "what a quiet server says")
                all_of_them = proxies(server)
                for proxy in all_of_them.values():
                    del proxy["listen"]
                del all_of_them["chaos"]["upstream"]
                shown.append(all_of_them)
        equal(told, [[f"{name}: ok, 5 flag servers, 1 proxy, 2 toxics"]
                     for name in ("x.json", "x.yaml")], "check")
        equal(drawn[0], drawn[1], "draw")
        equal(shown[0], shown[1], "the proxies")
        equal(Counter(row[2] for row in drawn[0]).keys(), {200, 418, 503}, "statuses drawn")


@case("an option weighs more than the environment, and that more than the file")
def precedence():
    text = ("seed: 1\nerror-rate: 0.1\ndelay: 100ms\nmax-concurrency: 3\nquiet: true\n"
            "error-status: [500]\n")
    with folder(x__yaml=text) as place:
        env = {"FLAGSERVER_SEED": "2", "FLAGSERVER_ERROR_RATE": "0.2",
               "FLAGSERVER_CONFIG": str(place / "x.yaml")}
        with Server("--seed", "3", env=env) as server:
            equal(server.seed, 3, "the seed")
            error, delay = (proxies(server)[name] for name in ("error", "delay"))
            toxic = error["toxics"][0]
            equal((toxic["toxicity"], toxic["attributes"]), (0.2, {
                "500": 1, "retry_after": 1000}), "ERROR's errors")
            equal(delay["toxics"][0]["attributes"]["latency"], 100, "DELAY's delay")
            equal(delay["max_concurrency"], 3, "the limit")
        write(place / "y.yaml", "seed: 5\nports: [1, 2, 3, 4]\n")
        with Server("-q", "--config", place / "y.yaml", env=env) as server:
            equal((server.seed, server.ports["local"] > 1023), (2, True), "another file")


@case("Toxiproxy's own array of proxies is taken, with the toxics in it")
def toxiproxy_array():
    with Backend(echo) as backend:
        value = [
            {"name": "redis", "listen": "127.0.0.1:0", "upstream": backend.address,
             "enabled": True, "toxics": [
                 {"name": "slow", "type": "latency", "stream": "downstream", "toxicity": 1.0,
                  "attributes": {"latency": 300, "jitter": 0}}]},
            {"name": "off", "listen": f"127.0.0.1:{free_port()}", "upstream": backend.address,
             "enabled": False}]
        with folder(toxiproxy__json=json.dumps(value)) as place:
            with Server("-q", "--config", place / "toxiproxy.json") as server:
                found = proxies(server)
                toxic, = found["redis"]["toxics"]
                equal((toxic["name"], toxic["attributes"]), ("slow", {"latency": 300, "jitter": 0}),
                      "the toxic")
                with connect(server.ports["redis"]) as stream:
                    start = time.monotonic()
                    exchange(stream, b"ping")
                    check(time.monotonic() - start >= 0.3, "the latency")
                equal(found["off"]["enabled"], False, "the other")
                check(not accepts(int(found["off"]["listen"].rsplit(":", 1)[1])), "it listens")


@case("run takes a file too, and a file with a mistake keeps its command from running")
def with_run():
    with folder(x__yaml="seed: 77\nports: 0\nproxies: [{name: local, toxics: [{type: respond, "
                        "statuses: [451]}]}]\n", bad__yaml="sed: 77\n") as place:
        need("curl")
        script = 'echo $FLAGSERVER_SEED; curl -so/dev/null -w "%{http_code}" $FLAGS_LOCAL_URL/'
        common = ["--fixtures", FIXTURES, "--", "sh", "-c"]
        result = flagserver("run", "--config", "x.yaml", *common, script, cwd=place)
        equal((result.returncode, result.stdout), (0, "77\n451"), f"the run ({result.stderr})")
        result = flagserver("run", "--config", "bad.yaml", *common, "touch ran", cwd=place)
        equal(result.stderr, "bad.yaml:1:1: error: unknown key 'sed'. Did you mean 'seed'?\n",
              "what is said")
        check(result.returncode != 0 and not (place / "ran").exists(), "the command ran")


# Mistakes

def proxy(text):
    """A file with one proxy more, its keys from column 14 of line 1 on."""
    return "proxies: [{" + text + "}]\n"


def toxic(text):
    return proxy('name: error, toxics: [{' + text + '}]')


# (file, line:column, words of the message)
MISTAKES = [
    # keys
    ("proxie: []\n", "1:1", "unknown key 'proxie'. Did you mean 'proxies'?"),
    ("seed: 1\n\n  \nerror_rat: 1\n", "4:1", "unknown key 'error_rat'. Did you mean 'error-rate'?"),
    ("seed: 1\nseed: 2\n", "2:1", "'seed' is given twice. Keep one of them."),
    ("config: other.yaml\n", "1:1", "'config' cannot stand in a configuration file."),
    (proxy("name: error, toxic: []"), "1:25", "unknown key 'toxic' in proxy 'error'. Did you"),
    # kinds
    ("fixtures: NO\n", "1:11", 'expected text, found the Boolean NO. Quote it: "NO".'),
    ("seed: NO\n", "1:7", "write a whole number like 42."),
    ("seed: ~\n", "1:7", "found the null value ~. Give a value, or leave it out."),
    ("delay: 1..\n", "1:8", "delay 1.. lacks the longest delay. Write 0.5..5 for a range."),
    ("quiet: maybe\n", "1:8", "expected true or false, found 'maybe'."),
    ("proxies: {name: x}\n", "1:10", "expected a list, found a mapping."),
    ("proxies:\n  - name: NO\n    upstream: x\n", "2:11", 'the Boolean NO. Quote it: "NO".'),
    ("just words\n", "1:1", "expected options like seed: 42, or a list of proxies"),
    # values
    ("error-rate: 25\n", "1:13", "error-rate 25 is not a probability. Write 0.25 or 25%."),
    ("toxic:\n- delay:noop\n- delay:nop\n", "3:3", "unknown toxic 'nop'. Did you mean 'noop'?"),
    # proxies
    (proxy("name: a, listen: 9000, upstream: h"), "1:45", "'h' is no backend."),
    (proxy("name: error, listen: 9001"), "1:25", "Use ports: {error: 9001}"),
    (proxy("name: a, listen: 9000, upstream: 'h:1', behavior: '80:error,50:delay'"), "1:62",
     "adds up to 130 %"),
    (proxy("name: a, listen: 9000, upstream: 'h:1', protocol: htpp"), "1:62",
     "Did you mean 'http'?"),
    ("proxies:\n- {name: a, listen: 9000, upstream: 'h:1'}\n"
     "- {name: a, listen: 9001, upstream: 'h:1'}\n", "3:10", "there is a proxy 'a' already."),
    ("proxies:\n- {name: a, listen: 9000, upstream: 'h:1'}\n"
     "- {name: b, listen: 9000, upstream: 'h:1'}\n", "3:10", "'a' and 'b' cannot share port 9000"),
    (proxy("name: a, listen: 8003, upstream: 'h:1'"), "1:18", "error cannot share port 8003"),
    # toxics
    (toxic("type: latancy"), "1:41", "unknown toxic 'latancy'. Did you mean 'latency'?"),
    (toxic("type: latency, latency: 200"), "1:59", "needs a unit. Did you mean 200ms, or 200s?"),
    (toxic("type: noop, toxicity: 1.5"), "1:57", "1.5"),
    # no YAML at all
    ("x: [\n", None, "the file ends within the list that begins at 1:4"),
    (b"seed: \xff\n", "1:1", "UTF-8"),
    (b"GIF89a\1\0", "1:1", "this is a GIF image and no configuration, which is YAML or JSON in UTF-8."),
    # bombs
    ("[" * 100_000, "1:66", "too deep"),
    ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi")), None, "more than 100000 values"),
    ("proxies:\n" + "".join(
        f"- {{name: p{n}, listen: 0, upstream: 'h:1'}}\n" for n in range(1001)), None, "1000"),
]


@case("every mistake has its line and column, what is wrong, what to write, and status 78")
def mistakes():
    failures = []
    with folder() as place:
        for text, where, words in MISTAKES:
            write(place / "x.yaml", text)
            result = flagserver("check", "x.yaml", cwd=place)
            prefix = f"x.yaml:{where}: error: " if where else "x.yaml:"
            lines = result.stderr.splitlines()
            told = len(lines) == 1 and lines[0].startswith(prefix) and " error: " in lines[0]
            if result.returncode != 78 or not told or words not in lines[0] or result.stdout:
                failures.append(
                    f"{text[:90]!r}: wanted {where} {words!r}, found {result.returncode} "
                    f"{result.stderr[:300]!r} {result.stdout!r}")
    check(not failures, f"{len(failures)} of {len(MISTAKES)}\n    " + "\n    ".join(failures))


@case("the program, draw and check say the same of a file, and the program does not start")
def everybody_agrees():
    with folder() as place:
        for text, _, words in MISTAKES[::9]:
            write(place / "x.yaml", text)
            told = {
                (result.returncode, result.stderr) for result in (
                    flagserver("--config", "x.yaml", "--fixtures", FIXTURES, cwd=place),
                    flagserver("draw", "error", "--config", "x.yaml", cwd=place),
                    flagserver("check", "x.yaml", cwd=place))}
            equal(len(told), 1, f"what is said of {text[:90]!r}: {told}")


@case("a file that is not there is 66 with a suggestion, one that is too large as well")
def missing():
    with folder(flagserver__yaml="", large__yaml="#" * (1 << 20 | 1)) as place:
        for words in (["--config", "flagserver.yml"], ["check", "flagserver.yml"]):
            result = flagserver(*words, cwd=place)
            equal((result.returncode, result.stderr), (
                66, "error: configuration file 'flagserver.yml' does not exist. "
                    "Did you mean 'flagserver.yaml'?\n"), f"{words}")
        for path, words in (("large.yaml", "1 MiB"), ("/proc/self/mem", "cannot be read"),
                            ("/dev/zero", "cannot be read")):
            result = flagserver("--config", path, cwd=place)
            equal(result.returncode, 66, f"exit status of {path} ({result.stderr})")
            check(path in result.stderr and words in result.stderr, result.stderr)


@case("check says what is good, warns of the rest, and tells fixtures from files")
def checking():
    good = f"fixtures: {FIXTURES}\nproxies: [{{name: a, listen: 0, upstream: 'h:1'}}]\n"
    with folder(flagserver__yaml=good, lost__yaml="fixtures: ./nowhere\n", empty__yaml="") as place:
        fixtures = f"{FIXTURES}: ok, {len(CODES)} countries, "
        for words in ([], ["flagserver.yaml"]):
            result = flagserver("check", *words, cwd=place)
            first, second = result.stdout.splitlines()
            equal((result.returncode, first, result.stderr),
                  (0, "flagserver.yaml: ok, 5 flag servers, 1 proxy, 0 toxics", ""), f"{words}")
            check(second.startswith(fixtures), second)
        result = flagserver("check", FIXTURES, cwd=place)
        equal(result.returncode, 0, "the fixtures")
        check(result.stdout.startswith(fixtures) and result.stdout.count("\n") == 1, result.stdout)
        (place / "none").mkdir()
        result = flagserver("check", "none", cwd=place)
        equal((result.returncode, result.stdout), (0, "none: ok, no flags but 0 files, 0 MB\n"),
              "a folder with other files, or none")
        result = flagserver("check", "lost.yaml", cwd=place)
        equal(result.returncode, 66, f"exit status ({result.stderr})")
        check("error: " in result.stderr, result.stderr)
        (place / "bad" / "flags" / "br").mkdir(parents=True)
        (place / "bad" / "flags" / "br" / "br.gif").write_bytes(b"GIF89a")
        (place / "bad" / "flags" / "br" / "metadata.json").write_text("{")
        result = flagserver("check", "bad", cwd=place)
        check(result.returncode == 65 and "metadata.json" in result.stderr, f"{result}")


# SIGHUP

NO_CHANGE = "reloaded {}: nothing changed"


def reload(server, file, text=None):
    """Gives the file another text and has it read: the lines that were logged since."""
    if text is not None:
        write(file, text)
    before = len(server.log().splitlines())

    def lines():
        return server.log().splitlines()[before:]
    server.signal(signal.SIGHUP)
    wait_until(lambda: any(
        line.startswith("error: not reloaded") or " countries" in line for line in lines()),
        "the reload")
    return lines()


def fields(backend, *more):
    return "\n".join(["proxies:", *(
        line.replace("BACKEND", backend.address) for line in more)]) + "\n"


UNCHANGED = "- {name: same, listen: 127.0.0.1:0, upstream: 'BACKEND'}"
LATE = "- {name: late, listen: 127.0.0.1:0, upstream: 'BACKEND', " \
    "toxics: [{type: latency, latency: 300ms}]}"


class Drip:
    """A long download: it goes on until there was enough of it."""

    def __init__(self):
        self.count, self.enough = 0, threading.Event()

    def __call__(self, stream):
        while not self.enough.wait(0.05):
            stream.sendall(bytes([self.count % 251]) * 100_000)
            self.count += 1
        stream.shutdown(socket.SHUT_WR)

    def content(self):
        return b"".join(bytes([number % 251]) * 100_000 for number in range(self.count))


@case("SIGHUP changes toxics, limits and proxies while a download and keep-alives go on")
def reloading():
    drip = Drip()
    with Backend(drip) as slow, Backend(echo) as backend, folder() as place:
        file = place / "x.yaml"
        same = UNCHANGED.replace("BACKEND", slow.address)
        old = f"- {{name: old, listen: 127.0.0.1:{free_port()}, upstream: 'BACKEND'}}"
        new = old.replace("old", "new").replace(old.split("127.0.0.1:")[1][:5].rstrip(","), "0")
        write(file, fields(backend, same, LATE, old))
        with Server("-q", "--delay", "0", "--config", file) as server:
            received = []
            download = connect(server.ports["same"])
            reader = threading.Thread(target=lambda: received.append(receive_all(download)))
            reader.start()
            wires = [Wire(server) for _ in range(5)]
            for wire in wires:
                wire.check_open()
            late, gone = connect(server.ports["late"]), connect(server.ports["old"])
            exchange(gone, b"before")
            equal(reload(server, file)[0], NO_CHANGE.format(file), "the same file")
            exchange(gone, b"still there")
            lines = reload(server, file, "max-concurrency: 7\n" + fields(
                backend, same, LATE.replace("300ms", "10ms"), new,
                "- {name: local, toxics: [{type: respond, statuses: [451], toxicity: 0.5}]}"))
            equal(lines[0], f"reloaded {file}: 6 proxies changed, 1 added, 1 removed", "told")
            found = proxies(server)
            equal(sorted(found), ["chaos", "delay", "error", "fault", "late", "local", "new", "same"],
                  "all")
            equal({name: found[name].get("max_concurrency") for name in ("local", "new")},
                  {"local": 7, "new": None}, "the limits")
            equal(found["late"]["toxics"][0]["attributes"]["latency"], 10, "the latency")
            check(receive_all(gone)[0] == b"", "bytes on the connection of one that went")
            check(not accepts(server.ports["old"]), "the one that went still listens")
            for stream in (late, connect(int(found["new"]["listen"].rsplit(":", 1)[1]))):
                exchange(stream, b"after")
                stream.close()
            statuses = set()
            for wire in wires:
                for code in CODES[:10]:
                    wire.send(request(target=gif(code)))
                    statuses.add(wire.answer().status)
            equal(statuses, {200, 451}, "on the connections that stayed")
            lines = reload(server, file, fields(backend, same))
            check("2 removed" in lines[0], lines[0])
            before = drip.count
            wait_until(lambda: drip.count > before + 10, "the download to go on")
            drip.enough.set()
            for wire in wires:
                wire.check_open()
                wire.stream.close()
            reader.join(30)
            check(received == [(drip.content(), "fin")], "the download is not whole")


@case("a broken, vanished or impossible file changes nothing, says so, and the next one is taken")
def broken():
    with Backend(echo) as backend, folder() as place, socket.create_server(
            ("127.0.0.1", 0)) as taken:
        file, free, busy = place / "x.yaml", free_port(), taken.getsockname()[1]
        good = fields(backend, UNCHANGED, LATE)
        write(file, good)
        with Server("-q", "--config", file, expects_log=["^error: not reloaded"]) as server:
            before = proxies(server)
            stream = connect(server.ports["late"])
            changed = fields(
                backend, LATE.replace("300", "1"), "- {name: error, toxics: []}",
                f"- {{name: fine, listen: 127.0.0.1:{free}, upstream: 'BACKEND'}}",
                f"- {{name: unlucky, listen: 127.0.0.1:{busy}, upstream: 'BACKEND'}}")
            for text, words in (
                (good + "sed: 3\n", f"{file}:4:1: unknown key 'sed'. Did you mean 'seed'?"),
                ("proxies: [\n", f"{file}:2:1: "),
                (good.replace("LATE", "x").replace("300ms", "300"), "needs a unit"),
                (changed, f"port {busy} is already in use"),
                (changed.replace(str(busy), str(server.ports["control"])), "already in use"),
                (None, "does not exist"),
            ):
                if text is None:
                    file.unlink()
                lines = reload(server, file, text)
                check("not reloaded" in lines[0] and words in lines[0], f"{words!r}: {lines}")
                equal(proxies(server), before, f"the proxies after {lines[0]}")
                check(not accepts(free), f"a port of a file that was refused: {lines[0]}")
                start = time.monotonic()
                exchange(stream, b"still the old latency")
                check(time.monotonic() - start >= 0.3, "the latency")
            taken.close()
            lines = reload(server, file, changed)
            check(lines[0].startswith(f"reloaded {file}: "), f"{lines}")
            found = proxies(server)
            equal((found["error"]["toxics"], "same" in found), ([], False), "the new file")
            for port in (free, busy):
                with connect(port) as other:
                    exchange(other, b"the new ones")
            exchange(stream, b"on the old connection")
            stream.close()


@case("what was made through the API survives; /reset goes back to what was reloaded")
def api_and_reset():
    with Backend(echo) as backend, folder() as place:
        file = place / "x.yaml"
        write(file, fields(backend, LATE))
        with Server("-q", "--config", file) as server:
            control = control_of(server)
            port = control.proxy("mine", backend.address)
            control.toxic("mine", "latency", {"latency": 1}, name="kept")
            with connect(port) as stream:
                exchange(stream, b"before")
                reload(server, file, fields(
                    backend, LATE.replace("300", "20"), "- {name: error, toxics: [{type: noop}]}"))
                exchange(stream, b"after")
            equal(proxies(server)["mine"]["toxics"][0]["name"], "kept", "its toxic")
            # Its name is taken: that is a mistake of the file, which could not be kept.
            server.expect_log("^error: not reloaded.* 'mine' was made through the API")
            lines = reload(server, file, fields(
                backend, LATE, "- {name: mine, listen: 0, upstream: 'BACKEND'}"))
            check("not reloaded" in lines[0] and "mine" in lines[0], lines[0])
            control.change("late", "latency_downstream", attributes={"latency": 1})
            control.toxic("error", "latency", {"latency": 1})
            control.json("POST", "/reset", status=204)
            found = proxies(server)
            equal(found["late"]["toxics"][0]["attributes"]["latency"], 20, "late after /reset")
            equal([toxic["type"] for toxic in found["error"]["toxics"]], ["noop"], "error's")
            equal(sorted(found), ["chaos", "delay", "error", "fault", "late", "local", "mine"],
                  "proxies")


@case("what only a start can change is named, and stays; options typed are not weakened")
def at_the_next_start():
    with folder(x__yaml="seed: 4\ndelay: 10ms\n") as place:
        file = place / "x.yaml"
        said = ["^warning: seed .*at the next start"]
        with Server("-q", "--error-rate", "1", "--config", file, expects_log=said) as server:
            lines = reload(server, file, "seed: 5\ngrace: 1s\ndelay: 20ms\nerror-rate: 0.5\n")
            check("warning: seed and grace change at the next start" in lines, f"{lines}")
            found = proxies(server)
            equal(found["delay"]["toxics"][0]["attributes"]["latency"], 20, "the delay")
            equal(found["error"]["toxics"][0]["toxicity"], 1, "the error rate that was typed")
            fate = draw("chaos", "--seed", "4", "--error-rate", "0", "--delay", "20ms", "-n", 1)
            check(fate, "draw says nothing")
            (server.folder / "again.json").write_text(json.dumps({"delay": "30ms"}))
            os.replace(server.folder / "again.json", file)
            check(any("seed" in line for line in reload(server, file)), "the seed's warning")


@case("reloads under load: every answer is whole, and no descriptor is left")
def many_reloads():
    with Backend(echo) as backend, folder() as place:
        file = place / "x.yaml"
        texts = [fields(backend, LATE, UNCHANGED),
                 fields(backend, UNCHANGED, "- {name: local, toxics: [{type: noop}]}",
                        "- {name: other, listen: 127.0.0.1:0, upstream: 'BACKEND'}")]
        write(file, texts[0])
        with Server("-q", "--config", file) as server:
            stop, wrong = threading.Event(), []

            def ask():
                with Wire(server) as wire:
                    while not stop.is_set():
                        wire.send(request(target=gif("br")))
                        if wire.answer().body != stored(gif("br")):
                            wrong.append("other bytes")
            threads = [threading.Thread(target=ask) for _ in range(2)]
            for thread in threads:
                thread.start()
            try:
                reload(server, file)
                before = server.descriptors()
                for number in range(1, 9):
                    reload(server, file, texts[number % 2])
            finally:
                stop.set()
                for thread in threads:
                    thread.join(20)
            equal((wrong, any(thread.is_alive() for thread in threads)), ([], False), "clients")
            wait_until(lambda: server.descriptors() <= before, "the descriptors")


main()
