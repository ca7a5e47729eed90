"""`POST /replay`: the server asks again what a record says, and tells what came on the wire."""
import json
import socket
import time

from backends import Backend, receive_all
from control import Control
from harness import Server, accepts, case, check, equal, gif, main, stored, wait_until

BRAZIL = stored(gif("br"))
FLAG = gif("br")
QUIET = ["-q", "--seed", "42", "--delay", "0.01"]
SECONDS = 30


def ask(port, target, method="GET", fields=(), seconds=2.0):
    """What comes back until the end, a reset or `seconds`: a request gets its record."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *fields, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as stream:
        stream.sendall("\r\n".join(lines).encode("latin-1"))
        answer = b""
        try:
            while piece := stream.recv(65536):
                answer += piece
        except OSError:
            pass
        return answer


class Replays:
    """The control port of a server, or of a world."""

    def __init__(self, control_port, ports):
        self.control, self.ports = Control(control_port), ports

    def record(self, proxy, target=FLAG, port=None, **more):
        """The record of a request that is made now."""
        before = self.newest()
        ask(port or self.ports[proxy], target, **more)
        return self.after(before, proxy=proxy)

    def newest(self):
        return max([record["seq"] for record in self.control.journal()], default=0)

    def after(self, sequence, **filters):
        wait_until(lambda: self.control.journal(since=sequence, **filters), f"a record: {filters}")
        return self.control.journal(since=sequence, **filters)[0]

    def replay(self, sequence):
        reply = self.control.call("POST", "/replay", {"seq": sequence}, seconds=SECONDS + 10)
        equal(reply.status, 200, f"replay of {sequence}: {reply.body!r}")
        equal(reply.headers["Content-Type"], "application/json", "the type")
        return json.loads(reply.body)

    def again(self, proxy, target=FLAG, port=None, **more):
        """Makes a request, and has it asked again: the reply, and the record of the new attempt."""
        record = self.record(proxy, target, port, **more)
        reply = self.replay(record["seq"])
        equal((reply["proxy"], reply["method"], reply["target"]),
              (proxy, record["method"], target), "what was asked")
        check(reply["seq"] and reply["seq"] > record["seq"], f"seq {reply['seq']}")
        new = self.after(reply["seq"] - 1)
        equal((new["seq"], new["label"], new["target"]), (reply["seq"], "replay", target),
              "the record of the new attempt")
        # Where nothing is drawn, nothing is counted.
        equal(new["attempt"], record["attempt"] and record["attempt"] + 1, "the attempt")
        return reply, new

    def refused(self, sequence, status, *words):
        reply = self.control.json("POST", "/replay", {"seq": sequence}, status)
        for word in words:
            check(word in reply["error"], f"{word!r} in {reply['error']!r}")


def replays(server):
    return Replays(server.control_port, server.ports)


def says(reply, **wanted):
    equal({key: reply[key] for key in wanted}, wanted, f"{reply}")


@case("a flag of LOCAL comes again, with every field and byte counted")
def local():
    with Server(*QUIET) as server:
        reply, new = replays(server).again("local")
        says(reply, status=200, reason="OK", content_bytes=len(BRAZIL), text=None,
             content_length=len(BRAZIL), ending="complete", truncated=False, problem=None,
             interim=[], fields_omitted=0)
        fields = dict(reply["fields"])
        equal((fields["Content-Type"], fields["Connection"]), ("image/gif", "close"), "fields")
        equal((new["end"], new["bytes_sent"], new["via"]), ("fin", len(BRAZIL), None), "the record")
        check(0 < reply["duration_ms"] < 5000, f"duration {reply['duration_ms']}")
        reply, _ = replays(server).again("local", "/flags/br/metadata.json")
        equal(reply["text"], stored("/flags/br/metadata.json").decode(), "text")
        reply, _ = replays(server).again("local", "/flags/xx/xx.gif?a=%3Cb%3E")
        says(reply, status=404, ending="complete")


@case("an error that was injected is drawn anew: another attempt, the same chances")
def error():
    with Server(*QUIET, "--error-rate", "1", "--error-status", "503") as server:
        reply, new = replays(server).again("error")
        says(reply, status=503, reason="Service Unavailable", ending="complete")
        equal((new["attempt"], new["status"], new["faults"][0]["type"]), (2, 503, "respond"),
              "the record")


@case("an answer that is cut says so, with what came and what was promised")
def cut():
    with Server(*QUIET) as server:
        here = replays(server)
        reply, new = here.again("fault", f"/limit_data;bytes=1000{FLAG}")
        says(reply, status=200, ending="fin", content_length=len(BRAZIL), truncated=False)
        equal(reply["content_bytes"], new["bytes_sent"], "bytes of the body")
        check(0 < reply["content_bytes"] < 1000, f"{reply['content_bytes']} bytes")
        here.control.toxic("local", "limit_data", {"bytes": 0})
        reply, _ = here.again("local")
        says(reply, status=None, reason=None, fields=[], content_bytes=0, content_length=None,
             ending="fin", problem="nothing came", text="")


@case("a reset says rst, before a head and behind it")
def reset():
    with Server(*QUIET) as server:
        here = replays(server)
        reply, new = here.again("fault", f"/reset_peer;timeout=10ms{FLAG}")
        says(reply, ending="rst", status=None)
        equal(new["end"], "rst", "the record's end")
        reply, new = here.again("fault", f"/reset-mid-body{FLAG}")
        says(reply, ending="rst", status=200, content_bytes=new["bytes_sent"])


@case("who accepts nobody has refused")
def nobody():
    with Server(*QUIET) as server:
        here = replays(server)
        sequence = here.record("local")["seq"]
        here.control.toxic("local", "refuse")
        wait_until(lambda: not accepts(server.ports["local"]), "a closed door")
        reply = here.replay(sequence)
        says(reply, ending="refused", status=None, fields=[], content_bytes=0, seq=None)
        check("Connection refused" in reply["problem"], reply["problem"])
        here.control.set_toxics("local", [])
        equal(here.replay(sequence)["status"], 200, "the door is open again")


@case("what never ends is left behind 30 seconds, and a HEAD has no content")
def timeout_and_head():
    with Server(*QUIET) as server:
        here = replays(server)
        reply, _ = here.again("local", method="HEAD")
        says(reply, status=200, content_bytes=0, content_length=len(BRAZIL), ending="complete")
        here.control.toxic("local", "timeout", {"timeout": 0})
        record = here.record("local", seconds=0.2)
        start = time.monotonic()
        reply = here.replay(record["seq"])
        says(reply, ending="timeout", status=None, content_bytes=0)
        check(SECONDS <= time.monotonic() - start < SECONDS + 5, "thirty seconds")
        check(SECONDS * 1000 <= reply["duration_ms"] < (SECONDS + 3) * 1000, reply["duration_ms"])
        equal(here.after(reply["seq"] - 1)["end"], "client-fin", "the record's end")


@case("what cannot be asked again is refused, with what to do")
def refused():
    with Backend(receive_all) as backend, Server(*QUIET) as server:
        here = replays(server)
        post = here.record("local", method="POST", fields=["Content-Length: 0"])
        here.refused(post["seq"], 409, "is of a POST", "only GET and HEAD")
        nonsense = here.record("local", "/<script>")
        here.refused(nonsense["seq"], 409, "was not understood")
        port = here.control.proxy("plain", backend.address)
        before = here.newest()
        ask(port, FLAG, seconds=0.2)
        here.refused(here.after(before, proxy="plain")["seq"], 409, "protocol tcp")
        flag = here.record("local")["seq"]
        here.refused(flag + 1000, 404, "there is no record")
        here.control.json("PATCH", "/proxies/local", {"enabled": False})
        here.refused(flag, 409, "disabled", "enable it")
        here.control.json("PATCH", "/proxies/local", {"enabled": True})
        equal(here.replay(flag)["status"], 200, "enabled again")
        here.control.remove("local")
        here.refused(flag, 409, "is no more")
    with Server(*QUIET, "--ring", "2") as server:
        here = replays(server)
        first = here.record("local")["seq"]
        here.record("local"), here.record("local")
        here.refused(first, 404, "is no more", "--ring")


@case("a body that is not just the number of a record is refused")
def bodies():
    with Server(*QUIET) as server:
        here = replays(server)
        here.record("local")
        for body in ["", "{", "[1]", "null", "1", "{}", '{"seq":"1"}', '{"seq":1.5}', '{"seq":-1}',
                     '{"seq":0}', '{"seq":null}', '{"seq":{}}', '{"seq":1,"x":2}', '{"Seq":1}',
                     '{"seq":1}{', '{"seq":1e400}', "[" * 100_000, "\0", '{"seq":' + "9" * 10_000]:
            reply = here.control.json("POST", "/replay", body, 400)
            check(reply["error"] and reply["status"] == 400, f"{body[:20]}: {reply}")
        equal(here.control.call("GET", "/replay").status, 405, "GET")
        equal(here.control.call("POST", "/replay", "{}", {"Origin": "http://evil.example"}).status,
              403, "a page of another site")
        equal(len(here.control.journal()), 1, "records")


@case("a mebibyte is read, and no more")
def large():
    size = 1 << 20

    def serve(stream):
        head = stream.recv(65536)
        count = int(head.split(b"/")[1].split()[0])
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % count)
        stream.sendall(b"x" * count)
        stream.recv(1)

    # A client that leaves in the middle: what is larger counts as unplanned at the proxy.
    with Backend(serve) as backend, Server(*QUIET, expects_unplanned=1) as server:
        here = replays(server)
        port = here.control.proxy("p", backend.address, protocol="http")
        reply, _ = here.again("p", f"/{size}", port)
        says(reply, ending="complete", content_bytes=size, truncated=False, text="x" * 4096)
        reply, new = here.again("p", f"/{8 * size}", port)
        says(reply, ending="truncated", content_bytes=size, truncated=True,
             content_length=8 * size, text="x" * 4096)
        check(new["end"].startswith("client-") and new["bytes_sent"] < 8 * size, f"{new}")


@case("eight at once; the ninth is told to wait; who leaves ends theirs, and nothing is left")
def many():
    with Server(*QUIET) as server:
        here = replays(server)
        here.control.toxic("delay", "timeout", {"timeout": 0}, name="never")
        sequence = here.record("delay", seconds=0.2)["seq"]
        flight = lambda: here.control.meters("delay")["in_flight"]
        wait_until(lambda: flight() == 0, "nothing in flight")
        streams = []
        for count in range(1, 9):
            stream = server.connect("control")
            body = json.dumps({"seq": sequence})
            stream.sendall(f"POST /replay HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                           f"{len(body)}\r\n\r\n{body}".encode())
            streams.append(stream)
            wait_until(lambda: flight() == count, f"{count} in flight")
        here.refused(sequence, 503, "8 replays are under way", "wait")
        for stream in streams:
            stream.close()
        wait_until(lambda: flight() == 0, "they have ended")
        here.control.remove("delay", "never")
        equal(here.replay(sequence)["status"], 200, "a place is free")
        equal({r["end"] for r in here.control.journal(label="replay", status="none")},
              {"client-fin"}, "the ends of those that were left")


@case("in a world it is asked again there, and what is drawn is the world's")
def worlds():
    with Server(*QUIET) as server:
        outside = replays(server)
        world = outside.control.json(
            "POST", "/worlds", {"name": "one", "error-rate": 1, "error-status": 503}, 201)
        inside = Replays(world["ports"]["control"], world["ports"])
        reply, new = inside.again("error")
        equal((reply["status"], new["world"]), (503, "one"), "in the world")
        equal(outside.control.journal(), [], "records outside")
        outside.refused(new["seq"], 404, "the journal is empty")


# What curl, httpx and browsers stumble over; each is told as it came.
BROKEN = {
    "no-colon": ("complete", "malformed", "fin"), "malformed-status": ("malformed",),
    "conflicting-length": ("malformed",), "http09": ("malformed",), "empty-response": ("fin",),
    "chunked-malformed": ("malformed",), "chunked-truncate": ("fin", "rst"),
    "nul-in-header": ("malformed",), "obs-fold": ("complete",), "bare-lf": ("complete",),
    "header-overflow": ("malformed", "complete"), "informational": ("complete",),
    "head-eof": ("fin",), "extra-bytes": ("complete",), "lone-cr": ("malformed", "complete"),
    "truncate": ("fin",), "version-wrong": ("malformed", "complete"), "oom-length": ("fin", "rst"),
    "symbol-matrix": ("complete", "malformed"), "switch-101": ("complete",),
}


@case("broken answers are told as they came: no nonsense stops it")
def broken():
    with Server(*QUIET) as server:
        here = replays(server)
        for name, endings in BROKEN.items():
            record = here.record("fault", f"/{name}{FLAG}")
            reply = here.replay(record["seq"])
            check(reply["ending"] in endings, f"{name}: {reply}")
            check(reply["seq"], f"{name}: no record")
            check(reply["ending"] != "malformed" or reply["problem"], f"{name}: no words")


@case("a target is sent as it was, whatever is in it")
def hostile():
    with Server(*QUIET) as server:
        here = replays(server)
        for target in ["/%0d%0aX:%20y", "/%00", "/'onload=alert(1)//", "//evil.example/x", "/..%2f",
                       "http://evil.example/", "/?q=%3C/script%3E", "/a;b=c&d=$(x)",
                       "/" + "x" * 8000]:
            reply, new = here.again("local", target)
            check(reply["status"] in (200, 302, 400, 404), f"{target[:40]}: {reply}")
            equal(new["client"].split(":")[0], "127.0.0.1", "asked at our own server")


main()
