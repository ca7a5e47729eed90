"""A program under test: how it starts, is known to work, and ends."""

import shlex
import subprocess
import time

from processes import Failure, clean_environment, cpu_ticks, end, spawn, with_descendants

START_SECONDS_MAX = 10


class Server:
    """A program under test, named by `name` and by what it does ("site" or "proxy"). `start` may
    be called again after `stop`."""

    name = ""
    role = ""

    def __init__(self, bench):
        self.bench = bench
        self.directory = bench.directory / f"{self.role}-{self.name}"
        self.directory.mkdir(exist_ok=True)
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
