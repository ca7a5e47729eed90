"""What people type: messages that say what happened, why and what to do; statuses of the table."""
import json
import os
import pty
import re
import shutil
import socket
import tempfile
import time
from pathlib import Path

from harness import (
    FLAGS, Server, case, check, draw, equal, flagserver, main, wait_until)
from wire import PROBE, Wire, request

# Arguments, exit status, and words that stderr must have.
USAGE = [
    (["--error-rate", "25"], 64, ["--error-rate 25 is not a probability. Write 0.25 or 25%."]),
    (["--error-rate", "-0.1"], 64, ["--error-rate"]),
    (["--error-rate", "1.01"], 64, ["not a probability"]),
    (["--error-rate", "101%"], 64, ["not a probability"]),
    (["--error-rate", "nan"], 64, ["not a probability"]),
    (["--error-rate", "x"], 64, ["not a probability"]),
    (["--delay-rate", "50"], 64, ["--delay-rate 50 is not a probability. Write 0.5 or 50%."]),
    (["--delay", "500"], 64, ["--delay 500 would be 500 s (limit 60 s). Did you mean 500ms?"]),
    (["--delay", "61"], 64, ["limit 60 s"]),
    (["--delay", "2m"], 64, ["limit 60 s"]),
    (["--delay", "-1"], 64, ["--delay"]),
    (["--delay", "5..1"], 64, ["shortest"]),
    (["--delay", "0.5.."], 64, ["--delay"]),
    (["--delay", "..5"], 64, ["--delay"]),
    (["--delay", "1..2..3"], 64, ["--delay"]),
    (["--delay", "5 parsecs"], 64, ["is not a time"]),
    (["--delay", "inf"], 64, ["is not a time"]),
    (["--delay", ""], 64, ["--delay"]),
    (["--error-status", "99"], 64, ["--error-status", "418,503"]),
    (["--error-status", "100"], 64, ["--error-status"]),
    (["--error-status", "600"], 64, ["--error-status"]),
    (["--error-status", "418,418"], 64, ["twice"]),
    (["--error-status", "418=0"], 64, ["weight 0"]),
    (["--error-status", "418=-1"], 64, ["--error-status"]),
    (["--error-status", ""], 64, ["--error-status"]),
    (["--error-mode", "sometimes"], 64, ["--error-mode", "random", "exact"]),
    (["--retry-after", "soon"], 64, ["--retry-after"]),
    (["--seed", "x"], 64, ["--seed"]),
    (["--seed", "-1"], 64, ["--seed"]),
    (["--ports", "1,2"], 64, ["--ports"]),
    (["--ports", "8001,8001,8002"], 64, ["cannot share port 8001"]),
    (["--ports", "70000,1,2"], 64, ["70000"]),
    (["--ports", "lokal=9001"], 64, ["Did you mean 'local'?"]),
    (["--edition", "3e"], 64, ["1e", "2e"]),
    (["--bind", "nowhere"], 64, ["--bind nowhere"]),
    (["--bind", "192.0.2.7"], 64, ["192.0.2.7"]),
    (["--grace", "x"], 64, ["--grace"]),
    (["--max-connections", "0"], 64, ["--max-connections"]),
    (["--log-format", "xml"], 64, ["--log-format", "json"]),
    (["--color", "red"], 64, ["--color"]),
    (["--prots", "0"], 64, ["--prots", "Did you mean '--ports'?"]),
    (["--eror-rate", "0"], 64, ["Did you mean '--error-rate'?"]),
    (["--delay"], 64, ["--delay"]),
    (["sreve"], 64, ["sreve"]),
    (["draw"], 64, ["proxy"]),
    (["draw", "eror"], 64, ["Did you mean 'error'?"]),
    (["draw", "error", "-n", "0"], 64, ["-n 0"]),
    (["draw", "error", "--target", "br"], 64, ["--target br"]),
    (["draw", "error", "--error-rate", "25"], 64, ["Write 0.25 or 25%."]),
    (["--fixtures", "./fixture"], 66,
     ["fixtures directory './fixture' does not exist. Did you mean './fixtures'?"]),
    (["--fixtures", "/nowhere/at/all"], 66, ["'/nowhere/at/all' does not exist"]),
    (["--ports", "off", "--control", "off"], 64, ["leave nothing to start"]),
    (["--keep-alive", "0"], 64, ["--keep-alive 0: write a time from 1s to 24h."]),
    (["--ring", "1000001"], 64, ["--ring 1000001: write a whole number from 1 to 1000000."]),
    (["--max-concurrency-per-client", "0"], 64, ["would accept nobody"]),
    (["--log-file", "/nowhere/log"], 73, ["cannot write the log '/nowhere/log'"]),
    (["draw", "error", "--fixtures", "./fixture"], 66, ["Did you mean './fixtures'?"]),
    (["--ports", "0", "--ready-file", "/nowhere/ready.json"], 73,
     ["cannot write --ready-file '/nowhere/ready.json'", "No such file or directory"]),
    (["--max-connections", "100000000"], 64, ["--max-connections 100000000"]),
]


@case(f"{len(USAGE)} mistakes get their message, their exit status, and nothing on stdout")
def usage():
    wrong = []
    for arguments, status, words in USAGE:
        result = flagserver(*arguments)
        text = result.stderr
        missing = [word for word in words if word not in text]
        found = [line for line in text.splitlines() if line.startswith("error: ")]
        if result.returncode != status or missing or len(found) != 1 or result.stdout:
            wrong.append(f"{arguments}: status {result.returncode} for {status}; "
                         f"missing {missing}; stdout {result.stdout!r}; stderr {text!r}")
    check(not wrong, "\n    ".join([f"{len(wrong)} of {len(USAGE)}", *wrong]))


@case("--version and --help speak on stdout and exit 0, for the program and its subcommands")
def helps():
    result = flagserver("--version")
    check(re.fullmatch(r"flagserver \d+\.\d+\.\d+\n", result.stdout), repr(result.stdout))
    equal((result.returncode, result.stderr), (0, ""), "--version")
    for arguments in (["--help"], ["-h"], ["serve", "--help"], ["draw", "--help"]):
        result = flagserver(*arguments)
        equal((result.returncode, result.stderr), (0, ""), f"{arguments}")
        check("USAGE: flagserver" in result.stdout, f"{arguments}: {result.stdout[:200]!r}")
    text = flagserver("serve", "--help").stdout
    for option in ("--fixtures", "--ports", "--edition", "--bind", "--delay", "--delay-rate",
                   "--error-rate", "--error-status", "--error-mode", "--retry-after", "--seed",
                   "--cors", "--max-connections", "--ready-file", "--grace", "--quiet",
                   "--verbose", "--log-format", "--color", "--toxic", "--proxy", "--protocol",
                   "--behavior", "--control", "--control-bind", "--control-token",
                   "--allowed-host", "--max-concurrency-per-client", "--keep-alive", "--ring",
                   "--log-file"):
        check(option in text, f"help does not tell of {option}")


@case("flagserver --help shows the options of serve, which it stands for")
def help_of_default():
    check("--error-rate" in flagserver("--help").stdout, "no options in flagserver --help")


@case("a port in use is named with the pid and name of its owner, at either loopback, status 69")
def port_in_use():
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as taken:
            if family == socket.AF_INET6:
                taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            taken.bind((host, 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = flagserver("--ports", f"local=0,delay={port},error=0,chaos=0,fault=0",
                                "--control", "0")
            equal(result.returncode, 69, f"status with {host} taken ({result.stderr})")
            for word in (f"port {port} is already in use", f"pid {os.getpid()}", "--ports 0",
                         "--ports delay="):
                check(word in result.stderr, f"{word!r} is not in {result.stderr!r}")


@case("one port for all three of a running server names that server")
def port_in_use_by_us():
    with Server("-q") as server:
        result = flagserver("--ports", f"local={server.ports['local']},delay=0,error=0,chaos=0,fault=0",
                            "--control", "0")
        equal(result.returncode, 69, "status")
        check(f"pid {server.pid}, flagserver" in result.stderr, result.stderr)


def broken_fixtures(folder):
    """A small set with one mistake of each kind, and the words that must name it."""
    flags = Path(folder) / "fixtures/flags"
    for code in ("br", "ch", "de", "fr", "np"):
        shutil.copytree(FLAGS / code, flags / code)
    (flags / "br/br.gif").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    (flags / "ch/metadata.json").write_text('{"country": "Switz')
    (flags / "de/metadata.json").write_text('{"iso_cc": "DE"}')
    (flags / "fr/fr.gif").unlink()
    (flags / "np/np.gif").write_bytes(b"")
    return ["br/br.gif is no GIF", "ch/metadata.json is no JSON", "de/metadata.json lacks",
            "fr/fr.gif is missing", "np/np.gif is no GIF"]


@case("malformed fixtures are all named with their paths, status 65")
def malformed():
    with tempfile.TemporaryDirectory() as folder:
        words = broken_fixtures(folder)
        for arguments in (["--ports", "0"], ["draw", "error"]):
            result = flagserver(*arguments, "--fixtures", f"{folder}/fixtures")
            equal(result.returncode, 65, f"status of {arguments} ({result.stderr})")
            for word in words:
                check(f"{folder}/fixtures/flags/{word}" in result.stderr,
                      f"{word!r} is not in {result.stderr!r}")


@case("metadata.json that is a list, a text or has a number for country is malformed too")
def metadata():
    for text in ('[]', '"x"', '{"country": 5}', '{"country": null}', '', '{"country": "x"} y'):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(FLAGS / "br", Path(folder) / "flags/br")
            (Path(folder) / "flags/br/metadata.json").write_text(text)
            result = flagserver("--ports", "0", "--fixtures", folder, seconds=10)
            equal(result.returncode, 65, f"status with {text!r} ({result.stderr})")
            check("br/metadata.json" in result.stderr, result.stderr)


@case("every option has its environment twin, and the option wins")
def twins():
    environment = {"FLAGSERVER_SEED": "42", "FLAGSERVER_ERROR_RATE": "1", "FLAGSERVER_DELAY": "0"}
    result = flagserver("draw", "error", "-n", "5", env=environment)
    plain = flagserver("draw", "error", "-n", "5", "--seed", "42", "--error-rate", "1",
                       "--delay", "0")
    equal(result.stdout, plain.stdout, "drawn with FLAGSERVER_… instead of options")
    result = flagserver("draw", "error", "-n", "5", "--seed", "7", env=environment)
    plain = flagserver("draw", "error", "-n", "5", "--seed", "7", "--error-rate", "1",
                       "--delay", "0")
    equal(result.stdout, plain.stdout, "drawn with --seed over FLAGSERVER_SEED")
    result = flagserver("draw", "error", env={"FLAGSERVER_ERROR_RATE": "25"})
    equal(result.returncode, 64, "status of a bad FLAGSERVER_ERROR_RATE")


@case("draw takes serve's options, prints one line a request, and opens no socket")
def draws():
    rows = draw("error", "--seed", "42", "-n", "500")
    equal(len(rows), 194, "rows for -n 500")
    rows = draw("error", "--seed", "42", "--target", "/flags/br/br.gif", "-n", "5")
    equal([row[:2] for row in rows], [("/flags/br/br.gif", n) for n in range(1, 6)], "attempts")
    equal({row[2:] for row in draw("local", "-n", "194")}, {(200, 0.0)}, "LOCAL's fates")
    result = flagserver("draw", "error", "--seed", "42", "--log-format", "json", "-n", "3")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    equal(sorted(rows[0]), ["attempt", "delay_ms", "status", "target"], "keys of a JSON row")
    result = flagserver("draw", "error", "--error-mode", "exact", "-n", "20", "--seed", "1")
    numbers = [line.split("\t")[:2] for line in result.stdout.splitlines()]
    equal(numbers, [["exchange", str(n)] for n in range(1, 21)], "rows of the exact mode")


@case("the ready file tells pid, seed, URLs and ports, and goes away with the server")
def ready():
    with Server("--seed", "99", "--ports", "0") as server:
        equal(server.pid, server.process.pid, "pid")
        equal(server.seed, 99, "seed")
        equal(sorted(server.urls), ["chaos", "control", "delay", "error", "fault", "local"], "servers")
        for name, url in server.urls.items():
            path = "" if name in ("control", "fault") else "/flags"
            check(re.fullmatch(rf"http://[^/]+:{server.ports[name]}{path}", url), url)
        others = [p.name for p in server.folder.iterdir()
                  if p.name not in ("ready.json", "stderr")]
        equal(others, [], "files beside the ready file")
        server.stop()
        check(not server.ready_file.exists(), "the ready file stays behind")


@case("a server that is switched off neither listens nor is announced")
def switched_off():
    ports = "local=0,delay=off,error=off,chaos=off,fault=off"
    with Server("--control", "off", ports=ports) as server:
        equal(sorted(server.urls), ["local"], "servers in the ready file")
        wait_until(lambda: "server=local" in server.log(), "the banner")
        for words in ("server=delay", "server=chaos", "server=fault", "control="):
            check(words not in server.log(), f"the banner shows {words}")


@case("the seed is printed and in the ready file, and repeats the fates of a random one")
def random_seed():
    with Server() as server:
        wait_until(lambda: f"seed={server.seed}" in server.log(), "the seed in the banner")
        first = server.seed
    with Server("-q") as server:
        check(server.seed != first, "two random seeds are the same")
        equal(server.log(), "", "what -q leaves of the banner")


def on_terminal(env=None, *options):
    """What a terminal shows of a server with one request, as bytes."""
    leader, follower = pty.openpty()
    try:
        with Server(*options, stderr=follower, env=env) as server:
            with Wire(server) as wire:
                wire.send(PROBE)
                wire.answer()
            server.stop()
        time.sleep(0.05)
        os.set_blocking(leader, False)
        shown = b""
        while True:
            try:
                shown += os.read(leader, 65536)
            except BlockingIOError:
                return shown.decode()
    finally:
        os.close(leader)
        os.close(follower)


@case("a terminal gets a banner for people, with colour unless NO_COLOR or --color never says no")
def terminal():
    shown = on_terminal()
    for word in ("LOCAL   http://localhost:", "DELAY   http://localhost:", "Ctrl-C stops",
                 "25 % → 418 / 503, 50 % → 0.5 s", "194 flags from", "1 requests in"):
        check(word in shown, f"{word!r} is not in {shown!r}")
    check("\x1b[" in shown, "no colour on a terminal")
    check("\x1b[" not in on_terminal({"NO_COLOR": "1"}), "colour with NO_COLOR")
    check("\x1b[" not in on_terminal(None, "--color", "never"), "colour with --color never")
    check("\x1b[" in on_terminal({"NO_COLOR": ""}), "NO_COLOR that is empty counts as unset")
    check("\x1b[" in on_terminal({"NO_COLOR": "1"}, "--color", "always"), "always wins")


@case("off a terminal there is no colour, and one key=value line per server and request")
def pipe():
    with Server() as server:
        with Wire(server) as wire:
            wire.send(PROBE)
            wire.answer()
        server.stop()
        lines = server.log().splitlines()
    check("\x1b" not in "".join(lines), "colour off a terminal")
    equal(sum(line.startswith("server=") for line in lines), 5, "lines of the banner")
    found = [line for line in lines if "target=/flags/br/metadata.json" in line]
    equal(len(found), 1, "lines of the access log")
    for word in ("proxy=local", "method=GET", "status=200", "end=keep"):
        check(word in found[0], f"{word} is not in {found[0]}")


@case("every line of the JSON log is JSON, also for targets with odd characters")
def json_log():
    with Server("--log-format", "json", "--delay", "0") as server:
        targets = ["/a'b", "/%22%5c", "/a?b=c&d=%0a", "/" + "x" * 4000, "/flags/br/br.gif"]
        with Wire(server, "error") as wire:
            for target in targets:
                wire.send(request(target=target))
                wire.answer()
        server.stop()
        records = server.records("error")
    equal([record["target"] for record in records], targets, "targets as sent")
    for key in ("t", "conn", "exchange", "client", "method", "attempt", "seed", "faults",
                "status", "delay_ms", "duration_ms", "in_flight", "end"):
        check(key in records[0], f"no {key} in {records[0]}")


@case("the last line tells the truth: requests, errors injected, peak and unplanned errors")
def farewell():
    with Server("--seed", "7", "--delay", "0") as server:
        with Wire(server, "error") as wire:
            for row in draw("error", "--seed", "7", "--delay", "0", "-n", "40"):
                wire.send(request(target=row[0]))
                wire.answer()
        server.stop()
        last = server.log().splitlines()[-1]
    errors = sum(r[2] != 200 for r in draw("error", "--seed", "7", "--delay", "0", "-n", "40"))
    for word in ("40 requests in", f"injected {errors} of 40", "target 25 %",
                 "peak concurrency 1", "unplanned errors 0"):
        check(word in last, f"{word!r} is not in {last!r}")


main()
