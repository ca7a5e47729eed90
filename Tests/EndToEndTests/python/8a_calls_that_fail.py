"""System calls that fail for good, one at a time: each failure has a word that names the cause,
and nothing pretends to be ready, goes silent or spins. strace makes them fail."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import (
    BINARY, FLAGS, ROOT, Skip, case, check, environment, equal, flagserver, gif, main, need,
    prepare_child, wait_until,
)

# Of the event loop, whatever the machine's libevent and processor call it.
WAITS = "?epoll_wait,?epoll_pwait,?epoll_pwait2"


class Traced:
    """flagserver under strace, which does to system calls what `tampering` says. A context
    manager that leaves nothing behind."""

    def __init__(self, tampering, *arguments, log=None, ready=True, fixtures=None, path=None):
        need("strace")
        self.folder = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
        self.ready_file, self.log_file = self.folder / "ready.json", self.folder / "stderr"
        words = [str(word) for word in arguments] or ["--ports", "0"]
        options = ["--ready-file", str(self.ready_file)] if ready else []
        if ready:
            options += ["--fixtures", str(fixtures or ROOT / "fixtures")]
        at = words.index("--") if "--" in words else len(words)
        tamper = ["-e", f"trace={tampering.split(':')[0] if ':' in tampering else tampering}"]
        if ":" in tampering:
            tamper += ["-e", f"inject={tampering}"]
        if path:
            tamper += ["-P", str(path)]
        with open(self.log_file, "wb") as stderr:
            self.process = subprocess.Popen(
                ["strace", "-f", "-qq", "-o", str(log or "/dev/null"), *tamper,
                 BINARY, *words[:at], *options, *words[at:]],
                cwd=self.folder, env=environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=stderr, preexec_fn=prepare_child())

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if kind is not None:
            print(self.log())
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def signal(self, number):
        try:
            os.kill(self.pid, number)
        except (OSError, IndexError):
            pass

    def ends(self, seconds=30):
        """Its exit status, once it has ended by itself."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it still runs after {seconds} s, silent: {self.log()}") from None

    def await_ready(self):
        wait_until(
            lambda: self.ready_file.exists() or self.process.poll() is not None, "the ready file",
            seconds=30)
        check(self.process.poll() is None, f"ended with {self.process.poll()}: {self.log()}")
        ready = json.loads(self.ready_file.read_text())
        self.urls, self.ports = ready["urls"], ready["ports"]

    def url(self, proxy, path=""):
        return self.urls[proxy].removesuffix("/flags") + path

    def log(self):
        return self.log_file.read_text(errors="replace")


def check_strace():
    """In many containers it is not allowed."""
    need("strace")
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=?accept4", "-e",
         "inject=?accept4:error=EPERM:when=1..2", "true"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"strace cannot trace here: {done.stderr.strip()}")


def fetch(url, seconds=20):
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        return answer.status


def ends_with(tampering, status, *words, ready=False, **rest):
    """Tried from the start: it ends with `status`, says all of `words` in a line of its own, and is
    not ready any more, or never was."""
    with Traced(tampering, **rest) as traced:
        equal(traced.ends(), status, f"exit status under {tampering} ({traced.log()})")
        errors = [line for line in traced.log().splitlines() if line.startswith("error: ")]
        equal(len(errors), 1, f"errors in: {traced.log()}")
        for word in words:
            check(word in errors[0], f"{word!r} is not in {errors[0]!r}")
        check("[warn]" not in traced.log(), f"libevent's own words: {traced.log()}")
        check(not traced.ready_file.exists(), "the ready file calls it ready")


# The loop

@case("an event loop that fails for good ends the process with 70 and the cause")
def loop_dies():
    check_strace()
    ends_with(f"{WAITS}:error=EBADF:when=1", 70, "cannot go on", "epoll", "Bad file descriptor")
    ends_with(f"{WAITS}:error=EBADF:when=8", 70, "cannot go on", "epoll", "Bad file descriptor")


@case("timers that cannot be armed, at the start or later, end it the same way")
def timer_dead():
    check_strace()
    for tampering in ("timerfd_settime:error=EINVAL", "timerfd_settime:error=EINVAL:when=2+",
                      "timerfd_settime:error=EINVAL:when=6+"):
        ends_with(tampering, 70, "cannot go on", "timerfd_settime", "Invalid argument")
    ends_with("timerfd_create:error=EMFILE", 70, "timerfd_create", "Too many open files")
    ends_with("epoll_ctl:error=ENOMEM:when=1", 70, "timers", "Cannot allocate memory")


@case("a delayed answer is not held for ever by a timer that fails")
def timer_dies_with_a_client():
    check_strace()
    # Some are armed while it starts; the readers of /events have one four times a second.
    with Traced("timerfd_settime:error=EINVAL:when=12+") as traced:
        traced.await_ready()
        try:
            fetch(traced.url("delay", gif("br")))
        except OSError:
            pass
        equal(traced.ends(), 70, "exit status")
        check("timerfd_settime" in traced.log(), traced.log())


@case("signals that cannot be heard are no start")
def deaf_to_signals():
    check_strace()
    with Traced("rt_sigaction:error=EINVAL:when=1+") as traced:
        equal(traced.ends(), 70, f"exit status ({traced.log()})")
        check("cannot go on: hearing signal" in traced.log(), traced.log())
        check(not traced.ready_file.exists(), "the ready file")


def has_ended(status):
    """Also one that nobody has waited for yet."""
    try:
        return "State:\tZ" in status.read_text()
    except OSError:
        return True


@case("with the loop goes the command of a run")
def loop_dies_in_a_run():
    check_strace()
    with tempfile.TemporaryDirectory() as folder:
        number = Path(folder) / "pid"
        with Traced(
                f"{WAITS}:error=EBADF:when=20", "run", "--ports", "0", "--", "sh", "-c",
                f"echo $$ > {number}; exec sleep 1000", ready=False) as traced:
            equal(traced.ends(), 70, f"exit status ({traced.log()})")
            check("error: cannot go on: " in traced.log(), traced.log())
        if number.exists() and number.read_text().strip():
            process = Path(f"/proc/{number.read_text().strip()}/status")
            wait_until(lambda: has_ended(process), "the end of the command")


# Listeners

@case("a listener that cannot be watched is no start: no ready file, the cause, status 1")
def deaf_listener():
    check_strace()
    ends_with("epoll_ctl:error=ENOSPC:when=5", 1, "cannot listen", "epoll_ctl for ",
              "No space left on device")


@case("at run time it is an answer of 500 to the call")
def deaf_listener_later():
    check_strace()

    def create(traced):
        body = json.dumps(dict(name="p", listen="127.0.0.1:0", upstream="127.0.0.1:9")).encode()
        request = urllib.request.Request(traced.url("control", "/proxies"), data=body)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        with Traced("epoll_ctl,listen", log=trace) as traced:
            traced.await_ready()
            equal(create(traced)[0], 201, "without a failure")
            text = trace.read_text()
    # The one that follows the last listen(2).
    before = text[:text.rindex("listen(")]
    number = before.count("epoll_ctl(") + 1
    with Traced(f"epoll_ctl:error=ENOSPC:when={number}") as traced:
        traced.await_ready()
        status, answer = create(traced)
        equal(status, 500, f"the answer {answer}")
        check("no space left on device" in answer, answer)
        equal(fetch(traced.url("local", gif("br"))), 200, "the others")
        equal(create(traced)[0], 201, "the next call")


@case("an option that cannot be set is told as that, and not as a port in use")
def no_buffers():
    check_strace()
    ends_with("setsockopt:error=ENOBUFS", 1, "cannot listen", "setsockopt",
              "No buffer space available")
    ends_with("getsockname:error=ENOBUFS", 1, "getsockname", "No buffer space available")
    ends_with("listen:error=EMFILE", 1, "cannot listen", "Too many open files")


@case("accepting that fails for good pauses, is told once a second by all together, and goes on")
def accept_fails():
    check_strace()
    for error, reason in (("EPERM", "Operation not permitted"), ("EINVAL", "Invalid argument")):
        start = time.monotonic()
        with Traced(f"accept4:error={error}:when=1..60") as traced:
            traced.await_ready()
            urls = [traced.url(name, gif("br")) for name in ("local", "delay")]
            urls.append(traced.url("control", "/version"))
            with ThreadPoolExecutor() as clients:
                equal(list(clients.map(lambda url: fetch(url, 60), urls)), [200] * 3, "statuses")
            seconds = time.monotonic() - start
            lines = [line for line in traced.log().splitlines() if "accept on " in line]
            check(lines and all(reason in line for line in lines), traced.log())
            # 60 failures of three listeners with 0.1 s between them.
            check(seconds > 1.5, f"no pauses: over after {seconds:.2f} s")
            check(len(lines) <= seconds + 1, f"{len(lines)} lines in {seconds:.1f} s: {lines}")
            equal(fetch(traced.url("local", gif("br"))), 200, "afterwards")


# The ready file

@case("--ready-file: a FIFO that nobody reads is refused at once, with what to do")
def ready_fifo():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fifo"
        os.mkfifo(path)
        result = flagserver("--ports", "0", "-q", "--ready-file", path)
        equal(result.returncode, 73, result.stderr)
        check("start the reader first" in result.stderr, result.stderr)


@case("--ready-file: /dev/stdout, /dev/fd/N and a FIFO with a reader get it as a line")
def ready_pipes():
    def line(path, stream, **rest):
        process = subprocess.Popen(
            [BINARY, "--ports", "0", "-q", "--ready-file", str(path)], cwd=ROOT,
            env=environment(), stdin=subprocess.DEVNULL, preexec_fn=prepare_child(), **rest)
        try:
            stream = stream or process.stdout.fileno()
            os.set_blocking(stream, True)
            text = b""
            while not text.endswith(b"\n"):
                piece = os.read(stream, 4096)
                check(piece or process.poll() is None, "it has ended without a line")
                text += piece
            equal(json.loads(text)["pid"], process.pid, "the pid")
            process.terminate()
            equal(process.wait(15), 0, "exit status")
        finally:
            process.kill()
            process.wait()

    line("/dev/stdout", None, stdout=subprocess.PIPE)
    reader, writer = os.pipe()
    line(f"/dev/fd/{writer}", reader, pass_fds=[writer])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fifo"
        os.mkfifo(path)
        line(path, os.open(path, os.O_RDWR))


@case("--ready-file: one that cannot be written is told, and nothing is left beside it")
def ready_fails():
    check_strace()
    with tempfile.TemporaryDirectory() as folder:
        words = ("--ports", "0", "--ready-file", Path(folder) / "ready.json")
        tampering = "?rename,?renameat,?renameat2:error=EROFS"
        with Traced(tampering, *words, ready=False) as traced:
            equal(traced.ends(), 73, f"exit status ({traced.log()})")
            check("Read-only file system" in traced.log(), traced.log())
        equal(os.listdir(folder), [], "what is left")


@case("--journal: a link is followed and appended to, never emptied")
def journal_link():
    with tempfile.TemporaryDirectory() as folder:
        target, link = Path(folder) / "target", Path(folder) / "link"
        target.write_text("precious\n")
        link.symlink_to(target)
        result = flagserver("run", "--journal", link, "--", "true")
        equal(result.returncode, 0, result.stderr)
        check(target.read_text().startswith("precious\n"), target.read_text())
        check(link.is_symlink(), "the link")


@case("without a thread for it the log is written all the same")
def no_threads():
    check_strace()
    with Traced("?clone,?clone3:error=EAGAIN") as traced:
        traced.await_ready()
        equal(fetch(traced.url("local", gif("br"))), 200, "an answer")
        wait_until(lambda: "target=/flags/br/br.gif" in traced.log(), "its line")


# Fixtures

def fixtures_of_its_own(folder):
    for code in ("br", "fr"):
        shutil.copytree(FLAGS / code, Path(folder) / "flags" / code)
    return Path(folder)


@case("fixtures that cannot be read have their cause, and are not called missing")
def fixtures_fail():
    check_strace()
    with tempfile.TemporaryDirectory() as folder:
        own = fixtures_of_its_own(folder)
        for name, tampering, reason in (
                ("flags/br", "openat:error=EMFILE", "br: cannot be read: Too many open files"),
                ("flags/br", "getdents64:error=EIO", "br: cannot be read: Input/output error"),
                ("flags/br/br.gif", "openat:error=EACCES",
                 "br/br.gif: cannot be read: Permission denied"),
                ("flags/br/br.gif", "pread64:error=EIO",
                 "br/br.gif: cannot be read: Input/output error"),
                ("flags", "openat:error=EMFILE", "cannot be read: Too many open files"),
                ("", "openat:error=EACCES", "cannot be read: Permission denied")):
            with Traced(tampering, fixtures=own, path=own / name if name else own) as traced:
                status = traced.ends()
                check(status in (65, 66), f"exit status {status}: {traced.log()}")
                check(reason in traced.log(), f"{reason!r} is not in {traced.log()}")
                check("missing" not in traced.log(), traced.log())


@case("the same at SIGHUP: the old ones stay, and the cause is told")
def reload_fails():
    check_strace()
    with tempfile.TemporaryDirectory() as folder:
        own = fixtures_of_its_own(folder)
        with Traced("openat:error=EMFILE:when=2+", fixtures=own, path=own / "flags/br") as traced:
            traced.await_ready()
            traced.signal(signal.SIGHUP)
            wait_until(lambda: "error: not reloaded" in traced.log(), "the refusal")
            wait_until(lambda: "Too many open files" in traced.log(), "the cause")
            check("missing" not in traced.log(), traced.log())
            equal(fetch(traced.url("local", gif("br"))), 200, "the old ones")


main()
