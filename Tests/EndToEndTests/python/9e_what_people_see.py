"""On a terminal: lines that fit, a flood in one line, and a table at the end."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.request
from pathlib import Path

from harness import BINARY, Server, case, check, draw, environment, equal, main, wait_until
from wire import Wire, request

CODES = ("br", "cn", "us", "fr", "de", "in", "ng", "pk")


class Terminal:
    """flagserver on a terminal of `width` columns, from its start to its end."""

    def __init__(self, width, *options):
        self.folder = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
        ready = self.folder / "ready"
        self.text = b""
        words = [BINARY, "--ports", "0", "--seed", "7", "--ready-file", str(ready), *options]
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            # It must know its width before anything is written.
            size(sys.stdout.fileno(), width)
            os.execve(BINARY, words, environment())
        wait_until(lambda: self.read() or ready.exists(), "the ready file", 20)
        told = json.loads(ready.read_text())
        self.urls, self.ports = told["urls"], told["ports"]

    def read(self):
        while select.select([self.terminal], [], [], 0.01)[0]:
            try:
                more = os.read(self.terminal, 65536)
            except OSError:
                break
            if not more:
                break
            self.text += more

    def wait_for(self, pattern):
        wait_until(lambda: self.read() or re.search(pattern, self.shown()), pattern)

    def shown(self):
        return self.text.decode()

    def connect(self, proxy="local", host="127.0.0.1", seconds=10):
        return socket.create_connection((host, self.ports[proxy]), timeout=seconds)

    def fetch(self, server, path):
        try:
            return urllib.request.urlopen(self.urls[server] + path).read()
        except urllib.error.HTTPError as error:
            return error.read()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + 20
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            self.read()
            check(time.monotonic() < end, "it did not end")
        self.read()
        os.close(self.terminal)


def size(descriptor, width):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))


def lines(text):
    """What stands at last: of a line that was written over only the last text."""
    return [line.split("\r")[-1] for line in text.replace("\r\n", "\n").split("\n")]


def leave(terminal):
    """A client that gives up."""
    with terminal.connect("delay") as stream:
        stream.sendall(request(target="/flags/br/br.gif"))
        time.sleep(0.1)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@case("on terminals of 80 and 120 columns everything fits, in words and in columns")
def fits():
    for width in (80, 120):
        with Terminal(width, "--color", "never") as terminal:
            for code in CODES:
                terminal.fetch("error", f"/{code}/{code}.gif")
            terminal.fetch("chaos", "/br/br.gif")
            terminal.fetch("local", "/" + "x" * 300)
            leave(terminal)
            terminal.wait_for("client gave up after")
        found = lines(terminal.shown())
        too_long = [line for line in found if len(line) > width]
        equal(too_long, [], f"lines that are wider than {width}")
        check(any(len(line) == width for line in found), "a line that had to be cut")
        log = [line for line in found if re.match(r"\d\d:\d\d:\d\d\.\d{3} ", line)]
        column = 35 if width == 80 else 47
        for line in log:
            check(line[column:column + 5] == "GET /", f"column {column}: {line!r}")
        rows = {row[0]: row for row in draw("error", "--seed", "7", "-n", "194")}
        for code in CODES:
            line, = [l for l in log if f"ERROR" in l and f"/{code}.gif" in l]
            status = rows[f"/flags/{code}/{code}.gif"][2]
            check(f"ERROR  {status}  " in line, line)
            equal("injected" in line, status != 200, line)
        check(re.search(r"client gave up after \d+ of 500 ms", terminal.shown()), "in words")
        check("client-" not in terminal.shown(), "codes")


@case("the table at the end says what the servers did, and the last line stays")
def table():
    with Terminal(120, "--max-concurrency", "4") as terminal:
        for code in CODES:
            terminal.fetch("error", f"/{code}/{code}.gif")
        terminal.fetch("local", "/br/br.gif")
        terminal.fetch("local", "/nothing")
        urllib.request.urlopen(terminal.urls["control"] + "/reset", b"").close()
        terminal.fetch("local", "/br/br.gif")
    shown = lines(terminal.shown())
    head = [line.split() for line in shown].index(
        "server requests ok refused found up planned p50 p95 limit wait injected".split())
    local, error, last = shown[head + 1].split(), shown[head + 2].split(), shown[head + 3]
    equal(local[:7], ["LOCAL", "3", "2", "0", "1", "0", "0"], "LOCAL's line, before /reset too")
    rows = {row[0]: row[2] for row in draw("error", "--seed", "7", "-n", "194")}
    met = [rows[f"/flags/{code}/{code}.gif"] for code in CODES]
    equal(error[:3], ["ERROR", "8", str(met.count(200))], "ERROR's line")
    for status in (418, 503):
        check(f"{status} × {met.count(status)}" in shown[head + 2], shown[head + 2])
    check("1/4" in error, f"peak and limit: {error}")
    check(last.startswith("11 requests in ") and "unplanned errors 0" in "".join(shown), last)
    check(not any(line.startswith("DELAY ") for line in shown[head:]), "DELAY was asked nothing")


@case("a flood is one line with counts, and when it is over there are lines again")
def flood():
    count = 400
    with Terminal(80, "--color", "never") as terminal:
        with Wire(terminal) as wire:
            for _ in range(count):
                wire.send(request(target="/flags/br/br.gif"))
                equal(wire.answer().status, 200, "status")
        terminal.wait_for(rf"\r[^\r\n]* {count - 50} exchanges? in [^\r\n]*: 200 × {count - 50}")
        time.sleep(2.1)
        terminal.fetch("local", "/cn/cn.gif")
        terminal.wait_for("cn.gif")
    shown = lines(terminal.shown())
    single = [line for line in shown if "GET /flags/br/br.gif" in line]
    equal(len(single), 50, "lines of their own")
    folded, = [line for line in shown if " exchanges in " in line]
    check(f"{count - 50} exchanges in " in folded and len(folded) < 80, folded)
    place = shown.index(folded)
    check("cn.gif" in shown[place + 1], f"the line behind it: {shown[place + 1]!r}")


@case("a terminal that becomes narrower is noticed")
def resized():
    with Terminal(120, "--color", "never") as terminal:
        terminal.fetch("local", "/" + "x" * 300)
        terminal.wait_for("…")
        size(terminal.terminal, 80)
        terminal.fetch("local", "/" + "y" * 300)
        terminal.wait_for("yyy…")
    shown = lines(terminal.shown())
    for letter, width in (("x", 120), ("y", 80)):
        line, = [line for line in shown if letter * 20 in line]
        equal(len(line), width, "width")


@case("off a terminal every exchange has its line, and the table has all columns")
def piped():
    with Server("--delay", "0") as server:
        with Wire(server) as wire:
            for _ in range(100):
                wire.send(request(target="/flags/br/br.gif?a=b"))
                wire.answer()
        server.stop()
        log = server.log()
    equal(log.count('target="/flags/br/br.gif?a=b"'), 100, "lines")
    check("\r" not in log and "exchanges in" not in log, "nothing is folded")
    check(re.search(r"^LOCAL +100 +100 ", log, re.M), log[-500:])


@case("the page says which server it is and what it does, also after a change")
def page():
    with Server() as server:
        def told(name):
            page = urllib.request.urlopen(server.urls[name] + "/").read().decode()
            return re.search(r'<p class="server">(.*)</p>', page).group(1)

        def ask(name):
            while True:
                try:
                    return told(name)
                except urllib.error.HTTPError as error:
                    error.close()

        words = "25 % → 418 / 503, 50 % → 0.5 s"
        equal(ask("local"), "LOCAL: no faults", "LOCAL's page")
        for name in ("error", "chaos"):
            equal(ask(name), f"{name.upper()}: {words}", f"{name}'s page")
        change = urllib.request.Request(
            server.urls["control"] + "/proxies/error/toxics/respond_upstream", method="DELETE")
        urllib.request.urlopen(change).close()
        equal(ask("error"), "ERROR: 50 % → 0.5 s", "the page after a change")


main()
