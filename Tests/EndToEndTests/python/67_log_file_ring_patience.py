"""--log-file, --ring and --keep-alive."""
import os
import signal
import tempfile
import time
import urllib.request
from pathlib import Path

from control import Control
from harness import Server, case, check, equal, flagserver, gif, main, wait_until
from wire import Wire, request


def fetch(server, code="br"):
    with urllib.request.urlopen(server.url("local", gif(code)), timeout=20) as answer:
        return answer.status


@case("--log-file: the log is appended there, not on stderr, and opened again at SIGHUP")
def log_file():
    with tempfile.TemporaryDirectory() as folder:
        path, old = Path(folder) / "log", Path(folder) / "log.1"
        path.write_text("of the last run\n")
        with Server("--log-file", path) as server:
            fetch(server)
            wait_until(lambda: "target=/flags/br/br.gif" in path.read_text(), "a line")
            text = path.read_text()
            check(text.startswith("of the last run\nversion=flagserver/"), text)
            os.rename(path, old)
            server.signal(signal.SIGHUP)
            wait_until(path.exists, "the new file")
            fetch(server, "fr")
            wait_until(lambda: "target=/flags/fr/fr.gif" in path.read_text(), "a line in it")
            check("target=/flags/fr" not in old.read_text(), "a line in the old one")
            equal(server.log(), "", "on stderr")
        check("requests in" in path.read_text(), "the last line")


@case("--log-file with --quiet has warnings and errors; what is wrong at the start is on stderr")
def quiet_log_file():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        with Server("-q", "--log-file", path, "--config", _config(folder)) as server:
            fetch(server)
            Path(folder, "flagserver.yaml").write_text("delay: x\n")
            server.signal(signal.SIGHUP)
            wait_until(lambda: "error: " in path.read_text(), "the error")
            check("target=" not in path.read_text(), path.read_text())
            equal(server.log(), "", "on stderr")
        result = flagserver("--log-file", f"{folder}/none/log", "--ports", "0")
        equal(result.returncode, 73, result.stderr)
        check("Create its directory first" in result.stderr, result.stderr)
        result = flagserver("--log-file", path, "--ports", "0", "--ready-file", "/nowhere/r")
        equal(result.returncode, 73, result.stderr)
        check("--ready-file" in result.stderr, result.stderr)
        result = flagserver(
            "run", "--log-file", path, "--expect", "local.requests==1", "--", "true")
        equal(result.returncode, 1, result.stderr)
        check("expected local.requests==1" in result.stderr, result.stderr)


def _config(folder):
    path = Path(folder) / "flagserver.yaml"
    path.write_text("delay: 0.1\n")
    return path


@case("--ring 5: the last five records, and the others are said to be forgotten")
def ring():
    with Server("-q", "--ring", "5") as server:
        for _ in range(12):
            fetch(server)
        control = Control(server.ports["control"])
        equal([record["seq"] for record in control.records(5)], [8, 9, 10, 11, 12], "records")
        reply = control.call("GET", "/journal")
        equal(reply.headers["X-Flagserver-Forgotten"], "7", "forgotten")


@case("--keep-alive 1s: a silent connection is closed then, and no answer under way is")
def keep_alive():
    with Server("-q", "--keep-alive", "1s", "--delay", "3") as server:
        with server.connect() as silent:
            start = time.monotonic()
            equal(silent.recv(1), b"", "the end")
            check(0.9 < time.monotonic() - start < 9, "the time")
        with Wire(server, "delay") as wire:
            wire.send(request("GET", gif("br")))
            equal(wire.answer().status, 200, "an answer that takes longer")


main()
