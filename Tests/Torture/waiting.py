"""What waits with poll: for pipes that are empty or full, and a client for its daemon."""
import fcntl
import json
import os
import subprocess
import threading
import time

from parts import QUICK, check_lines, count_lines
from run import FLAG, START_SECONDS, STOP_SECONDS
from tracing import Traced, clean_environment, prepare_child

PIPE_BYTES = 4096


class Pipe:
    """A FIFO whose far end is here from the beginning, in no hurry. A context manager."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path, self.descriptor = path, os.open(path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self.descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = None

    def write_late(self, text, seconds=0.3):
        """Says it when somebody has waited for it, and that it was all."""
        descriptor, self.descriptor = self.descriptor, None

        def write():
            time.sleep(seconds)
            with os.fdopen(descriptor, "w") as pipe:
                pipe.write(text)
        threading.Thread(target=write).start()

    def drain(self, file):
        """Into a file, all that there is."""
        with open(file, "ab") as copy:
            try:
                while True:
                    copy.write(os.read(self.descriptor, 1 << 16))
            except BlockingIOError:
                pass


def pipes(run):
    """The configuration comes late through a pipe, and the journal goes into one that is full."""
    copy = run.folder / "journal.copy"
    config, journal = Pipe(run.folder / "config"), Pipe(run.folder / "journal")
    with config, journal:
        config.write_late("seed: 7\n")
        if not run.start("--ports", "0", "--config", config.path, "--journal", journal.path):
            return
        for _ in range(20):
            if not run.expect("local", content=FLAG.read_bytes()):
                break
        time.sleep(0.3)
        journal.drain(copy)
        run.probe()
        run.until(lambda: journal.drain(copy) or copy.read_bytes().count(b"\n") >= run.complete,
                  "all lines of the journal")
        # A pipe cannot be cut back: half a line, behind which nothing comes, is one that is missing.
        lines = copy.read_bytes()
        copy.write_bytes(lines[:lines.rfind(b"\n") + 1])
        check_lines(run, copy)
        run.stop()


def asking(run):
    """A client, whose calls fail, asks a daemon, whose calls do not, for its journal."""
    run.ends_itself = True
    with subprocess.Popen(
            [run.program, *QUICK, "--quiet", "--ready-file", run.ready_file], cwd=run.folder,
            env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=prepare_child) as daemon:
        try:
            _ask(run)
        finally:
            daemon.kill()
    run.ready_file.unlink(missing_ok=True)


def _ask(run):
    end = time.monotonic() + START_SECONDS
    while not run.ready_file.exists() and time.monotonic() < end:
        time.sleep(0.005)
    run.ready = json.loads(run.ready_file.read_text())
    for _ in range(3):
        run.expect("local")
    run.traced = Traced(
        [run.program, "journal", "proxy=local", "--url", run.ready["urls"]["control"]],
        run.folder, run.injection)
    run.status = run.traced.wait(STOP_SECONDS)
    told = run.traced.out_file
    check_lines(run, told)
    if run.status is None:
        run.findings.append(f"hang: the client still runs after {STOP_SECONDS} s")
    elif run.status:
        run.failures.append(f"exit status {run.status} of the client")
    elif count_lines(told) != run.complete:
        run.findings.append(f"lie: exit status 0 and {count_lines(told)} of {run.complete} records")
