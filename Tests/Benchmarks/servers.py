"""The web servers under test."""

import http.client
import os
import shlex
import shutil
import subprocess
import time

from processes import (Failure, clean_environment, cpu_ticks, end, free_ports, output_of, spawn,
                       with_descendants)
from scenarios import DELAY, IDLE_PROXIES, JOURNAL_RECORDS

START_SECONDS_MAX = 10


class Server:
    """A program under test, named by `name` and by what it does ("site" or "proxy"). `start` may
    be called again after `stop`."""

    name = ""
    role = ""

    def __init__(self, bench):
        self.bench = bench
        self.directory = bench.directory / f"{self.role}-{self.name}"
        self.directory.mkdir()
        self.process = None

    def argv(self):
        """The command line, on ports that it chooses."""
        raise NotImplementedError

    def reach(self):
        """Something that works once it has started; raises OSError before."""
        raise NotImplementedError

    def check(self):
        """What is fast must also be right."""
        raise NotImplementedError

    def fill(self):
        """Lets it take the memory that it keeps however many connections there are."""

    @classmethod
    def missing(cls, options):
        """Why it cannot take part, or nothing."""
        return ""

    def version(self):
        return ""

    def start(self):
        """Returns the seconds from before the fork (about 1 ms) to the end of an answer."""
        for attempt in range(3):   # a port may be lost to somebody else
            argv = self.argv()
            with open(self.directory / "log", "wb") as log:
                started = time.monotonic()
                self.process = spawn(argv, self.bench.server_core, cwd=self.directory,
                                     env=clean_environment(), stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=log)
            if self.wait_until_reached(started + START_SECONDS_MAX):
                return time.monotonic() - started
            self.stop()
        log = (self.directory / "log").read_text(errors="replace").strip()[-2000:]
        raise Failure(f"{self.name} does not start: "
                      f"{shlex.join(map(str, argv))[:1000]}\n{log}")

    def wait_until_reached(self, deadline):
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self.reach()
                return True
            except OSError:
                time.sleep(0.0002)
        return False

    def stop(self):
        if self.process:
            end(self.process)
        self.process = None

    def pids(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.bench.step}: {self.name} has ended with status "
                          f"{self.process.returncode}")
        return with_descendants(self.process.pid)

    def settle(self):
        """Waits until the server has dealt with the end of a run: it shares its core with the
        next one."""
        deadline, before = time.monotonic() + 3, -1
        while time.monotonic() < deadline:
            ticks = cpu_ticks(self.pids())
            if ticks == before:
                return
            before = ticks
            time.sleep(0.1)


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
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", self.bench.paths[file])
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def fill(self):
        """As many requests as a journal keeps records of."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        for _ in range(JOURNAL_RECORDS):
            connection.request("GET", self.bench.paths["json"])
            connection.getresponse().read()
        connection.close()

    def load_argv(self, scenario):
        """The load generator's command line, but for what all have in common."""
        size = (self.bench.fixtures / self.bench.paths[scenario.file][1:]).stat().st_size
        port = self.delay_port if scenario.delayed else self.port
        delay = ["--expect-delay", DELAY] if scenario.delayed else []
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

    @classmethod
    def missing(cls, options):
        if not os.access(options.flagserver, os.X_OK):
            raise Failure(f"there is no program {options.flagserver}. Build it with "
                          "'swift build -c release', or name it with --flagserver.")
        return ""

    def argv(self):
        # The control port is on, as everybody has it, but not on the usual port.
        self.port, self.delay_port, error, control = free_ports(4)
        ports = f"local={self.port},delay={self.delay_port},error={error},chaos=off"
        return flagserver_argv(self.bench, ports, control) + ["-q", "--delay", f"{DELAY:g}"]

    def version(self):
        return output_of([self.bench.options.flagserver, "--version"]).strip()

    def check(self):
        super().check()
        started = time.monotonic()
        self.fetch("gif", delayed=True)
        took = time.monotonic() - started
        if not DELAY <= took < DELAY + 0.5:
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


class Nginx(WebServer):
    name = "nginx"

    @classmethod
    def missing(cls, options):
        if shutil.which("nginx"):
            return ""
        return "not installed" + how_to_install("nginx-light")

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


def how_to_install(package):
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return ""
    return (f". To have it: apt-get install {package} (with a policy-rc.d that exits 101, or it"
            " may start as a service)")


class Limit(WebServer):
    name = "limit"

    def argv(self):
        self.port, = free_ports(1)
        return [self.bench.directory / "bin" / "limit", self.port, self.bench.fixtures]
