"""Starts the real binary and judges what it does: shared by all stories in this folder.

A story is a script: functions marked with @case, and main() at its end. Exit status 0: all true;
1: the failures are listed; 77: something could not be tried, and the last line says why.

Servers are watched: aftermath.py says what they may leave behind. Of a case that fails, log and
journal are shown; KEEP=1 keeps the folder of each server, FLAGSERVER_KEEP=DIR keeps it there.
"""
from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from aftermath import Watched

ROOT = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("FLAGSERVER", str(ROOT / ".build/debug/flagserver"))
FIXTURES = ROOT / "fixtures"
FLAGS = FIXTURES / "flags"
CODES = sorted(folder.name for folder in FLAGS.iterdir() if folder.is_dir())
# A story that hangs says where, before whoever runs it loses patience (120 s).
STORY_SECONDS = 280


# Cases and checks

class Skip(Exception):
    """Something that the case needs is missing here."""


_cases = []


def case(sentence):
    """Marks a function as a case of the story; `sentence` is what must be true."""
    def register(function):
        _cases.append((sentence, function))
        return function
    return register


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def equal(found, wanted, what):
    check(found == wanted, f"{what}: wanted {wanted!r}, found {found!r}")


def wait_until(condition, what, seconds=10.0):
    """Polls; a generous bound, because only a hang may fail here."""
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"still not so after {seconds} s: {what}")
        time.sleep(0.01)


def need(program):
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")


def main():
    """Runs the cases in order (those that contain the words on the command line)."""
    faulthandler.dump_traceback_later(STORY_SECONDS, exit=True)
    words = sys.argv[1:]
    failures, skips = [], []
    for sentence, function in _cases:
        if all(word in sentence for word in words):
            _run(sentence, function, failures, skips)
    if failures:
        print(f"\n{len(failures)} failed:\n" + "\n".join(failures), flush=True)
        sys.exit(1)
    if skips:
        print("; ".join(dict.fromkeys(skips)), flush=True)
        sys.exit(77)


def _run(sentence, function, failures, skips):
    start = time.monotonic()
    try:
        function()
        word = "ok  "
    except Skip as reason:
        word = "skip"
        skips.append(str(reason))
    except Exception as error:  # whatever goes wrong in one case, the others are still tried
        word = "FAIL"
        here = str(Path(__file__).parent)
        frames = traceback.extract_tb(error.__traceback__)
        place = [frame for frame in frames if frame.filename.startswith(here)][-1]
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__} "
        origin = f" (line {place.lineno} of {Path(place.filename).name})" if kind else ""
        failures.append(f"- {sentence}: {kind}{error}{origin}")
    print(f"{word} {time.monotonic() - start:6.2f} s  {sentence}", flush=True)


# The binary

def environment(extra=None):
    """What is set around us (proxies, colours, options) must not reach the binary or a client."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith("FLAGSERVER") and name != "NO_COLOR"
        and not name.lower().endswith("_proxy")}
    kept.update(extra or {})
    return kept


def prepare_child(open_files=None, blocked=()):
    """For the child: it must not outlive us, whatever happens; its limits and blocked signals.

    The mask is set because it is inherited: threads of Swift's Dispatch, which start the stories,
    have nearly all signals blocked.
    """
    def prepare():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if open_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    return prepare


def flagserver(*arguments, cwd=None, env=None, seconds=20):
    """Runs a command that ends by itself: its status, stdout and stderr."""
    return subprocess.run(
        [BINARY, *map(str, arguments)], cwd=cwd or ROOT, env=environment(env), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=seconds, preexec_fn=prepare_child())


def draw(proxy, *arguments):
    """What `flagserver draw` foretells: rows of target, attempt, status (200: none), seconds.

    In the exact mode a row has "exchange", its number, and no delay, because that depends on the
    target: it is given as 0.
    """
    result = flagserver("draw", proxy, *arguments, "--fixtures", FIXTURES)
    equal(result.returncode, 0, f"exit status of draw ({result.stderr})")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    return [
        (target, int(attempt), 200 if status == "-" else int(status),
         0.0 if delay == "-" else float(delay) / 1000)
        for target, attempt, status, delay in rows]


class Server(Watched):
    """A running flagserver on free ports, with a folder of its own. A context manager that stops
    it and holds it to a clean exit, without anything left that was not expected."""

    def __init__(
        self, *options, fixtures=FIXTURES, ports="0", env=None, stdout=None, stderr=None,
        open_files=None, blocked=(), quiet_exit=False, expects_unplanned=0, expects_log=()
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
        self.log_file = self.folder / "stderr"
        self.ready_file = self.folder / "ready.json"
        self.expects_clean_exit = not quiet_exit
        words = [str(option) for option in options]
        self.is_quiet = "-q" in words or "--quiet" in words
        if "--control-token" in words:
            self.control_token = words[words.index("--control-token") + 1]
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, *(["--ports", ports] if ports else []),
                 "--ready-file", str(self.ready_file), "--fixtures", str(fixtures), *words],
                cwd=self.folder, env=environment(env), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if stdout is None else stdout,
                stderr=log if stderr is None else stderr,
                preexec_fn=prepare_child(open_files, blocked))
        self._await_ready()
        self.expect_unplanned(expects_unplanned)
        self.expect_log(*expects_log)

    def _await_ready(self):
        wait_until(
            lambda: self.ready_file.exists() or self.process.poll() is not None,
            "the ready file", seconds=30)
        check(
            self.process.poll() is None,
            f"the server ended with {self.process.returncode}: {self.log()}")
        ready = json.loads(self.ready_file.read_text())
        self.ready = ready
        self.pid, self.seed = ready["pid"], ready["seed"]
        self.urls, self.ports = ready["urls"], ready["ports"]
        self.control_port = self.ports.get("control")
        self.watch()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        was_running = self.process.poll() is None
        is_judged = kind is None and self.expects_clean_exit
        _finish(self, kind, was_running and is_judged, lambda: self.stop())
        status = self.process.returncode
        if is_judged:
            check(not was_running or status == 0, f"exit status {status} after SIGTERM")
            check(was_running or status == 0, f"the server had died: {status}")

    def stop(self, number=signal.SIGTERM, seconds=15):
        """Asks it to end, and makes it end if it does not."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait(seconds)

    def wait(self, seconds=15):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end within {seconds} s") from None

    def signal(self, number):
        self.process.send_signal(number)

    def url(self, proxy, path=""):
        return self.urls[proxy].removesuffix("/flags") + path

    def connect(self, proxy="local", host="127.0.0.1", seconds=10):
        stream = socket.create_connection((host, self.ports[proxy]), timeout=seconds)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def records(self, proxy=None):
        """The access log of `--log-format json`, one dictionary per exchange."""
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        records = [json.loads(line) for line in lines]
        return [record for record in records if proxy in (None, record["proxy"])]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class Program(Watched):
    """flagserver as `arguments` say, without a ready file: it is ready when `port` accepts. A
    context manager that stops it and holds it to a clean exit, without anything left.

    `control_port`: that of our own API if it has one, so that it can be asked for more.
    """

    def __init__(
        self, *arguments, port, name=BINARY, env=None, cwd=None, control_port=None,
        expects_unplanned=0, expects_log=()
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
        self.port = port
        self.out_file, self.log_file = self.folder / "stdout", self.folder / "stderr"
        with open(self.out_file, "wb") as out, open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [str(name), *map(str, arguments)], cwd=cwd or self.folder, env=environment(env),
                stdin=subprocess.DEVNULL, stdout=out, stderr=log, preexec_fn=prepare_child())
        wait_until(
            lambda: self.process.poll() is not None or accepts(port), f"port {port}", seconds=20)
        check(self.is_alive(), f"it ended with {self.process.poll()}: {self.log()}")
        self.pid, self.control_port = self.process.pid, control_port
        self.watch()
        self.expect_unplanned(expects_unplanned)
        self.expect_log(*expects_log)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        _finish(self, kind, kind is None and self.is_alive(), self._stop)
        if kind is None:
            equal(self.process.returncode, 0, "exit status after SIGTERM")

    def _stop(self):
        if self.is_alive():
            self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self):
        """What it has written to stderr and to stdout."""
        return self.log_file.read_text(errors="replace") + self.out_file.read_text(errors="replace")


def _finish(program, kind, is_asked, stop):
    """Stops it, and judges what it has left; of a case that has failed it shows what was said.

    `kind`: of the exception that ends the case. `is_asked`: whether it runs, and can be asked.
    """
    failed = kind is not None and not issubclass(kind, Skip)
    problems = program.remains() if is_asked else []
    can_tell = program.control_port and program.process.poll() is None
    records = program.last_records() if can_tell else []
    Watched.by_control_port.pop(program.control_port, None)
    try:
        stop()
        if kind is None:
            problems += [] if is_asked else program.unplanned_at_end()
            problems += program.last_words()
    finally:
        if failed or problems or is_asked and program.process.returncode:
            program.show(records)
        program.clear(records)
    check(not problems, "; ".join(problems))


def accepts(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=10).close()
        return True
    except OSError:
        return False


def gif(code):
    """The target of a flag, as the first column of `draw` has it."""
    return f"/flags/{code}/{code}.gif"


def stored(path):
    """The bytes on disk of what is served at `path`."""
    return (FIXTURES / path.lstrip("/")).read_bytes()
