"""What helps to type: completions in real shells, the manual page, and what make install puts where."""
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from control import Control
from harness import (
    BINARY, ROOT, Server, case, check, environment, equal, flagserver, main, need, prepare_child)

BASH = r"""
source <("$PROGRAM" completions bash)
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_flagserver "$PROGRAM" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""
# Where nothing answers, unless a case says otherwise.
NOBODY = {"FLAGS_CONTROL_URL": "http://127.0.0.1:1"}


def run(command, env=None, cwd=None):
    return subprocess.run(
        command, env=environment(env), cwd=cwd, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, preexec_fn=prepare_child())


def complete(*words, env=None):
    """What bash would offer; the words as bash hands them over, in pieces at : and =."""
    need("bash")
    result = run(["bash", "--norc", "-c", BASH, "bash", "flagserver", *words],
                 {"PROGRAM": BINARY, **NOBODY, **(env or {})}, cwd=ROOT)
    equal(result.returncode, 0, f"bash ({result.stdout})")
    return result.stdout.split("\n")[:-1]


# Completions

@case("bash completes commands, options and their values")
def in_bash():
    for words, wanted in [
            (["dr"], ["draw"]), (["--error-r"], ["--error-rate"]), (["run", "--exp"], ["--expect"]),
            (["--edition", ""], ["1e", "2e"]), (["--edition", "=", "2"], ["2e"]),
            (["--over-limit", "q"], ["queue"]), (["toxics", "slow"], ["slow_close", "slow-tcp"]),
            (["completions", ""], ["bash", "zsh", "fish"]), (["--no-such"], [""])]:
        equal(complete(*words), wanted, f"{words}")


@case("bash completes a toxic piece by piece, quoted or not")
def toxics():
    for words, wanted in [
            (["--toxic", "'err"], ["error:"]), (["--toxic", "'error:lat"], ["error:latency"]),
            (["--toxic", "error", ":", "lat"], ["latency"]),
            (["--toxic", "'error:latency ji"], ["error:latency jitter="]),
            (["--toxic", "'error:latency jitter=1ms stream=up"],
             ["error:latency jitter=1ms stream=upstream"])]:
        equal(complete(*words), wanted, f"{words}")
    faults = [line.split()[0] for line in flagserver("toxics").stdout.split("\n")
              if "   acts on the " in line]
    found = complete("--toxic", "error", ":")
    equal(set(faults) - set(found), set(), "faults that are not offered")
    check("truncate" in found, "scripts are offered, too")


@case("bash completes files, folders and, behind run --, commands")
def files():
    check("Makefile" in complete("--config", "Makef"), "a file")
    equal(complete("--config", "=", "Makef"), ["Makefile"], "a file behind =")
    check("fixtures" in complete("--fixtures", "fix"), "a folder")
    check("Makefile" not in complete("--fixtures", ""), "no file is a folder")
    check("bash" in complete("run", "--", "bas"), "a command")


@case("proxies are those of the daemon that runs, else the flag servers")
def proxies():
    equal(complete("draw", ""), ["local", "delay", "error", "chaos", "fault"], "without a daemon")
    with Server("-q", "--proxy", "db=0=localhost:1") as server:
        url = f"http://localhost:{server.ports['control']}"
        for variable in ("FLAGS_CONTROL_URL", "TOXIPROXY_URL"):
            env = {"FLAGS_CONTROL_URL": "", variable: url}
            check("db" in complete("draw", "", env=env), variable)
        Control(server.ports["control"]).call(
            "POST", "/proxies", {"name": "later", "listen": "127.0.0.1:0", "upstream": "a:1"})
        equal(complete("--toxic", "'la", env={"FLAGS_CONTROL_URL": url}), ["later:"], "a new one")


@case("a daemon that does not answer is not waited for")
def stuck():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        start = time.monotonic()
        words = complete("draw", "", env={"FLAGS_CONTROL_URL": url})
        check(time.monotonic() - start < 20, "it waits")
        equal(words, ["local", "delay", "error", "chaos", "fault"], "names")


@case("zsh and fish load their completions, and offer the same")
def other_shells():
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "flagserver").symlink_to(BINARY)
        env = {"PATH": f"{place}:{os.environ['PATH']}", "HOME": place, **NOBODY}
        if shutil.which("zsh"):
            script = flagserver("completions", "zsh").stdout
            (Path(place) / "_flagserver").write_text(script)
            result = run(["zsh", "-fc", f"zsh -n {place}/_flagserver"], env)
            equal((result.returncode, result.stdout), (0, ""), "zsh -n")
        need("fish")
        script = flagserver("completions", "fish").stdout
        (Path(place) / "flagserver.fish").write_text(script)
        for line, wanted in [
                ("flagserver dr", ["draw"]), ("flagserver --error-r", ["--error-rate"]),
                ("flagserver --toxic 'error:lat", ["error:latency"]),
                ("flagserver --edition=", ["--edition=1e", "--edition=2e"]),
                ("flagserver draw c", ["chaos"])]:
            command = f"source {place}/flagserver.fish; complete -C {shlex_quote(line)}"
            result = run(["fish", "--no-config", "-c", command], env)
            found = [row.split("\t")[0] for row in result.stdout.splitlines()]
            equal(found, wanted, line)
        need("zsh")


def shlex_quote(line):
    """For fish, where a backslash escapes within single quotes."""
    return "'" + line.replace("\\", "\\\\").replace("'", "\\'") + "'"


# The manual page

@case("the manual page is well-formed, and shows every option")
def manual():
    page = flagserver("manual")
    equal((page.returncode, page.stderr), (0, ""), "flagserver manual")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "flagserver.1"
        file.write_text(page.stdout)
        if shutil.which("mandoc"):
            result = run(["mandoc", "-Tlint", "-Wwarning", str(file)])
            lines = [line for line in result.stdout.splitlines() if "missing date" not in line]
            equal(lines, [], "mandoc -Tlint")
        need("groff")
        result = run(["groff", "-man", "-Tascii", "-ww", "-P-cbou", str(file)])
        equal(result.returncode, 0, "groff")
        told = [line for line in result.stdout.splitlines() if "flagserver.1:" in line]
        equal(told, [], "what groff warns of")
        for word in ("--error-rate p", "--toxic spec", "FLAGSERVER_ERROR_RATE", "--expect"):
            check(word in result.stdout, f"{word} is not shown")
        need("man")
        result = run(["man", "-l", str(file)], {"MANWIDTH": "80", "LC_ALL": "C"})
        check("--error-rate" in result.stdout and result.returncode == 0, result.stdout[:500])
        need("mandoc")


# Installing

PLACES = {
    "bin/flagserver", "bin/flagget", "share/man/man1/flagserver.1",
    "share/bash-completion/completions/flagserver", "share/zsh/site-functions/_flagserver",
    "share/fish/vendor_completions.d/flagserver.fish"}


@case("make install puts program, manual and completions below PREFIX, make uninstall takes all away")
def install():
    need("make")
    need("strip")
    with tempfile.TemporaryDirectory() as place:
        # As if it had been built: the program that is being tested.
        common = ["-s", "-o", "build", f"PROGRAM={BINARY}", f"DESTDIR={place}/a b", "PREFIX=/usr"]
        result = run(["make", "install", *common], cwd=ROOT)
        equal(result.returncode, 0, f"make install ({result.stdout})")
        prefix = Path(place) / "a b" / "usr"

        def installed():
            return {str(file.relative_to(prefix)) for file in prefix.rglob("*") if file.is_file()}

        equal(installed(), PLACES, "files")
        program = prefix / "bin" / "flagserver"
        check(run([program, "--version"]).stdout.startswith("flagserver "), "the program")
        for name, words in {
                "share/man/man1/flagserver.1": ["manual"],
                "share/bash-completion/completions/flagserver": ["completions", "bash"],
                "share/zsh/site-functions/_flagserver": ["completions", "zsh"],
                "share/fish/vendor_completions.d/flagserver.fish": ["completions", "fish"]}.items():
            equal((prefix / name).read_text(), flagserver(*words).stdout, name)
            equal((prefix / name).stat().st_mode & 0o777, 0o644, f"mode of {name}")
        result = run(["make", "uninstall", *common], cwd=ROOT)
        equal(result.returncode, 0, f"make uninstall ({result.stdout})")
        equal(installed(), set(), "what is left")


main()
