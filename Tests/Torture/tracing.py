"""flagserver under strace, which makes calls fail, and what can be seen of it from outside."""
import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class CannotTrace(Exception):
    """strace is not here, or may not trace: why."""


def check_strace():
    if not shutil.which("strace"):
        raise CannotTrace("strace is not installed")
    done = subprocess.run(
        ["strace", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", "trace=openat", "-e",
         "inject=openat:error=EMFILE:when=99", "true"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    if done.returncode:
        raise CannotTrace(f"strace cannot trace here: {done.stderr.strip()}")


def prepare_child():
    """For the child: it does not outlive us, and has no signals blocked."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def clean_environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith("FLAGS") and name != "NO_COLOR"
            and not name.lower().endswith("_proxy")}


class Traced:
    """A program that is traced until it executes another one. A context manager; nothing of it
    is left at its end."""

    def __init__(self, argv, folder, injection=None):
        self.log_file, self.trace_file = folder / "stderr", folder / "trace"
        self.out_file = folder / "stdout"
        options = ["-f", "-b", "execve", "-qq", "-y", "-s", "100", "-o", str(self.trace_file),
                   "-e", "signal=none"]
        if injection:
            options += ["-e", f"trace={injection.call}", "-e",
                        f"inject={injection.call}:error={injection.error}:when={injection.when}"]
        with open(self.log_file, "wb") as log, open(self.out_file, "wb") as out:
            self.process = subprocess.Popen(
                ["strace", *options, *map(str, argv)], cwd=folder, env=clean_environment(),
                stdin=subprocess.DEVNULL, stdout=out, stderr=log, preexec_fn=prepare_child,
                start_new_session=True)
        self._pid = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        # What it has started may be left, and is in its session.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    @property
    def pid(self):
        """Its own, not that of strace; None if there is none."""
        if self._pid is None:
            try:
                text = pathlib.Path(
                    f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
                self._pid = int(text.split()[0])
            except (OSError, IndexError):
                return None
        return self._pid

    @property
    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        if self.pid:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def wait(self, seconds):
        """Its exit status, negative: the signal that ended it; None if it still runs."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def cpu_seconds(self):
        """What all its threads have used so far."""
        try:
            text = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return 0.0
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def spins(self, seconds=0.3, share=0.4):
        """Whether it is busy with nothing: looked at again, and for longer, if it seems so."""
        for length in (seconds, seconds, 1.5):
            before, start = self.cpu_seconds(), time.monotonic()
            time.sleep(length)
            used = self.cpu_seconds() - before
            if used < share * (time.monotonic() - start):
                return 0.0
        return used / length

    def log(self):
        return "".join(file.read_text(errors="replace") for file in (self.log_file, self.out_file)
                       if file.exists())

    def hits(self):
        """The calls that were made to fail, as strace shows them."""
        if not self.trace_file.exists():
            return []
        hits, begun = [], {}
        for line in self.trace_file.read_text(errors="replace").splitlines():
            thread, _, call = line.partition(" ")
            if "<unfinished ...>" in call:   # another thread's call was told in between
                begun[thread] = call.partition("<unfinished ...>")[0].strip()
            elif "(INJECTED)" in call:
                start = begun.get(thread, "") if " resumed>" in call else ""
                hits.append(start + re.sub(r"^ *<\.\.\. \w+ resumed>", "", call).strip())
        return hits
