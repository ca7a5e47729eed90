"""flagget sweep and bench: known truths, found by measuring servers whose limits we have set."""
import atexit
import csv
import fcntl
import io
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import unicodedata
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from backends import free_port
from control import Control
from harness import (
    BINARY, FIXTURES, Server, case, check, environment, equal, main, prepare_child, wait_until)

PLACE = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
atexit.register(shutil.rmtree, PLACE, ignore_errors=True)
FLAGGET = PLACE / "flagget"
FLAGGET.symlink_to(Path(BINARY).resolve())
SWEEP, BENCH = (FLAGGET, "sweep"), (FLAGGET, "bench")
# A downloader of the user's own: so many threads, so many flags from DELAY.
DOWNLOADER = PLACE / "dl.py"
DOWNLOADER.write_text("""
import os, queue, sys, threading, urllib.request
count, flags = int(sys.argv[1]), int(sys.argv[2])
left = queue.SimpleQueue()
for _ in range(flags):
    left.put('br')
def work():
    while True:
        try:
            code = left.get_nowait()
        except queue.Empty:
            return
        urllib.request.urlopen(f"{os.environ['FLAGS_DELAY_URL']}/{code}/{code}.gif").read()
threads = [threading.Thread(target=work) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
""")


# Running it

def surroundings(server=None, more=None):
    kept = {name: value for name, value in environment().items()
            if not name.startswith(("FLAGS_", "LC_")) and name not in ("LANG", "TERM")}
    urls = server.urls if server else {}
    # Without one nobody is to be asked: some daemon may run here.
    found = {"FLAGS_CONTROL_URL": f"http://127.0.0.1:{free_port()}"}
    found |= {f"FLAGS_{name.upper()}_URL": url for name, url in urls.items()}
    return {**kept, "LANG": "C.UTF-8", "TERM": "xterm", **found, **(more or {})}


def run(words, *arguments, server=None, env=None, seconds=100):
    return subprocess.run(
        [*map(str, words), *map(str, arguments)], cwd=PLACE, env=surroundings(server, env),
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=seconds, preexec_fn=prepare_child())


def started(words, *arguments, server=None):
    return subprocess.Popen(
        [*map(str, words), *map(str, arguments)], cwd=PLACE, env=surroundings(server), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=prepare_child())


def figures(words, *arguments, server=None, status=0, **more):
    """What --json says."""
    result = run(words, *arguments, "--json", "-", server=server, **more)
    equal(result.returncode, status, f"exit status ({result.stdout[-2000:]} {result.stderr})")
    return json.loads(result.stdout)


def control(server):
    return Control(server.ports["control"])


def rows(answer):
    return {row["concurrency"]: row for row in answer["rows"]}


def near(found, wanted, share, what):
    check(abs(found - wanted) <= share * wanted, f"{what}: {found} is not near {wanted}")


def served_first(*arguments, server, mean=float("inf")):
    """A sweep that the server limits, with no mean time above `mean` seconds: on a machine that is
    busy elsewhere the client may be the limit, and says so; then it is asked again."""
    for _ in range(3):
        answer = figures(SWEEP, *arguments, server=server)
        if "The client is the limit" not in answer["sentence"] and all(
                row["mean_time"] <= mean for row in answer["rows"]):
            break
    return answer


# Known truths

@case("DELAY: N bring N / 0.1 s, each number of the client's agrees with the server's, and no knee")
def delay():
    with Server("--delay", "0.1") as server:
        answer = served_first("-s", "DELAY", "-m", "1,2,3,4,6,8", "--budget", "8",
                              server=server, mean=0.1015)
        equal([row["concurrency"] for row in answer["rows"]], [1, 2, 3, 4, 6, 8], "rows")
        for row in answer["rows"]:
            count = row["concurrency"]
            # A machine that is busy elsewhere makes each take longer: then there are fewer.
            near(row["rate"], count / row["mean_time"], 0.02, f"Little's law with {count}")
            check(row["mean_time"] >= 0.1 and row["p50"] >= 0.1, f"too early: {row}")
            check(row["rate"] <= 1.02 * count / 0.1, f"more than can be: {row}")
            if row["mean_time"] < 0.1015:
                near(row["rate"], count / 0.1, 0.04, f"rate with {count}")
            equal((row["server"]["peak"], row["failures"]), (count, {}), f"{row}")
            check(row["server"]["mean"] <= 1.05 * count, f"more than were asked for: {row}")
            if row["mean_time"] < 0.1015:
                near(row["server"]["mean"], count, 0.05, f"the server's mean with {count}")
            check(not row["client_limited"], f"{row}")
        equal(answer["knee"], None, "knee")
        equal(answer["no_knee"], "no knee up to 8: every connection more brings the same", "why")
        equal((answer["recommended"], answer["model"]["kind"]), (8, "bounds"), "8")
        equal(answer["model"]["roof"], None, "roof")
        check(answer["sentence"].startswith("Use 8: the smallest within 5 % of the best ("),
              answer["sentence"])


@case("a queue behind 8 has its knee at 8, with three seeds")
def queue():
    for seed in (1, 2, 3):
        with Server("--delay", "0.05", "--max-concurrency", "8", "--over-limit", "queue") as server:
            answer = served_first("-s", "DELAY", "--max", "32", "--budget", "4", "--seed", seed,
                                  server=server)
            for count, row in rows(answer).items():
                equal((row["server"]["peak"], row["failures"]), (min(count, 8), {}), f"{row}")
                check(row["rate"] <= 1.05 * min(count, 8) / 0.05, f"more than can be: {row}")
            check(answer["knee"] and 7 <= answer["knee"] <= 9, f"knee: {answer}")
            check(8 <= answer["recommended"] <= 10, f"seed {seed}: {answer['sentence']}")
            equal(answer["model"]["kind"], "bounds", "model")
            check("The server is the limit; " in answer["sentence"], answer["sentence"])


@case("with 503 in place of the queue 8 is the number, and the sentence says what is above it")
def refusing():
    with Server("--delay", "0.05", "--max-concurrency", "8") as server:
        answer = figures(SWEEP, "-s", "DELAY", "--max", "32", "--budget", "4", server=server)
        equal(answer["recommended"], 8, f"{answer}")
        check(answer["knee"] and 7 <= answer["knee"] <= 9, f"knee: {answer}")
        for count, row in rows(answer).items():
            equal(list(row["failures"]), ["503"] if count > 8 else [], f"{row}")
            check((row["failure_rate"] > 0) == (count > 8), f"{row}")
        check("Above 8 the server refuses: 503." in answer["sentence"], answer["sentence"])


@case("a server that is slower the more are in flight follows the universal scalability law")
def scalability():
    answer = slower()
    model = answer["model"]
    equal(model["kind"], "universal_scalability_law", f"{answer}")
    # 20 ms + 5 ms for each in flight: X(N) = N / (0.02 + 0.005 N), so contention is 0.2.
    check(0.12 <= model["contention"] <= 0.28, f"{model}")
    near(model["single"], 40, 0.2, "rate of one")
    for name in ("contention", "coherency", "single"):
        low, high = model["intervals"][name]
        check(low <= model[name] <= high, f"{name}: {model}")


@case("what the sentence says of more connections does not contradict the number that it advises")
def no_contradiction():
    answer = slower()
    check(not answer["knee"] or answer["knee"] >= answer["recommended"] / 2, answer["sentence"])


def slower():
    with Server("--toxic", "local:latency latency=20ms per_in_flight=5ms") as server:
        return figures(SWEEP, "-s", "LOCAL", "--max", "64", "--budget", "4", server=server)


# What is written

@case("table, plot and sentence for people; JSON, CSV and SVG for programs: all say the same")
def outputs():
    with Server("--delay", "0.05") as server:
        result = run(SWEEP, "-s", "DELAY", "-m", "1,2,4", "--budget", "2", "--svg", "s.svg",
                     "--json", "s.json", "--csv", "s.csv", server=server)
        equal((result.returncode, result.stderr), (0, ""), f"{result}")
    answer = json.loads((PLACE / "s.json").read_text())
    equal(list(answer), ["name", "unit", "rows", "single_time", "model", "knee", "no_knee",
                         "recommended", "sentence"], "keys")
    equal((answer["name"], answer["unit"]), ("DELAY", "flags"), "name and unit")
    lines = result.stdout.splitlines()
    equal(lines[:2], [f"DELAY site: {server.urls['delay']}",
                      "Sweeping over 194 flags for at most 2 s."], "the first lines")
    check(re.fullmatch(r" conc  flags/s ± 95 % +speed-up +p50 +p95 +errors +server peak",
                       lines[2]), lines[2])
    equal([int(line.split()[0]) for line in lines[3:6]], [1, 2, 4], "rows of the table")
    check(" ".join(answer["sentence"].split()) in " ".join(result.stdout.split()), result.stdout)
    check("concurrent downloads" in result.stdout and "● measured" in result.stdout,
          result.stdout)
    check(max(map(width, lines)) <= 80, f"wider than 80: {result.stdout}")

    text = (PLACE / "s.csv").read_bytes().decode()
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    equal([int(row["concurrency"]) for row in table], [1, 2, 4], "rows of CSV")
    for line, row in zip(table, answer["rows"]):
        equal((float(line["rate"]), float(line["p95"]), int(line["server_peak"])),
              (row["rate"], row["p95"], row["server"]["peak"]), f"{line}")
    equal([line["recommended"] for line in table], ["false", "false", "true"], "recommended")

    content = (PLACE / "s.svg").read_text()
    root = ElementTree.fromstring(content)
    equal(root.tag, "{http://www.w3.org/2000/svg}svg", "the root of the SVG")
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        check(name not in ("script", "foreignObject", "image", "iframe"), f"<{name}>")
        for key, value in element.attrib.items():
            check(not key.lower().startswith("on") and "javascript" not in value.lower(),
                  f"<{name} {key}={value!r}>")
    check(not re.search(r"@import|url\(\s*['\"]?(http|//)", content), "it loads something")
    said = " ".join(root.itertext())
    check("flags/s" in said and "concurrent downloads" in said, f"no units: {said}")
    check("prefers-color-scheme" in content, "one look for light and dark")


@case("the codes that are named are those that are asked for, and nothing is written to the disk")
def some_codes():
    with Server() as server:
        figures(SWEEP, "br", "CN", "-m", "1,2", "--budget", "1", server=server)
        targets = {record["target"] for record in control(server).journal(proxy="local")}
        equal(targets, {"/flags/br/br.gif", "/flags/cn/cn.gif"}, "targets")
        check(not (PLACE / "downloaded").exists(), "files were written")


def width(text):
    """Columns of a terminal: none of these texts has wide characters, some may have marks."""
    return sum(not unicodedata.combining(letter) for letter in text)


def on_terminal(columns, words, *arguments, server, env=None):
    """The exit status, and all that was shown."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*map(str, words), *map(str, arguments)], cwd=PLACE, env=surroundings(server, env),
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
    return process.wait(20), data.decode()


def shown(columns, env=None):
    with Server("--delay", "0.02") as server:
        status, text = on_terminal(columns, SWEEP, "-s", "DELAY", "-m", "1,2,4,6,8,10", "--budget",
                                   "2", server=server, env=env)
    equal(status, 0, f"exit status ({text})")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    check("\x1b" not in plain, f"codes that are no colours: {text!r}")
    wide = [line for line in re.split(r"[\r\n]+", plain) if width(line) > columns]
    equal(wide, [], f"wider than {columns}")
    check("concurrent downloads" in plain and "Use " in plain, plain)
    return text


@case("on a terminal nothing is wider than it is; NO_COLOR has no codes, LANG=C nothing but ASCII")
def terminals():
    for columns in (80, 60, 200):
        check("\x1b[" in shown(columns), "no colour at all")
    check("\x1b" not in shown(80, {"NO_COLOR": "1"}), "NO_COLOR")
    text = shown(80, {"LANG": "C", "NO_COLOR": "1"})
    check(text.isascii(), f"not ASCII: {sorted(set(text) - set(map(chr, range(128))))}")


@case("neither is it on a narrow one")
def narrow():
    shown(40)


# Server figures

class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(FIXTURES))

    def log_message(self, *_):
        pass


@contextmanager
def foreign():
    """Python's own server on the fixtures: its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/flags"
        finally:
            server.shutdown()


@case("another's server has no figures, even if a daemon of ours runs; ours has")
def server_figures():
    with Server("--delay", "0.02") as server, foreign() as url:
        for words in ([], ["-s", "DELAY"]):
            result = run(SWEEP, *words, "--base-url", url, "-m", "1,2", "--budget", "1", "--json",
                         "f.json", server=server)
            equal(result.returncode, 0, f"{result}")
            answer = json.loads((PLACE / "f.json").read_text())
            equal([row["server"] for row in answer["rows"]], [None, None], f"with {words}")
            check(all(row["rate"] > 0 and not row["failures"] for row in answer["rows"]), "rates")
            check("no server figures" in result.stdout, result.stdout)
        ours = f"http://127.0.0.1:{server.ports['delay']}/flags"
        for words in (["-s", "delay"], ["-s", "DELAY", "--base-url", ours]):
            answer = figures(SWEEP, *words, "-m", "3", "--budget", "1", server=server)
            equal(answer["rows"][0]["server"]["peak"], 3, f"ours: {words}")


# Ends

@case("where nobody listens it says so and ends by 1, and so does bench")
def nobody():
    url = f"http://localhost:{free_port()}/flags"
    result = run(SWEEP, "--base-url", url, "--budget", "3")
    equal(result.returncode, 1, f"{result}")
    check(re.search(r"^Nothing succeeded: all \d+ downloads failed, \d+ of them with\srefused\.$",
                    result.stdout, re.M), result.stdout)
    answer = figures(SWEEP, "--base-url", url, "-m", "1,2", "--budget", "1", status=1)
    equal((answer["recommended"], answer["knee"]), (None, None), f"{answer}")
    result = run(BENCH, "--base-url", url, "--rate", "50", "--duration", "0.5")
    equal(result.returncode, 1, f"{result}")
    check("Nothing succeeded." in result.stdout and "refused" in result.stdout, result.stdout)


MISTAKES = [
    (SWEEP, ["-m", "1,x"], "-m LIST must be numbers from 1 to 1000 with commas, or auto"),
    (SWEEP, ["-m", "0"], "-m LIST must be numbers from 1 to 1000 with commas, or auto"),
    (SWEEP, ["-m", "1,,2"], "-m LIST must be numbers from 1 to 1000 with commas, or auto"),
    (SWEEP, ["-m", "1001"], "-m LIST must be numbers from 1 to 1000 with commas, or auto"),
    (SWEEP, ["--max", "0"], "--max N must be from 1 to 1000"),
    (SWEEP, ["--max", "8", "-m", "1,2"], "--max is for -m auto: the list says it all"),
    (SWEEP, ["--seed", "x"], "--seed N must be a whole number from 0 on"),
    (SWEEP, ["--json", "-", "--csv", "-"], "--json - and --csv - cannot both have stdout"),
    (SWEEP, ["-s", "FOO"], "--server LABEL must be one of CHAOS, DELAY, ERROR, FAULT, LOCAL"),
    (SWEEP, ["USA"], "each CC argument must be A to Z or AA to ZZ."),
    (SWEEP, ["--budget", "0"], "--budget SECONDS must be from 1 to 3600"),
    (SWEEP, ["--edition", "3e"], "--edition EDITION must be 1e or 2e"),
    (BENCH, [], "--rate R is missing: how many requests per second, --rate 100"),
    (BENCH, ["--rate", "0"], "--rate R must be a number above 0, up to 1000000"),
    (BENCH, ["--rate", "nan"], "--rate R must be a number above 0, up to 1000000"),
    (BENCH, ["--rate", "inf"], "--rate R must be a number above 0, up to 1000000"),
    (BENCH, ["--rate", "5", "-m", "0"], "--max_req CONCURRENT must be from 1 to 1000"),
    (BENCH, ["--rate", "5", "--duration", "0"], "--duration SECONDS must be from 0.1 to 3600"),
    (SWEEP, ["--bogus"], "nknown option '--bogus'"),
    (BENCH, ["--rate"], "--rate"),
    ((BINARY, "sweep"), ["-m", "1,2", "--", "true"], "has no {}"),
    ((BINARY, "sweep"), ["-m", "1,2", "--"], "there is no command"),
    ((BINARY, "sweep"), ["-m", "1,x", "--", "true", "{}"], "-m LIST must be numbers"),
]


@case(f"{len(MISTAKES)} mistakes end by 2 with what is wrong on stderr, and nothing on stdout")
def mistakes():
    wrong = []
    for words, arguments, text in MISTAKES:
        result = run(words, *arguments)
        if (result.returncode, result.stdout) != (2, "") or text not in result.stderr:
            wrong.append(f"{words[1]} {arguments}: {result.returncode} {result.stdout!r} "
                         f"{result.stderr!r}")
    check(not wrong, "\n    ".join([f"{len(wrong)} of {len(MISTAKES)}", *wrong]))


@case("the usage that is shown behind a mistake is that of the command that was meant")
def usage_of_its_own():
    for words, name, arguments in (SWEEP, "sweep", ["-m", "0"]), (BENCH, "bench", ["--rate", "0"]):
        lines = run(words, *arguments).stderr.splitlines()
        check(len(lines) > 1 and f"flagget {name}" in lines[1], f"{name}: {lines}")


@case("a place that cannot be written to is an error that names it")
def unwritable():
    with Server() as server:
        for option in ("--json", "--csv", "--svg"):
            result = run(SWEEP, "-m", "1", "--budget", "1", option, "/nowhere/x", server=server)
            check(result.returncode not in (0, 2) and result.stderr.startswith("error: ")
                  and "/nowhere/x" in result.stderr, f"{option}: {result}")


def interrupt(process, first):
    """Ctrl-C once `first` is in a line of stdout: all of stdout, and stderr."""
    said = ""
    try:
        for line in process.stdout:
            said += line
            if re.search(first, line):
                process.send_signal(signal.SIGINT)
                break
        rest, errors = process.communicate(timeout=30)
        return said + rest, errors
    finally:
        process.kill()
        process.wait()


@case("Ctrl-C ends a sweep by 130 with what was measured until then; before that with nothing")
def interrupted():
    with Server("--delay", "0.05") as server:
        process = started(SWEEP, "-s", "DELAY", "-m", "1,2,500", "--budget", "60", "--json",
                          "i.json", server=server)
        out, err = interrupt(process, r"^ +2 ")
        equal((process.returncode, err), (130, ""), f"the end ({out})")
        answer = json.loads((PLACE / "i.json").read_text())
        equal([row["concurrency"] for row in answer["rows"]][:2], [1, 2], "rows")
        check("Use 2: " in out, out)
        process = started(SWEEP, "-s", "DELAY", "-m", "1", "--budget", "60", server=server)
        out, err = interrupt(process, "^Sweeping")
        equal((process.returncode, err), (130, ""), f"the early end ({out})")
        process = started(BENCH, "-s", "DELAY", "--rate", "40", "--duration", "60", "--json",
                          "b.json", server=server)
        wait_until(lambda: len(control(server).journal(proxy="delay", limit=1)) == 1
                   and control(server).meters("delay")["in_flight"] > 0, "requests")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        equal((process.returncode, err), (130, ""), f"the end of bench ({out})")
        json.loads((PLACE / "b.json").read_text())


# A command of the user's own

@case("the user's own downloader: the peaks are its numbers, and the rate grows with them")
def own_command():
    result = run((BINARY, "sweep"), "--delay", "0.1", "-m", "1,2,4", "--budget", "20", "--json",
                 "o.json", "--", sys.executable, DOWNLOADER, "{}", "8")
    equal((result.returncode, result.stderr), (0, ""), f"{result}")
    answer = json.loads((PLACE / "o.json").read_text())
    equal(answer["unit"], "downloads", "unit")
    found = rows(answer)
    for count, row in found.items():
        equal((row["server"]["peak"], row["failures"]), (count, {}), f"{row}")
        check(row["completed"] % 8 == 0 and row["completed"] > 0, f"{row}")
        check(row["p50"] >= 0.1 and row["rate"] <= 1.05 * count / 0.1, f"{row}")
    check(1.3 * found[1]["rate"] < found[2]["rate"] and 1.3 * found[2]["rate"] < found[4]["rate"],
          f"it does not grow: {answer}")
    equal(answer["recommended"], 4, answer["sentence"])


@case("its errors are counted by the servers' record, and it is said that it fails")
def own_errors():
    script = ("import os, sys, urllib.request as r\n"
              "print('said on', sys.argv[1])\n"
              "r.urlopen(os.environ['FLAGS_LOCAL_URL'] + '/br/br.gif').read()\n"
              "r.urlopen(os.environ['FLAGS_ERROR_URL'] + '/br/br.gif').read()\n")
    result = run((BINARY, "sweep"), "--delay", "0", "--error-rate", "1", "--error-status", "503",
                 "-m", "1,2", "--budget", "10", "--json", "e.json", "--", sys.executable, "-c",
                 script, "{}")
    equal(result.returncode, 0, f"{result}")
    for row in json.loads((PLACE / "e.json").read_text())["rows"]:
        equal((list(row["failures"]), row["failure_rate"]), (["503"], 0.5), f"{row}")
    check("note: this command failed; run it in 'flagserver run'" in result.stderr, result.stderr)
    check("said on 1" not in result.stderr + result.stdout, "its own words")


@case("a command that is not there ends it by 127, one that is no program by 126")
def no_command():
    result = run((BINARY, "sweep"), "-m", "1,2", "--", "no-such-program", "{}")
    equal(result.returncode, 127, f"{result}")
    check("no-such-program" in result.stderr, result.stderr)
    result = run((BINARY, "sweep"), "-m", "1,2", "--", DOWNLOADER, "{}")
    equal(result.returncode, 126, f"{result}")


@case("Ctrl-C ends the sweep of a command, and the command with it, by 130")
def own_interrupted():
    process = started(
        (BINARY, "sweep"), "--delay", "0.02", "-m", "1,2", "--budget", "60", "--json", "c.json",
        "--", "sh", "-c", f"if [ $1 = 2 ]; then echo $$ > pid; exec sleep 1000; fi; exec "
        f"{sys.executable} {DOWNLOADER} $1 4", "x", "{}")
    pid = PLACE / "pid"
    wait_until(lambda: pid.exists() and pid.read_text().endswith("\n"), "the second row", 30)
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    equal(process.returncode, 130, f"{out} {err}")
    equal([row["concurrency"] for row in json.loads((PLACE / "c.json").read_text())["rows"]], [1],
          "rows")
    wait_until(lambda: not Path(f"/proc/{int(pid.read_text())}").exists(), "the command's end")


# bench

@case("bench offers a rate that DELAY takes: achieved, and each takes as long as DELAY says")
def bench():
    with Server("--delay", "0.1") as server:
        answer = figures(BENCH, "-s", "DELAY", "--rate", "50", "--duration", "2", server=server)
        equal((answer["offered"], answer["planned"], answer["failures"]), (50, 100, {}), "plan")
        check(answer["achieved"] >= 0.98 * 50 and answer["keeps_up"], f"{answer}")
        times = answer["latencies"]
        equal(list(times), ["p50", "p90", "p95", "p99", "p99.9", "max"], "names")
        check(times["p50"] >= 0.1, f"too early: {times}")
        equal(sorted(times.values()), list(times.values()), "they grow")
        control(server).records(100, proxy="delay")
        result = run(BENCH, "-s", "DELAY", "--rate", "50", "--duration", "1", server=server)
        lines = result.stdout.splitlines()
        equal((result.returncode, lines[0]), (0, "DELAY: 50 requests planned in 1.00 s"), "text")
        check(lines[1].startswith("offered 50/s, achieved ") and "p99.9" in lines[3], f"{lines}")


@case("beyond what is possible the queue grows, and then there are no percentiles")
def too_much():
    with Server("--delay", "0.1") as server:
        result = run(BENCH, "-s", "DELAY", "--rate", "50", "-m", "2", "--duration", "2", "--json",
                     "g.json", server=server)
        answer = json.loads((PLACE / "g.json").read_text())
        equal((answer["keeps_up"], answer["latencies"]), (False, None), f"{answer}")
        check(answer["achieved"] <= 1.05 * 20, f"more than can be: {answer}")
        check(re.search(r"^offered 50/s, achieved [\d.]+/s: the queue grows$", result.stdout,
                        re.M), result.stdout)
        check("No percentiles" in result.stdout and "p50" not in result.stdout, result.stdout)
        equal(control(server).meters("delay")["peak"], 2, "peak")


if __name__ == "__main__":
    main()
