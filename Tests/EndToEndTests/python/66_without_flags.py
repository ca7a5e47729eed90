"""Any directory in place of flags, and proxies without any flag server."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from backends import Backend, connect, echo, exchange, free_port
from control import Control
from harness import (
    BINARY, FLAGS, Server, case, check, environment, equal, flagserver, main, prepare_child,
    wait_until)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read(), answer.url
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read(), error.url


@contextmanager
def files():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "data" / "a b").mkdir(parents=True)
        (folder / "index.json").write_text('{"a": 1}')
        (folder / "data" / "one.csv").write_text("1,2\n")
        (folder / "data" / "a b" / "ü.txt").write_text("deep")
        (folder / ".secret").write_text("x")
        os.symlink("/etc/passwd", folder / "link")
        yield folder


# Any directory

@case("a directory without flags is served from its root, listed folder by folder, and it is said")
def any_directory():
    with files() as folder, Server(
            "--error-rate", "0", "--delay", "0", fixtures=folder,
            expects_log=["has no flags/<cc>/<cc>.gif", "is a link and is left out"]) as server:
        for name in ("local", "delay", "error", "chaos", "fault"):
            base = server.urls[name]
            equal(base, f"http://localhost:{server.ports[name]}", "no /flags in the ready file")
            base += "/ok" if name == "fault" else ""
            status, kind, page, _ = get(f"{base}/")
            equal((status, kind), (200, "text/html; charset=utf-8"), "the root")
            for link in (b'href="/data/"', b'href="/index.json"'):
                check(link in page, page)
            check(b"secret" not in page and b"/link" not in page, page)
            equal(get(f"{base}/index.json")[:3], (200, "application/json", b'{"a": 1}'), "a file")
            check(b'href="/data/a%20b/"' in get(f"{base}/data/")[2], "a folder's page")
            status, _, page, url = get(f"{base}/data/a%20b")
            equal((status, url), (200, f"{base}/data/a%20b/"), "without its slash")
            check(b'href="/data/a%20b/%C3%BC.txt"' in page, page)
            equal(get(f"{base}/data/a%20b/%C3%BC.txt")[2], b"deep", "a file far down")
            for path in ("/flags/", "/.secret", "/link", "/data/../.secret", "/none"):
                equal(get(base + path)[0], 404, path)
        check(f"url=http://localhost:{server.ports['local']}/ " in server.log(), server.log())
        (folder / "new").write_text("new")
        server.signal(signal.SIGHUP)
        wait_until(lambda: get(f"{server.urls['local']}/new")[0] == 200, "the new file")


@case("flags one level deeper are served as files, with a word on where they are looked for")
def deeper():
    with Server(fixtures=FLAGS, expects_log=["Unpacked one level deeper?"]) as server:
        equal(get(f"{server.urls['local']}/br/br.gif")[0], 200, "a flag")
        check(f"Try --fixtures {FLAGS.parent}" in server.log(), server.log())


@case("a folder that had flags and has none any more is not reloaded")
def flags_gone():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "flags" / "br").mkdir(parents=True)
        for name in ("br.gif", "metadata.json"):
            (folder / "flags" / "br" / name).write_bytes((FLAGS / "br" / name).read_bytes())
        with Server("-q", fixtures=folder, expects_log=["not reloaded"]) as server:
            os.rename(folder / "flags", folder / "away")
            server.signal(signal.SIGHUP)
            wait_until(lambda: "not reloaded" in server.log(), "the refusal")
            equal(get(f"{server.urls['local']}/br/br.gif")[0], 200, "as before")


@case("more than 10 000 files are too many here, too; check says what there is")
def bounds():
    with files() as folder:
        result = flagserver("check", folder)
        equal(result.stdout, f"{folder}: ok, no flags but 3 files, 0 MB\n", result.stderr)
        for number in range(10_000):
            (folder / f"{number}").touch()
        result = flagserver("--fixtures", folder)
        equal(result.returncode, 65, result.stderr)
        check("has more than 10000 files" in result.stderr, result.stderr)


@case("run hands over URLs that fit, whatever the files are")
def run_any_directory():
    with files() as folder:
        script = ("import os, urllib.request as r; "
                  "print(r.urlopen(os.environ['FLAGS_LOCAL_URL'] + '/index.json').read())")
        result = flagserver("run", "--fixtures", folder, "--", sys.executable, "-c", script)
        equal((result.returncode, result.stdout), (0, "b'{\"a\": 1}'\n"), result.stderr)


# Without flag servers

@case("--ports off: the proxies of command line and file, the control port, and no flag server")
def ports_off():
    with Backend(echo) as backend, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "flagserver.yaml"
        port = free_port()
        config.write_text("ports: off\nproxies:\n"
                          f"  - {{ name: filed, listen: {port}, upstream: '{backend.address}' }}\n")
        for options in (["--config", config], ["--proxy", f"filed={port}={backend.address}"]):
            with Server("--control", "0", *options, ports="off") as server:
                equal(set(server.ports), {"filed", "control"}, "what there is")
                with connect(port) as stream:
                    exchange(stream, b"through")
                control = Control(server.ports["control"])
                equal(list(control.json("GET", "/proxies")), ["filed"], "proxies")
                control.records(1, proxy="filed")
                wait_until(lambda: "control=" in server.log(), "the banner")
                first = server.log().splitlines()[0]
                check("fixtures=" not in first and "seed=" in first, first)
                control.json("POST", "/proxies", {
                    "name": "more", "listen": "127.0.0.1:0", "upstream": backend.address}, 201)


@case("--ports off alone is a control port; with --control off there is nothing to start")
def ports_off_alone():
    with Server("-q", "--control", "0", ports="off") as server:
        equal(set(server.ports), {"control"}, "what there is")
        server.signal(signal.SIGHUP)
        equal(Control(server.ports["control"]).call("GET", "/proxies").body, b"{}", "proxies")
    result = flagserver("--ports", "off", "--control", "off")
    equal(result.returncode, 64, result.stderr)
    check("leave nothing to start" in result.stderr, result.stderr)


@case("run --ports off: proxies alone, on a control port of its own, and what is expected of them")
def run_ports_off():
    script = ("import json, os, socket, urllib.request as r\n"
              "assert 'FLAGS_LOCAL_URL' not in os.environ\n"
              "found = json.load(r.urlopen(os.environ['TOXIPROXY_URL'] + '/proxies'))\n"
              "host, port = found['p']['listen'].rsplit(':', 1)\n"
              "stream = socket.create_connection((host, int(port)))\n"
              "stream.sendall(b'x'); assert stream.recv(1) == b'x'; stream.close()\n")
    with Backend(echo) as backend:
        command = [BINARY, "run", "--ports", "off", "--proxy", f"p=0={backend.address}",
                   "--expect", "p.requests==1", "--", sys.executable, "-c", script]
        # Two at once: neither takes a port that the other wants.
        runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, env=environment(), preexec_fn=prepare_child())
                for _ in range(2)]
        for process in runs:
            output, _ = process.communicate(timeout=30)
            equal(process.returncode, 0, output)


main()
