"""Private worlds: how long it takes to make and to end one, and what an idle one keeps."""

import json
import time
import urllib.parse

from calling import Control, percentile
from processes import anonymous_kb

WORLDS = 100       # at once, in each round; 256 there may be
LET_GO_SECONDS = 1.2   # then those that have ended count no more


def run(bench, scenario):
    for server in bench.taking_part(scenario):
        bench.begin(f"worlds: {server.name}")
        server.start()
        control = Control(server.control_port)
        once(server, control, 10)   # pools and caches that stay
        for _ in range(bench.options.rounds):
            bench.sample_noise(scenario)
            bench.results.keep(scenario, server.name, once(server, control, WORLDS))
        server.stop()


def once(server, control, count):
    before = anonymous_kb(server.pids())
    made, make = [], []
    for _ in range(count):
        started = time.monotonic()
        answer = control.call("POST", "/worlds", "{}", expected=(201,))
        make.append((time.monotonic() - started) * 1e6)
        made.append(json.loads(answer)["name"])
    server.settle()
    each = (anonymous_kb(server.pids()) - before) * 1024 / count
    end = []
    for name in made:
        started = time.monotonic()
        control.call("DELETE", "/worlds/" + urllib.parse.quote(name, safe=""))
        end.append((time.monotonic() - started) * 1e6)
    time.sleep(LET_GO_SECONDS)
    return {"make_p99_us": percentile(make, 0.99), "end_p99_us": percentile(end, 0.99),
            "kilobytes": each}
