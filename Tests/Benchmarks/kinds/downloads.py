"""All flags at once, by whole programs, start-up included, in turns. Bodies are written, and
compared with the fixtures afterwards."""

import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

from peers.sites import FlagServer

ROUNDS_OF_DELAY = 2      # one of these for so many of the others: each takes a second
# Where files go: for half a minute ext4 steps around the inodes of deleted files, one by one, which
# on a disk that others use as well is most of what would be measured, of any downloader.
MEMORY = pathlib.Path("/dev/shm")


def run(bench, scenario):
    place = MEMORY if os.access(MEMORY, os.W_OK) else bench.directory
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as directory:
        run_in(pathlib.Path(directory) / "out", bench, scenario)


def run_in(out, bench, scenario):
    server = FlagServer(bench)
    server.start()
    port = server.delay_port if scenario.source == "delay" else server.port
    files = {path.stem: path.read_bytes() for path in bench.fixtures.glob("flags/*/*.gif")
             if path.stem == path.parent.name}
    commands = {each: each.argv(f"http://127.0.0.1:{port}/flags", sorted(files), out,
                                scenario.connections)
                for each in bench.taking_part(scenario)}
    rounds = bench.options.rounds
    if scenario.source == "delay":
        rounds = max(rounds // ROUNDS_OF_DELAY, 1)
    for number in range(rounds):
        for client, argv in commands.items():
            bench.begin(f"{scenario.name} {number + 1}: {client.name}")
            bench.sample_noise(scenario)
            bench.results.keep(scenario, client.name, once(argv, out, files))
    server.stop()


def once(argv, out, files):
    """Time of the clock and of the processor."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    values = {"took_ms": seconds * 1e3, "cpu_ms": spent * 1e3}
    found = {path.stem.lower(): path.read_bytes() for path in out.glob("*.gif")}
    if found != files:
        right = sum(found.get(code) == content for code, content in files.items())
        values |= {"errors": len(files) - right, "first_error": "a wrong file, or none"}
    return values
