"""The program copied alone to where nothing else is: the flags are in it, and all that it needs."""
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from harness import (
    BINARY, CODES, FLAGS, ROOT, Server, Skip, case, check, draw, environment, equal, gif, main,
    prepare_child, stored, wait_until)
from wire import Wire, request

RELEASE = ROOT / ".build/release/flagserver"
PATHS = ["/flags/SHA256SUMS"] + [
    path for code in CODES for path in (gif(code), f"/flags/{code}/metadata.json")]


class Alone(Server):
    """The program as the only file of an empty folder, with an empty environment. A context manager
    like any server; with `is_root` the folder is all that it sees of the file system."""

    def __init__(self, *options, program=BINARY, is_root=False):
        self.folder = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
        self.place = self.folder / "alone"
        self.place.mkdir()
        shutil.copy(program, self.place / "flagserver")
        self.log_file, self.ready_file = self.folder / "stderr", self.place / "ready.json"
        self.expects_clean_exit = True

        def prepare():
            prepare_child()()
            if is_root:
                os.chroot(self.place)
                os.chdir("/")

        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                ["./flagserver", "--ports", "0", "--ready-file", "ready.json", *options],
                cwd=self.place, env={}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=log, preexec_fn=prepare)
        self._await_ready()

    def check_all(self):
        """Every file is served as it is, by LOCAL and through CHAOS."""
        with Wire(self) as wire:
            for path in PATHS:
                wire.send(request(target=path))
                check(wire.answer().body == stored(path), f"other bytes at {path}")
            wire.send(request(target="/flags/"))
            check(b"<h1>194 flags</h1>" in wire.answer().body, "the page")


def run(*arguments, files=None):
    """A command in a folder with nothing but the program and `files`."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(BINARY, folder)
        for name, source in (files or {}).items():
            (shutil.copytree if source.is_dir() else shutil.copy)(source, f"{folder}/{name}")
        return subprocess.run(
            ["./flagserver", *arguments], cwd=folder, env={}, text=True, timeout=20,
            stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=prepare_child())


# In an empty folder

@case("in an empty folder, with an empty environment, it serves all 194 flags and says whose")
def alone():
    with Alone() as server:
        server.check_all()
        wait_until(lambda: 'fixtures="built-in flags" countries=194' in server.log(), "the banner")


@case("it goes on when its file is replaced, made unreadable or deleted")
def deleted():
    with Alone("-q") as server:
        program = server.place / "flagserver"
        program.chmod(0)
        (server.place / "other").write_bytes(b"other")
        (server.place / "other").rename(program)
        program.unlink()
        server.check_all()


@case("SIGHUP keeps the flags and says so")
def hangup():
    with Alone() as server:
        server.signal(signal.SIGHUP)
        wait_until(lambda: "the 194 flags stay as they are" in server.log(), "the message")
        server.check_all()


@case("draw foretells the same as with the files")
def drawn():
    result = run("draw", "error", "--seed", "42", "-n", "194")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    equal([row[0] for row in rows], [row[0] for row in draw("error", "-n", "194")], "targets")
    equal(len(rows), 194, f"rows ({result.stderr})")


@case("check finds them in order, and run gives them to a command")
def commands():
    equal(run("check").stdout, "built-in flags: ok, 194 countries, 0.9 MB\n", "check")
    equal(run("run", "--", "/bin/sh", "-c", "test -n $FLAGS_LOCAL_URL && exit 3").returncode, 3,
          "status of the command")


@case("fixtures beside it are served instead where they have flags")
def beside():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(FLAGS / "br", f"{folder}/flags/br")
        found = run("check", files={"fixtures": Path(folder)}).stdout
        equal(found, "./fixtures: ok, 1 country, 0 MB\n", "check")


@case("a file given as --fixtures is told by what it is")
def foreign():
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("x.tar", "x.tgz", "x.zip", "x.gif")}
        for name, mode in (("x.tar", "w"), ("x.tgz", "w:gz")):
            with tarfile.open(files[name], mode) as archive:
                archive.add(FLAGS / "br", "flags/br")
        with zipfile.ZipFile(files["x.zip"], "w") as archive:
            archive.write(FLAGS / "br/br.gif", "flags/br/br.gif")
        shutil.copy(FLAGS / "br/br.gif", files["x.gif"])
        kinds = {"x.tar": "a tar archive", "x.tgz": "a gzip archive", "x.zip": "a zip archive",
                 "x.gif": "a GIF image"}
        for name, kind in kinds.items():
            result = run("--ports", "0", "--fixtures", name, files=files)
            equal(result.returncode, 66, f"status of {name} ({result.stderr})")
            check(f"'{name}' is {kind}, not a directory" in result.stderr, result.stderr)
            check(("Unpack it" in result.stderr) == (name != "x.gif"), result.stderr)


# In an empty file system

@case("the release program needs no file at all: it serves from an empty file system")
def nothing_else():
    if os.geteuid() != 0:
        raise Skip("only root may have another root directory")
    program = next((each for each in (BINARY, RELEASE) if is_static(each)), None)
    if not program:
        raise Skip("there is no release program: make build")
    with Alone(program=program, is_root=True) as server:
        server.check_all()


def is_static(program):
    """Whether no dynamic linker is asked for."""
    if not shutil.which("readelf") or not Path(program).exists():
        return False
    found = subprocess.run(
        ["readelf", "-l", str(program)], env=environment(), text=True, capture_output=True)
    return found.returncode == 0 and "INTERP" not in found.stdout


main()
