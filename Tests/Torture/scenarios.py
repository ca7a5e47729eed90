"""What flagserver does while its calls fail. Each scenario starts it, asks for something and stops
it; what went wrong is kept as `failures`, which somebody has to explain, and `findings`, which
nothing explains."""
import http.client
import json
import os
import pathlib
import signal
import socket
import socketserver
import struct
import sys
import threading
import time
import urllib.parse

from tracing import PROJECT, Traced

# Nothing takes so long; a generous bound, because it means a hang.
PATIENCE = 4
START_SECONDS = 20
STOP_SECONDS = 12
FLAG = PROJECT / "fixtures" / "flags" / "br" / "br.gif"
SERVERS = ("local", "delay", "error", "chaos", "fault")
QUICK = ("--ports", "0", "--delay", "0.01", "--seed", "7")


class Run:
    """One start of the program, with what is asked of it. `failures`: what was not as it is without
    an injection; `findings`: what must not be, whatever is said of it; `answers`: texts of errors
    that were answered."""

    def __init__(self, program, folder, injection=None):
        self.program, self.folder, self.injection = program, folder, injection
        self.ready_file = folder / "ready.json"
        self.failures, self.findings, self.answers = [], [], []
        self.complete, self.patience = 0, PATIENCE
        self.traced = self.ready = None
        self.status = None

    # Start and end

    def start(self, *arguments):
        """Whether it is ready."""
        words = [str(word) for word in arguments]
        self.traced = Traced(
            [self.program, *words, "--ready-file", self.ready_file], self.folder, self.injection)
        end = time.monotonic() + START_SECONDS
        while self.traced.is_running and not self.ready_file.exists():
            if time.monotonic() > end:
                self.findings.append(f"hang: neither ready nor ended after {START_SECONDS} s")
                return False
            time.sleep(0.005)
        if not self.ready_file.exists():
            self.ended("before it was ready")
            return False
        try:
            self.ready = json.loads(self.ready_file.read_text())
        except FileNotFoundError:  # it was ready, and is no more
            self.traced.wait(STOP_SECONDS)
            self.ended("as soon as it was ready")
            return False
        except ValueError:
            self.findings.append(f"lie: half a ready file: {self.ready_file.read_bytes()!r}")
            return False
        return True

    def ended(self, when):
        """It has ended by itself, which a word has to explain, and a status."""
        self.status = self.traced.wait(STOP_SECONDS)
        self.failures.append(f"it ended with {self.status} {when}")
        if self.status == 0:
            self.findings.append(f"lie: exit status 0 although it ended {when}")

    def stop(self):
        """Asks it to end, and holds it to that."""
        if self.status is not None:
            return
        if not self.traced.is_running:
            self.ended("by itself")
            return
        if busy := self.traced.spins():
            self.findings.append(f"spin: {busy:.0%} of a core with nothing to do")
        self.traced.signal(signal.SIGTERM)
        self.status = self.traced.wait(STOP_SECONDS)
        if self.status is None:
            self.findings.append(f"hang: it still runs {STOP_SECONDS} s after SIGTERM")
        elif self.status:
            self.failures.append(f"exit status {self.status} after SIGTERM")

    def judge_end(self):
        if self.status is not None and self.status < 0:
            self.findings.append(f"crash: ended by {signal.Signals(-self.status).name}")
        if self.status is not None and self.ready_file.exists():
            self.failures.append("the ready file is still there")

    # Asking

    def port(self, name):
        return self.ready["ports"][name]

    def ask(self, name, path="/flags/br/br.gif", method="GET", body=None, headers=None):
        """One exchange on a connection of its own: status and body, or a failure that is kept."""
        port = name if isinstance(name, int) else self.port(name)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.patience)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{method} {path} of {name}: {error or type(error).__name__}")
            if isinstance(error, TimeoutError):
                self.patience = 1   # one that hangs is enough: what follows is only looked at
            return 0, b""
        finally:
            connection.close()
        if name in SERVERS:
            self.complete += 1
        if reply.status >= 500 and name == "control":
            self.answers.append(content.decode(errors="replace"))
        return reply.status, content

    def expect(self, name, path="/flags/br/br.gif", status=200, content=None, **rest):
        found, body = self.ask(name, path, **rest)
        if found and found != status:
            self.failures.append(f"{path} of {name}: {found} instead of {status}")
            self.answers.append(body.decode(errors="replace"))
        elif found and content is not None and body != content:
            self.findings.append(f"lie: {path} of {name}: {len(body)} bytes of something else")
        return found == status

    def call(self, path, values, status=201):
        return self.expect("control", path, status, method="POST", body=json.dumps(values))

    def until(self, condition, what, seconds=3):
        """Polls; what was asked in vain on the way is no failure, if it comes true."""
        kept, end = len(self.failures), time.monotonic() + seconds
        while self.traced.is_running and time.monotonic() < end:
            if condition():
                del self.failures[kept:]
                return True
            time.sleep(0.05)
        self.failures.append(f"not so after {seconds} s: {what}")
        return False

    def probe(self):
        """Whether all that it calls ready serves, at the third attempt at the latest."""
        if not self.traced.is_running:
            return
        dead = [name for name in SERVERS if not self._serves(name)]
        kept = len(self.failures)
        status = self.ask("control", "/readyz")[0]
        if dead and status == 200:
            self.findings.append(f"lie: /readyz answers 200, and {', '.join(dead)} does not serve")
        if dead and self.traced.is_running and self.ready_file.exists():
            self.failures.append(f"the ready file is there, and {', '.join(dead)} does not serve")
        if status == 200:
            del self.failures[kept:]

    def _serves(self, name):
        content = FLAG.read_bytes() if name == "local" else None
        path = "/" if name == "fault" else "/flags/br/br.gif"
        kept, start = len(self.failures), time.monotonic()
        for _ in range(3):
            status, body = self.ask(name, path)
            if status and (content is None or body == content):
                del self.failures[kept:]
                return True
            if not self.traced.is_running:
                return True
            if time.monotonic() - start > 1:
                break
        return False


# Backends

class Answering(socketserver.StreamRequestHandler):
    """HTTP with a fixed answer."""

    def handle(self):
        try:
            while line := self.rfile.readline():
                while self.rfile.readline() not in (b"\r\n", b""):
                    pass
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
        except OSError:
            pass


class Echoing(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while data := self.request.recv(1 << 16):
                self.request.sendall(data)
        except OSError:
            pass


class Backend(socketserver.ThreadingTCPServer):
    """A context manager; its port is in server_address."""
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_):
        pass

    def __exit__(self, *rest):
        self.shutdown()
        super().__exit__(*rest)

    @property
    def port(self):
        return self.server_address[1]


def free_port():
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        return stream.getsockname()[1]


# Scenarios

def start(run):
    """From nothing to ready, with all that can be asked for at a start, and to the end again."""
    config = run.folder / "flagserver.yaml"
    config.write_text("proxies:\n  - name: p\n    listen: 127.0.0.1:0\n"
                      "    upstream: 127.0.0.1:9\n    protocol: http\n")
    if run.start(*QUICK, "--config", config, "--journal", run.folder / "journal",
                 "--log-file", run.folder / "log", "--fixtures", fixtures(run.folder)):
        run.probe()


def serving(run):
    """All that flag servers do: files, ranges, delays, errors, HEAD, clients that leave."""
    if not run.start(*QUICK):
        return
    content = FLAG.read_bytes()
    for _ in range(2):
        run.expect("local", content=content)
        run.expect("delay", content=content)
        run.ask("error")
        run.ask("chaos")
        run.ask("fault", "/delay/0.01")
    run.expect("local", status=206, headers={"Range": "bytes=0-9"}, content=content[:10])
    run.expect("local", "/flags/xx/xx.gif", status=404)
    run.expect("local", method="HEAD")
    for name in ("local", "delay"):
        leave(run.port(name), b"GET /flags/br/br.gif HTTP/1.1\r\nHost: a\r\n\r\n")
    keep_alive(run)
    run.probe()


def proxying(run):
    """Proxies made while it runs, with faults on them, before backends that answer and that do
    not."""
    if not run.start(*QUICK):
        return
    with Backend(Answering) as web, Backend(Echoing) as echo:
        ports = {}
        for name, protocol, backend in (
                ("web", "http", web.port), ("echo", "tcp", echo.port), ("dead", "tcp", 9)):
            ports[name] = make_proxy(run, name, protocol, backend)
        if ports["web"]:
            toxic(run, "web", "latency", latency=10)
            run.expect(ports["web"], "/", content=b"hello\n")
        if ports["echo"]:
            toxic(run, "echo", "slicer", average_size=100, size_variation=10, delay=10)
            echoed(run, ports["echo"])
        if ports["dead"]:
            leave(ports["dead"], b"hello")
        run.expect("control", "/reset", 204, method="POST")
        if ports["web"]:
            run.expect(ports["web"], "/", content=b"hello\n")
        if ports["echo"]:
            echoed(run, ports["echo"])
        run.probe()


def journal(run):
    """Every exchange has its line, in the file that is there, and in the one that SIGHUP opens."""
    file, log = run.folder / "journal", run.folder / "log"
    if not run.start(*QUICK, "--journal", file, "--log-file", log, "--log-format", "json"):
        return
    for _ in range(4):
        run.ask("local")
    run.until(lambda: count_lines(file) >= min(run.complete, 1), "a first line in the journal")
    if file.exists():
        file.rename(run.folder / "journal.1")
    run.traced.signal(signal.SIGHUP)
    run.until(file.exists, "the journal is opened again")
    for _ in range(4):
        run.ask("local")
    run.probe()
    run.stop()
    found = count_lines(file) + count_lines(run.folder / "journal.1")
    if found < run.complete:
        run.failures.append(f"{found} lines for {run.complete} exchanges")
    for each in (file, run.folder / "journal.1"):
        check_lines(run, each)


def reloading(run):
    """SIGHUP brings a new proxy and a new flag, or says why not."""
    port, own = free_port(), fixtures(run.folder)
    config = run.folder / "flagserver.yaml"
    config.write_text(f"proxies:\n  - name: local\n    toxics: []\n")
    if not run.start(*QUICK, "--config", config, "--fixtures", own):
        return
    with Backend(Answering) as web:
        run.expect("local", "/flags/fr/fr.gif", status=404)
        copy_flag(own, "fr")
        config.write_text(f"proxies:\n  - name: web\n    listen: 127.0.0.1:{port}\n"
                          f"    upstream: 127.0.0.1:{web.port}\n    protocol: http\n")
        run.traced.signal(signal.SIGHUP)
        run.until(lambda: run.ask(port, "/")[0] == 200, "the new proxy serves")
        run.until(lambda: run.ask("local", "/flags/fr/fr.gif")[0] == 200, "the new flag is served")
        run.probe()


COMMAND = """
import os, pathlib, sys, time, urllib.request
here = pathlib.Path(sys.argv[1])
(here / "pid").write_text(str(os.getpid()))
told = []
for name in ("LOCAL", "DELAY"):
    for attempt in range(3):
        try:
            url = os.environ[f"FLAGS_{name}_URL"] + "/br/br.gif"
            with urllib.request.urlopen(url, timeout=5) as reply:
                told.append(f"{name} {reply.status}")
            break
        except Exception as error:
            told.append(f"{name} {error!r}")
(here / "told").write_text("\\n".join(told))
time.sleep(0.7)
sys.exit(0 if told[-1].endswith("200") and "LOCAL 200" in told else 9)
"""


def running(run):
    """A command between start and end: it begins when all serves, and its status is handed on."""
    run.traced = Traced(
        [run.program, "run", *QUICK, "--journal", run.folder / "journal", "--",
         sys.executable, "-S", "-c", COMMAND, run.folder], run.folder, run.injection)
    told = run.folder / "told"
    end = time.monotonic() + START_SECONDS + STOP_SECONDS
    looked = False
    while run.traced.is_running and time.monotonic() < end:
        if told.exists() and not looked:
            looked = True
            if busy := run.traced.spins():
                run.findings.append(f"spin: {busy:.0%} of a core with nothing to do")
        time.sleep(0.01)
    run.status = run.traced.wait(0.1)
    if run.status is None:
        run.findings.append("hang: the run does not end")
    served = told.read_text().splitlines() if told.exists() else []
    if run.status == 0 and "LOCAL 200" not in served:
        run.findings.append("lie: exit status 0, and the command was not served")
    if run.status:
        run.failures.append(f"exit status {run.status}; the command was told {served}")
    number = run.folder / "pid"
    if number.exists() and run.status is not None and is_alive(number.read_text()):
        run.findings.append("its command is left behind")
    if run.status == 0:
        check_lines(run, run.folder / "journal")


# What begins behind which line of a trace: what stands before it is that of `start`.
def _is_ready(line):
    return "ready.json" in line and any(
        f" {word}(" in line for word in ("rename", "renameat", "renameat2", "link", "linkat"))


SCENARIOS = {
    "start": (start, None), "serving": (serving, _is_ready), "proxying": (proxying, _is_ready),
    "journal": (journal, _is_ready), "reload": (reloading, _is_ready),
    "run": (running, lambda line: " listen(" in line),
}


# Parts of scenarios

def copy_flag(place, code):
    folder = place / "flags" / code
    folder.mkdir(parents=True)
    for file in (PROJECT / "fixtures" / "flags" / code).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())


def fixtures(folder):
    """A directory of its own with one flag."""
    place = folder / "own"
    copy_flag(place, "br")
    return place


def make_proxy(run, name, protocol, backend):
    status, body = run.ask("control", "/proxies", "POST", json.dumps(dict(
        name=name, listen="127.0.0.1:0", upstream=f"127.0.0.1:{backend}", protocol=protocol)))
    if status == 201:
        return int(json.loads(body)["listen"].rsplit(":", 1)[1])
    if status:
        run.failures.append(f"the proxy {name}: {status}")
        run.answers.append(body.decode(errors="replace"))
    return None


def toxic(run, proxy, kind, **attributes):
    run.call(f"/proxies/{urllib.parse.quote(proxy)}/toxics",
             dict(type=kind, attributes=attributes), status=200)


def leave(port, data):
    """Says something, and resets the connection without waiting for more."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as stream:
            stream.sendall(data)
            time.sleep(0.005)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass


def echoed(run, port, size=5000):
    data = os.urandom(size)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as stream:
            stream.sendall(data)
            received = b""
            while len(received) < size and (more := stream.recv(1 << 16)):
                received += more
    except OSError as error:
        run.failures.append(f"the echo: {error or type(error).__name__}")
        return
    if received != data[:len(received)]:
        run.findings.append("lie: other bytes come back through the proxy")
    if len(received) < size:
        run.failures.append(f"{len(received)} of {size} bytes came back")


def keep_alive(run):
    """Two requests in one piece on one connection."""
    request = b"GET /flags/br/br.gif HTTP/1.1\r\nHost: a\r\n\r\n"
    try:
        with socket.create_connection(
                ("127.0.0.1", run.port("local")), timeout=PATIENCE) as stream:
            stream.sendall(request + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            received = b""
            while more := stream.recv(1 << 16):
                received += more
    except OSError as error:
        run.failures.append(f"two requests on one connection: {error or type(error).__name__}")
        return
    if received.count(FLAG.read_bytes()) != 2:
        run.failures.append(f"two requests on one connection: {len(received)} bytes")


def count_lines(file):
    return file.read_bytes().count(b"\n") if file.exists() else 0


def check_lines(run, file):
    """Each line of a journal is whole."""
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            json.loads(line)
        except ValueError:
            run.failures.append(f"half a line in the journal: {line[:80]!r}")


def is_alive(number):
    """Whether there is such a process that is not a zombie."""
    try:
        return ") Z " not in pathlib.Path(f"/proc/{number.strip()}/stat").read_text()
    except OSError:
        return False
