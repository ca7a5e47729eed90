"""What the scenarios are made of: backends, clients, files."""
import json
import os
import pathlib
import socket
import socketserver
import struct
import threading
import time
import urllib.parse

from run import FLAG
from tracing import PROJECT

QUICK = ("--ports", "0", "--delay", "0.01", "--seed", "7")


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


# Clients and files

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


def leave(run, port, data):
    """Says something, and resets the connection without waiting for more."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=run.patience) as stream:
            stream.sendall(data)
            time.sleep(0.005)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass


def echoed(run, port, size=5000):
    data = os.urandom(size)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=run.patience) as stream:
            stream.sendall(data)
            received = b""
            while len(received) < size and (more := stream.recv(1 << 16)):
                received += more
    except OSError as error:
        run.failures.append(f"the echo: {error or type(error).__name__}")
        run.lose_patience(error)
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
                ("127.0.0.1", run.port("local")), timeout=run.patience) as stream:
            stream.sendall(request + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            received = b""
            while more := stream.recv(1 << 16):
                received += more
    except OSError as error:
        run.failures.append(f"two requests on one connection: {error or type(error).__name__}")
        run.lose_patience(error)
        return
    if received.count(FLAG.read_bytes()) != 2:
        run.failures.append(f"two requests on one connection: {len(received)} bytes")


def count_lines(file):
    return file.read_bytes().count(b"\n") if file.exists() else 0


def check_lines(run, file):
    """Each line of a journal is whole, whatever is said of those that are missing."""
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            json.loads(line)
        except ValueError:
            run.findings.append(f"lie: half a line in the journal: {line[:80]!r}")


def is_alive(number):
    """Whether there is such a process that is not a zombie."""
    try:
        return ") Z " not in pathlib.Path(f"/proc/{number.strip()}/stat").read_text()
    except OSError:
        return False
