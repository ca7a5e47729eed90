"""What flagserver does while its calls fail. Each scenario starts it, asks for something and stops
it; what went wrong is kept as `failures`, which somebody has to explain, and `findings`, which
nothing explains."""
import signal
import sys
import time

from parts import (
    QUICK, Answering, Backend, Echoing, check_lines, copy_flag, count_lines, echoed, fixtures,
    free_port, is_alive, keep_alive, leave, make_proxy, toxic)
from run import FLAG, START_SECONDS, STOP_SECONDS
from services import NAME, can_lead_names, charfinder, names
from tracing import Traced
from waiting import asking, pipes


def start(run):
    """From nothing to ready, with all that can be asked for at a start, and to the end again."""
    config = run.folder / "flagserver.yaml"
    config.write_text("proxies:\n  - name: p\n    listen: 127.0.0.1:0\n"
                      "    upstream: 127.0.0.1:9\n    protocol: http\n")
    if run.start(*QUICK, "--config", config, "--journal", run.folder / "journal",
                 "--log-file", run.folder / "log", "--fixtures", fixtures(run.folder)):
        run.probe()


def serving(run):
    """All that flag servers do: files, ranges, delays, errors, HEAD, clients that leave."""
    if not run.start(*QUICK):
        return
    content = FLAG.read_bytes()
    for _ in range(2):
        run.expect("local", content=content)
        run.expect("delay", content=content)
        run.ask("error")
        run.ask("chaos")
        run.ask("fault", "/delay/0.01")
    run.expect("local", status=206, headers={"Range": "bytes=0-9"}, content=content[:10])
    run.expect("local", "/flags/xx/xx.gif", status=404)
    run.expect("local", method="HEAD")
    for name in ("local", "delay"):
        leave(run, run.port(name), b"GET /flags/br/br.gif HTTP/1.1\r\nHost: a\r\n\r\n")
    keep_alive(run)
    run.probe()


def proxying(run):
    """Proxies made while it runs, with faults on them, before backends that answer and that do
    not."""
    if not run.start(*QUICK):
        return
    with Backend(Answering) as web, Backend(Echoing) as echo:
        ports = {}
        for name, protocol, backend in (
                ("web", "http", web.port), ("echo", "tcp", echo.port), ("dead", "tcp", 9)):
            ports[name] = make_proxy(run, name, protocol, backend)
        if ports["web"]:
            toxic(run, "web", "latency", latency=10)
            run.expect(ports["web"], "/", content=b"hello\n")
        if ports["echo"]:
            toxic(run, "echo", "slicer", average_size=100, size_variation=10, delay=10)
            echoed(run, ports["echo"])
        run.expect("control", "/reset", 204, method="POST")
        if ports["web"]:
            run.expect(ports["web"], "/", content=b"hello\n")
        if ports["echo"]:
            echoed(run, ports["echo"])
        run.probe()
        # Last, because it is told: trouble of others in the same second would not be.
        if ports["dead"]:
            leave(run, ports["dead"], b"hello")


def journal(run):
    """Every exchange has its line, in the file that is there, and in the one that SIGHUP opens."""
    file, log = run.folder / "journal", run.folder / "log"
    if not run.start(*QUICK, "--journal", file, "--log-file", log, "--log-format", "json"):
        return
    for _ in range(4):
        run.ask("local")
    run.until(lambda: count_lines(file) >= min(run.complete, 1), "a first line in the journal")
    if file.exists():
        file.rename(run.folder / "journal.1")
    run.traced.signal(signal.SIGHUP)
    run.until(file.exists, "the journal is opened again")
    for _ in range(4):
        run.ask("local")
    run.probe()
    run.stop()
    found = count_lines(file) + count_lines(run.folder / "journal.1")
    if found < run.complete:
        run.failures.append(f"{found} lines for {run.complete} exchanges")
    for each in (file, run.folder / "journal.1"):
        check_lines(run, each)


def reloading(run):
    """SIGHUP brings a new proxy and a new flag, or says why not."""
    port, own = free_port(), fixtures(run.folder)
    config = run.folder / "flagserver.yaml"
    config.write_text(f"proxies:\n  - name: local\n    toxics: []\n")
    if not run.start(*QUICK, "--config", config, "--fixtures", own):
        return
    with Backend(Answering) as web:
        run.expect("local", "/flags/fr/fr.gif", status=404)
        copy_flag(own, "fr")
        config.write_text(f"proxies:\n  - name: web\n    listen: 127.0.0.1:{port}\n"
                          f"    upstream: 127.0.0.1:{web.port}\n    protocol: http\n")
        run.traced.signal(signal.SIGHUP)
        run.until(lambda: run.ask(port, "/")[0] == 200, "the new proxy serves")
        run.until(lambda: run.ask("local", "/flags/fr/fr.gif")[0] == 200, "the new flag is served")
        run.probe()


COMMAND = """
import os, pathlib, socket, sys, time, urllib.request
here = pathlib.Path(sys.argv[1])
(here / "pid").write_text(str(os.getpid()))
told = []
if "nameserver 127.0.53." in pathlib.Path("/etc/resolv.conf").read_text():
    told.append("NAMES " + socket.getaddrinfo(sys.argv[2], 80, socket.AF_INET)[0][4][0])
for name in ("LOCAL", "DELAY"):
    for attempt in range(3):
        try:
            url = os.environ[f"FLAGS_{name}_URL"] + "/br/br.gif"
            with urllib.request.urlopen(url, timeout=5) as reply:
                told.append(f"{name} {reply.status}")
            break
        except Exception as error:
            told.append(f"{name} {error!r}")
(here / "told").write_text("\\n".join(told))
time.sleep(0.7)
sys.exit(0 if told[-1].endswith("200") and "LOCAL 200" in told else 9)
"""


def running(run, *options):
    """A command between start and end: it begins when all serves, and its status is handed on."""
    run.ends_itself = True
    run.traced = Traced(
        [run.program, "run", *QUICK, *options, "--journal", run.folder / "journal", "--",
         sys.executable, "-S", "-c", COMMAND, run.folder, NAME], run.folder, run.injection)
    told = run.folder / "told"
    end = time.monotonic() + START_SECONDS + STOP_SECONDS
    looked = False
    while run.traced.is_running and time.monotonic() < end:
        if told.exists() and not looked:
            looked = True
            if busy := run.traced.spins():
                run.findings.append(f"spin: {busy:.0%} of a core with nothing to do")
        time.sleep(0.01)
    run.status = run.traced.wait(0.1)
    if run.status is None:
        run.findings.append("hang: the run does not end")
    served = told.read_text().splitlines() if told.exists() else []
    if run.status == 0 and "LOCAL 200" not in served:
        run.findings.append("lie: exit status 0, and the command was not served")
    if run.status:
        run.failures.append(f"exit status {run.status}; the command was told {served}")
    number = run.folder / "pid"
    if number.exists() and run.status is not None and is_alive(number.read_text()):
        run.findings.append("its command is left behind")
    if run.status == 0:
        check_lines(run, run.folder / "journal")


def running_with_names(run):
    """The command's names are led to the name server, where a mount namespace is allowed."""
    running(run, "--dns")
    told = run.folder / "told"
    found = told.read_text() if told.exists() else ""
    if "NAMES " in found and "NAMES 127.0.0.1" not in found:
        run.findings.append(f"lie: its name was said to be another address: {found}")
    if "NAMES " not in found and can_lead_names():
        run.failures.append("the command's names were not led to ours")


# What begins behind which line of a trace: what stands before it is that of `start`.
def _is_ready(line):
    return "ready.json" in line and any(
        f" {word}(" in line for word in ("rename", "renameat", "renameat2", "link", "linkat"))


def _listens(line):
    return " listen(" in line


SCENARIOS = {
    "start": (start, None), "serving": (serving, _is_ready), "proxying": (proxying, _is_ready),
    "journal": (journal, _is_ready), "reload": (reloading, _is_ready),
    "run": (running, _listens), "run-dns": (running_with_names, _listens),
    "dns": (names, None), "charfinder": (charfinder, _is_ready), "pipes": (pipes, None),
    "client": (asking, None),
}
