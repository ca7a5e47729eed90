"""The web servers under test."""

import http.client
import os
import pathlib
import platform
import shlex
import shutil
import sys
import time

from peers.server import Server
from processes import Failure, free_ports, output_of
from scenarios import (DELAY, DRAWN_DELAYS, IDLE_PROXIES, JITTERED, JOURNAL_RECORDS)

HOME = pathlib.Path(__file__).resolve().parent


class WebServer(Server):
    """A server of the fixtures."""

    role = "site"

    def __init__(self, bench):
        super().__init__(bench)
        self.port = self.delay_port = 0

    def reach(self):
        self.fetch("gif")

    def fetch(self, file, delayed=False):
        """One request by another client than load.c: status and body."""
        port = self.delay_port if delayed else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", self.bench.paths[file])
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def fill(self):
        """As many requests as a journal keeps records of."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        for _ in range(JOURNAL_RECORDS):
            connection.request("GET", self.bench.paths["json"])
            connection.getresponse().read()
        connection.close()

    def load_argv(self, scenario):
        """The load generator's command line, but for what all have in common."""
        size = (self.bench.fixtures / self.bench.paths[scenario.file][1:]).stat().st_size
        is_delayed = scenario.delay or scenario.told and not scenario.jitters
        port = self.delay_port if is_delayed else self.port
        delay = ["--expect-delay", scenario.delay] if scenario.delay else []
        delay += ["--expect-told", scenario.told] if scenario.told else []
        delay += ["--patience", scenario.patience] if scenario.patience else []
        return ["load", "-b", size, *delay,
                f"http://127.0.0.1:{port}{self.bench.paths[scenario.file]}"]

    def check(self):
        for file, path in self.bench.paths.items():
            if self.fetch(file) != (200, (self.bench.fixtures / path[1:]).read_bytes()):
                raise Failure(f"{self.name} does not answer {path} with the file's bytes")


def flagserver_argv(bench, ports, control=0):
    fixtures = ["--fixtures", bench.fixtures] if bench.options.fixtures else []
    return [bench.options.flagserver, *fixtures, "--ports", ports, "--control", control or "off",
            *shlex.split(bench.options.flagserver_options)]


class FlagServer(WebServer):
    name = "flagserver"
    delay = f"{DELAY:g}"

    @classmethod
    def missing(cls, options):
        if not os.access(options.flagserver, os.X_OK):
            raise Failure(f"there is no program {options.flagserver}. Build it with "
                          "'swift build -c release', or name it with --flagserver.")
        return ""

    def argv(self):
        # The control port is on, as everybody has it, but not on the usual port.
        self.port, self.delay_port, error, self.chaos_port, self.control_port = free_ports(5)
        ports = (f"local={self.port},delay={self.delay_port},error={error},"
                 f"chaos={self.chaos_port},fault=off")
        return flagserver_argv(self.bench, ports, self.control_port) + [
            "-q", "--delay", self.delay]

    def version(self):
        return output_of([self.bench.options.flagserver, "--version"]).strip().rpartition(" ")[2]

    def check(self):
        super().check()
        started = time.monotonic()
        self.fetch("gif", delayed=True)
        took = time.monotonic() - started
        if took < DELAY:   # load.c says whether it is late
            raise Failure(f"flagserver's DELAY server answers after {took:.3f} s, not {DELAY} s")


class BareFlagServer(FlagServer):
    """The same without records: nobody is there to ask for them."""

    name = "bare"

    def argv(self):
        argv = super().argv()
        argv[argv.index("--control") + 1] = "off"
        return argv

    def version(self):
        return "flagserver without records"


class JournalingFlagServer(FlagServer):
    """The same with a line of its journal for each request."""

    name = "journal"

    def argv(self):
        return super().argv() + ["--journal", self.directory / "journal.ndjson"]

    def version(self):
        return "flagserver with --journal FILE"

    def check(self):
        super().check()
        if self.dropped():
            raise Failure("the journal has lost lines")

    def dropped(self):
        log = (self.directory / "log").read_text(errors="replace")
        return "journal" in log


class CrowdedFlagServer(FlagServer):
    """The same with many proxies that nobody uses."""

    name = "crowded"

    def argv(self):
        argv = super().argv()
        for port in free_ports(IDLE_PROXIES):
            argv += ["--proxy", f"{port}=127.0.0.1:9"]
        return argv

    def version(self):
        return f"flagserver with {IDLE_PROXIES} idle proxies"


class DrawnFlagServer(FlagServer):
    """The same with drawn delays, on DELAY and, as latency with jitter, on LOCAL."""

    name = "drawn"
    delay = "{:g}..{:g}".format(*DRAWN_DELAYS)

    def argv(self):
        latency, jitter = (f"{seconds * 1000:g}ms" for seconds in JITTERED)
        return super().argv() + ["--toxic", f"local:latency latency={latency} jitter={jitter}"]

    def version(self):
        return f"flagserver with delays of {self.delay} s and jitter"


class Nginx(WebServer):
    name = "nginx"

    @classmethod
    def missing(cls, options):
        if shutil.which("nginx"):
            return ""
        return "not installed"

    def argv(self):
        self.port, = free_ports(1)
        self.bench.fill_in("nginx.conf", self.directory, PORT=self.port,
                           FIXTURES=self.bench.fixtures, FILE_CACHE=self.file_cache())
        return nginx_argv(self.directory, "nginx.conf")

    def version(self):
        version = output_of(["nginx", "-v"]).strip().rpartition("/")[2]
        return f"{version} (open_file_cache {self.file_cache()})"

    def file_cache(self):
        return "max=1000 inactive=1h" if self.bench.options.nginx_file_cache else "off"


def nginx_argv(directory, configuration):
    argv = ["nginx", "-e", "stderr", "-p", directory, "-c", configuration]
    if os.geteuid() == 0:   # else the worker becomes nobody and may not read the fixtures
        argv += ["-g", "user root;"]
    return argv


class H2O(WebServer):
    name = "h2o"

    @classmethod
    def missing(cls, options):
        return "" if shutil.which("h2o") else "not installed"

    def argv(self):
        self.port, = free_ports(1)
        user = "user: root" if os.geteuid() == 0 else ""   # as of nginx
        self.bench.fill_in("h2o.yaml", self.directory, PORT=self.port, USER=user,
                           FIXTURES=self.bench.fixtures)
        return ["h2o", "-m", "worker", "-c", "h2o.yaml"]

    def version(self):
        return output_of(["h2o", "--version"]).partition("\n")[0].rpartition(" ")[2]


class Book(WebServer):
    """What readers of the book have without us."""

    name = "book"

    def argv(self):
        self.port, = free_ports(1)
        return [sys.executable, HOME / "slow_server.py", self.port, self.bench.fixtures]

    def version(self):
        return f"as the book's, without its delay, Python {platform.python_version()}"


class Limit(WebServer):
    name = "limit"

    def argv(self):
        self.port, = free_ports(1)
        return [self.bench.directory / "bin" / "limit", self.port, self.bench.fixtures]
