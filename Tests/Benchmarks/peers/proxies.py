"""The TCP proxies under test. They all lead to one port, where the load generator listens."""

import json
import pathlib
import re
import shutil
import socket
import subprocess

from peers.server import Server
from peers.sites import FlagServer, flagserver_argv, nginx_argv
from processes import Failure, free_ports, output_of
from scenarios import BANDWIDTH, LATENCY

CHECK_SECONDS = 20


class Proxy(Server):
    """`ports` are those of its proxies; only "plain" is there on all."""

    role = "proxy"

    def __init__(self, bench):
        super().__init__(bench)
        self.ports = {}

    def reach(self):
        socket.create_connection(("127.0.0.1", self.ports["plain"]), timeout=1).close()

    def load_argv(self, scenario):
        """The load generator's command line, but for what all have in common."""
        argv = ["relayload"]
        for option, value in (("--expect-delay", scenario.delay), ("--pause", scenario.pause),
                              ("--piece", scenario.piece)):
            if value is not None:
                argv += [option, value]
        return argv + [self.bench.backend_port, self.ports[scenario.toxic]]

    def check(self):
        argv = [self.bench.directory / "bin" / "relayload", "-m", "bulk", "-c", 4, "-d", 0.3,
                "--verify", self.bench.backend_port, self.ports["plain"]]
        done = subprocess.run([str(word) for word in argv], capture_output=True, text=True,
                              timeout=CHECK_SECONDS)
        if done.returncode != 0 or '"errors": 0' not in done.stdout:
            raise Failure(f"{self.name} does not pass on what it gets: "
                          f"{done.stdout}{done.stderr}")


class FlagServerProxy(Proxy):
    name = "flagserver"
    quiet = ["-q"]
    missing = FlagServer.missing
    version = FlagServer.version

    TOXICS = {"plain": "",
              "latency": f"latency latency={LATENCY * 1000:g}ms stream=downstream",
              "bandwidth": f"bandwidth rate={BANDWIDTH}B/s stream=downstream",
              "stuck": "timeout timeout=0ms stream=downstream"}

    def argv(self):
        *ports, self.control_port = free_ports(len(self.TOXICS) + 1)
        self.ports = dict(zip(self.TOXICS, ports))
        argv = flagserver_argv(self.bench, "local=0,delay=off,error=off,chaos=off,fault=off",
                               self.control_port) + self.quiet
        for name, toxic in self.TOXICS.items():
            backend = f"127.0.0.1:{self.bench.backend_port}"
            argv += ["--proxy", f"{name}={self.ports[name]}={backend}"]
            if toxic:
                argv += ["--toxic", f"{name}:{toxic}"]
        return argv


class LoggedFlagServerProxy(FlagServerProxy):
    """The same with its log, which goes to a file."""

    name = "logged"
    quiet = []

    def version(self):
        return "flagserver with its log in a file"


class NginxProxy(Proxy):
    name = "nginx"

    @classmethod
    def missing(cls, options):
        if not shutil.which("nginx"):
            return "not installed"
        if cls.stream_module() is None:
            return "has no stream module"
        return ""

    @staticmethod
    def stream_module():
        """The directive that loads it, empty if it is built in; nothing if it is not there."""
        built = output_of(["nginx", "-V"])
        if re.search(r"--with-stream(?=\s|$)", built):
            return ""
        directory = re.search(r"--modules-path=(\S+)", built)
        module = pathlib.Path(directory[1] if directory else "/", "ngx_stream_module.so")
        return f"load_module {module};" if module.exists() else None

    def argv(self):
        port, = free_ports(1)
        self.ports = {"plain": port}
        self.bench.fill_in("nginx-stream.conf", self.directory, PORT=port,
                           LOAD_MODULE=self.stream_module())
        return nginx_argv(self.directory, "nginx-stream.conf")


class HAProxy(Proxy):
    name = "haproxy"
    splice = "no option splice-auto"

    @classmethod
    def missing(cls, options):
        return "" if shutil.which("haproxy") else "not installed"

    def argv(self):
        port, = free_ports(1)
        self.ports = {"plain": port}
        self.bench.fill_in("haproxy.cfg", self.directory, PORT=port, SPLICE=self.splice)
        return ["haproxy", "-db", "-f", "haproxy.cfg"]

    def version(self):
        return output_of(["haproxy", "-v"]).partition(" - ")[0].removeprefix("HAProxy version ")


class SplicingHAProxy(HAProxy):
    """The same where the kernel may move the bytes."""

    name = "spliced"
    splice = "option splice-auto"

    def version(self):
        return f"haproxy with {self.splice}"


class Toxiproxy(Proxy):
    name = "toxiproxy"

    @classmethod
    def missing(cls, options):
        return "" if shutil.which("toxiproxy-server") else "not installed, Debian does not have it"

    def argv(self):
        port, control = free_ports(2)
        self.ports = {"plain": port}
        proxies = [{"name": "plain", "listen": f"127.0.0.1:{port}",
                    "upstream": f"127.0.0.1:{self.bench.backend_port}"}]
        (self.directory / "toxiproxy.json").write_text(json.dumps(proxies))
        return ["toxiproxy-server", "-port", control, "-config", "toxiproxy.json"]

    def version(self):
        return output_of(["toxiproxy-server", "-version"]).strip()


class RelayLimit(Proxy):
    name = "limit"

    def argv(self):
        port, = free_ports(1)
        self.ports = {"plain": port}
        return [self.bench.directory / "bin" / "relaylimit", port, self.bench.backend_port]
