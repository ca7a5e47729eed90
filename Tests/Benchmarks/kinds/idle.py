"""User memory of a connection that has had an answer and says no more."""

import subprocess

from processes import anonymous_kb


def run(bench, scenario):
    for server in bench.taking_part(scenario):
        bench.begin(f"{scenario.name}: {server.name}")
        before = start(server)
        load = bench.start_load(scenario, server, stdin=subprocess.PIPE)
        line = load.stdout.readline()   # bounded: the load generator gives up by itself
        after = anonymous_kb(server.pids())
        found = bench.finish_load(load, line)
        bench.results.keep(scenario, server.name,
                           {"bytes": per_connection(scenario, before, after),
                            "errors": found["errors"]})
        server.stop()


def start(server):
    """A fresh server, but not one that has yet to make its first buffers; its memory in kB."""
    server.start()
    server.check()
    server.fill()
    server.settle()
    return anonymous_kb(server.pids())


def per_connection(scenario, before_kb, after_kb):
    return (after_kb - before_kb) * 1024 / scenario.connections
