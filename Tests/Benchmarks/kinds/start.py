"""From before the fork to the end of the first answer, and the resident memory after it."""

from processes import resident_kb

STARTS_LEAST = 5


def run(bench, scenario):
    for number in range(max(STARTS_LEAST, bench.options.rounds)):
        for server in bench.taking_part(scenario):
            bench.begin(f"start {number + 1}: {server.name}")
            bench.sample_noise(scenario)
            seconds = server.start()
            rss = resident_kb(server.pids())
            bench.results.keep(scenario, server.name,
                               {"start_ms": seconds * 1e3, "rss_kb": rss})
            server.stop()
