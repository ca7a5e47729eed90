"""Resident memory some seconds after much load, beside that of before: 1 000 connections through
`bandwidth`, fast streams that `latency` holds, and large answers through CHAOS."""

import concurrent.futures
import selectors
import shutil
import socket
import time

from peers.proxies import FlagServerProxy
from processes import Failure, free_ports, resident_kb

STALLED = 20           # streams that come fast and go nowhere
STALL_SECONDS = 5
LARGE = 100_000_000    # bytes of one answer through CHAOS
ANSWERS = 500
AT_ONCE = 20
REST_SECONDS = 6       # then the memory must be back


class Loaded(FlagServerProxy):
    """With CHAOS, which has no errors, and a large file."""

    TOXICS = FlagServerProxy.TOXICS | {"late": "latency latency=60s stream=downstream"}

    def argv(self):
        self.site_port, self.chaos_port = free_ports(2)
        argv = super().argv()
        argv[argv.index("--ports") + 1] = (f"local={self.site_port},chaos={self.chaos_port},"
                                           "delay=off,error=off,fault=off")
        return argv + ["--fixtures", self.directory / "fixtures", "--error-rate", "0"]

    def make_fixtures(self):
        place = self.directory / "fixtures" / "flags"
        code = self.bench.paths["gif"].split("/")[2]
        shutil.copytree(self.bench.fixtures / "flags" / code, place / code)
        with open(place / "large.bin", "wb") as file:
            file.write(bytes(range(251)) * (LARGE // 251 + 1))
            file.truncate(LARGE)


def run(bench, scenario):
    bench.begin("memory after load")
    server = Loaded(bench)
    server.make_fixtures()
    server.start()
    answers = max(int(ANSWERS * bench.options.share), AT_ONCE)
    load(bench, scenario, server, STALLED // 10, AT_ONCE)   # buffers that are made once
    time.sleep(REST_SECONDS)
    before = resident_kb(server.pids())
    most = load(bench, scenario, server, STALLED, answers)
    time.sleep(REST_SECONDS)
    after = resident_kb(server.pids())
    bench.results.keep(scenario, "flagserver", {"grown": (after - before) * 1024})
    bench.results.notes.append(
        f"memory: {before / 1e3:.1f} MB resident before, {most / 1e3:.1f} MB while streams "
        f"stalled, {after / 1e3:.1f} MB {REST_SECONDS} s after {answers} × "
        f"{LARGE / 1e6:g} MB through CHAOS")
    server.stop()


def load(bench, scenario, server, stalled, answers):
    """Returns the most that was resident while the streams stalled, in kB."""
    found = bench.finish_load(bench.start_load(scenario, server))
    if found["errors"]:
        raise Failure(f"bandwidth: {found['errors']} errors, {found['first_error']}")
    most = stall(bench, server, stalled)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for got in pool.map(lambda _: download(server.chaos_port), range(answers)):
            if got < LARGE:
                raise Failure(f"CHAOS: only {got} bytes of a large answer came")
    return most


def stall(bench, server, count):
    """A backend that sends as fast as it may to clients whose bytes are held back."""
    selector = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", bench.backend_port), backlog=256) as backend:
        address = ("127.0.0.1", server.ports["late"])
        clients = [socket.create_connection(address, timeout=5) for _ in range(count)]
        sources = [backend.accept()[0] for _ in clients]
    for each in sources:
        each.setblocking(False)
        selector.register(each, selectors.EVENT_WRITE)
    block, most, end = bytes(1 << 18), 0, time.monotonic() + STALL_SECONDS
    while time.monotonic() < end:
        for key, _ in selector.select(0.1):
            try:
                key.fileobj.send(block)
            except BlockingIOError:
                pass
        most = max(most, resident_kb(server.pids()))
    for each in (*clients, *sources):
        each.close()
    return most


def download(port):
    """How many bytes came; they are thrown away inside the kernel."""
    room = bytearray(1 << 20)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(b"GET /flags/large.bin HTTP/1.1\r\nHost: localhost\r\n"
                       b"Connection: close\r\n\r\n")
        got = 0
        while more := client.recv_into(room, 0, socket.MSG_TRUNC):
            got += more
        return got
