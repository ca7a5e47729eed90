"""Starts the program for a long run, and reads what /proc tells of it."""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import time

from traffic import configuration


class Served:
    """flagserver on free ports, in a folder that it is given. A context manager."""

    def __init__(self, program, folder, env=None):
        self.folder, self.log_file = folder, folder / "stderr"
        self.config = folder / "flagserver.yaml"
        self.config.write_text(configuration(0))
        ready = folder / "ready.json"
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("FLAGS") and not name.lower().endswith("_proxy")}
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [str(program), "--ports", "0", "--delay", "0.02", "--seed", "7",
                 "--config", str(self.config), "--ready-file", str(ready), "-q",
                 "--journal", "/dev/null"],
                cwd=folder, env=kept | (env or {}), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log,
                preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))
        end = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise SystemExit(f"it does not start:\n{self.log()}")
            time.sleep(0.02)
        told = json.loads(ready.read_text())
        self.pid, self.ports = told["pid"], told["ports"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self, seconds=30):
        """SIGTERM: the exit status; None if it had to be killed."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def log(self):
        return self.log_file.read_text(errors="replace")

    def memory_kb(self):
        """The heap and the stacks."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
        return 0

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))
