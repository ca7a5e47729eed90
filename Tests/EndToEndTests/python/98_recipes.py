"""What README and docs show, taken out of them and tried: what they say must be true."""
import atexit
import configparser
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from backends import free_port
from control import Control
from harness import (
    BINARY, FIXTURES, ROOT, Program, Server, Skip, case, check, environment, equal, gif, main,
    need, prepare_child, wait_until)

README = (ROOT / "README.md").read_text()
PAGES = {page.name: page.read_text() for page in [
    ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
TEXT = "\n".join(PAGES.values())
FOLDER = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
# The recipes want `flagserver` in PATH; what they leave out of the command line stands here.
(FOLDER / "bin").mkdir()
for name in ("flagserver", "flagget", "toxiproxy-cli"):
    (FOLDER / "bin" / name).symlink_to(BINARY)
RECIPES = {
    "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}", "FLAGSERVER_FIXTURES": str(FIXTURES),
    "PYTHONDONTWRITEBYTECODE": "1"}
# Files that the examples name.
(FOLDER / "my-files").symlink_to(FIXTURES)
(FOLDER / "toxiproxy.json").write_text("[]")


def blocks(language):
    """The fenced blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def block(language, word):
    """The one that has this word in it."""
    found = [text for text in blocks(language) if word in text]
    equal(len(found), 1, f"blocks of {language} with {word!r}")
    return found[0]


def command_words():
    """Every command line that is shown, in words: those of blocks of sh."""
    text = "\n".join(blocks("sh")).replace("\\\n", " ")
    return [words for words in (shlex.split(line, comments=True) for line in text.splitlines())
            if words]


def program_of(words):
    """What is started, behind variables that are set for it."""
    return next(word for word in words if not re.match(r"[A-Z_]+=", word))


def commands(program):
    """Its command lines; variables in front of it are left out."""
    found = [words[words.index(program):] for words in command_words()
             if program_of(words) == program]
    check(found, f"no line of {program} is shown")
    return found


def configuration():
    """The example of a configuration file, in a file."""
    file = FOLDER / "flagserver.yaml"
    file.write_text(block("yaml", "name: db"))
    return file


def run(command, env=None, cwd=FOLDER, seconds=60):
    return subprocess.run(
        command, cwd=cwd, env=environment({**RECIPES, **(env or {})}), errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=seconds, preexec_fn=prepare_child())


def succeed(command, env=None, cwd=FOLDER):
    result = run(command, env, cwd)
    equal(result.returncode, 0, f"exit status of {command} ({result.stdout[-2000:]})")
    return result.stdout


# Command lines

# Programs whose lines a case below tries, and those that need what a test cannot have.
TRIED = {"flagserver", "flagget", "toxiproxy-cli", "curl", "make", "man", "source"}
# Words of flagserver that need a daemon.
CLIENT = {
    "status", "journal", "verify", "reset", "list", "inspect", "create", "toggle", "delete", "toxic"}
NOT_RUN = {
    "docker": "needs a daemon that builds images: its options and files are looked at",
}


@case("every command line that is shown is tried, or named here as one that cannot be")
def all_command_lines():
    lines = command_words()
    check(len(lines) >= 40, f"only {len(lines)} of them were found")
    for words in lines:
        program = program_of(words)
        check(program in TRIED or program in NOT_RUN, f"nothing tries {program}: {words}")
    # Nothing is shown where nobody looks for it: outside of blocks of sh.
    for name, text in PAGES.items():
        outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        hidden = re.findall(r"^ {4}(?:flagserver|curl|make|docker) .*$", outside, re.MULTILINE)
        equal(hidden, [], f"commands of {name} that are only indented")


@case("every link and file that a page names is there")
def links():
    for name, text in PAGES.items():
        folder = ROOT if name == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            check((folder / target).exists(), f"{name}: {target} is not there")
    for page in PAGES:
        check(page == "README.md" or f"(docs/{page})" in README, f"the README leads not to {page}")


@case("the README has a screen and a half, with lines that fit")
def size():
    lines = README.splitlines()
    check(len(lines) <= 163, f"{len(lines)} lines")
    long = [line for line in lines if len(line) > 105 and not line.startswith("|")]
    equal(long, [], "lines that are too long")


@case("the first command is make run, the second make test, and make has all that are shown")
def targets():
    need("make")
    lines = [" ".join(words) for words in command_words()]
    equal(lines[:2], ["make run", "make test"], "the first two")
    for words in commands("make"):
        result = run(["make", "-n", *words[1:]], cwd=ROOT)
        equal(result.returncode, 0, f"{words}: {result.stdout[-500:]}")
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", TEXT))
    equal(sorted(named - known), [], "targets that there are not")


@case("every option that a page names is one of the program")
def options():
    help_texts = [succeed(["flagserver", *words, "--help"]) for words in (
        [], ["run"], ["draw"], ["vaurien"], ["toxiproxy"], ["status"], ["journal"],
        ["toxic", "add"], ["conformance"], ["get"], ["sweep"], ["bench"])]
    help_texts += [succeed(["flagget", *words, "--help"]) for words in ([], ["sweep"])]
    known = set(re.findall(r"--[a-z][a-z.-]*[a-z]", "\n".join(help_texts)))
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`(--[a-z][a-z-]*[a-z])\b[^`]*`", prose))
    equal(sorted(named - known), [], "options that there are not")


@case("every command line of flagserver is understood")
def command_lines():
    configuration()
    (FOLDER / "my.fault").write_text(block("text", "expect  error"))
    (FOLDER / "dl.py").write_text(block("python", "# dl.py"))
    lines = commands("flagserver")
    check(len(lines) >= 15, f"only {len(lines)} of them were found")
    for words in lines:
        if len(words) == 1 or words[1].startswith("-"):
            # draw takes all options of serve, and opens no socket.
            succeed(["flagserver", "draw", "local", "-n", "1", *words[1:]])
        elif words[1] in ("vaurien", "toxiproxy"):
            start_as_peer(words[1:])
        elif words[1] == "run":
            # What is run is another's; the options in front of it are ours. An edition's ports
            # may be taken.
            succeed([*words[: words.index("--")], "--ports", "0", "--", "true"])
        elif words[1] == "conformance" and "--" in words:
            # The client is another's; one case says whether the options are understood.
            judged = words[: words.index("--")] + ["-k", "body/truncate", "--"]
            result = run([*judged, "curl", "-sSo", "{out}", "{url}"])
            check(result.returncode in (0, 1), f"{words}: {result.stdout}")
        elif words[1] in CLIENT:
            pass  # below
        else:
            succeed(words)


def flagget_lines():
    """Those of flagget, also behind `flagserver run`."""
    tails = [words[words.index("--") + 1:] for words in commands("flagserver") if "--" in words]
    return [*commands("flagget"), *(words for words in tails if words[0] == "flagget")]


@case("every command line of flagget does what it says")
def flagget():
    check(len(flagget_lines()) >= 10, "only few of them were found")
    with Server("-q", "--seed", "42", "--delay", "0.05") as server:
        env = {f"FLAGS_{name.upper()}_URL": url for name, url in server.urls.items()}
        env["FLAGS_CONTROL_URL"] = f"http://localhost:{server.ports['control']}"
        for words in flagget_lines():
            # The last one counts: they would take half a minute each.
            shorter = {"sweep": ["--budget", "1"], "bench": ["--duration", "0.5"]}
            line = [*words, *shorter.get(words[1] if len(words) > 1 else "", [])]
            output = succeed(line, env)
            wanted = {"sweep": "Use ", "bench": "achieved "}.get(
                line[1] if len(line) > 1 else "", "Elapsed time: ")
            check(wanted in output, f"{line}: {output}")
            for option in ("--svg", "--json", "--csv"):
                if option in line and line[line.index(option) + 1] != "-":
                    file = FOLDER / line[line.index(option) + 1]
                    check(file.stat().st_size > 0, f"{line}: {file.name} is empty")


@case("every command line of the client is understood by a daemon, in the order of the page")
def client():
    port, followers = free_port(), []
    with Server("-q", "--seed", "42", "--delay", "0") as server:
        control = f"localhost:{server.ports['control']}"
        ports = {"localhost:8474": control, "localhost:9000": f"localhost:{port}"}
        for words in [*commands("flagserver"), *commands("toxiproxy-cli")]:
            if words[0] == "flagserver" and (len(words) == 1 or words[1] not in CLIENT):
                continue
            line = [ports.get(word, word) for word in words]
            env = {"FLAGS_CONTROL_URL": control}
            if "-f" in line:  # goes on until the daemon ends
                followers.append(subprocess.Popen(
                    line, env=environment({**RECIPES, **env}), stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, preexec_fn=prepare_child()))
                continue
            result = run(line, env)
            # What is to be verified may hold or not.
            wanted = {0, 1} if words[1] == "verify" else {0}
            check(result.returncode in wanted, f"{line}: {result.stdout}")
    for follower in followers:
        equal(follower.wait(20), 0, "status of journal -f")


def start_as_peer(words):
    """On another port than the one of the example, which may be taken."""
    port = free_port()
    text = shlex.join(words)
    moved = re.sub(r"(--proxy localhost:|-port )\d+", rf"\g<1>{port}", text)
    check(moved != text, f"no port is named in {text}")
    refused = ["connect .*: Connection refused"]
    with Program(*shlex.split(moved), port=port, cwd=FOLDER, env=RECIPES, expects_log=refused):
        # Whatever comes back, a reset too (there is no backend): then it serves, and hears signals.
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
            stream.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")
            stream.recv(4096)


@case("every call with curl is answered, also where /verify says no")
def calls():
    need("curl")
    with Server("-q", "--seed", "42", "--delay", "0") as server:
        ports = {"8474": "control", "8001": "local", "8003": "error", "8005": "fault"}
        for words in commands("curl"):
            line = shlex.join(words)
            for port, name in ports.items():
                line = line.replace(f"localhost:{port}", f"localhost:{server.ports[name]}")
            if ":8005" in shlex.join(words):  # some of which cut what they send
                call = run([*shlex.split(line), "-w", "\n%{http_code}"])
                check(call.returncode in (0, 18), f"{line}: {call.stdout}")
                continue
            answer = succeed([*shlex.split(line), "-w", "\n%{http_code}"])
            status = answer.splitlines()[-1]
            wanted = {"200", "409"} if "/verify" in line else {"200"}
            if "DELETE" in words:
                wanted = {"200"} if "/worlds" in line else {"204"}
            elif "/worlds" in line and "-d" in words:
                wanted = {"201"}
            if "-i" in words:  # ERROR may do what it is there for
                wanted |= {"418", "503"}
            check(status in wanted, f"{line}: {answer}")


# Truth

@case("the record shown has the fields of a record, in their order")
def record():
    shown = json.loads(block("json", '"bytes_promised"'))
    with Server("-q", "--error-rate", "100%", "--delay-rate", "100%", "--delay", "1ms") as server:
        fetch(server)
        text = Control(server.ports["control"]).call("GET", "/journal").body.decode()
    found = json.loads(text.splitlines()[0])
    equal(list(found), list(shown), "fields")
    equal([list(fault) for fault in found["faults"]],
          [list(fault) for fault in shown["faults"]], "fields of the faults")


@case("the metrics are called as the pages call them")
def metrics():
    named = {name for name in re.findall(r"flagserver_[a-z_]*[a-z]", TEXT)}
    named |= {f"flagserver_{base}_peak" for base in ("requests_in_flight", "connections")}
    with Server("-q", "--error-rate", "100%") as server:
        fetch(server)
        text = Control(server.ports["control"]).call("GET", "/metrics").body.decode()
    served = set(re.findall(r"^# TYPE (flagserver_\S+)", text, re.MULTILINE))
    equal(sorted(served - named), [], "metrics that no page names")
    equal(sorted(named - served), [], "metrics that there are not")


def fetch(server):
    """A flag from ERROR, whatever it answers."""
    with suppress(HTTPError):
        urlopen(server.urls["error"] + "/br/br.gif").close()


# The configuration file

@case("the configuration is in order, and means what its comments say")
def configuration_file():
    file = configuration()
    check("flagserver.yaml: ok" in succeed(["flagserver", "check", file.name]), "no ok")
    rows = succeed(
        ["flagserver", "draw", "error", "--config", file.name, "--target", gif("br"), "-n", "3"])
    statuses = [row.split("\t")[2] for row in rows.splitlines()]
    equal(statuses[:2], ["503", "503"], "Brazil's first two attempts")


@case("the mistake shown is told as shown")
def mistake():
    shown = re.search(r"^ {4}(flagserver\.yaml:\d+:\d+: error: .*)$", TEXT, re.MULTILINE)
    check(shown, "no mistake is shown")
    file = configuration()
    file.write_text(file.read_text().replace("toxicity: 0.25", "toxicty: 0.25"))
    result = run(["flagserver", "check", file.name])
    equal((result.returncode, result.stdout.strip()), (78, shown[1]), "status and message")


# Recipes

def pytest_folder(page="recipes.md"):
    """Its files for pytest, in a folder; skips where there is no pytest."""
    try:
        import pytest  # noqa: F401
    except ImportError:
        raise Skip("the Python package pytest is not installed") from None
    folder = FOLDER / f"pytest-{page}"
    folder.mkdir(exist_ok=True)
    for text in re.findall(r"^```python\n(.*?)^```$", PAGES[page], re.MULTILINE | re.DOTALL):
        (folder / re.match(r"# (\S+\.py)\n", text)[1]).write_text(text)
    names = {"README.md": "test_flags.py", "recipes.md": "test_downloader.py"}
    equal(sorted(file.name for file in folder.glob("*.py")), ["conftest.py", names[page]], "files")
    return folder


PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


def parallel():
    """The option for eight processes; skips where xdist is missing."""
    try:
        import xdist  # noqa: F401
    except ImportError:
        raise Skip("the Python package pytest-xdist is not installed") from None
    return ["-n", "8"]


@case("the tests for pytest pass alone, and under flagserver run")
def pytest_recipe():
    for page in ("README.md", "recipes.md"):
        folder = pytest_folder(page)
        for prefix in ([], ["flagserver", "run", "--delay", "50ms", "--"]):
            output = succeed(prefix + PYTEST, cwd=folder)
            check("2 passed" in output and "warning" not in output, output)


@case("they pass in eight processes, each with a daemon, and all with one")
def pytest_parallel():
    for page in ("README.md", "recipes.md"):
        folder = pytest_folder(page)
        for prefix in ([], ["flagserver", "run", "--expect", "requests>=2", "--"]):
            output = succeed([*prefix, *PYTEST, *parallel()], cwd=folder)
            check("2 passed" in output, output)


@case("a test that fails shows what its world has seen")
def pytest_shows_records():
    folder = pytest_folder("README.md")
    file = folder / "test_flags.py"
    file.write_text(file.read_text().replace('match="503"', 'match="418"'))
    result = run(["flagserver", "run", "--", *PYTEST], cwd=folder)
    equal(result.returncode, 1, f"exit status ({result.stdout[-2000:]})")
    check("Captured stdout teardown" in result.stdout and "'status': 503" in result.stdout,
          result.stdout)


@case("the tests for pytest fail where the truth is another")
def pytest_fails():
    folder = pytest_folder()
    options = ["--delay", "200ms", "--max-concurrency", "1"]
    result = run(["flagserver", "run", *options, "--", *PYTEST], cwd=folder)
    equal(result.returncode, 1, f"exit status ({result.stdout[-2000:]})")
    check('"verified":false' in result.stdout, "the reason is not told")


@case("the class for Swift starts the servers, and its tests compile")
def swift_recipe():
    need("swiftc")
    folder = FOLDER / "swift"
    folder.mkdir()
    for text in blocks("swift"):
        (folder / re.match(r"// (\S+\.swift)\n", text)[1]).write_text(text)
    (folder / "main.swift").write_text("""
        import Foundation
        #if canImport(FoundationNetworking)
        import FoundationNetworking
        #endif
        do {
            let server = try FlagServer("--seed", "42")
            let flag = server.urls.local.appending(path: "br/br.gif")
            print(try Data(contentsOf: flag).count)
        }
        """)
    compiler = ["swiftc", "-swift-version", "6"]
    succeed([*compiler, "-typecheck", "FlagServer.swift", "DownloaderTests.swift"], cwd=folder)
    succeed([*compiler, "FlagServer.swift", "main.swift", "-o", "try"], cwd=folder)
    size = (FIXTURES / "flags/br/br.gif").stat().st_size
    equal(succeed(["./try"], cwd=folder).strip(), str(size), "bytes of the flag")


@case("the target for Make runs its tests")
def make_recipe():
    need("make")
    folder = FOLDER / "make"
    folder.mkdir()
    (folder / "Makefile").write_text(block("make", "flagserver run"))
    command = "curl -s" if shutil.which("curl") else "true"
    succeed(["make", "test", f"TESTS=sh -c '{command} $$FLAGS_LOCAL_URL/br/br.gif'"], cwd=folder)
    result = run(["make", "test", "TESTS=false"], cwd=folder)
    equal(result.returncode, 2, f"exit status of a test that fails ({result.stdout})")


@case("the workflow for GitHub is well-formed, and its test step passes")
def workflow():
    try:
        import yaml
    except ImportError:
        raise Skip("the Python package PyYAML is not installed") from None
    folder = pytest_folder()
    steps = yaml.safe_load(block("yaml", "runs-on:"))["jobs"]["test"]["steps"]
    scripts = {step["name"]: step["run"] for step in steps if "run" in step}
    equal(list(scripts), ["Install", "Test"], "steps")
    script = scripts["Test"].replace("python3", sys.executable)
    output = succeed(["sh", "-ec", script], {"GITHUB_ACTIONS": "true"}, cwd=folder)
    check("2 passed" in output, output)
    # What the other step calls, and the file that stands where it looks for it.
    succeed(["sh", "-nc", scripts["Install"]])
    check(re.search(r"^install:", (ROOT / "Makefile").read_text(), re.MULTILINE), "make install")


@case("the unit for systemd is well-formed")
def unit():
    text = block("ini", "[Service]").replace("/usr/local/bin/flagserver", BINARY)
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    equal(parser.sections(), ["Unit", "Service", "Install"], "sections")
    if not shutil.which("systemd-analyze"):
        return  # the next case tries what matters most without it
    file = FOLDER / "flagserver.service"
    file.write_text(text)
    result = run(["systemd-analyze", "verify", "--man=no", str(file)])
    ours = [line for line in result.stdout.splitlines() if "flagserver.service" in line]
    equal(ours, [], "complaints")


@case("what the unit starts tells systemd when it is ready, has reloaded, and stops")
def readiness():
    line = re.search(r"^ExecStart=(.*)$", block("ini", "[Service]"), re.MULTILINE)[1]
    file = configuration()
    # Its ports, and those of its proxies, may be taken.
    file.write_text(re.sub(r"^proxies:.*", "ports: 0", file.read_text(), flags=re.DOTALL | re.M))
    words = shlex.split(line.replace("/etc/flagserver.yaml", str(file)))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(FOLDER / "notify"))
        systemd.settimeout(20)
        env = {
            **RECIPES, "NOTIFY_SOCKET": str(FOLDER / "notify"), "WATCHDOG_USEC": "30000000"}
        process = subprocess.Popen(
            [BINARY, *words[1:]], env=environment(env), cwd=FOLDER, stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=prepare_child())
        try:
            await_message(systemd, "READY=1")
            process.send_signal(signal.SIGHUP)
            await_message(systemd, "RELOADING=1")
            await_message(systemd, "READY=1")
            process.terminate()
            await_message(systemd, "STOPPING=1")
            equal(process.wait(20), 0, "exit status")
        finally:
            process.kill()
            process.wait()


def await_message(systemd, word):
    """Whatever else it is told meanwhile: that we live."""
    heard = []
    wait_until(
        lambda: word in heard or heard.extend(systemd.recv(4096).decode().split("\n")),
        f"{word} to systemd")


@case("what the container file copies and the pages name is there")
def container():
    text = (ROOT / ".ci/Dockerfile").read_text()
    copied = [
        word for line in re.findall(r"^COPY (?!--)(.*)$", text, re.MULTILINE)
        for word in line.split()[:-1]]
    check(copied, "nothing is copied")
    for name in copied:
        check((ROOT / name).exists(), f"{name} does not exist")
    known = succeed(["flagserver", "--help"])
    for variable in re.findall(r"\bFLAGSERVER_([A-Z_]+)", text):
        option = "--" + variable.lower().replace("_", "-")
        check(f"{option} " in known, f"there is no option {option}")
    for words in commands("docker"):
        if "-f" in words:
            check((ROOT / words[words.index("-f") + 1]).exists(), f"{words}")


main()
