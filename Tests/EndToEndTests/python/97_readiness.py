"""Whoever waits for the servers: systemd's notifications, the ready file, and the unit that is shown."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from control import Control
from harness import (
    BINARY, FIXTURES, ROOT, Server, accepts, case, check, environment, equal, flagserver, gif,
    main, need, prepare_child, wait_until)
from wire import PROBE, Wire, request

NAMES = ("local", "delay", "error", "chaos", "fault")


@contextmanager
def folder():
    path = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
    try:
        # One country is enough, and there are many starts.
        shutil.copytree(FIXTURES / "flags" / "br", path / "fixtures" / "flags" / "br")
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Inbox:
    """Where systemd would listen: at a path, or at a name that is in no file system."""

    def __init__(self, place, is_abstract=False):
        self.name = f"@flagserver-e2e-{os.getpid()}-{place.name}" if is_abstract \
            else str(place / "notify")
        self.stream = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.stream.bind(self.name.replace("@", "\0", 1) if is_abstract else self.name)
        self.stream.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def next(self):
        """One notification as a dictionary; each line of it must be an assignment."""
        text = self.stream.recv(4096).decode()
        lines = text.splitlines()
        check(all(re.fullmatch(r"[A-Z_]+=.*", line) for line in lines), f"{text!r}")
        return dict(line.split("=", 1) for line in lines)

    def hears(self, *words):
        """The next notifications but those of the watchdog, which must be these."""
        heard = []
        for word in words:
            while "WATCHDOG" in (message := self.next()):
                pass
            check(message.get(word) == "1", f"wanted {word}=1, heard {message}")
            heard.append(message)
        return heard

    def forget(self):
        """How many notifications had come."""
        self.stream.settimeout(0)
        count = 0
        try:
            while self.stream.recv(4096):
                count += 1
        except BlockingIOError:
            self.stream.settimeout(20)
        return count

    def is_empty(self):
        self.stream.settimeout(0)
        try:
            raise AssertionError(f"nothing should be told, and it says {self.stream.recv(4096)}")
        except BlockingIOError:
            self.stream.settimeout(20)


def started(place, *options, env, **more):
    return Server("-q", *options, env=env, fixtures=place / "fixtures", **more)


def check_accepting(ready_file):
    """Every port that the file names, at both loopbacks, now."""
    ports = json.loads(ready_file.read_text())["ports"]
    equal(set(ports), {*NAMES, "control"}, "the servers in the ready file")
    for name, port in ports.items():
        for host in ("127.0.0.1", "::1"):
            check(accepts(port, host), f"{name} does not accept at {host} yet")


def notified(place, inbox, *options):
    return subprocess.Popen(
        [BINARY, "-q", "--ports", "0", "--fixtures", str(place / "fixtures"), "--ready-file",
         str(place / "ready.json"), *options],
        cwd=place, env=environment({"NOTIFY_SOCKET": inbox.name}), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=prepare_child())


@case("READY comes when every port accepts, at a path and at an abstract name")
def ready():
    for is_abstract in (False, True):
        with folder() as place, Inbox(place, is_abstract) as inbox:
            process = notified(place, inbox)
            try:
                message, = inbox.hears("READY")
                check_accepting(place / "ready.json")
                equal(message["STATUS"], "6 servers are listening", "the status")
                process.send_signal(signal.SIGTERM)
                inbox.hears("STOPPING")
                equal(process.wait(15), 0, "exit status")
                inbox.is_empty()
            finally:
                process.kill()
                process.wait()


@case("who cannot start is never READY, and leaves no ready file")
def never_ready():
    with folder() as place, Inbox(place) as inbox, socket.create_server(
            ("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        (place / "bad.yaml").write_text("sed: 1\n")
        for options, status in (
            (["--ports", f"local=0,delay=0,error=0,chaos={busy},fault=0"], 69),
            (["--config", "bad.yaml"], 78), (["--control", str(busy)], 69),
            (["--proxy", f"127.0.0.1:{busy}=localhost:1"], 69), (["--fixtures", "none"], 66),
        ):
            process = notified(place, inbox, *options)
            equal(process.wait(20), status, f"exit status of {options}")
            inbox.is_empty()
            check(not (place / "ready.json").exists(), f"a ready file with {options}")


@case("a reload is RELOADING, with its time, and READY when what is new is live")
def reloading():
    with folder() as place, Inbox(place) as inbox:
        file = place / "x.yaml"
        file.write_text("delay: 5s\n")
        with started(place, "--config", file, env={"NOTIFY_SOCKET": inbox.name}) as server:
            server.expect_log("^error: not reloaded.*unknown key 'dealy'")
            inbox.hears("READY")
            for text, delay, mistakes in (
                ("delay: 1ms\n", 1, 0), ("dealy: 7ms\n", 1, 1), ("delay: 2ms\n", 2, 1),
            ):
                file.write_text(text)
                # Older than the request would be taken for an answer to another one.
                before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                server.signal(signal.SIGHUP)
                first, second = inbox.hears("RELOADING", "READY")
                moment = int(first["MONOTONIC_USEC"])
                after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                check(before <= moment <= after, f"{before} <= {moment} <= {after}")
                check("STATUS" in second, f"{second}")
                toxic, = Control(server.ports["control"]).json("GET", "/proxies/delay")["toxics"]
                equal(toxic["attributes"]["latency"], delay, f"the delay when it is READY: {text}")
                wait_until(lambda: server.log().count("not reloaded") == mistakes, "the message")


@case("STOPPING comes first at SIGTERM and SIGINT, while answers are still delivered")
def stopping():
    for number in (signal.SIGTERM, signal.SIGINT):
        with folder() as place, Inbox(place) as inbox:
            env = {"NOTIFY_SOCKET": inbox.name}
            with started(place, "--delay", "1.5", "--grace", "20s", env=env) as server:
                inbox.hears("READY")
                with Wire(server, "delay") as wire:
                    wire.send(PROBE)
                    wait_until(lambda: Control(server.ports["control"]).json(
                        "GET", "/concurrency")["proxies"]["delay"]["in_flight"], "the request")
                    server.signal(number)
                    inbox.hears("STOPPING")
                    check(server.is_alive(), "it has ended already")
                    equal(wire.answer().status, 200, "the answer that waited")
                equal(server.wait(), 0, "exit status")
            inbox.is_empty()


@case("WATCHDOG is told often enough, also under load, and only when it is asked for by us")
def watchdog():
    with folder() as place, Inbox(place) as inbox:
        env = {"NOTIFY_SOCKET": inbox.name, "WATCHDOG_USEC": "400000"}
        with started(place, env=env) as server, Wire(server) as wire:
            inbox.hears("READY")
            inbox.forget()
            start, count = time.monotonic(), 0
            while count < 6:
                wire.send(request(target=gif("br")) * 20)
                for _ in range(20):
                    wire.answer()
                count += inbox.forget()
            # Every 200 ms, by a timer that is never early.
            seconds = time.monotonic() - start
            check(seconds >= 0.99, f"six within {seconds} s")
    for more in ({"WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "often"},
                 {"WATCHDOG_USEC": "-1"}):
        with folder() as place, Inbox(place) as inbox:
            env = {"NOTIFY_SOCKET": inbox.name, "WATCHDOG_USEC": "10000", **more}
            with started(place, env=env):
                inbox.hears("READY")
                time.sleep(0.1)
                inbox.is_empty()


@case("the watchdog of this very process is fed, whatever is set for others")
def watchdog_of_ours():
    with folder() as place, Inbox(place) as inbox:
        # exec keeps the number of the process.
        script = f'WATCHDOG_PID=$$ exec "{BINARY}" "$@"'
        process = subprocess.Popen(
            ["sh", "-c", script, "x", "-q", "--ports", "0", "--fixtures", str(place / "fixtures")],
            env=environment({"NOTIFY_SOCKET": inbox.name, "WATCHDOG_USEC": "50000"}),
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=prepare_child())
        try:
            while "WATCHDOG" not in inbox.next():
                pass
        finally:
            process.kill()
            process.wait()


@case("a NOTIFY_SOCKET that is not there, is no socket or makes no sense harms nothing")
def odd_sockets():
    with folder() as place, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        (place / "file").write_text("")
        stream.bind(str(place / "stream"))
        stream.listen()
        for name in (place / "nobody", place / "no" / "folder", place / "file", place,
                     place / "stream", "", "relative", "@", "/", "/" + "x" * 107, "@" + "y" * 300,
                     "vsock:2:1234"):
            env = {"NOTIFY_SOCKET": str(name), "WATCHDOG_USEC": "1000"}
            with started(place, env=env) as server, Wire(server) as wire:
                wire.check_open()
                server.signal(signal.SIGHUP)
                wait_until(lambda: "reloaded" in server.log(), f"a reload with {name}")
                wire.check_open()


@case("nobody who does not read its notifications can hold the servers up")
def full_queue():
    with folder() as place, Inbox(place) as inbox:
        env = {"NOTIFY_SOCKET": inbox.name, "WATCHDOG_USEC": "200"}
        with started(place, env=env) as server, Wire(server) as wire:
            end = time.monotonic() + 1
            while time.monotonic() < end:
                wire.check_open()
            server.signal(signal.SIGHUP)
            wait_until(lambda: "reloaded" in server.log(), "a reload")
            wire.check_open()
            equal(server.stop(), 0, "exit status")


@case("the ready file appears whole, when every port accepts, and goes when it ends")
def ready_file():
    with folder() as place, Inbox(place) as inbox:
        file = place / "ready.json"
        for _ in range(3):
            process = notified(place, inbox)
            try:
                wait_until(file.exists, "the ready file", 20)
                check_accepting(file)
                ready = json.loads(file.read_text())
                equal(ready["pid"], process.pid, "the process")
                for path in ("/livez", "/readyz"):
                    equal(Control(ready["ports"]["control"]).call("GET", path).status, 200, path)
                inbox.hears("READY")
                process.terminate()
                equal(process.wait(15), 0, "exit status")
                inbox.hears("STOPPING")
                check(not file.exists(), "the file is still there")
            finally:
                process.kill()
                process.wait()


@case("flagserver run is READY before its command runs, and STOPPING after it")
def with_run():
    with folder() as place, Inbox(place) as inbox:
        result = flagserver(
            "run", "--fixtures", place / "fixtures", "--", "sh", "-c", "echo $FLAGS_LOCAL_URL",
            env={"NOTIFY_SOCKET": inbox.name})
        equal(result.returncode, 0, f"the run ({result.stderr})")
        check(result.stdout.startswith("http://"), result.stdout)
        inbox.hears("READY", "STOPPING")
        inbox.is_empty()


@case("the unit that is shown is one that systemd takes")
def unit():
    need("systemd-analyze")
    text = (ROOT / "docs/recipes.md").read_text()
    units = re.findall(r"```ini\n(# /etc/systemd/system/flagserver\.service\n.*?)```", text, re.S)
    equal(len(units), 1, "units in docs/recipes.md")
    with folder() as place:
        check("/usr/local/bin/flagserver " in units[0], "the program is not where make puts it")
        (place / "flagserver.service").write_text(
            units[0].replace("/usr/local/bin/flagserver", BINARY))
        result = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(place / "flagserver.service")],
            env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=60)
        told = [line for line in result.stdout.splitlines() if "flagserver" in line]
        equal((result.returncode, told), (0, []), "systemd-analyze verify")
        options = re.search(r"ExecStart=\S+ (.*)", units[0])[1].split()
        (place / "flagserver.yaml").write_text("ports: 0\n")
        options = [option.replace("/etc", str(place)) for option in options]
        with Server(*options, fixtures=place / "fixtures") as server, Wire(server) as wire:
            wire.check_open()


main()
