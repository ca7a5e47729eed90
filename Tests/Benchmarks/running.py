"""Runs the scenarios: which servers, in which order, under which load."""

import dataclasses
import importlib
import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import time

from judging import Results
from peers import characters, downloaders, names, proxies, sites
from processes import Failure, end, end_all, output_of, server_port, spawn
from rows import ROWS
from scenarios import SCENARIOS

HERE = pathlib.Path(__file__).resolve().parent
GIF_BYTES = 12_000         # the flag whose size is nearest is the one that is asked for
DESCRIPTORS_SPARE = 600    # open files that a server needs besides its connections
LOAD_SPARE_SECONDS = 90    # opening connections and reporting; longer is an error
MINUTES_MAX = 43           # of all that is measured: a slow machine gets fewer rounds
PROGRAMS = ("load", "relayload", "limit", "relaylimit", "spin")

KINDS = (sites.FlagServer, sites.BareFlagServer, sites.JournalingFlagServer,
         sites.CrowdedFlagServer, sites.DrawnFlagServer, sites.Nginx, sites.H2O, sites.Book,
         sites.Limit, proxies.FlagServerProxy, proxies.LoggedFlagServerProxy, proxies.NginxProxy,
         proxies.HAProxy, proxies.SplicingHAProxy, proxies.Toxiproxy, proxies.RelayLimit,
         *characters.KINDS, *downloaders.KINDS, *names.KINDS)


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.started = time.monotonic()
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
        wanted = {(each.role, name) for each in self.scenarios for name in each.servers}
        made = {}
        for kind in KINDS:
            if (kind.role, kind.name) not in wanted:
                continue
            reason = "not asked for" if kind.name not in self.options.servers else ""
            reason = reason or kind.missing(self.options)
            if reason:
                self.results.notes.append(f"skipped: {kind.name} as {kind.role}, {reason}")
            else:
                made[kind.role, kind.name] = kind(self)
        return made

    def taking_part(self, scenario):
        keys = [(scenario.role, name) for name in scenario.servers]
        return [self.servers[key] for key in keys if key in self.servers]

    def scaled(self, scenario):
        """The scenario with no more connections than open files allow."""
        each = 2 if scenario.role == "proxy" else 1
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
        text = (HERE / "peers" / name).read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        (directory / name).write_text(text)

    def note_files(self):
        size = (self.fixtures / self.paths["gif"][1:]).stat().st_size
        if not 0.75 < size / GIF_BYTES < 1.25:
            self.results.notes.append(f"the goals are for a flag of {GIF_BYTES} B, not {size} B")

    def heading(self):
        versions = ", ".join(dict.fromkeys(f"{name} {server.version()}" for (_, name), server
                                           in self.servers.items() if server.version()))
        sizes = ", ".join(f"{path} {(self.fixtures / path[1:]).stat().st_size} B"
                          for path in self.paths.values())
        options = self.options
        return [versions, sizes, f"{options.rounds} rounds of {options.seconds:g} s after "
                f"{options.warm_up:g} s, servers on core {self.server_core}, load on core "
                f"{self.load_core}, {platform.system()} {platform.release()}"]

    # Running

    def run(self):
        """Rates last and in turns; what has a server of its own before, one after the other."""
        rates = [each for each in self.scenarios if each.kind == "rate"]
        for scenario in self.scenarios:
            if scenario.kind != "rate" and self.taking_part(scenario):
                self.run_alone(scenario)
        importlib.import_module("kinds.rate").run(self, rates)
        self.begin("")
        minutes = (time.monotonic() - self.started) / 60
        self.results.notes.append(f"it took {minutes:.1f} minutes")

    def run_alone(self, scenario):
        """What fails here takes only its own rows with it."""
        self.sample_noise(scenario)
        try:
            importlib.import_module(f"kinds.{scenario.kind}").run(self, scenario)
        except Failure as failure:
            self.results.fail(scenario, failure)
            end_all()
        self.sample_noise(scenario)

    def seconds_left(self):
        return self.started + 60 * MINUTES_MAX - time.monotonic()

    def begin(self, step):
        self.step = step
        if sys.stderr.isatty():
            print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)

    def sample_noise(self, scenario):
        """While nothing of ours has anything to do."""
        argv = [self.directory / "bin" / "spin", *sorted(set(self.options.cores))]
        self.results.noise.add(scenario.name, output_of(argv).splitlines())

    # The load generator

    def start_load(self, scenario, server, seconds=None, **streams):
        program, *rest = server.load_argv(scenario)
        argv = [self.directory / "bin" / program, "-m", scenario.mode, "-c",
                scenario.connections, "-d", seconds or self.options.seconds, "-w",
                self.options.warm_up, "-p", ",".join(map(str, server.pids())), *rest]
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
    for name in PROGRAMS:
        argv = [compiler, "-O2", "-std=gnu17", "-Wall", "-Wextra", "-o", str(directory / name),
                str(HERE / "programs" / f"{name}.c")]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"{name}.c does not compile:\n{done.stderr}")
