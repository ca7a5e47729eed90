"""FAULT: each URL says what goes wrong, and any client can be tried with no set-up call."""
import json
import re
import shlex
import subprocess
import sys

from control import Control
from harness import (
    BINARY, FIXTURES, Server, Skip, case, check, draw, environment, equal, flagserver, main, need,
    stored, wait_until)

FLAG = "/flags/br/br.gif"
BRAZIL = stored(FLAG)


class Curl:
    """What curl makes of a URL: its exit status, the answer's status, and the content."""

    def __init__(self, url, *options):
        need("curl")
        result = subprocess.run(
            ["curl", "-s", "-g", "-m", "20", "-w", r"\n%{http_code} %{time_total}", *options, url],
            stdin=subprocess.DEVNULL, capture_output=True, env=environment())
        self.exit = result.returncode
        self.body, _, rest = result.stdout.rpartition(b"\n")
        self.status, self.seconds = int(rest.split()[0]), float(rest.split()[1])

    @property
    def text(self):
        return self.body.decode()


def url(server, segment, path=FLAG):
    return f"{server.urls['fault']}/{segment}{path}"


def control(server):
    return Control(server.ports["control"])


def last(server, segment, path=FLAG):
    """The record of the only request for it."""
    target = f"/{segment}{path}"
    wanted = lambda: [r for r in control(server).journal(proxy="fault") if r["target"] == target]
    wait_until(lambda: wanted(), f"a record of {target}")
    equal(len(wanted()), 1, f"records of {target}")
    return wanted()[0]


@case("the control has no fault, and what follows it is what LOCAL has")
def the_control():
    with Server() as server:
        answer = Curl(url(server, "ok"))
        equal((answer.exit, answer.status, answer.body), (0, 200, BRAZIL), "a flag")
        equal(Curl(url(server, "ok"), "-r", "0-9").body, BRAZIL[:10], "a range")
        other = "/flags/cn/cn.gif"
        equal(Curl(url(server, "noop", f"{other}?q")).body, stored(other), "another flag")
        faults = last(server, "noop", f"{other}?q")["faults"]
        equal([fault["toxic"] for fault in faults], ["noop"], "noop")
        page = Curl(url(server, "ok", "/flags/")).text
        check('href="/flags/br/br.gif"' in page, "the page of the flags is LOCAL's")
        moved = Curl(url(server, "ok", "/flags"), "-L", "-o", "/dev/null")
        equal((moved.exit, moved.status), (0, 200), "a place that has moved")


@case("each fault of the core is met by its URL: what curl sees, and what the record says")
def the_core():
    with Server() as server:
        answer = Curl(url(server, "latency;latency=300ms"))
        check(answer.seconds >= 0.3 and answer.body == BRAZIL, f"latency: {answer.seconds} s")
        answer = Curl(url(server, "bandwidth;rate=64kB"))
        check(answer.body == BRAZIL, "bandwidth")
        check(last(server, "bandwidth;rate=64kB")["actual_delay_ms"] > 50, "held by bandwidth")
        answer = Curl(url(server, "respond;429=1;retry_after=5s"), "-i")
        check(answer.status == 429 and b"\r\nRetry-After: 5\r\n" in answer.body, answer.body)
        answer = Curl(url(server, "limit_data;bytes=1000"))
        check(answer.exit == 18 and len(answer.body) < 1000, f"limit_data: {answer.exit}")
        equal(last(server, "limit_data;bytes=1000")["end"], "fin", "its end")
        answer = Curl(url(server, "timeout;timeout=200ms"))
        equal((answer.exit, answer.body), (52, b""), "timeout")
        answer = Curl(url(server, "reset_peer;timeout=100ms"))
        equal(answer.exit, 56, "reset_peer")
        equal(last(server, "reset_peer;timeout=100ms")["end"], "rst", "its end")
        answer = Curl(url(server, "slicer;average_size=500B;delay=1ms"))
        check(answer.body == BRAZIL, "slicer")
        answer = Curl(url(server, "slow_close;delay=200ms"), "-H", "Connection: close")
        check(answer.body == BRAZIL, "slow_close")
        Curl(url(server, "corrupt;bytes=1000B"), "--http0.9", "-m", "1")
        check(last(server, "corrupt;bytes=1000B")["mangled"], "corrupt")


@case("the record says what the URL asked for: first, by its type, without a draw; targets as sent")
def the_record():
    with Server("--seed", "42") as server:
        control(server).toxic("fault", "latency", {"latency": 20})
        segment = "latency;latency=30ms,respond;503=1"
        equal(Curl(url(server, segment)).status, 503, "the status")
        faults = last(server, segment)["faults"]
        equal([(f["toxic"], f["type"], f["draw"], f["toxicity"]) for f in faults[:2]],
              [("latency", "latency", None, 1), ("respond", "respond", None, 1)], "of the URL")
        equal(faults[2]["toxic"], "latency_downstream", "of the proxy, behind it")
        check(faults[2]["draw"] is not None, "the proxy's is drawn")
        segment = "respond;503=1;toxicity=50%"
        target = f"/{segment}{FLAG}"
        statuses = [Curl(url(server, segment)).status for _ in range(6)]
        told = [status for _, _, status, _ in draw(
            "fault", "--seed", "42", "--target", target, "-n", "6")]
        equal(statuses, told, "what was foretold")
        equal(sorted(set(statuses)), [200, 503], "a chance")
        journal = [r for r in control(server).journal(proxy="fault") if r["target"] == target]
        equal([record["attempt"] for record in journal], list(range(1, 7)), "attempts")
        check(all(0 <= f["draw"] < 0.5 for r in journal for f in r["faults"]
                  if f["type"] == "respond"), "draws")


@case("exchanges are counted by the URL as it was sent")
def exchanges():
    with Server() as server:
        segment = "respond;503=1;exchanges=1...2"
        equal([Curl(url(server, segment)).status for _ in range(3)], [503, 503, 200], "attempts")
        equal(Curl(url(server, segment, "/flags/cn/cn.gif")).status, 503, "another target")


@case("what is wrong is an answer that says what was meant")
def mistakes():
    with Server() as server:
        for segment, path, status, words in [
                ("latancy", FLAG, 404, ["latancy", "Did you mean 'latency'?"]),
                ("flags", "/br/br.gif", 404, ["/ok/flags/br/br.gif"]),
                ("latency", "", 404, [f"/latency{FLAG}"]),
                ("latency;latency=2", FLAG, 400, ["2ms", "2s"]),
                ("latency;latincy=2s", FLAG, 400, ["latincy", "'latency'"]),
                ("latency;toxicity=200%25", FLAG, 400, ["200%", "probability"]),
                ("respond,respond;503=1", FLAG, 400, ["Keep one"]),
                ("ok;a=b", FLAG, 400, ["/ok/"]),
                ("script;file=x", FLAG, 400, ["--toxic"]),
                (",".join(["noop"] * 17), FLAG, 400, ["16", "17"]),
                ("a" * 5000, FLAG, 414, ["4096"])]:
            answer = Curl(url(server, segment, path))
            equal((answer.exit, answer.status), (0, status), segment[:40])
            for word in words:
                check(word in answer.text, f"{segment}: {answer.text}")
        equal(Curl(f"{server.urls['fault']}/", "-X", "DELETE").status, 405, "DELETE /")


@case("its page is text for curl and HTML for browsers; each line that it shows can be pasted")
def the_page():
    need("curl")
    with Server() as server:
        base = server.urls["fault"]
        text = Curl(f"{base}/").text
        kinds = re.findall(r"^(\S+)   acts on", flagserver("toxics").stdout, re.M)
        check(len(kinds) > 10, f"{kinds}")
        for kind in kinds:
            if kind == "script":  # of somebody's own: no URL can have it
                continue
            check(re.search(rf"^{re.escape(kind)}( |$)", text, re.M), f"{kind} is not listed")
        page = Curl(f"{base}/", "-H", "Accept: text/html").text
        check(page.startswith("<!DOCTYPE html>") and "<script" not in page, "the page")
        commands = re.findall(r"^  (curl .*)$", text, re.M)
        check(len(commands) > 10, f"{commands}")
        for command in commands:
            words = shlex.split(command)
            # Only that there is such a thing: HEAD does not wait for what a fault does to a body.
            targets = [word for word in words if word.startswith("http")]
            for target in targets:
                segment = target.removeprefix(f"{base}/").split("/")[0]
                answer = Curl(f"{base}/{segment}")
                check(answer.status == 404 and "nothing follows" in answer.text,
                      f"{command}: {answer.text}")
        head = Curl(f"{base}/", "-I")
        tag = re.search(r'(?im)^etag: (".*?")', head.text).group(1)
        again = Curl(f"{base}/", "-H", f"If-None-Match: {tag}")
        equal((again.status, again.body), (304, b""), "a list that is known")


@case("requests and httpx meet the same, whatever they do to a URL")
def clients():
    with Server() as server:
        for name in ("requests", "httpx"):
            try:
                client = __import__(name)
            except ImportError:
                raise Skip(f"the Python package {name} is not installed") from None
            for segment, status in [
                    ("ok", 200), ("respond;429=1", 429), ("respond;503=1;toxicity=100%", 503),
                    ("respond;503=1;toxicity=100%25", 503), ("bandwidth;rate=640kB%2Fs", 200)]:
                answer = client.get(url(server, segment), timeout=20)
                equal(answer.status_code, status, f"{name}: {segment}")
            broken = "limit_data;bytes=3000"
            try:
                client.get(url(server, broken), timeout=20)
                found = "nothing"
            except Exception as error:  # each has its own
                found = type(error).__name__
            check(found != "nothing", f"{name} has not noticed {broken}")


@case("run hands FAULT's URL over, without /flags, and --expect counts FAULT by its name alone")
def run():
    script = ("import os, urllib.request as r\n"
              "base = os.environ['FLAGS_FAULT_URL']\n"
              "assert base.count('/') == 2, base\n"
              "r.urlopen(base + '/ok/flags/br/br.gif').read()\n")
    for expectation, status in [("fault.requests==1", 0), ("requests==0", 0),
                                ("fault.requests==0", 1)]:
        result = subprocess.run(
            [BINARY, "run", "--fixtures", str(FIXTURES), "--expect", expectation, "--",
             sys.executable, "-c", script], text=True, capture_output=True, timeout=60,
            stdin=subprocess.DEVNULL, env=environment())
        equal(result.returncode, status, f"{expectation} ({result.stderr})")


@case("a world has a FAULT of its own, with records and a seed of its own")
def worlds():
    with Server() as server:
        reply = control(server).call("POST", "/worlds", {"name": "w", "seed": 7})
        equal(reply.status, 201, f"POST /worlds: {reply.body!r}")
        made = json.loads(reply.body)
        base = made["urls"]["fault"]
        equal(base, f"http://localhost:{made['ports']['fault']}", "its URL")
        equal(Curl(f"{base}/respond;503=1{FLAG}").status, 503, "its answer")
        records = Control(made["ports"]["control"]).records(1)
        equal((records[0]["proxy"], records[0]["world"]), ("fault", "w"), "its record")
        equal(control(server).journal(), [], "records outside")
        reply = control(server).call("POST", "/worlds", {"ports": {"fault": "off"}})
        check("fault" not in json.loads(reply.body)["urls"], reply.body)


@case("fault=off is without it; a port that is taken names that way out")
def off():
    with Server(ports="local=0,delay=0,error=0,chaos=0,fault=off") as server:
        check("fault" not in server.urls, f"{server.urls}")
        result = flagserver("--ports", "local=0,delay=0,error=0,chaos=0,fault="
                            f"{server.ports['local']}", "--control", "off")
        equal(result.returncode, 69, "the status")
        check("--ports fault=off" in result.stderr, result.stderr)


if __name__ == "__main__":
    main()
