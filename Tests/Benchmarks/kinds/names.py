"""Questions for names over UDP, and what each of them costs: by dnsperf, which the servers take in
turns."""

import os
import re
import subprocess

from processes import Failure, clean_environment, cpu_ticks

UNDER_WAY = 100    # questions at once


def run(bench, scenario):
    servers = bench.taking_part(scenario)
    for server in servers:
        server.start()
        server.check()
    for number in range(bench.options.rounds):
        for server in servers:
            bench.begin(f"round {number + 1}/{bench.options.rounds}: {scenario.name}, "
                        f"{server.name}")
            bench.sample_noise(scenario)
            bench.results.keep(scenario, server.name, once(bench, server, scenario))
            server.settle()
    for server in servers:
        server.stop()


def once(bench, server, scenario):
    before = cpu_ticks(server.pids())
    done = subprocess.run(
        ["dnsperf", "-s", "127.0.0.1", "-p", str(server.port), "-d", server.queries, "-T", "1",
         "-c", str(scenario.connections), "-q", str(UNDER_WAY),
         "-l", str(max(1, round(bench.options.seconds)))],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_environment())
    ticks = cpu_ticks(server.pids()) - before
    found = {key: re.search(rf"{words}:\s+([\d.]+)", done.stdout) for key, words in (
        ("rate", "Queries per second"), ("sent", "Queries sent"), ("good", "Queries completed"))}
    if not all(found.values()):
        raise Failure(f"dnsperf: {done.stdout[-1000:]}")
    rate, sent, good = (float(match.group(1)) for match in found.values())
    return {"rate": rate, "requests": good, "errors": sent - good,
            "cpu_us": ticks / os.sysconf("SC_CLK_TCK") / good * 1e6}
