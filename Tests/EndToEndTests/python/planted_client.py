"""A downloader that is right, but for the one mistake that it is told to make.

planted_client.py MISTAKE URL OUT. Without a mistake ("none") it is strict: one request, HTTP/1.1
with Content-Length, chunks or until the end, two seconds for all of it, and a file only if it is
complete. Always right on the control, /ok/…, whatever the mistake.
"""
import os
import re
import socket
import sys
import time
from urllib.parse import urlsplit

SECONDS = 2.0
MAXIMUM = 1 << 20
STATUS = re.compile(rb"HTTP/1\.1 ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\Z")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*\Z")


class Wrong(Exception):
    """What came is no complete, good answer; `args[1]` is what there is of its body."""


class Reader:
    def __init__(self, connection):
        self.connection, self.bytes = connection, b""
        self.end = time.monotonic() + SECONDS
        self.total = 0

    def more(self):
        left = self.end - time.monotonic()
        if left <= 0:
            raise Wrong("too slow")
        self.connection.settimeout(left)
        try:
            piece = self.connection.recv(65536)
        except OSError as error:
            raise Wrong(str(error)) from None
        self.total += len(piece)
        if self.total > MAXIMUM:
            raise Wrong("too much")
        self.bytes += piece
        return piece

    def line(self):
        while b"\n" not in self.bytes:
            if len(self.bytes) > 8192:
                raise Wrong("a line is too long")
            if not self.more():
                raise Wrong("the end came within a line")
        line, self.bytes = self.bytes.split(b"\n", 1)
        return line[:-1] if line.endswith(b"\r") else line

    def take(self, count):
        """As much as there is, at most so much."""
        while len(self.bytes) < count and self.more():
            pass
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken


def head(reader):
    for _ in range(20):
        match = STATUS.match(reader.line())
        if not match:
            raise Wrong("no status line")
        fields = {}
        while line := reader.line():
            field = FIELD.match(line)
            if not field:
                raise Wrong("no header field")
            fields.setdefault(field[1].lower(), []).append(field[2])
            if len(fields) > 200:
                raise Wrong("too many fields")
        status = int(match[1])
        if status >= 200 or status == 101:
            return status, fields
    raise Wrong("too many interim answers")


def chunks(reader, mistake):
    body = b""
    try:
        while True:
            size = reader.line().split(b";")[0].strip(b" \t")
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                raise Wrong("no chunk size")
            if int(size, 16) == 0:
                while trailer := reader.line():
                    if not FIELD.match(trailer):
                        raise Wrong("no trailer")
                return body
            part = reader.take(int(size, 16))
            body += part
            if len(part) < int(size, 16) or reader.line():
                raise Wrong("a chunk is not what it says")
    except Wrong as error:
        if mistake == "chunks":
            return body
        raise Wrong(error.args[0], body) from None


def body(reader, status, fields, mistake):
    if status in (204, 304):
        return b""
    codings = fields.get(b"transfer-encoding", [])
    lengths = set(b",".join(fields.get(b"content-length", [])).replace(b" ", b"").split(b","))
    if codings:
        if [coding.lower() for coding in codings] != [b"chunked"]:
            raise Wrong("an unknown coding")
        if b"content-length" in fields:
            raise Wrong("two framings")
        return chunks(reader, mistake)
    if b"content-length" not in fields or mistake == "lengths":
        return reader.take(MAXIMUM + 1)
    if len(lengths) != 1 or not re.fullmatch(rb"\d{1,9}", min(lengths)):
        raise Wrong("no length")
    length = int(min(lengths))
    try:
        found = reader.take(length)
    except Wrong as error:
        raise Wrong(error.args[0], reader.bytes) from None
    if len(found) < length:
        raise Wrong("not all of the body", found)
    return found


def fetch(url, mistake):
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=SECONDS) as connection:
        request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        reader = Reader(connection)
        status, fields = head(reader)
        if b"content-encoding" in fields or status not in (200, 204):
            raise Wrong(f"status {status}, or a coding that nobody has asked for")
        if b"content-range" in fields:
            raise Wrong("a part that nobody has asked for")
        return body(reader, status, fields, mistake)


def save(out, content):
    with open(out + ".part", "wb") as file:
        file.write(content)
    os.rename(out + ".part", out)


def main():
    if sys.argv[1] == "--version":
        return print("planted 1.0")
    mistake, url, out = sys.argv[1:4]
    if urlsplit(url).path.startswith("/ok/"):
        mistake = "none"
    if mistake == "crash":
        os.abort()
    if mistake == "hang":
        # What has left its process group has to be found, too.
        if os.fork() == 0:
            os.setsid()
        time.sleep(1000)
    if mistake == "unsupported":
        sys.exit(89)
    try:
        content = fetch(url, mistake)
    except (Wrong, OSError) as error:
        part = error.args[1] if isinstance(error, Wrong) and len(error.args) > 1 else b""
        if mistake == "partials" and part:
            save(out, part)
        if mistake == "accept":
            save(out, part)
            return None
        sys.exit(f"error: {error.args[0]}")
    if mistake == "refuse":
        sys.exit("error: no")
    save(out, content)
    return None


main()
