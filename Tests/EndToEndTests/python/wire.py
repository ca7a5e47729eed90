"""HTTP/1.1 by hand, on a bare socket, and strict: what no answer may ever do is checked here."""
from __future__ import annotations

import re
import socket
import time
from email.utils import parsedate_to_datetime

from harness import check, equal, stored

SMALL = "/flags/br/metadata.json"
PROBE = f"GET {SMALL} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [ -~]*")
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([ -~]*)")
IMF_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d GMT")
SINGLE = {
    "date", "server", "content-length", "content-type", "etag", "last-modified", "connection",
    "content-range", "accept-ranges", "allow", "location", "retry-after", "cache-control"}


def request(method="GET", target=SMALL, *fields, version="1.1", host="x", body=b""):
    """The bytes of a request; `host=None` leaves the field out."""
    lines = [f"{method} {target} HTTP/{version}"]
    lines += [f"Host: {host}"] if host is not None else []
    text = "\r\n".join([*lines, *fields]) + "\r\n\r\n"
    return text.encode("latin-1") + body


class Answer:
    def __init__(self, head, method):
        self.method = method
        status_line, *lines = head.split(b"\r\n")
        match = STATUS_LINE.fullmatch(status_line)
        check(match, f"not a status line: {status_line!r}")
        self.status = int(match[1])
        self.fields = []
        for line in lines:
            match = FIELD_LINE.fullmatch(line)
            check(match, f"not a field line: {line!r}")
            self.fields.append((match[1].decode().lower(), match[2].decode().strip()))
        self.body = b""

    def field(self, name):
        values = [value for key, value in self.fields if key == name]
        return values[0] if values else None

    def names(self):
        return [name for name, _ in self.fields]

    @property
    def closes(self):
        options = (self.field("connection") or "").lower().split(",")
        return "close" in [option.strip() for option in options]

    @property
    def has_body(self):
        return self.method != "HEAD" and self.status >= 200 and self.status not in (204, 304)

    def check_invariants(self):
        """True of every final answer, whatever was asked (RFC 9110, RFC 9112)."""
        names = self.names()
        repeated = {name for name in names if names.count(name) > 1} & SINGLE
        check(not repeated, f"repeated fields: {repeated}")
        check(self.field("server"), "no Server field")
        date = self.field("date")
        check(date and IMF_DATE.fullmatch(date), f"Date is no IMF-fixdate: {date!r}")
        moment = parsedate_to_datetime(date)
        equal(moment.strftime("%a"), date[:3], f"weekday of {date}")
        check(abs(moment.timestamp() - time.time()) < 60, f"Date is not now: {date}")
        check("transfer-encoding" not in names, "Transfer-Encoding in an answer")
        length = self.field("content-length")
        if self.status == 204:
            check(length is None, "Content-Length with 204 (RFC 9110 §8.6)")
        elif self.status != 304:
            check(length and length.isdigit(), f"no Content-Length: {length!r}")
        if self.status == 405:
            check(self.field("allow"), "405 without Allow (RFC 9110 §15.5.6)")
        if self.status in (301, 302, 303, 307, 308):
            check(self.field("location"), f"{self.status} without Location")


class Wire:
    """One client connection."""

    def __init__(self, server, proxy="local", seconds=10):
        self.stream = server.connect(proxy, seconds=seconds)
        self.buffer = b""
        self.interims = []

    @classmethod
    def over(cls, stream):
        """The same over a connection that is there."""
        wire = cls.__new__(cls)
        wire.stream, wire.buffer, wire.interims = stream, b"", []
        return wire

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def send(self, data):
        self.stream.sendall(data)

    def finish(self):
        self.stream.shutdown(socket.SHUT_WR)

    def _more(self, what):
        data = self.stream.recv(65536)
        check(data, f"the connection ended {what} after {self.buffer[:200]!r}")
        self.buffer += data

    def answer(self, method="GET"):
        """The next final answer, checked; 100 Continue and its like are kept in `interims`."""
        while True:
            while b"\r\n\r\n" not in self.buffer:
                self._more("in or before a head")
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            answer = Answer(head, method)
            if answer.status >= 200:
                break
            self.interims.append(answer.status)
        answer.check_invariants()
        if answer.has_body:
            count = int(answer.field("content-length"))
            while len(self.buffer) < count:
                self._more(f"{count - len(self.buffer)} bytes before the end of a body,")
            answer.body, self.buffer = self.buffer[:count], self.buffer[count:]
        return answer

    def check_end(self):
        """The server has closed, by FIN, and has not sent a byte more."""
        while True:
            try:
                data = self.stream.recv(65536)
            except socket.timeout:
                raise AssertionError("the server keeps the connection open") from None
            except ConnectionResetError:
                raise AssertionError("the connection ended with RST instead of FIN") from None
            if not data:
                break
            self.buffer += data
        check(not self.buffer, f"bytes after the last answer: {self.buffer[:200]!r}")

    def check_open(self):
        """The connection can be used for one more request, and nothing else was sent on it."""
        self.send(PROBE)
        answer = self.answer()
        equal((answer.status, answer.body), (200, stored(SMALL)), "the next request's answer")
        check(not self.buffer, f"bytes after the last answer: {self.buffer[:200]!r}")


def run_table(server, rows):
    """Holds every row of a table against the server; all failures in one message.

    A row is (name, bytes, expected[, check]). `expected` has one status per answer, `h` behind it
    for an answer to HEAD, `|` between alternatives, and `close` at the end if the server must
    close; otherwise the connection must be usable for one more request. `check` gets the answers.
    """
    failures = []
    for name, data, expected, *more in rows:
        try:
            _run_row(server, data, expected, more[0] if more else None)
        except (AssertionError, OSError) as error:
            shown = data if len(data) <= 160 else data[:157] + b"..."
            failures.append(f"{name}: {error}\n      sent {shown!r}")
    check(not failures, f"{len(failures)} of {len(rows)}\n    " + "\n    ".join(failures))


def _run_row(server, data, expected, check_answers):
    words = expected.split()
    closes = words[-1] == "close"
    with Wire(server) as wire:
        wire.send(data)
        answers = [_expect(wire, word) for word in words if word != "close"]
        for answer in answers[:-1]:
            check(not answer.closes, f"{answer.status} says close, but more answers follow")
        equal(answers[-1].closes, closes, f"Connection: close in the {answers[-1].status}")
        if closes:
            wire.check_end()
        else:
            wire.check_open()
    if check_answers:
        check_answers(answers)


def _expect(wire, word):
    method = "HEAD" if word.endswith("h") else "GET"
    wanted = word.rstrip("h").split("|")
    answer = wire.answer(method)
    check(
        str(answer.status) in wanted,
        f"wanted {' or '.join(wanted)}, found {answer.status} {answer.body[:100]!r}")
    return answer
