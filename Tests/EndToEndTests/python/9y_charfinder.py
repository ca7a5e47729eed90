"""charfinder, over TCP and HTTP: the book's dialogue, and what its clients meet behind a fault."""
import asyncio
import http.client
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from control import Control
from harness import (
    BINARY, Server, case, check, environment, equal, flagserver, main, need)

BAR = "─" * 66
CATS = ("U+1F638\t\U0001f638\tGRINNING CAT FACE WITH SMILING EYES\r\n"
        "U+1F63A\t\U0001f63a\tSMILING CAT FACE WITH OPEN MOUTH\r\n"
        "U+1F63B\t\U0001f63b\tSMILING CAT FACE WITH HEART-SHAPED EYES\r\n")
CAT_ANSWER = f"{CATS}{BAR} 3 found\r\n"
CTRL_C = b"\xff\xf4\xff\xfd\x06"


def server(*options, **more):
    return Server("--charfinder", "tcp=0,http=0", *options, **more)


def control(server):
    return Control(server.ports["control"])


class Session:
    """A client that reads up to each prompt."""

    def __init__(self, server, proxy="charfinder-tcp"):
        self.stream = socket.create_connection(("127.0.0.1", server.ports[proxy]), timeout=20)
        self.rest = b""
        equal(self.hear(), "", "before the first prompt")

    def hear(self):
        """What comes up to the next prompt, or to the end."""
        while True:
            if self.rest.startswith(b"?> "):
                before, self.rest = b"", self.rest[3:]
                return before.decode()
            place = self.rest.find(b"\n?> ")
            if place >= 0:
                before, self.rest = self.rest[:place + 1], self.rest[place + 4:]
                return before.decode()
            more = self.stream.recv(65536)
            if not more:
                raise EOFError(self.rest)
            self.rest += more

    def ask(self, query):
        self.stream.sendall(query.encode() + b"\r\n")
        return self.hear()

    def expect_end(self):
        equal(self.stream.recv(100), b"", "behind the end")
        self.stream.close()


def names():
    """The characters that Python knows, with the words of their names."""
    for value in range(0x20, 0x110000):
        name = unicodedata.name(chr(value), "")
        if name:
            yield value, name.replace("-", " ").split()


def fetch(server, target, method="GET", headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["charfinder-http"],
                                            timeout=60)
    try:
        connection.request(method, target, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


# The dialogue

@case("the book's words find in our index what they find in Python's, of the characters both know")
def counts():
    words = ("bismillah chess cat circled malayalam digit roman face ethiopic black mark symbol "
             "dot operator braille hexagram sun syllable").split() + ["chess black", "cat face"]
    known = {value: set(parts) for value, parts in names()}
    with server() as flags:
        session = Session(flags)
        for query in words:
            lines = session.ask(query).split("\r\n")
            found = {int(line.split("\t")[0][2:], 16) for line in lines[:-2]}
            equal(lines[-2], f"{BAR} {len(found)} found", query)
            wanted = {value for value, parts in known.items()
                      if parts.issuperset(query.upper().split())}
            equal({value for value in found if value in known}, wanted, query)
            check(wanted, f"nothing for {query}")


class Terminal:
    """A program on a terminal of its own, where Ctrl-C is what people press."""

    def __init__(self, *command):
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            # Whoever runs the tests may have it ignored (a shell in the background) or blocked (a
            # thread of Swift's tests).
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execvpe(command[0], command, environment())
        self.shown = b""

    def expect(self, end, seconds=20):
        """Waits until what it shows ends so."""
        until = time.monotonic() + seconds
        while not self.shown.endswith(end):
            check(time.monotonic() < until, f"{end} is not shown: {self.shown}")
            if select.select([self.screen], [], [], 0.2)[0]:
                self.shown += os.read(self.screen, 65536)

    def type(self, keys):
        os.write(self.screen, keys)

    def wait(self, seconds=20):
        """Until it has ended."""
        until = time.monotonic() + seconds
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            check(time.monotonic() < until, f"it goes on: {self.shown}")
            try:
                if select.select([self.screen], [], [], 0.2)[0]:
                    self.shown += os.read(self.screen, 65536)
            except OSError:
                time.sleep(0.05)
        os.close(self.screen)


@case("telnet shows the session of the book: two queries, then Ctrl-C")
def telnet():
    need("telnet")
    with server() as flags:
        terminal = Terminal("telnet", "127.0.0.1", str(flags.ports["charfinder-tcp"]))
        terminal.expect(b"\r\n?> ")
        terminal.type(b"cat smiling\n")
        terminal.expect(f"cat smiling\r\n{CAT_ANSWER}?> ".encode())
        terminal.type(b"bismillah\n")
        terminal.expect(f"-RAHEEM\r\n{BAR} 1 found\r\n?> ".encode())
        terminal.type(b"\x03")
        terminal.wait()
        records = control(flags).records(3, proxy="charfinder-tcp")
        equal([(record["method"], record["target"]) for record in records],
              [("QUERY", "cat smiling"), ("QUERY", "bismillah"), (None, None)], "records")


@case("nc gets its answers, whether its last line has an end or not")
def netcat():
    need("nc")
    with server() as flags:
        for text in ("cat smiling\n", "cat smiling"):
            result = subprocess.run(
                ["nc", "-N", "127.0.0.1", str(flags.ports["charfinder-tcp"])],
                input=text.encode(), capture_output=True, timeout=30, env=environment())
            equal(result.stdout.decode(), f"?> {CAT_ANSWER}?> ", f"{text!r}: {result.stderr}")


@case("asyncio's streams: queries at once, half lines, long lines and what ends a session")
def streams():
    async def talk(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        equal(await reader.readexactly(3), b"?> ", "the prompt")
        for piece in (b"cat smi", b"ling\ncat smi", b"ling\r\n\n"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
        wanted = f"{CAT_ANSWER}?> {CAT_ANSWER}?> ?> ".encode()
        equal(await reader.readexactly(len(wanted)), wanted, "two queries and an empty line")
        writer.write(b"x" * 100_000 + b"\ncat smiling\n")
        wanted = f"a query has 4096 bytes at most\r\n?> {CAT_ANSWER}?> ".encode()
        equal(await reader.readexactly(len(wanted)), wanted, "a line that is too long")
        writer.write(CTRL_C)
        equal(await reader.read(), b"", "Ctrl-C")
        writer.close()

    with server() as flags:
        asyncio.run(talk(flags.ports["charfinder-tcp"]))
        for end in (b"\x00\n", b"\x03\n", b"caf\xe9\n", b"\xc3\x28\n"):
            session = Session(flags)
            session.stream.sendall(end)
            session.expect_end()
        records = control(flags).records(10, proxy="charfinder-tcp")
        equal([(record["method"], record["target"]) for record in records[:3]],
              [("QUERY", "cat smiling")] * 2 + [("QUERY", None)], "records")


@case("the first edition's dialogue ends with matches, as Python quotes them")
def first_edition():
    with server("--charfinder", "tcp=0,http=0,edition=1") as flags:
        session = Session(flags)
        equal(session.ask("cat smiling"), f"{CATS}3 matches for 'cat smiling'\r\n", "three")
        check(session.ask("bismillah").endswith("\r\n1 match for 'bismillah'\r\n"), "one")
        equal(session.ask("jabberwocky's vest"), "No match for \"jabberwocky's vest\"\r\n", "none")


# Faults

@case("an error is drawn by the words and the attempt, as draw says, and is a status line")
def errors():
    toxic = ["--toxic", "charfinder-tcp:respond 503=1 toxicity=0.5"]
    with server("--seed", "42", *toxic) as flags:
        session = Session(flags)
        met = ["503" if session.ask("cat smiling") == "error injected by flagserver\r\n" else "-"
               for _ in range(20)]
        told = flagserver("draw", "charfinder-tcp", "--target", "cat smiling", "-n", "20",
                          "--seed", "42", "--charfinder", *toxic)
        equal(met, [line.split("\t")[2] for line in told.stdout.splitlines()], told.stderr)
        check(set(met) == {"503", "-"}, f"{met}")


@case("delays are kept, answers are cut and connections reset, as everywhere")
def faults():
    with server() as flags:
        toxics = control(flags)
        toxics.toxic("charfinder-tcp", "latency", {"latency": 300})
        session = Session(flags)
        start = time.monotonic()
        equal(session.ask("cat smiling"), CAT_ANSWER, "late")
        check(time.monotonic() - start >= 0.3, "it is early")
        toxics.remove("charfinder-tcp", "latency_downstream")
        toxics.toxic("charfinder-tcp", "limit_data", {"bytes": 100})
        try:
            Session(flags).ask("cat smiling")
            raise AssertionError("the answer is whole")
        except EOFError as error:
            equal(error.args[0], CAT_ANSWER.encode()[:100], "what came")
        toxics.remove("charfinder-tcp", "limit_data_downstream")
        toxics.toxic("charfinder-tcp", "reset_peer", {"timeout": 0})
        try:
            Session(flags).ask("cat smiling")
            raise AssertionError("no reset")
        except ConnectionResetError:
            pass


# HTTP

@case("JSON of the second edition: pages of 200 rows that lead on, and all of them at once")
def search():
    with server() as flags:
        answer, body = fetch(flags, "/search?q=cat+smiling")
        equal(json.loads(body)[0],
              {"char": "\U0001f638", "name": "GRINNING CAT FACE WITH SMILING EYES"}, "a row")
        target, rows = "/search?q=digit", []
        while target:
            answer, body = fetch(flags, target)
            rows += json.loads(body)
            link = answer.getheader("Link")
            target = link and link[1:link.index(">")]
        equal(str(len(rows)), answer.getheader("X-Total-Count"), "rows")
        answer, body = fetch(flags, "/search?q=digit&stop=all")
        equal(json.loads(body), rows, "all at once")
        head, _ = fetch(flags, "/search?q=digit&stop=all", "HEAD")
        equal(head.getheader("Content-Length"), str(len(body)), "HEAD")
        tag = {"If-None-Match": answer.getheader("ETag")}
        equal(fetch(flags, "/search?q=digit&stop=all", headers=tag)[0].status, 304, "not modified")
        for target, status in (("/search", 400), ("/search?q=a&start=x", 400), ("/none", 404)):
            equal(fetch(flags, target)[0].status, status, target)
        equal(fetch(flags, "/search?q=a", "DELETE")[0].status, 405, "DELETE")


@case("the page of the first edition has a form, sample words, a table and the status")
def page():
    with server() as flags:
        _, body = fetch(flags, "/?" + urlencode({"query": "cat <smiling>"}))
        text = body.decode()
        check("No match for 'cat &lt;smiling&gt;'" in text and "<smiling>" not in text, "escaped")
        _, body = fetch(flags, "/?query=cat+smiling")
        text = body.decode()
        for part in ("3 matches for 'cat smiling'", "<td>U+1F638</td>", 'href="/?query=Braille"'):
            check(part in text, part)


@case("curl gets all of cjk, twenty at once, through bandwidth, and knows when it was cut")
def cjk():
    need("curl")
    with server() as flags, TemporaryDirectory() as folder:
        toxics = control(flags)
        url = flags.url("charfinder-http", "/search?q=cjk&stop=all")
        toxics.toxic("charfinder-http", "bandwidth", {"rate": 4000})
        waits, stop = [], threading.Event()
        thread = threading.Thread(target=neighbour, args=(flags, waits, stop))
        thread.start()
        clients = [subprocess.Popen(
            ["curl", "-s", "-f", "-m", "60", "-o", f"{folder}/{number}", url], env=environment())
            for number in range(20)]
        equal([client.wait(70) for client in clients], [0] * 20, "curl's exit status")
        stop.set()
        thread.join()
        bodies = {Path(folder, str(number)).read_bytes() for number in range(20)}
        equal(len(bodies), 1, "different answers")
        rows = json.loads(bodies.pop())
        check(len(rows) > 90_000, f"{len(rows)} rows")
        ours = {row["name"] for row in rows}
        theirs = {unicodedata.name(chr(value)) for value, parts in names() if "CJK" in parts}
        check(theirs <= ours, f"{len(theirs - ours)} names are missing")
        check(len(waits) > 20, f"{len(waits)} answers for the neighbour")
        toxics.remove("charfinder-http", "bandwidth_downstream")
        toxics.toxic("charfinder-http", "limit_data", {"bytes": 1_000_000})
        result = subprocess.run(["curl", "-s", "-m", "60", "-o", f"{folder}/cut", url],
                                env=environment())
        equal(result.returncode, 18, "curl's exit status")
        check(Path(folder, "cut").stat().st_size < 1_000_000, "what came")


def neighbour(flags, waits, stop):
    """Asks LOCAL for a flag again and again."""
    connection = http.client.HTTPConnection("127.0.0.1", flags.ports["local"], timeout=20)
    while not stop.is_set():
        start = time.monotonic()
        connection.request("GET", "/flags/br/br.gif")
        connection.getresponse().read()
        waits.append(time.monotonic() - start)
        time.sleep(0.01)
    connection.close()


@case("clients that never read cost nothing more, and the server lives")
def never_read():
    # What they have asked for and never get is theirs to lose, and ours to record.
    with server(expects_unplanned=1000) as flags:
        streams = []
        for number in range(50):
            stream = socket.create_connection(("127.0.0.1", flags.ports["charfinder-tcp"]))
            stream.sendall(b"cjk\n" * 20)
            streams.append(stream)
        equal(Session(flags).ask("cat smiling"), CAT_ANSWER, "another one")
        for stream in streams:
            stream.close()


# Where it is

@case("run hands both addresses over, and a world has its own")
def places():
    command = [sys.executable, "-c", """if True:
        import os, socket, urllib.request
        host, port = os.environ["FLAGS_CHARFINDER_ADDRESS"].split(":")
        with socket.create_connection((host, int(port))) as stream:
            assert stream.recv(3) == b"?> "
        url = os.environ["FLAGS_CHARFINDER_URL"] + "/search?q=bismillah"
        assert b"BISMILLAH" in urllib.request.urlopen(url).read()
        """]
    result = subprocess.run([BINARY, "run", "--charfinder", "--", *command], timeout=60,
                            capture_output=True, text=True, env=environment())
    equal(result.returncode, 0, result.stderr)
    with server() as flags:
        world = control(flags).json("POST", "/worlds", {"name": "one"}, status=201)
        ports = world["ports"]
        check(ports["charfinder-tcp"] not in flags.ports.values(), f"{ports}")
        own = Control(ports["control"])
        own.toxic("charfinder-tcp", "respond", {"503": 1})
        stream = socket.create_connection(("127.0.0.1", ports["charfinder-tcp"]), timeout=20)
        stream.sendall(b"sun\n")
        text = b""
        while not text.endswith(b"flagserver\r\n?> "):
            more = stream.recv(1000)
            check(more, f"the end after {text}")
            text += more
        stream.close()
        equal(Session(flags).ask("cat smiling"), CAT_ANSWER, "outside of it")
        record = own.records(1, proxy="charfinder-tcp")[0]
        equal((record["world"], record["method"], record["target"]), ("one", "QUERY", "sun"),
              "a record")


@case("a port that is taken is told, with what to write; without the option nothing listens")
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = flagserver("--ports", "0", "--charfinder", f"tcp={port},http=0")
        check(result.returncode != 0 and f"port {port} is already in use" in result.stderr,
              result.stderr)
        check("--charfinder" in result.stderr, result.stderr)
    with Server() as flags:
        check("charfinder-tcp" not in flags.ports, f"{flags.ports}")


if __name__ == "__main__":
    main()
