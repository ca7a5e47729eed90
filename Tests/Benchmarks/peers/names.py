"""The name servers under test: the same names on each, over UDP."""

import shutil
import socket
import struct

from peers.server import Server
from peers.sites import flagserver_argv
from processes import Failure, free_ports, output_of

CODES = ("ad", "ae", "br", "cn", "de", "fr", "in", "jp", "us", "zw")


def question(name):
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
    return struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


class NameServer(Server):
    role = "names"

    def __init__(self, bench):
        super().__init__(bench)
        self.port = 0
        self.queries = self.directory / "queries"
        self.queries.write_text("".join(f"{code}.flags.test A\n" for code in CODES))

    def ask(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.2)
            client.connect(("127.0.0.1", self.port))
            client.send(question("br.flags.test"))
            return client.recv(2000)

    def reach(self):
        self.ask()

    def check(self):
        answer = self.ask()
        if answer[3] & 15 or not answer.endswith(bytes([127, 0, 0, 1])):
            raise Failure(f"{self.name} does not know br.flags.test")


class FlagServerNames(NameServer):
    name = "flagserver"

    def argv(self):
        # The control port is on, as everybody has it.
        self.port, control = free_ports(2)
        return flagserver_argv(self.bench, "off", control) + ["-q", "--dns", self.port]


class NSD(NameServer):
    name = "nsd"

    @classmethod
    def missing(cls, options):
        if not shutil.which("dnsperf"):
            return "dnsperf is not installed"
        return "" if shutil.which("nsd") else "not installed"

    def argv(self):
        self.port, = free_ports(1)
        records = "".join(f"{code} IN A 127.0.0.1\n" for code in CODES)
        (self.directory / "zone").write_text(
            "$ORIGIN flags.test.\n$TTL 30\n@ IN SOA ns nobody 1 3600 600 86400 30\n@ IN NS ns\n"
            f"ns IN A 127.0.0.1\n{records}")
        self.bench.fill_in("nsd.conf", self.directory, PORT=self.port, DIRECTORY=self.directory)
        return ["nsd", "-d", "-c", self.directory / "nsd.conf"]

    def version(self):
        return output_of(["nsd", "-v"]).split("\n")[0].rpartition(" ")[2]


KINDS = (FlagServerNames, NSD)
