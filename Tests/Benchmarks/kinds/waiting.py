"""User memory of a connection that waits for a delayed answer: the most at any time."""

import time

from kinds.idle import per_connection, start
from kinds.rate import flat
from processes import anonymous_kb


def run(bench, scenario):
    for server in bench.taking_part(scenario):
        bench.begin(f"{scenario.name}: {server.name}")
        before = most = start(server)
        load = bench.start_load(scenario, server)
        while load.poll() is None:
            most = max(most, anonymous_kb(server.pids()))
            time.sleep(0.1)
        found = flat(bench.finish_load(load), scenario)
        found["bytes"] = per_connection(scenario, before, most)
        bench.results.keep(scenario, server.name, found)
        server.stop()
