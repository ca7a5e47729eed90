"""flagserver run: the servers for as long as a command runs, and nothing left behind."""
import atexit
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from harness import (
    BINARY, FIXTURES, ROOT, Server, case, check, environment, equal, flagserver, main,
    prepare_child, wait_until)

PYTHON = sys.executable
NAMES = ("local", "delay", "error", "chaos", "fault")
# One country is enough, and there are many starts.
SMALL = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
shutil.copytree(FIXTURES / "flags" / "br", SMALL / "flags" / "br")
atexit.register(shutil.rmtree, SMALL, ignore_errors=True)
# What a command of ours begins with.
PRELUDE = """
import json, os, signal, socket, sys, time, urllib.error, urllib.request
def fetch(server, path='/br/br.gif'):
    try:
        return urllib.request.urlopen(os.environ[f'FLAGS_{server}_URL'] + path).status
    except urllib.error.HTTPError as error:
        return error.code
def tell(name, text):
    with open(name + '.new', 'w') as file:
        file.write(str(text))
    os.rename(name + '.new', name)
"""


def python(script):
    return [PYTHON, "-c", PRELUDE + script]


def line(options, command, dashes=True):
    return [BINARY, "run", "--fixtures", str(SMALL), *options, *(["--"] if dashes else []),
            *command]


def run(options, command, env=None, cwd=None, text="", dashes=True, seconds=30):
    """A whole run: its status, stdout and stderr."""
    return subprocess.run(
        line(options, command, dashes), cwd=cwd or ROOT, env=environment(env), text=True,
        input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds,
        preexec_fn=prepare_child())


@contextmanager
def running(options, command, cwd):
    """A run in `cwd` that is under way."""
    with open(Path(cwd) / "stderr", "wb") as log:
        process = subprocess.Popen(
            line(options, command), cwd=cwd, env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=log, preexec_fn=prepare_child())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def folder():
    path = Path(tempfile.mkdtemp(prefix="flagserver-e2e-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def told(path, process=None):
    """What a command has written to a file, once it has."""
    wait_until(
        lambda: path.exists() or (process and process.poll() is not None), f"{path.name}", 20)
    check(path.exists(), f"the run ended without {path.name}")
    return path.read_text()


def exists(process_id):
    try:
        os.kill(process_id, 0)
        return True
    except ProcessLookupError:
        return False


# The command and its exit status

@case("a command that succeeds runs before servers that listen, and nothing is said")
def succeeds():
    result = run([], python("print([fetch(name) for name in ('LOCAL', 'DELAY')])"))
    equal((result.returncode, result.stdout, result.stderr), (0, "[200, 200]\n", ""), "the run")


@case("help and version are told, also without a command")
def helped():
    for words in (["--help"], ["-h"], ["--version"]):
        result = flagserver("run", *words)
        equal((result.returncode, result.stderr), (0, ""), f"run {words[0]}")
        check("flagserver" in result.stdout, f"run {words[0]}: {result.stdout}")


@case("the command needs no dashes in front if it is no option")
def without_dashes():
    result = run(["--seed", "7"], ["sh", "-c", "echo $FLAGSERVER_SEED $1", "x", "--seed"],
                 dashes=False)
    equal((result.returncode, result.stdout), (0, "7 --seed\n"), "the run")


@case("the command's own options are not ours, and the environment's are not the command's")
def options_are_divided():
    command = ["sh", "-c", 'echo "$FLAGSERVER_SEED $*"', "x", "--seed", "7", "--ports", "1", "-v"]
    for dashes in (True, False):
        result = run([], command, env={"FLAGSERVER_SEED": "5", "FLAGSERVER_CORS": "1"},
                     dashes=dashes)
        equal(result.stdout, "5 --seed 7 --ports 1 -v\n", f"what the command saw ({result.stderr})")


@case("stdin, arguments and environment reach the command byte by byte")
def bytes_pass():
    result = subprocess.run(
        [*map(os.fsencode, line([], ["sh", "-c", 'cat; printf "%s" "$1" "$ODD"', "x"])),
         b"\xff\xfe"], cwd=ROOT, env={**environment(), b"ODD": b"\x80"},
        input=b"\0\1\xf0", stdout=subprocess.PIPE, timeout=20, preexec_fn=prepare_child())
    equal(result.stdout, b"\0\1\xf0\xff\xfe\x80", "what the command wrote")


@case("a command that fails passes its status on, with the seed and the last 20 exchanges")
def fails():
    script = "[fetch('LOCAL', f'/xx/{number}') for number in range(25)]; sys.exit(3)"
    result = run(["--seed", "6142837"], python(script))
    equal(result.returncode, 3, "exit status")
    lines = result.stderr.splitlines()
    name = PYTHON
    equal(lines[0], f"flagserver: {name} failed with status 3 (seed 6142837); "
          "the last 20 of 25 exchanges:", "the title")
    targets = [re.search(r"target=(\S+)", text).group(1) for text in lines[1:21]]
    equal(targets, [f"/flags/xx/{number}" for number in range(5, 25)], "the exchanges")


@case("what came through CHAOS is told once")
def chaos_once():
    result = run(["--error-rate", "0", "--delay-rate", "0"], python("fetch('CHAOS'); sys.exit(1)"))
    check("; the only exchange:" in result.stderr, result.stderr)
    check("proxy=chaos" in result.stderr and "proxy=local" not in result.stderr, result.stderr)


@case("under GitHub Actions the exchanges are a group")
def grouped():
    result = run(["--seed", "1"], python("fetch('LOCAL'); sys.exit(9)"),
                 env={"GITHUB_ACTIONS": "true"})
    equal(result.returncode, 9, "exit status")
    lines = result.stderr.splitlines()
    check(lines[0].startswith("::group::flagserver: "), lines[0])
    equal(lines[2], "::endgroup::", "the end of the group")


@case("a command killed by a signal is 128 and its number, and told by name")
def killed():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        result = run([], python(f"os.kill(os.getpid(), {int(number)})"))
        equal(result.returncode, 128 + number, "exit status")
        check(f"was killed by signal {int(number)} (" in result.stderr, result.stderr)
        check("there were no exchanges" in result.stderr, result.stderr)


@case("a command that does not exist or cannot be executed is 127 or 126, and says why")
def not_run():
    with folder() as place:
        files = {
            "plain": ("#!/bin/sh\n", 0o644), "empty": ("neither script nor program\n", 0o755),
            "lost": ("#!/nowhere/interpreter\n", 0o755)}
        for name, (text, mode) in files.items():
            (place / name).write_text(text)
            (place / name).chmod(mode)
        (place / "folder").mkdir()
        for command, status, words in (
            ("no-such-program", 127, "no such program in PATH"), ("./nothing", 127, "no such file"),
            ("", 127, "no such"), ("./plain", 126, "chmod +x"), ("./empty", 126, "first line"),
            ("./lost", 127, "interpreter"), ("./folder", 126, "is a directory"),
        ):
            result = run([], [command], cwd=place)
            equal(result.returncode, status, f"exit status of '{command}' ({result.stderr})")
            check(f"error: cannot run '{command}': " in result.stderr, result.stderr)
            check(words in result.stderr, result.stderr)


@case("PATH is searched as a shell searches it")
def path_search():
    with folder() as place:
        for name, mode in (("one", 0o644), ("two", 0o755)):
            (place / name).mkdir()
            (place / name / "tool").write_text("#!/bin/sh\necho two\n")
            (place / name / "tool").chmod(mode)
        result = run([], ["tool"], env={"PATH": f"{place}/none:{place}/one:{place}/two"})
        equal((result.returncode, result.stdout), (0, "two\n"), f"the run ({result.stderr})")
        equal(run([], ["tool"], env={"PATH": f"{place}/one"}).returncode, 126, "not executable")


@case("wrong usage is 64, whatever else fails before the command is 125, and it never runs")
def cannot_start():
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with folder() as place:
        command = ["touch", str(place / "ran")]
        for options, status, words in (
            (["--ports", f"local={port},delay=0,error=0,chaos=off,fault=off"], 125, f"port {port} is alr"),
            (["--fixtures", str(place / "none")], 125, "does not exist"),
            (["--ready-file", str(place / "no" / "file")], 125, "cannot write"),
            (["--delay", "soon"], 64, "not a time"),
            (["--prots", "0"], 64, "unknown option '--prots'"),
        ):
            result = run(options, command)
            equal(result.returncode, status, f"exit status with {options} ({result.stderr})")
            check("error: " in result.stderr and words in result.stderr, result.stderr)
        check(not (place / "ran").exists(), "the command ran")
    result = run([], [])
    equal(result.returncode, 64, "exit status without a command")
    check("flagserver run -- pytest" in result.stderr, result.stderr)
    taken.close()


# What the command finds

@case("the environment says where the servers are, and only of those that are")
def variables():
    script = "print(json.dumps(dict(os.environ)))"
    told_before = {"FLAGS_CHAOS_URL": "http://elsewhere/flags", "NOTIFY_SOCKET": "@nobody",
                   "KEPT": "as it is", "TOXIPROXY_URL": "http://elsewhere"}
    found = json.loads(run(["--seed", "42"], python(script), env=told_before).stdout)
    for name in NAMES:
        url = found[f"FLAGS_{name.upper()}_URL"]
        path = "" if name == "fault" else "/flags"
        check(re.fullmatch(rf"http://(localhost|127\.0\.0\.1):\d+{path}", url), url)
    url = found["FLAGS_CONTROL_URL"]
    check(re.fullmatch(r"http://(localhost|127\.0\.0\.1):\d+", url), url)
    equal(found["TOXIPROXY_URL"], found["FLAGS_CONTROL_URL"], "TOXIPROXY_URL")
    equal((found["FLAGSERVER_SEED"], found["KEPT"]), ("42", "as it is"), "seed and what was there")
    check("NOTIFY_SOCKET" not in found, "NOTIFY_SOCKET was handed on")
    ports = {found[f"FLAGS_{name.upper()}_URL"] for name in NAMES}
    equal(len(ports), 5, "different ports")
    found = json.loads(run(
        ["--ports", "local=0,delay=0,error=0,chaos=off,fault=off", "--control", "off"],
        python(script), env=told_before).stdout)
    for name in ("FLAGS_CHAOS_URL", "FLAGS_CONTROL_URL", "TOXIPROXY_URL"):
        check(name not in found, f"{name} is set, but there is no such server")


@case("ports that are asked for are taken")
def ports_given():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for options, env in (([f"--ports=local={port},delay=0,error=0,chaos=0,fault=0", "--control=0"], {}),
                         ([], {"FLAGSERVER_PORTS": f"local={port},delay=0,error=0,chaos=0,fault=0",
                               "FLAGSERVER_CONTROL": "0"})):
        result = run(options, ["sh", "-c", "echo $FLAGS_LOCAL_URL"], env=env)
        check(result.stdout.endswith(f":{port}/flags\n"), result.stdout + result.stderr)


@case("the command inherits no descriptor, limit or signal setting of ours")
def inherits_nothing():
    limits = "grep -E '^(Sig(Blk|Ign|Cgt))' /proc/self/status; ulimit -n; ls /proc/self/fd | wc -l"
    straight = subprocess.run(
        ["sh", "-c", limits], text=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, preexec_fn=prepare_child(open_files=None)).stdout.splitlines()
    through = run(["-v"], ["sh", "-c", limits]).stdout.splitlines()
    # Signals 32 and 33 are the C library's own, and nobody can set them.
    masks = [int(text.split()[1], 16) & ~(3 << 31) for text in through[:2]]
    equal(masks, [0, 0], "blocked and ignored signals")
    equal(through[3:], straight[3:], "the limit of open files, and their number")


# Signals

LISTENER = """
got = []
for name in ('HUP', 'QUIT', 'USR1', 'USR2', 'TERM', 'INT'):
    signal.signal(getattr(signal, 'SIG' + name),
                  lambda number, frame: (got.append(number), tell('got', got)))
tell('ready', os.getpid())
"""


@case("signals are passed on, and the status is what the command makes of them")
def forwarding():
    with folder() as place:
        script = LISTENER + "while signal.SIGTERM not in got: time.sleep(0.01)\nsys.exit(7)"
        with running([], python(script), place) as process:
            told(place / "ready", process)
            sent = []
            for name in ("HUP", "QUIT", "USR1", "USR2", "TERM"):
                sent.append(int(getattr(signal, f"SIG{name}")))
                process.send_signal(sent[-1])
                wait_until(
                    lambda: (place / "got").exists()
                    and (place / "got").read_text() == str(sent), f"SIG{name}")
            equal(process.wait(20), 7, "exit status")


@case("a signal reaches the command's whole process group, and not us")
def group():
    with folder() as place:
        script = """
child = os.fork()
if child == 0:
    signal.signal(signal.SIGUSR1, lambda *_: (tell('child-got', 1), os._exit(0)))
    tell('ready', 1)
    while True: time.sleep(0.01)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
os.waitpid(child, 0)
sys.exit(5)
"""
        with running([], python(script), place) as process:
            told(place / "ready", process)
            process.send_signal(signal.SIGUSR1)
            equal(process.wait(20), 5, "exit status")
            check((place / "child-got").exists(), "the child was not told")


IGNORES = """
for name in ('TERM', 'INT'):
    signal.signal(getattr(signal, 'SIG' + name), signal.SIG_IGN)
tell('ready', os.getpid())
time.sleep(1000)
"""


@case("a command that ignores SIGTERM has the grace time, and is killed then")
def grace():
    with folder() as place, running(["--grace", "0.4s"], python(IGNORES), place) as process:
        child = int(told(place / "ready", process))
        start = time.monotonic()
        process.terminate()
        equal(process.wait(20), 137, "exit status")
        check(time.monotonic() - start >= 0.4, "it was killed early")
        check(not exists(child), "the command lives")


@case("a second SIGTERM or SIGINT kills it at once")
def second_signal():
    for first, second in ((signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGINT)):
        script = LISTENER + "while True: time.sleep(1)"
        with folder() as place, running(["--grace", "1000s"], python(script), place) as process:
            told(place / "ready", process)
            process.send_signal(first)
            equal(told(place / "got", process), f"[{int(first)}]", "what the command heard")
            process.send_signal(second)
            equal(process.wait(20), 137, "exit status")


@case("a command that is stopped can still be ended")
def stopped():
    with folder() as place:
        script = "tell('ready', os.getpid()); os.kill(os.getpid(), signal.SIGSTOP); sys.exit(4)"
        with running(["--grace", "1000s"], python(script), place) as process:
            child = int(told(place / "ready", process))
            wait_until(
                lambda: ") T " in Path(f"/proc/{child}/stat").read_text(), "the command to stop")
            process.terminate()
            equal(process.wait(20), 143, "exit status")


# Nothing is left behind

LEAVES = """
def leave(name, session=False, ignores=False, orphan=False):
    if os.fork():
        return
    if orphan and os.fork():
        os._exit(0)
    if session:
        os.setsid()
    if ignores:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    tell('left-' + name, os.getpid())
    while True:
        time.sleep(1)
leave('child')
leave('stubborn', ignores=True)
leave('session', session=True, ignores=True)
leave('daemon', session=True, ignores=True, orphan=True)
names = ['left-' + name for name in ('child', 'stubborn', 'session', 'daemon')]
while not all(os.path.exists(name) for name in names):
    time.sleep(0.01)
"""


def left(place):
    found = {path.name: int(path.read_text()) for path in place.glob("left-*")}
    equal(len(found), 4, "processes that were left")
    return {name: number for name, number in found.items() if exists(number)}


@case("processes that outlive the command are ended, also daemons in sessions of their own")
def leftovers():
    for end, status in (("sys.exit(0)", 0), ("os.kill(os.getpid(), 9)", 137)):
        with folder() as place:
            result = run([], python(LEAVES + end), cwd=place)
            equal(result.returncode, status, f"exit status ({result.stderr})")
            equal(left(place), {}, "who lives on")


@case("a chain of daemons that start daemons is ended to its last link")
def chain():
    script = """
for depth in range(30):
    if os.fork():
        if depth: time.sleep(1000)
        while not os.path.exists('deep'): time.sleep(0.01)
        sys.exit(0)
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open('pids', 'a') as file: file.write(f'{os.getpid()}\\n')
tell('deep', 1)
time.sleep(1000)
"""
    with folder() as place:
        equal(run([], python(script), cwd=place).returncode, 0, "exit status")
        numbers = [int(text) for text in (place / "pids").read_text().split()]
        equal(len(numbers), 30, "daemons")
        equal([number for number in numbers if exists(number)], [], "who lives on")


@case("children of whoever has become flagserver are not the command's, and live on")
def spared():
    with folder() as place:
        script = 'sleep 1000 & echo $! > earlier; exec "$@"'
        command = line([], ["sh", "-c", "sleep 1001 & echo $! > own"])
        with open(place / "out", "wb") as out:
            status = subprocess.run(
                ["sh", "-c", script, "x", *command], cwd=place, env=environment(), timeout=30,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                preexec_fn=prepare_child()).returncode
        earlier, own = (int((place / name).read_text()) for name in ("earlier", "own"))
        lives = exists(earlier)
        if lives:
            os.kill(earlier, signal.SIGKILL)
        equal((status, lives, exists(own)), (0, True, False), "status, the earlier one, its own")


@case("what ends at SIGTERM may clean up first")
def cleans_up():
    script = """
if os.fork() == 0:
    signal.signal(signal.SIGTERM, lambda *_: (open('cleaned', 'w').close(), os._exit(0)))
    tell('ready', 1)
    while True: time.sleep(1)
while not os.path.exists('ready'): time.sleep(0.01)
"""
    with folder() as place:
        equal(run([], python(script), cwd=place).returncode, 0, "exit status")
        check((place / "cleaned").exists(), "it was killed at once")


@case("orphans that end while the command runs are reaped")
def zombies():
    script = """
if os.fork() == 0:
    if os.fork(): os._exit(0)
    while os.getppid() != parent: time.sleep(0.01)
    tell('orphan', os.getpid())
    os._exit(0)
os.wait()
while not os.path.exists('orphan'): time.sleep(0.01)
number = open('orphan').read()
end = time.monotonic() + 10
while os.path.exists('/proc/' + number):
    if time.monotonic() > end: sys.exit(1)
    time.sleep(0.01)
"""
    with folder() as place:
        result = run([], python("parent = os.getppid()\n" + script), cwd=place)
        equal(result.returncode, 0, f"exit status ({result.stderr})")


@case("when flagserver is killed, its command dies with it")
def dies_with_us():
    with folder() as place, running([], python(IGNORES), place) as process:
        child = int(told(place / "ready", process))
        process.kill()
        process.wait()
        # It may still be a zombie, where nobody reaps orphans.
        wait_until(
            lambda: not exists(child) or ") Z " in Path(f"/proc/{child}/stat").read_text(),
            "the command to die")


# Expectations

@case("expectations that hold change nothing")
def expectations_hold():
    script = "fetch('LOCAL'); fetch('LOCAL', '/xx'); fetch('CHAOS')"
    result = run(
        ["--error-rate", "0", "--expect", "requests==3", "--expect", "local.requests = 2",
         "--expect", "not_found==1", "--expect", "peak_concurrency <= 1", "--expect", "errors<1",
         "--expect", "refused==0", "--expect", "unplanned_errors!=1", "--expect",
         "peak_connections>=1"], python(script))
    equal((result.returncode, result.stderr), (0, ""), "the run")


@case("an expectation that does not hold is 1, with what was measured and where")
def expectations_fail():
    script = "[fetch('ERROR', f'/br/br.gif?{number}') for number in range(4)]; fetch('LOCAL')"
    options = ["--error-rate", "1", "--delay", "0"]
    result = run(
        [*options, "--expect", "errors<=3", "--expect", "local.requests==1", "--expect",
         "delay.requests>0"], python(script))
    equal(result.returncode, 1, "exit status")
    said = result.stderr.splitlines()
    equal([line for line in said if line.startswith("error: ")], [
        "error: expected errors<=3, measured 4 (error 4)",
        "error: expected delay.requests>0, measured 0"], "what is said")
    equal(said[1], "the exchange that broke it:", "what comes behind")
    check("GET /flags/br/br.gif?3" in said[2], f"the one that is too many: {said[2]}")
    result = run([], ["true"], env={"FLAGSERVER_EXPECT": "requests>0; errors==0"})
    said = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    equal((result.returncode, said), (1, ["error: expected requests>0, measured 0"]),
          "with the environment's")
    result = run([*options, "--expect", "requests==0"], python("fetch('LOCAL'); sys.exit(3)"))
    equal(result.returncode, 3, "exit status of a command that fails as well")
    check("failed with status 3" in result.stderr, result.stderr)
    check("error: expected requests==0, measured 1 (local 1)" in result.stderr, result.stderr)


@case("a greedy client is told apart from a modest one")
def greedy():
    script = """
from urllib.parse import urlsplit
url = urlsplit(os.environ['FLAGS_DELAY_URL'])
def ask():
    stream = socket.create_connection(('127.0.0.1', url.port))
    stream.sendall(b'GET /flags/br/br.gif HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n')
    return stream
for stream in [ask() for _ in range(int(sys.argv[1]))]:
    while stream.recv(65536): pass
"""
    options = ["--delay", "1s", "--expect", "peak_concurrency<=3", "--expect", "requests>=3"]
    for count, status in ((3, 0), (6, 1)):
        result = run(options, [*python(script), str(count)])
        equal(result.returncode, status, f"exit status with {count} at once ({result.stderr})")
    check(re.search(r"expected peak_concurrency<=3, measured [456] \(delay [456]\)", result.stderr),
          result.stderr)


@case("expectations judge the whole run, whatever was reset meanwhile")
def expectations_and_resets():
    script = """
import struct
reset = lambda: urllib.request.urlopen(os.environ['FLAGS_CONTROL_URL'] + '/reset', b'').close()
meters = lambda: json.load(urllib.request.urlopen(
    os.environ['FLAGS_CONTROL_URL'] + '/concurrency'))['proxies']['local']
reset()
host, port = os.environ['FLAGS_LOCAL_URL'].split('/')[2].split(':')
stream = socket.create_connection((host, int(port)))
stream.sendall(b'GET /flags/big.bin HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n')
stream.recv(1000)
stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
stream.close()
while meters()['connections']: time.sleep(0.01)
if 'two' in sys.argv: reset()
"""
    with folder() as place:
        shutil.copytree(SMALL / "flags", place / "flags")
        with open(place / "flags" / "big.bin", "wb") as file:
            file.truncate(30_000_000)
        for tests in ("one", "two"):
            for more in ([], ["--expect", "requests>=1"]):
                result = run(["--fixtures", str(place), "--expect", "unplanned_errors==0", *more],
                             [*python(script), tests])
                # That there were resets may be said, too.
                told = [text for text in result.stderr.splitlines() if text[:7] == "error: "]
                equal((result.returncode, told), (
                    1, ["error: expected unplanned_errors==0, measured 1 (local 1)"]),
                    f"{tests} with {more}")


@case("errors are those that were injected; a backend's own are unplanned")
def errors_are_injected():
    script = """
import threading
backend = socket.create_server(('127.0.0.1', 0))
def serve():
    stream, _ = backend.accept()
    stream.recv(65536)
    stream.sendall(b'HTTP/1.1 500 Oops\\r\\nContent-Length: 0\\r\\n\\r\\n')
    stream.recv(65536)
threading.Thread(target=serve, daemon=True).start()
values = {'name': 'api', 'listen': '127.0.0.1:0', 'protocol': 'http',
          'upstream': '127.0.0.1:%d' % backend.getsockname()[1]}
proxy = json.load(urllib.request.urlopen(
    os.environ['FLAGS_CONTROL_URL'] + '/proxies', json.dumps(values).encode()))
os.environ['FLAGS_API_URL'] = 'http://' + proxy['listen']
assert fetch('API') == 500
assert fetch('ERROR') in (418, 503)
"""
    result = run(["--error-rate", "1", "--delay", "0", "--expect", "errors==1", "--expect",
                  "api.unplanned_errors==1", "--expect", "unplanned_errors==0"], python(script))
    equal((result.returncode, result.stderr), (0, ""), "the run")


@case("expectations of a proxy that is made meanwhile, or has gone again, hold; of none: 1")
def expectations_of_other_proxies():
    script = """
call = lambda method, path, body=None: urllib.request.urlopen(urllib.request.Request(
    os.environ['FLAGS_CONTROL_URL'] + path, body and json.dumps(body).encode(), method=method))
proxy = json.load(call('POST', '/proxies', {
    'name': 'made', 'listen': '127.0.0.1:0', 'protocol': 'http',
    'upstream': os.environ['FLAGS_LOCAL_URL'].split('/')[2]}))
os.environ['FLAGS_MADE_URL'] = 'http://' + proxy['listen'] + '/flags'
assert [fetch('MADE') for _ in range(3)] == [200] * 3
call('DELETE', '/proxies/made')
"""
    result = run(["--expect", "made.requests==3", "--expect", "made.peak_concurrency==1"],
                 python(script))
    equal((result.returncode, result.stderr), (0, ""), "the run")
    result = run(["--expect", "eror.requests==0"], python("fetch('LOCAL')"))
    equal(result.returncode, 1, "exit status where there never was such a proxy")
    check("eror" in result.stderr and "Did you mean 'error'?" in result.stderr, result.stderr)


@case("an expectation that cannot be read is refused before anything starts")
def expectations_refused():
    for text, words in (
        ("peak_concurency<=5", "Did you mean 'peak_concurrency'?"), ("requests", "nothing is"),
        (".requests>0", "no proxy is named"), ("requests=<5", "no comparison"),
        ("requests<=-1", "whole number"), ("requests<=", "whole number"), ("", "nothing is"),
    ):
        with folder() as place:
            result = run(["--expect", text], ["touch", "ran"], cwd=place)
            equal(result.returncode, 64, f"exit status of '{text}'")
            check(f"--expect '{text}': " in result.stderr and words in result.stderr, result.stderr)
            check(not (place / "ran").exists(), "the command ran")


# The rest of the world

@case("nobody waits for clients that are not the command's")
def drains_quickly():
    with folder() as place:
        script = """
tell('url', os.environ['FLAGS_DELAY_URL'])
while not os.path.exists('go'): time.sleep(0.01)
"""
        with running(["--delay", "30s", "--grace", "60s"], python(script), place) as process:
            port = int(re.search(r":(\d+)/", told(place / "url", process)).group(1))
            with socket.create_connection(("127.0.0.1", port)) as stream:
                stream.sendall(b"GET /flags/br/br.gif HTTP/1.1\r\nHost: x\r\n\r\n")
                time.sleep(0.1)
                (place / "go").touch()
                equal(process.wait(20), 0, "exit status")


# What a shell does with a job: starts it in the foreground, notices that it stops, and brings it
# back. Says each on its stderr, which is not the terminal.
JOB_SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = subprocess.Popen(sys.argv[1:], process_group=0) if sys.version_info >= (3, 11) else \\
    subprocess.Popen(sys.argv[1:], preexec_fn=lambda: os.setpgid(0, 0))
if os.environ['JOB'] == 'foreground':
    os.tcsetpgrp(0, job.pid)
while True:
    _, status = os.waitpid(job.pid, os.WUNTRACED)
    print('terminal back', os.tcgetpgrp(0) == job.pid, flush=True)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        break
    print('stopped', flush=True)
    os.read(0, 1)
    os.tcsetpgrp(0, job.pid)
    os.killpg(job.pid, signal.SIGCONT)
print('status', os.waitstatus_to_exitcode(status), flush=True)
"""


class PseudoTerminal:
    """A terminal with a shell on it that runs flagserver as its job."""

    def __init__(self, job, cwd, place="foreground"):
        words = [PYTHON, "-c", JOB_SHELL, *job]
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            # Swift's test runner has nearly all signals blocked, and a mask is inherited.
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.chdir(cwd)
            os.execve(words[0], words, environment({"JOB": place}))
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.terminal)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def expect(self, text):
        """Reads until it has come; forgets what came before."""
        os.set_blocking(self.terminal, False)

        def has_come():
            try:
                self.text += os.read(self.terminal, 4096).decode(errors="replace")
            except (BlockingIOError, OSError):
                pass
            return text in self.text
        try:
            wait_until(has_come, f"{text!r} on the terminal", 20)
        except AssertionError as error:
            raise AssertionError(f"{error}; there is {self.text!r}") from None
        self.text = self.text.split(text, 1)[1]


@case("on a terminal the command is in the foreground: it reads, and gets Ctrl-C")
def foreground():
    script = """
assert os.tcgetpgrp(0) == os.getpgrp() and os.getppid() != os.getpgrp()
print('heard', input(), flush=True)
try:
    print('wait' + 'ing', flush=True)
    time.sleep(1000)
except KeyboardInterrupt:
    sys.exit(42)
"""
    with folder() as place, PseudoTerminal(line([], python(script)), place) as shell:
        shell.type("hello\n")
        shell.expect("heard hello")
        shell.expect("waiting")
        shell.type("\x03")
        shell.expect("status 42")


@case("Ctrl-Z stops the command and us, and the shell brings both back")
def job_control():
    script = """
signal.signal(signal.SIGCONT, lambda *_: print('going' + ' on', flush=True))
print('one', flush=True)
print('heard', input(), fetch('LOCAL'), flush=True)
"""
    with folder() as place, PseudoTerminal(line([], python(script)), place) as shell:
        shell.expect("one")
        for _ in range(2):
            shell.type("\x1a")
            shell.expect("terminal back True")
            shell.expect("stopped")
            shell.type("\n")
            shell.expect("going on")
        shell.type("again\n")
        shell.expect("heard again 200")
        shell.expect("status 0")


@case("the shell has its terminal back when the command has ended, and been killed")
def terminal_back():
    with folder() as place, PseudoTerminal(
            line([], python("os.kill(os.getpid(), 9)")), place) as shell:
        shell.expect("was killed by signal 9")
        shell.expect("terminal back True")
        shell.expect("status 137")


@case("a script goes on to use its terminal after a run, also after one that could not start")
def script_goes_on():
    script = """
"$@"; read word; echo heard $word; "$@-not"; read word; echo heard $word
kill -KILL $$
"""
    with folder() as place:
        # The last word is the command.
        job = ["sh", "-c", script, "x", *line([], ["sh"], dashes=False)[:-1]]
        (place / "tool").write_text("#!/bin/sh\n")
        (place / "tool").chmod(0o755)
        with PseudoTerminal([*job, "./tool"], place) as shell:
            for _ in range(2):
                shell.type("hello\n")
                shell.expect("heard hello")


@case("a command gets the terminal when it needs it: before a pipe, and from the background")
def terminal_on_demand():
    script = "tell('here', os.getpgrp())\nprint('heard', input(), file=sys.stderr, flush=True)"
    with folder() as place:
        # As in `flagserver run -- … | less`: who shares our group has to keep the terminal.
        piped = ["sh", "-c", '"$@" | cat', "x", *line([], python(script))]
        with PseudoTerminal(piped, place) as shell:
            shell.type("hello\n")
            shell.expect("heard hello")
            shell.expect("status 0")
    with folder() as place:
        with PseudoTerminal(line([], python(script)), place, "background") as shell:
            shell.expect("stopped")
            shell.type("\n")
            shell.type("hello\n")
            shell.expect("heard hello")
            shell.expect("status 0")


@case("systemd hears that the servers are ready, reload and stop, and that they live")
def systemd():
    with folder() as place:
        inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        inbox.bind(str(place / "notify"))
        inbox.settimeout(20)

        def hears(word):
            while True:
                lines = inbox.recv(4096).decode().splitlines()
                if word in lines:
                    return lines
        env = {"NOTIFY_SOCKET": str(place / "notify"), "WATCHDOG_USEC": "100000"}
        with Server(env=env, fixtures=SMALL) as server:
            check(any(text.startswith("STATUS=") for text in hears("READY=1")), "no status")
            for _ in range(3):
                hears("WATCHDOG=1")
            server.signal(signal.SIGHUP)
            check(any(re.fullmatch(r"MONOTONIC_USEC=\d+", text) for text in hears("RELOADING=1")),
                  "no time of the reload")
            hears("READY=1")
            equal(server.stop(), 0, "exit status")
            hears("STOPPING=1")
        with Server(env={"NOTIFY_SOCKET": str(place / "nobody")}, fixtures=SMALL) as server:
            check(server.is_alive(), "it ended because nobody listens")


main()
