"""Runs the scenarios: which servers, in which order, under which load."""

import dataclasses
import http.client
import json
import os
import pathlib
import platform
import resource
import shutil
import socket
import subprocess
import sys
import time

from judging import Results
from processes import Failure, anonymous_kb, end, resident_kb, server_port, spawn
from proxies import (FlagServerProxy, HAProxy, LoggedFlagServerProxy, NginxProxy,
                     SplicingHAProxy)
from scenarios import ROWS, SCENARIOS
from servers import (BareFlagServer, CrowdedFlagServer, FlagServer, JournalingFlagServer, Limit,
                     Nginx)

HERE = pathlib.Path(__file__).resolve().parent
GIF_BYTES = 12_000         # the flag whose size is nearest is the one that is asked for
DESCRIPTORS_SPARE = 600    # open files that a server needs besides its connections
LOAD_SPARE_SECONDS = 90    # opening connections and reporting; longer is an error
CONTROL_REQUESTS = 500     # of each kind in one round of row 19

KINDS = (FlagServer, BareFlagServer, JournalingFlagServer, CrowdedFlagServer, Nginx, Limit,
         FlagServerProxy, LoggedFlagServerProxy, NginxProxy, HAProxy, SplicingHAProxy)


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.step = ""             # what is going on, for messages
        self.results = Results([row for row in ROWS
                                if not options.only or row.number in options.only])
        self.server_core, self.load_core = options.cores
        self.results.shares_core = self.server_core == self.load_core
        os.sched_setaffinity(0, {self.load_core})   # we must not disturb the servers either
        self.open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files, self.open_files))
        self.fixtures = (options.fixtures or HERE.parent.parent / "fixtures").resolve()
        self.paths = choose_files(self.fixtures)
        self.backend_port = server_port()
        compile_programs(directory / "bin")
        self.scenarios = [self.scaled(each) for each in self.needed()]
        self.servers = self.make_servers()   # (role, name) → server
        self.note_files()

    # Which servers and scenarios

    def needed(self):
        rows = self.results.rows
        names = {row.scenario for row in rows} | {row.base for row in rows}
        return [each for each in SCENARIOS if each.name in names]

    def make_servers(self):
        wanted = {(role_of(each), name) for each in self.scenarios for name in each.servers}
        made = {}
        for kind in KINDS:
            if (kind.role, kind.name) not in wanted:
                continue
            reason = "not asked for" if kind.name not in self.options.servers else ""
            reason = reason or kind.missing(self.options)
            if reason:
                self.results.notes.append(f"{kind.name} as {kind.role}: {reason}; its column is "
                                          "empty")
            else:
                made[kind.role, kind.name] = kind(self)
        if any(role == "proxy" for role, _ in wanted):
            self.results.notes.append("toxiproxy: skipped, Debian does not have it")
        return made

    def taking_part(self, scenario):
        keys = [(role_of(scenario), name) for name in scenario.servers]
        return [self.servers[key] for key in keys if key in self.servers]

    def scaled(self, scenario):
        """The scenario with no more connections than open files allow."""
        each = 2 if scenario.is_of_proxies else 1
        most = max(1, (self.open_files - DESCRIPTORS_SPARE) // each)
        if scenario.connections <= most:
            return scenario
        self.results.scaled_down.add(scenario.name)
        self.results.notes.append(f"{scenario.name}: only {most} connections, because "
                                  f"{self.open_files} files may be open")
        return dataclasses.replace(scenario, connections=most)

    def fill_in(self, name, directory, **values):
        """Writes a configuration file with its @NAMES@ filled in."""
        values = {"BACKEND": self.backend_port, "OPEN_FILES": self.open_files,
                  "CONNECTIONS": min(20_000, self.open_files),
                  "PAIRS": (self.open_files - DESCRIPTORS_SPARE) // 3} | values
        text = (HERE / name).read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        (directory / name).write_text(text)

    def note_files(self):
        size = (self.fixtures / self.paths["gif"][1:]).stat().st_size
        if not 0.75 < size / GIF_BYTES < 1.25:
            self.results.notes.append(f"the goals are for a flag of {GIF_BYTES} B, not {size} B")

    def heading(self):
        versions = ", ".join(f"{name} {server.version()}".strip()
                             for (_, name), server in self.servers.items() if server.version())
        sizes = ", ".join(f"{path} {(self.fixtures / path[1:]).stat().st_size} B"
                          for path in self.paths.values())
        options = self.options
        return [versions, sizes, f"{options.rounds} rounds of {options.seconds:g} s after "
                f"{options.warm_up:g} s, servers on core {self.server_core}, load on core "
                f"{self.load_core}, {platform.system()} {platform.release()}"]

    # Running

    def run(self):
        rate = [each for each in self.scenarios if each.kind == "rate"]
        for scenario in self.scenarios:
            if scenario.kind != "rate":
                getattr(self, "run_" + scenario.kind)(scenario)
        for server in {id(each): each for scenario in rate
                       for each in self.taking_part(scenario)}.values():
            server.start()
            server.check()
        for number in range(self.options.rounds):
            for scenario in rate:
                self.run_rate(scenario, f"round {number + 1}/{self.options.rounds}")
        self.begin("")

    def begin(self, step):
        self.step = step
        if sys.stderr.isatty():
            print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)

    def run_rate(self, scenario, label):
        for server in self.taking_part(scenario):
            self.begin(f"{label}: {scenario.name}, {server.name}")
            found = self.finish_load(self.start_load(scenario, server))
            self.results.keep(scenario, server, flat(found, scenario))
            server.settle()

    def run_start(self, scenario):
        for number in range(max(5, self.options.rounds)):
            for server in self.taking_part(scenario):
                self.begin(f"start {number + 1}: {server.name}")
                seconds = server.start()
                rss = resident_kb(server.pids())
                self.results.keep(scenario, server, {"start_ms": seconds * 1e3, "rss_kb": rss})
                server.stop()

    def run_idle(self, scenario):
        """Memory per connection that has had an answer and says no more."""
        for server in self.taking_part(scenario):
            self.begin(f"{scenario.name}: {server.name}")
            before = self.start_for_memory(server)
            load = self.start_load(scenario, server, stdin=subprocess.PIPE)
            line = load.stdout.readline()   # bounded: the load generator gives up by itself
            after = anonymous_kb(server.pids())
            found = self.finish_load(load, line)
            self.results.keep(scenario, server,
                              {"bytes": per_connection(scenario, before, after),
                               "errors": found["errors"]})
            server.stop()

    def run_waiting(self, scenario):
        """Memory per connection that waits for a delayed answer: the most at any time."""
        for server in self.taking_part(scenario):
            self.begin(f"{scenario.name}: {server.name}")
            before = most = self.start_for_memory(server)
            load = self.start_load(scenario, server)
            while load.poll() is None:
                most = max(most, anonymous_kb(server.pids()))
                time.sleep(0.1)
            found = flat(self.finish_load(load), scenario)
            found["bytes"] = per_connection(scenario, before, most)
            self.results.keep(scenario, server, found)
            server.stop()

    def start_for_memory(self, server):
        """A fresh server, but not one that has yet to make its first buffers."""
        server.start()
        server.check()
        server.fill()
        server.settle()
        return anonymous_kb(server.pids())

    def run_control(self, scenario):
        """The control API while sessions are stuck."""
        for server in self.taking_part(scenario):
            self.begin(f"{scenario.name}: {server.name}")
            server.start()
            port = server.ports[scenario.toxic]
            backend = socket.create_server(("127.0.0.1", self.backend_port), backlog=4096)
            clients = [stuck_client(port) for _ in range(scenario.connections)]
            try:
                self.results.keep(scenario, server, control_times(server.control_port))
            finally:
                for each in (*clients, backend):
                    each.close()
                server.stop()

    # The load generator

    def start_load(self, scenario, server, **streams):
        program, *rest = server.load_argv(scenario)
        argv = [self.directory / "bin" / program, "-m", scenario.mode, "-c",
                scenario.connections, "-d", self.options.seconds, "-w", self.options.warm_up,
                "-p", ",".join(map(str, server.pids())), *rest]
        return spawn(argv, self.load_core, text=True, stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE, **streams)

    def finish_load(self, load, line=""):
        timeout = self.options.seconds + self.options.warm_up + LOAD_SPARE_SECONDS
        try:
            out, err = load.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.step}: the load generator does not come to an end") from None
        finally:
            end(load)
        if load.returncode != 0:
            raise Failure(f"{self.step}: the load generator gave up: {err.strip()}")
        return json.loads(line or out)


def role_of(scenario):
    return "proxy" if scenario.is_of_proxies else "site"


def flat(found, scenario):
    """One level of the load generators' JSON, under the names of FIELDS."""
    values = {"rate": found["requests_per_s"]}
    for field in ("requests", "errors", "first_error", "load_cpu", "cpu_us", "early",
                  "bytes_per_s", "cpu_s_per_gb"):
        if field in found:
            values[field] = found[field]
    for source, prefix in (("latency_us", ""), ("late_us", "late_")):
        for name, value in found.get(source, {}).items():
            values[f"{prefix}{name}_us"] = value
    if scenario.is_of_proxies and scenario.rate:
        values["rate_error"] = max(abs(found[field] / scenario.rate - 1) * 100
                                   for field in ("least_bytes_per_s", "most_bytes_per_s"))
    return values


def per_connection(scenario, before_kb, after_kb):
    return (after_kb - before_kb) * 1024 / scenario.connections


def stuck_client(port):
    """A connection whose answer will not come."""
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    client.sendall(b"hello")
    return client


def control_times(port):
    """Requests to Toxiproxy's API, which list everything and change what the sessions have."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    change = json.dumps({"attributes": {"timeout": 0}})
    requests = {"read": ("GET", "/proxies", None),
                "change": ("POST", "/proxies/stuck/toxics/timeout_downstream", change)}
    times = {kind: [] for kind in requests}
    for number in range(CONTROL_REQUESTS):
        for kind, (method, path, body) in requests.items():
            started = time.monotonic()
            connection.request(method, path, body)
            response = connection.getresponse()
            answer = response.read()
            times[kind].append((time.monotonic() - started) * 1e6)
            if response.status != 200:
                raise Failure(f"{method} {path}: {response.status} {answer[:200]!r}")
    return {f"{kind}_p99_us": sorted(each)[len(each) * 99 // 100]
            for kind, each in times.items()}


def choose_files(fixtures):
    """The URL paths of the flag whose size is nearest to GIF_BYTES, and of its metadata."""
    flags = [gif for gif in sorted(fixtures.glob("flags/*/*.gif"))
             if gif.stem == gif.parent.name and (gif.parent / "metadata.json").exists()]
    if not flags:
        raise Failure(f"there is no flags/<cc>/<cc>.gif with a metadata.json in {fixtures}")
    gif = min(flags, key=lambda path: abs(path.stat().st_size - GIF_BYTES))
    country = gif.parent.name
    return {"gif": f"/flags/{country}/{country}.gif", "json": f"/flags/{country}/metadata.json"}


def compile_programs(directory):
    directory.mkdir()
    compiler = os.environ.get("CC") or shutil.which("cc")
    if not compiler:
        raise Failure("there is no C compiler 'cc'")
    for name in ("load", "relayload", "limit"):
        argv = [compiler, "-O2", "-std=gnu17", "-Wall", "-Wextra", "-o", str(directory / name),
                str(HERE / f"{name}.c")]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"{name}.c does not compile:\n{done.stderr}")
