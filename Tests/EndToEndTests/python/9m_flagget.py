"""flagget: the command line of the book's flags2, on servers that do what they like."""
import atexit
import errno
import fcntl
import json
import os
import pty
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from backends import Backend, answering, free_port
from control import Control
from harness import (
    BINARY, CODES, FLAGS, Server, Skip, case, check, draw, environment, equal, main,
    prepare_child, stored, wait_until)

PLACE = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
PLACE.chmod(0o755)  # also for a user who is not root
atexit.register(shutil.rmtree, PLACE, ignore_errors=True)
FLAGGET = PLACE / "flagget"
FLAGGET.symlink_to(Path(BINARY).resolve())
USAGE = "usage: flagget [-h] [-a] [-e] [-l N] [-m CONCURRENT] [-s LABEL] [-v] [CC ...]\n"
POPULOUS = ("BD BR CD CN DE EG ET FR ID IN IR JP MX NG PH PK RU TR US VN").split()
RULE = "-" * 20
ELAPSED = r"Elapsed time: \d+\.\d\ds\n"


# The program

class Run:
    """flagget at its end: status, stdout, stderr, what it has written, and how long it took."""

    def __init__(self, folder, *arguments, server=None, env=None, seconds=60, words=(FLAGGET,)):
        start = time.monotonic()
        result = subprocess.run(
            [*map(str, words), *map(str, arguments)], cwd=folder, env=surroundings(server, env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=seconds, preexec_fn=prepare_child())
        self.seconds = time.monotonic() - start
        self.status = result.returncode
        self.out, self.err = result.stdout.decode(), result.stderr.decode()
        self.folder = Path(folder)

    def __repr__(self):
        return f"status {self.status}, stdout {self.out!r}, stderr {self.err[-2000:]!r}"

    def well(self, status=0):
        equal(self.status, status, f"exit status ({self})")
        equal(self.err, "", "stderr")
        return self

    def files(self, name="downloaded"):
        return {path.name: path.read_bytes() for path in (self.folder / name).iterdir()}


def surroundings(server=None, more=None):
    """Where the servers are; what is set around us does not count."""
    kept = {name: value for name, value in environment().items()
            if not name.startswith(("FLAGS_", "LC_")) and name not in ("LANG", "TERM")}
    urls = server.urls if server else {}
    found = {f"FLAGS_{name.upper()}_URL": url for name, url in urls.items()}
    return {**kept, "LANG": "C.UTF-8", "TERM": "xterm", **found, **(more or {})}


@contextmanager
def folder():
    path = Path(tempfile.mkdtemp(dir=PLACE))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def told(*arguments, server, status=0, **more):
    """What --json says, of a run in a folder of its own."""
    with folder() as place:
        run = Run(place, *arguments, "--json", "result.json", server=server, **more)
        equal(run.status, status, f"exit status ({run})")
        return json.loads((place / "result.json").read_text())


def fault(server, segment, *arguments, **more):
    """What became of BR under a fault that its URL names."""
    result, = told("-s", f"FAULT/{segment}", "BR", *arguments, server=server, **more)["results"]
    return result


def flag(code):
    return stored(f"/flags/{code.lower()}/{code.lower()}.gif")


def gifs(codes):
    return {f"{code.upper()}.gif": flag(code) for code in codes}


def control(server):
    return Control(server.ports["control"])


def same_files(found, wanted):
    equal(sorted(found), sorted(wanted), "names of files")
    wrong = [name for name in wanted if found[name] != wanted[name]]
    equal(wrong, [], "files with other bytes")


def report(label, url, what, connections, *counts):
    """The text of a run, as a pattern."""
    lines = [f"{label} site: {url}", f"Searching for {what}", connections, RULE, *counts]
    return re.escape("\n".join(lines) + "\n") + ELAPSED


def matches(run, pattern):
    check(re.fullmatch(pattern, run.out), f"wanted {pattern}\nfound {run.out}")


# The book

@case("-a gets 194 files that are the fixtures, byte by byte, and says so in the book's words")
def all_flags():
    with Server() as server, folder() as place:
        run = Run(place, "-a", "-m", "100", server=server).well()
        matches(run, report(
            "LOCAL", server.urls["local"], "194 flags: from AD to ZW",
            "100 concurrent connections will be used.", "194 flags downloaded."))
        same_files(run.files(), gifs(CODES))


@case("-e asks for all 676: 194 downloaded and 482 not found, and -e is stronger than -a")
def every():
    with Server() as server, folder() as place:
        run = Run(place, "-ea", "-m", "100", server=server).well()
        matches(run, report(
            "LOCAL", server.urls["local"], "676 flags: from AA to ZZ",
            "100 concurrent connections will be used.", "194 flags downloaded.",
            "482 not found."))
        same_files(run.files(), gifs(CODES))
        equal(len(control(server).journal(proxy="local")), 676, "requests")


@case("without a code it is the 20 most populous, five at a time, from LOCAL; get is the same")
def default():
    with Server() as server, folder() as place:
        wanted = report(
            "LOCAL", server.urls["local"], "20 flags: from BD to VN",
            "5 concurrent connections will be used.", " 20 flags downloaded.")
        for words in ((FLAGGET,), (BINARY, "get")):
            run = Run(place, server=server, words=words).well()
            matches(run, wanted)
            same_files(run.files(), gifs(POPULOUS))
            shutil.rmtree(place / "downloaded")


@case("codes are sorted, in any case, each once; a letter means its 26; ten are listed; -l cuts")
def codes():
    with Server() as server, folder() as place:
        for typed, what in [
                (["us", "Br", "br", "CN"], "3 flags: BR, CN, US"),
                (["br"], "1 flag: BR"),
                (["q"], "26 flags: from QA to QZ"),
                (["z", "a", "-l", "28"], "28 flags: from AA to ZB"),
                (["-l", "1", "US", "br"], "1 flag: BR"),
                (["-al10"], "10 flags: AD, AE, AF, AG, AL, AM, AO, AR, AT, AU"),
                (["-al11"], "11 flags: from AD to AZ"),
                (["-l", "700", "-e"], "676 flags: from AA to ZZ")]:
            run = Run(place, "-m", "50", *typed, server=server).well()
            equal(run.out.splitlines()[1], f"Searching for {what}", f"{typed}")
        run = Run(place, "br", server=server).well()
        equal(run.out.splitlines()[2], "1 connection will be used.", "one code")
        equal(run.out.splitlines()[4], "  1 flag downloaded.", "one flag")


@case("-v has a line for each flag, as in the book, and labels are taken in any case")
def verbose():
    options = ["--delay", "0", "--error-rate", "0", "--toxic",
               "error:respond 418=1 path=/flags/us/us.gif"]
    with Server(*options) as server, folder() as place:
        for label in ("ERROR", "error", "eRRor"):
            run = Run(place, "-v", "-m", "1", "-s", label, "US", "xx", "BR", server=server).well()
            url = server.urls["error"]
            lines = ["BR OK", "US error: HTTP error 418 - I'm a teapot",
                     f"XX not found: {url}/xx/xx.gif"]
            first = f"ERROR site: {url}\nSearching for 3 flags: BR, US, XX\n" \
                "1 connection will be used.\n"
            last = f"{RULE}\n  1 flag downloaded.\n  1 not found.\n  1 error.\n"
            matches(run, re.escape(first + "\n".join(lines) + "\n" + last) + ELAPSED)
            equal(list(run.files()), ["BR.gif"], "files")


MISTAKES = [
    (["-l", "0"], "--limit N must be >= 1"),
    (["--limit", "-3"], "--limit N must be >= 1"),
    (["-l", "x"], "--limit N must be a whole number"),
    (["-m", "0"], "--max_req CONCURRENT must be >= 1"),
    (["-m", "-1"], "--max_req CONCURRENT must be >= 1"),
    (["-m", "many"], "--max_req CONCURRENT must be a whole number or auto"),
    (["-m"], "--max_req needs a value"),
    (["-m", "-v"], "--max_req needs a value"),
    (["-s", "FOO"], "--server LABEL must be one of CHAOS, DELAY, ERROR, FAULT, LOCAL"),
    (["-s", "remote"], "--server REMOTE is the book's own site, which is not for tests; name "
     "another one with --base-url URL."),
    (["-s", "LOCAL/respond;503=1"],
     "--server LOCAL takes no fault; only FAULT does, and not with --base-url URL."),
    (["USA"], "each CC argument must be A to Z or AA to ZZ."),
    (["B1"], "each CC argument must be A to Z or AA to ZZ."),
    (["ÄÖ"], "each CC argument must be A to Z or AA to ZZ."),
    (["br", "4"], "each CC argument must be A to Z or AA to ZZ."),
    (["-x"], "unknown option '-x' in '-x'"),
    (["-vx"], "unknown option '-x' in '-vx'"),
    (["--names=1"], "--names takes no value"),
    (["--ver"], "ambiguous option: --ver could match --version, --verbose, --verify"),
    (["--retires", "3"], "unknown option '--retires'. Did you mean '--retries'?"),
    (["--retries", "101"], "--retries N must be a whole number from 0 to 100"),
    (["--timeout", "0"], "--timeout SECONDS must be from 0.01 to 3600"),
    (["--backoff", "31"], "--backoff SECONDS must be from 0 to 30"),
    (["--edition", "3e"], "--edition EDITION must be 1e or 2e"),
    (["--fail-on", "everything"],
     "--fail-on LIST must be error, not-found, error,not-found or none"),
    (["--base-url", "https://localhost/flags"],
     "--base-url https://localhost/flags must begin with http://; flagget speaks no TLS."),
    (["--base-url", "http://"],
     "--base-url http:// needs a host, with a port from 1 to 65535 if it has one."),
    (["--base-url", "http://localhost:99999/flags"], "--base-url http://localhost:99999/flags "
     "needs a host, with a port from 1 to 65535 if it has one."),
]


@case(f"{len(MISTAKES)} mistakes end by 2 with the book's two lines on stderr, and nothing else")
def mistakes():
    with folder() as place:
        wrong = []
        for arguments, text in MISTAKES:
            run = Run(place, *arguments)
            if (run.status, run.out, run.err) != (2, "", f"*** Usage error: {text}\n{USAGE}"):
                wrong.append(f"{arguments}: {run}")
        check(not wrong, "\n    ".join([f"{len(wrong)} of {len(MISTAKES)}", *wrong]))
        equal(list(place.iterdir()), [], "what was left behind")


@case("help and version are told on stdout, of flagget and of its sweep and bench")
def help_is_told():
    with folder() as place:
        for words in (["--help"], ["-h"], ["sweep", "--help"], ["bench", "-h"]):
            run = Run(place, *words).well()
            command = " ".join(["flagget", *words[:-1]])
            check(f"USAGE: {command} [" in run.out and "--base-url" in run.out, f"{words}: {run}")
        run = Run(place, "--version").well()
        check(re.fullmatch(r"\S* ?\d+\.\d+\.\d+\n", run.out), f"--version: {run}")


@case("where nobody listens each flag is an error that says so, without a crash")
def nobody():
    with folder() as place:
        for turn in range(5):
            port = free_port()
            run = Run(place, "--base-url", f"localhost:{port}/flags", "-v", "-m", "2", "BR", "US",
                      "CN").well()
            text = f"error: connection refused by localhost:{port}\n"
            equal(sorted(run.out.splitlines(True)[3:6]),
                  [f"{code} {text}" for code in ("BR", "CN", "US")], f"{run}")
            check("  0 flags downloaded.\n  3 errors.\n" in run.out, run.out)
        run = Run(place, "--base-url", "http://no.such.host.invalid/flags", "--json", "r.json",
                  "BR")
        equal(run.status, 0, f"{run}")
        result, = json.loads((place / "r.json").read_text())["results"]
        check(result["kind"] in ("name", "unreachable"), f"{result}")


# Where from, and how many

@case("--base-url is any place: CUSTOM or the label beside it, with or without scheme and slash")
def base_url():
    with Server() as server, folder() as place:
        url = server.urls["local"]
        bare = url.removeprefix("http://")
        for typed in (["--base-url", url], ["--base-url", url + "//"], [f"--base-url={bare}"],
                      ["--bas", url]):
            run = Run(place, *typed, "BR").well()
            equal(run.out.splitlines()[0], f"CUSTOM site: {url}", f"{typed}")
            same_files(run.files(), gifs(["br"]))
        run = Run(place, "-s", "delay", "--base-url", url, "BR").well()
        equal(run.out.splitlines()[0], f"DELAY site: {url}", "with a label")
        equal(len(control(server).journal(proxy="local")), 5, "requests")
        for words, port in ([], "8001"), (["-s", "error"], "8003"), (
                ["--edition", "2e"], "8000"), (["-s", "ERROR", "--edition", "2E"], "8002"):
            # They may be somebody's: nothing is asked but the first line.
            first = first_line(place, *words, "--dest", "/dev/null/x")
            check(first == "" or f":{port}/flags" in first, f"{words}: {first}")


def first_line(place, *words):
    return (Run(place, *words, "--timeout", "0.1", "BR").out.splitlines() or [""])[0]


@case("-m 7 are never more than 7 at a time, and 7 there are; with --names each request counts")
def at_a_time():
    with Server("--delay", "0.03") as server, folder() as place:
        Run(place, "-s", "DELAY", "-a", "-m", "7", server=server).well()
        equal(control(server).meters("delay")["peak"], 7, "peak of DELAY")
        control(server).call("POST", "/concurrency/reset")
        run = Run(place, "--names", "-s", "DELAY", "-l30", "-a", "-m", "3", "--dest", "n",
                  server=server).well()
        equal(control(server).meters("delay")["peak"], 3, "peak with --names")
        equal(len(run.files("n")), 30, "files")
        equal(len(control(server).journal(proxy="delay")), 194 + 60, "requests")


@case("-m auto finds a number by itself: more than a few where each brings more, and all comes")
def automatic():
    with Server("--delay", "0.05") as server, folder() as place:
        run = Run(place, "-s", "DELAY", "-a", "-m", "auto", server=server).well()
        equal(run.out.splitlines()[2], "Up to 194 concurrent connections will be used.", "text")
        same_files(run.files(), gifs(CODES))
        check(control(server).meters("delay")["peak"] > 8, "it has not looked for more")


# ERROR, CHAOS and FAULT

@case("ERROR's counts are the journal's, each flag by its status; another seed has others")
def errors():
    found = []
    for seed in (7, 8):
        with Server("--seed", seed, "--delay", "0") as server:
            answer = told("-s", "ERROR", "-a", "-m", "50", server=server)
            records = control(server).records(194, proxy="error")
        wanted = {code_of(record): record["status"] for record in records}
        results = {row["name"]: row["status"] or 200 for row in answer["results"]}
        equal(results, wanted, f"statuses with seed {seed}")
        counts = Counter(wanted.values())
        totals = answer["totals"]
        equal((totals["ok"], totals["errors"], totals["not_found"]),
              (counts[200], counts[418] + counts[503], 0), "totals")
        drawn = {row[0][7:9].upper(): row[2] for row in draw(
            "error", "-n", "1000", "--seed", seed, "--delay", "0") if row[1] == 1}
        equal({code: drawn[code] for code in results if code in drawn},
              {code: results[code] for code in results if code in drawn}, "as draw foretold")
        check(counts[418] and counts[503], f"both errors: {counts}")
        found.append(results)
    check(found[0] != found[1], "the seed makes no difference")


@case("with --retries the attempts are the journal's, and what is left is what failed each time")
def retried():
    options = ["--seed", "7", "--delay", "0", "--error-rate", "0.5", "--retry-after", "none"]
    with Server(*options) as server:
        answer = told("-s", "ERROR", "-a", "-m", "50", "--retries", "2", "--backoff", "0.01",
                      server=server)
        records = control(server).journal(proxy="error")
    attempts = Counter(code_of(record) for record in records)
    equal({row["name"]: row["attempts"] for row in answer["results"]}, dict(attempts), "attempts")
    equal(answer["totals"]["attempts"], len(records), "attempts in all")
    last = {code_of(record): record["status"] for record in records}
    equal({row["name"]: row["status"] or 200 for row in answer["results"]}, last, "last status")
    for row in answer["results"]:
        check(row["outcome"] == "ok" or row["attempts"] == 3, f"given up early: {row}")
    check(answer["totals"]["errors"] > 0, "nobody failed three times")


CHAOS = ["--seed", "3", "--delay", "0", "--toxic", "chaos:truncate toxicity=0.1", "--toxic",
         "chaos:reset-before-response toxicity=0.1"]


@case("CHAOS: what came is right, and what did not is an error, as the journal has it")
def chaos():
    with Server(*CHAOS) as server, folder() as place:
        run = Run(place, "-s", "CHAOS", "-a", "-m", "30", "--json", "r.json", server=server).well()
        answer = json.loads((place / "r.json").read_text())
        good = [row["name"] for row in answer["results"] if row["outcome"] == "ok"]
        same_files(run.files(), gifs(good))
        wait_until(lambda: control(server).meters("chaos")["in_flight"] == 0, "their ends")
        last = {code_of(record): record for record in control(server).journal(proxy="chaos")}
        right = [code for code, record in last.items()
                 if record["status"] == 200 and record["bytes_sent"] == record["bytes_promised"]]
        equal(sorted(right), sorted(good), "those that the server delivered")
        kinds = Counter(row["kind"] for row in answer["results"] if row["kind"])
        check({"status", "truncated", "reset"} <= set(kinds), f"{kinds}")


@case("attempts are the requests that the server had, those after a lost connection among them")
def attempts():
    with Server(*CHAOS) as server:
        answer = told("-s", "CHAOS", "-a", "-m", "30", server=server)
        wait_until(lambda: control(server).meters("chaos")["in_flight"] == 0, "their ends")
        wanted = Counter(map(code_of, control(server).journal(proxy="chaos")))
        found = {row["name"]: row["attempts"] for row in answer["results"]}
        other = {code: (found[code], wanted[code]) for code in wanted
                 if found[code] != wanted[code]}
        equal(other, {}, "flags whose attempts are not the requests that the server had")


def code_of(record):
    """Whose flag an exchange was about."""
    return record["target"].removesuffix(".gif")[-2:].upper()


# Segment, kind, status, words of the reason.
KINDS = [
    ("status.teapot", "status", 418, "HTTP error 418 - I'm a teapot"),
    ("respond;429=1", "status", 429, "HTTP error 429 - Too Many Requests"),
    ("status.with-body;code=503", "status", 503, "HTTP error 503 - Service Unavailable"),
    ("no-response", "timeout", None, "no answer within the timeout"),
    ("head-stall;at=40%25", "timeout", None, "head"),
    ("stall;at=40%25", "timeout", 200, "after 2516 of 6290 bytes"),
    ("reset-before-response", "reset", None, "before the answer"),
    ("reset-mid-body;at=40%25", "reset", 200, "after 2516 of 6290 bytes"),
    ("empty-response", "closed", None, "before the answer"),
    ("head-eof.in-field", "truncated", None, "within the head"),
    ("truncate;at=40%25", "truncated", 200, "after 2516 of 6290 bytes"),
    ("chunked-truncate;at=40%25", "truncated", 200, "after 2516 bytes"),
    ("corrupt;bytes=1000B", "malformed", None, "HTTP/1.x"),
    ("http09", "malformed", None, "HTTP/1.x"),
    ("conflicting-length.short-first;at=40%25", "malformed", None, "Content-Lengths"),
    ("chunked-malformed.no-size", "malformed", 200, "chunk"),
    ("nul-in-header", "malformed", None, "NUL"),
    ("byteranges", "malformed", 206, "not asked for"),
    ("coding-unasked.gzip", "coding", 200, "gzip"),
    ("oom-length.tebibyte;at=40%25", "large", None, "more than"),
    ("redirect-loop.itself", "redirect", 302, "more than 10 redirects"),
    ("location-scheme.file", "redirect", 302, "file:///etc/passwd"),
]


@case(f"{len(KINDS)} faults are told apart in --json: kind, status and reason")
def kinds():
    with Server() as server:
        wrong = []
        for segment, kind, status, words in KINDS:
            row = fault(server, segment, "--timeout", "0.5")
            # The status of an answer that broke off may or may not have been read.
            known = row["status"] == status or kind != "status" and row["status"] in (None, 200)
            if row["kind"] != kind or not known or words not in row["reason"]:
                wrong.append(f"{segment}: wanted {kind} {status} {words!r}, found {row}")
            if (row["outcome"], row["file"], row["bytes"]) != ("error", None, 0):
                wrong.append(f"{segment}: {row}")
        check(not wrong, "\n    ".join([f"{len(wrong)} of {len(KINDS)}", *wrong]))


@case("what a good client gets right it gets right: odd heads, slow bodies, ends, redirects")
def accepts():
    segments = [
        "ok", "latency;latency=100ms", "bandwidth;rate=64kB", "slicer;average_size=500B",
        "bare-lf", "obs-fold", "no-reason", "chunk-ext", "trailers.announced",
        "informational.early-hints;count=5", "half-close", "slow_close;delay=200ms",
        "length-same-twice.list", "redirect.found;n=3", "redirect.absolute;n=3",
        "redirect.network-path;n=3", "redirect.temporary;n=3", "redirect.permanent;n=3",
        "redirect.see-other;n=3", "redirect.elsewhere"]
    with Server() as server, folder() as place:
        wrong = []
        for segment in segments:
            run = Run(place, "-s", f"FAULT/{segment}", "BR", server=server)
            if run.status != 0 or run.files().get("BR.gif") != flag("br"):
                wrong.append(f"{segment}: {run}")
            (place / "downloaded/BR.gif").unlink(missing_ok=True)
        check(not wrong, "\n    ".join(wrong))


@case("redirects are followed to another server, too: the book's, and one after the other")
def redirected():
    with Server() as server, folder() as place:
        local = server.urls["local"].encode()

        def moved(asked):
            path = asked.split(b" ")[1]
            return (b"HTTP/1.1 301 Moved Permanently\r\nLocation: %s%s\r\n"
                    b"Content-Length: 0\r\n\r\n" % (local, path.removeprefix(b"/old")))
        with Backend(answering(moved)) as old:
            run = Run(place, "--base-url", f"http://localhost:{old.port}/old", "-m", "10").well()
            same_files(run.files(), gifs(POPULOUS))


@case("nobody waits longer than the book's 3.1 s for an answer, and --timeout is another time")
def timeouts():
    with Server() as server:
        start = time.monotonic()
        row = fault(server, "no-response")
        check(time.monotonic() - start >= 3.1, "it gave up earlier than after 3.1 s")
        equal((row["kind"], row["outcome"]), ("timeout", "error"), f"{row}")
        check(row["time"] >= 3.1, f"time: {row}")
        row = fault(server, "no-response", "--timeout", "300ms")
        check(row["kind"] == "timeout" and row["time"] >= 0.3, f"{row}")


# Names

@case("--names calls files after their countries, by a second request for each")
def names():
    with Server() as server, folder() as place:
        run = Run(place, "--names", "-a", "-m", "50", server=server).well()
        matches(run, report(
            "LOCAL", server.urls["local"], "194 flags: from AD to ZW",
            "50 concurrent connections will be used.", "194 flags downloaded."))
        wanted = {}
        for code in CODES:
            country = json.loads((FLAGS / code / "metadata.json").read_text())["country"]
            wanted[country.replace(" ", "_") + ".gif"] = flag(code)
        check({"Côte_d'Ivoire.gif", "United_States.gif"} & set(wanted), f"{sorted(wanted)}")
        check("Côte_d'Ivoire.gif" in wanted, "the country of CI")
        same_files(run.files(), wanted)
        targets = Counter(record["target"] for record in control(server).journal(proxy="local"))
        equal(len(targets), 388, "different requests")
        equal(set(targets.values()), {1}, "how often each was asked for")


HOSTILE = {
    "AA": "../../x", "AB": "/etc/passwd", "AC": "a\0b\x1b[31mc\r\nd\x7f", "AD": "",
    "AE": "x" * 10000,
    "AF": "Same", "AG": "same", "AH": "Same", "AI": "..", "AJ": ".", "AK": "c:\\..\\..\\y",
    "AL": "\u202egnp.exe\u200b", "AM": "é" * 400, "AN": "-rf *", "AO": ".htaccess", "AP": "   ",
    "AQ": "~root/x", "AR": "\U0001f1e6\U0001f1f7", "AS": "con", "AT": "BR.gif.part",
}


@case("names of a hostile server never leave the folder, hide, collide, or are too long")
def hostile():
    content = {code: b"GIF89a" + code.encode() * 50 for code in HOSTILE}

    def serve(asked):
        code = asked.split(b"/")[2].decode().upper()
        body = content[code] if b".gif" in asked else json.dumps(
            {"country": HOSTILE[code], "iso_cc": code}).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with Backend(answering(serve)) as backend, folder() as place:
        inner = place / "a/b"
        inner.mkdir(parents=True)
        run = Run(inner, "--names", "--base-url", f"http://localhost:{backend.port}/flags",
                  "--json", "r.json", *HOSTILE).well()
        rows = json.loads((inner / "r.json").read_text())["results"]
        equal([row["outcome"] for row in rows], ["ok"] * len(HOSTILE), f"outcomes: {rows}")
        found = {os.fsencode(path) for path in place.rglob("*") if path.is_file()}
        wanted = {os.fsencode(inner / row["file"]) for row in rows}
        equal(found - {os.fsencode(inner / "r.json")}, wanted, "files, anywhere")
        equal(len(wanted), len(HOSTILE), "different files")
        for row in rows:
            path = inner / row["file"]
            equal(path.parent, inner / "downloaded", f"folder of {row}")
            equal(path.read_bytes(), content[row["name"]], f"content of {path}")
            check(path.name.isprintable() and path.name[0] not in ".-", f"name {path.name!r}")
            check(not set(path.name) & set('/\\:*?"<>| '), f"name {path.name!r}")
            check(len(path.name.encode()) <= 200, f"long: {len(path.name)}")
        lower = [Path(row["file"]).name.lower() for row in rows]
        equal(len(set(lower)), len(lower), "names without regard to case")


# Trying again

@case("Retry-After is honoured: nobody comes back earlier, whatever --backoff says")
def retry_after():
    with Server() as server:
        segment = "respond;503=1;retry_after=1s;exchanges=1...1"
        row = fault(server, segment, "--retries", "2", "--backoff", "0.01")
        equal((row["outcome"], row["attempts"]), ("ok", 2), f"{row}")
        target = f"/{segment}/flags/br/br.gif"
        records = [r for r in control(server).journal(proxy="fault") if r["target"] == target]
        equal([record["status"] for record in records], [503, 200], "the server's record")
        check(row["time"] >= 1, f"it came back too early: {row}")
        row = fault(server, "retry-after.garbage", "--retries", "1", "--backoff", "0.01")
        equal(row["attempts"], 2, f"a Retry-After that says nothing: {row}")


@case("--retries tries what may pass, and not what will not")
def what_may_pass():
    with Server() as server:
        for segment, attempts, outcome in [
                ("status.teapot;exchanges=1...2", 3, "ok"),
                ("reset-before-response;exchanges=1...1", 2, "ok"),
                ("empty-response;exchanges=1...1", 2, "ok"),
                ("truncate;at=40%25;exchanges=1...1", 2, "ok"),
                ("respond;403=1;exchanges=1...1", 1, "error"),
                ("respond;404=1;exchanges=1...1", 1, "not-found"),
                ("nul-in-header;exchanges=1...1", 1, "error")]:
            row = fault(server, segment, "--retries", "3", "--backoff", "0.01")
            equal((row["attempts"], row["outcome"]), (attempts, outcome), f"{segment}: {row}")


@case("--resume goes on where an answer was cut: 206 in the record, in one run and over two")
def resumed():
    with Server() as server, folder() as place:
        api = control(server)
        run = Run(place, "-s", "FAULT/truncate;at=40%25;exchanges=1...1", "--resume", "--retries",
                  "1", "--backoff", "0.01", "BR", server=server).well()
        equal([record["status"] for record in api.journal(proxy="fault")], [200, 206], "record")
        same_files(run.files(), gifs(["br"]))
        shutil.rmtree(place / "downloaded")

        run = Run(place, "-s", "FAULT/truncate;at=40%25", "--resume", "BR", server=server).well()
        equal(sorted(run.files()), ["BR.gif.part", "BR.gif.part.etag"], "what is left")
        equal(run.files()["BR.gif.part"], flag("br")[:2516], "the part")
        run = Run(place, "--resume", "BR", server=server).well()
        record, = api.records(1, proxy="local")
        equal((record["status"], record["bytes_sent"]), (206, 6290 - 2516), f"{record}")
        same_files(run.files(), gifs(["br"]))


@case("--resume with a part as long as the file, or longer, ends with the file all the same")
def too_long():
    with Server() as server, folder() as place:
        parts = place / "downloaded"
        for more in (b"", b"x" * 1000):
            Run(place, "-s", "FAULT/truncate;at=40%25", "--resume", "BR", server=server).well()
            (parts / "BR.gif.part").write_bytes(flag("br") + more)
            run = Run(place, "--resume", "BR", server=server).well()
            same_files(run.files(), gifs(["br"]))
            shutil.rmtree(parts)


@case("--resume: a file that has changed meanwhile comes whole")
def changed():
    with folder() as place:
        flags = place / "fixtures/flags"
        shutil.copytree(FLAGS / "br", flags / "br")
        with Server("-q", fixtures=place / "fixtures") as server:
            api = control(server)
            Run(place, "-s", "FAULT/truncate;at=40%25", "--resume", "BR", server=server).well()
            check((place / "downloaded/BR.gif.part").exists(), "there is no part")
            (flags / "br/br.gif").write_bytes(flag("cn"))
            os.utime(flags / "br/br.gif", (1, 1))
            server.signal(signal.SIGHUP)
            wait_until(lambda: "reloaded" in server.log(), "the new fixtures")
            run = Run(place, "--resume", "BR", server=server).well()
            record, = api.records(1, proxy="local")
            equal(record["status"], 200, f"{record}")
            same_files(run.files(), {"BR.gif": flag("cn")})


@case("--verify tells a wrong byte that no client could see otherwise, and passes what is right")
def verified():
    with Server() as server, folder() as place:
        run = Run(place, "--verify", "-a", "-m", "50", server=server).well()
        same_files(run.files(), gifs(CODES))
        for number, kind in enumerate(("bit-flip", "truncate-eof-framed", "error-page-200.html",
                                       "wrong-object.other")):
            toxic = f"fault:{kind} path=*.gif"
            # For one flag its own first exchange; for the other each.
            once = toxic + " exchanges=1...1"
            with Server("--toxic", once) as bad:
                equal(fault(bad, "ok")["outcome"], "ok", f"{kind} without --verify")
                control(bad).call("POST", "/reset")
            with Server("--toxic", once) as bad:
                row = fault(bad, "ok", "--verify", "--retries", "1", "--backoff", "0.01")
                equal((row["outcome"], row["attempts"]), ("ok", 2), f"{kind}: {row}")
            with Server("--toxic", toxic) as bad:
                row = fault(bad, "ok", "--verify", "--retries", "1", "--backoff", "0.01")
                equal((row["outcome"], row["kind"], row["file"], row["attempts"]),
                      ("error", "checksum", None, 2), f"{kind}: {row}")
        run = Run(place, "--verify", "--base-url", server.urls["local"] + "/br", "BR")
        equal(run.status, 1, f"a site without checksums: {run}")
        check(run.err.startswith("error: ") and "SHA256SUMS" in run.err, f"{run}")


@case("with --retries an error for SHA256SUMS is no end, either")
def sums_are_retried():
    with Server() as server:
        row = fault(server, "respond;503=1;retry_after=0ms;exchanges=1...1", "--verify",
                    "--retries", "2", "--backoff", "0.01")
        equal((row["outcome"], row["attempts"]), ("ok", 2), f"{row}")


# Results

@case("--json has the shape that the manual shows; on stdout it is alone, and the texts go aside")
def json_shape():
    with Server("--toxic", "fault:respond 418=1 path=*us.gif") as server, folder() as place:
        run = Run(place, "-s", "FAULT", "BR", "US", "XX", "--json", "-", server=server)
        equal(run.status, 0, f"{run}")
        check(run.err.startswith("FAULT site: ") and "  1 error.\n" in run.err, run.err)
        answer = json.loads(run.out)
        equal(list(answer), ["site", "connections", "results", "totals", "elapsed", "exit"], "keys")
        equal(answer["site"]["label"], "FAULT", "label")
        rows = answer["results"]
        for row in rows:
            equal(list(row), ["name", "url", "outcome", "status", "kind", "reason", "file",
                              "bytes", "attempts", "time"], "keys of a result")
        equal([(row["name"], row["outcome"], row["status"], row["kind"]) for row in rows],
              [("BR", "ok", None, None), ("US", "error", 418, "status"),
               ("XX", "not-found", 404, None)], "results")
        equal((rows[0]["file"], rows[0]["bytes"]), ("downloaded/BR.gif", len(flag("br"))), "file")
        equal(answer["totals"], {
            "requested": 3, "ok": 1, "not_found": 1, "errors": 1, "not_tried": 0,
            "bytes": len(flag("br")), "attempts": 3}, "totals")
        check(answer["elapsed"] >= max(row["time"] for row in rows), "elapsed")


@case("--fail-on names what ends it by 1; without it an error is a result like others")
def fail_on():
    with Server() as server:
        for segment, code, listed, status in [
                ("ok", "BR", "error,not-found", 0), ("ok", "XX", "error", 0),
                ("ok", "XX", "not-found", 1), ("ok", "XX", "none", 0),
                ("respond;503=1", "BR", "error", 1), ("respond;503=1", "BR", "not-found", 0),
                ("respond;503=1", "BR", "error,not-found", 1), ("respond;503=1", "BR", None, 0)]:
            words = ["--fail-on", listed] if listed else []
            answer = told("-s", f"FAULT/{segment}", code, *words, server=server, status=status)
            equal(answer["exit"], status, f"exit in JSON: {segment} {code} {listed}")


@case("Ctrl-C ends it by 130 with a report that tells what was not tried, and no half file")
def interrupted():
    for number in (signal.SIGINT, signal.SIGTERM):
        with Server("--delay", "0.3") as server, folder() as place:
            process = subprocess.Popen(
                [str(FLAGGET), "-s", "DELAY", "-a", "-m", "4", "--json", "r.json"], cwd=place,
                env=surroundings(server), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, preexec_fn=prepare_child())
            try:
                wait_until(lambda: list(place.glob("downloaded/*.gif")), "a first file", 20)
                process.send_signal(number)
                out, err = process.communicate(timeout=20)
            finally:
                process.kill()
                process.wait()
            equal((process.returncode, err), (130, b""), f"the end after {number}")
            answer = json.loads((place / "r.json").read_text())
            totals = answer["totals"]
            equal((totals["requested"], answer["exit"]), (194, 130), f"{totals}")
            check(0 < totals["ok"] < 194, f"{totals}")
            equal(totals["ok"] + totals["errors"] + totals["not_tried"], 194, f"{totals}")
            text = out.decode()
            check(re.search(rf"^ *{totals['not_tried']} not tried\.$", text, re.M), text)
            check(re.search(ELAPSED + r"\Z", text), text)
            found = {path.name: path.read_bytes() for path in (place / "downloaded").iterdir()}
            wrong = [name for name, data in found.items() if data != flag(name[:2])]
            equal((wrong, [name for name in found if not re.fullmatch("[A-Z]{2}.gif", name)]),
                  ([], []), "half files")
            equal(len(found), totals["ok"], "files, and flags that were said to be downloaded")


# Files

def refused(run, *words):
    equal(run.status, 1, f"exit status ({run})")
    check(run.err.startswith("error: ") and run.err.count("\n") == 1, f"one sentence: {run.err}")
    for word in words:
        check(word in run.err, f"{word!r} is not in {run.err!r}")


@case("--dest that is a file, or below one, is a clear error, and nothing is asked for")
def no_folder():
    with Server() as server, folder() as place:
        (place / "file").write_text("mine")
        for words in (["--dest", "file"], ["--dest", "file/x"], ["--dest", "/dev/null"],
                      ["--dest", "/proc/nowhere/x"]):
            refused(Run(place, *words, "BR", server=server), words[1].split("/x")[0])
        equal((place / "file").read_text(), "mine", "what was in the file")
        equal(control(server).journal(), [], "requests")
        run = Run(place, "--dest", "new/a/b", "BR", server=server).well()
        same_files(run.files("new/a/b"), gifs(["br"]))


@case("a folder that must not be written to is a clear error")
def unwritable():
    with Server() as server, folder() as place:
        inner = place / "closed"
        inner.mkdir()
        inner.chmod(0o555)
        more = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        try:
            result = subprocess.run(
                [str(FLAGGET), "--dest", str(inner), "BR"], cwd=place, env=surroundings(server),
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, **more)
        except PermissionError:
            raise Skip("another user must not run the program where it is") from None
        equal(result.returncode, 1, f"{result}")
        check(result.stderr.startswith("error: ") and "Permission denied" in result.stderr
              and str(inner) in result.stderr, result.stderr)


@case("what lies where a half file goes is not followed, and a full disk for --json is an error")
def full():
    with Server() as server, folder() as place:
        (place / "downloaded").mkdir()
        (place / "mine").write_text("mine")
        (place / "downloaded/BR.gif.part").symlink_to("../mine")
        os.mkfifo(place / "downloaded/CN.gif.part")
        run = Run(place, "BR", "CN", server=server)
        equal((run.status, (place / "mine").read_text()), (0, "mine"), "what a link led to")
        same_files(run.files(), gifs(["br", "cn"]))
        run = Run(place, "CN", "--json", "/dev/full", server=server)
        check(run.status not in (0, 2) and "/dev/full" in run.err, f"{run}")


@case("a disk that is full is a clear error, exit 1, and leaves no half file")
def small_disk():
    with Server() as server, folder() as place:
        small = place / "small"
        small.mkdir()
        mounted = os.getuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)],
            capture_output=True).returncode == 0
        if not mounted:
            raise Skip("no file system can be mounted here")
        try:
            run = Run(place, "--dest", "small", "-a", "-m", "20", server=server)
            refused(run, os.strerror(errno.ENOSPC))
            found = run.files("small")
            check(found, "nothing fitted in")
            same_files(found, {name: flag(name[:2]) for name in found})
            check(f"{len(found):3} flags downloaded.\n" in run.out, run.out)
        finally:
            subprocess.run(["umount", "-l", str(small)], check=True)


@case("a low limit of open files, which may be raised, is no limit for -m")
def few_files():
    with Server("--delay", "0.1") as server, folder() as place:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if 0 <= hard < 300:
            raise Skip(f"no more than {hard} files may be open here")

        def prepare():
            prepare_child()()
            resource.setrlimit(resource.RLIMIT_NOFILE, (60, hard))
        result = subprocess.run(
            [str(FLAGGET), "-s", "DELAY", "-a", "-m", "100"], cwd=place, env=surroundings(server),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            preexec_fn=prepare)
        equal((result.returncode, result.stderr), (0, ""), f"the end ({result.stdout})")
        same_files({path.name: path.read_bytes() for path in place.glob("downloaded/*")},
                   gifs(CODES))


@case("a reader of stdout that leaves early is no crash")
def broken_pipe():
    with Server("--delay", "0.1") as server, folder() as place:
        process = subprocess.Popen(
            [str(FLAGGET), "-v", "-s", "DELAY", "-al20"], cwd=place, env=surroundings(server),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=prepare_child())
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read().decode()
        process.stderr.close()
        equal((process.wait(30), error),
              (74, "error: cannot write to standard output: Broken pipe.\n"), "the end")


# Terminals

class Terminal:
    """What flagget shows on a terminal of so many columns, from its start to its end."""

    def __init__(self, place, columns, *arguments, server, env=None):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [str(FLAGGET), *map(str, arguments)], cwd=place, env=surroundings(server, env),
            stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=prepare_child())
        os.close(theirs)
        data = b""
        try:
            while more := os.read(ours, 65536):
                data += more
        except OSError:  # the other side has gone
            pass
        finally:
            os.close(ours)
        self.status = process.wait(20)
        self.text = data.decode()

    def frames(self):
        """The bar, each time that it was drawn, without colours."""
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.text)
        return [frame.rstrip() for frame in re.split(r"[\r\n]", plain) if "%|" in frame]


def grows(columns):
    """A bar for 60 flags, looked at."""
    with Server("--delay", "0.2") as server, folder() as place:
        seen = Terminal(place, columns, "-s", "DELAY", "-m", "15", "-al60", server=server)
    equal(seen.status, 0, "exit status")
    frames = seen.frames()
    check(len(frames) >= 3, f"{frames}")
    wide = [frame for frame in frames if len(frame) > columns]
    equal(wide, [], f"wider than {columns}")
    percents = [int(frame.split("%")[0]) for frame in frames]
    equal(percents, sorted(percents), "it only grows")
    equal((percents[0], percents[-1]), (0, 100), "its ends")
    check("| 60/60" in frames[-1] and "█" in frames[-1], frames[-1])
    strange = re.findall(r"\x1b(?!\[[0-9;]*m)|[^\x1b\r\n -~█▏▎▍▌▋▊▉]", seen.text)
    equal(strange, [], "codes")
    check(re.search(r"100%\|.*\r\n-{20}\r\n 60 flags downloaded\.\r\n", seen.text),
          seen.text[-500:])
    return frames


@case("on a terminal a bar grows to 100 %, with rate and time, and no codes but colours")
def bar():
    for columns in (80, 200):
        last = grows(columns)[-1]
        check(re.search(r"\| 60/60 \[00:\d\d<00:00, +\d[\d.]+it/s\]$", last), last)


@case("on a narrow terminal the bar is never wider than that")
def narrow_bar():
    for columns in (40, 41, 59):
        grows(columns)


@case("NO_COLOR has no escape codes; where blocks cannot be shown it is made of #; TERM=dumb")
def plain_bar():
    with Server("--delay", "0.1") as server, folder() as place:
        for env, blocks in ({"NO_COLOR": "1"}, "█"), ({"LANG": "C", "NO_COLOR": "1"}, "#"), (
                {"TERM": "dumb"}, "█"):
            seen = Terminal(place, 80, "-s", "DELAY", "-m20", "-al40", server=server, env=env)
            equal(seen.status, 0, f"exit status with {env}")
            check("\x1b" not in seen.text, f"{env}: {seen.text!r}")
            check(blocks * 10 in seen.frames()[-1], seen.frames()[-1])
            if blocks == "#":
                check(seen.text.isascii(), "not all can be shown")


@case("there is no bar with -v, nor off a terminal")
def no_bar():
    with Server("--delay", "0.05") as server, folder() as place:
        seen = Terminal(place, 80, "-s", "DELAY", "-v", "-al5", server=server)
        equal((seen.status, seen.frames()), (0, []), "with -v")
        check("AD OK\r\n" in seen.text and "\x1b" not in seen.text, seen.text)
        Run(place, "-s", "DELAY", "-al5", server=server).well()


if __name__ == "__main__":
    main()
