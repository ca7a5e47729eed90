"""Requests, messages or bytes a second, and what each of them costs. The servers take turns."""

import time


def run(bench, scenarios):
    for server in {id(each): each for scenario in scenarios
                   for each in bench.taking_part(scenario)}.values():
        server.start()
        server.check()
    started = time.monotonic()
    for number in range(bench.options.rounds):
        each = (time.monotonic() - started) / number if number else 0
        if bench.seconds_left() < each:
            bench.results.notes.append(f"only {number} rounds: the time was up")
            return
        for scenario in scenarios:
            for server in bench.taking_part(scenario):
                bench.begin(f"round {number + 1}/{bench.options.rounds}: {scenario.name}, "
                            f"{server.name}")
                bench.sample_noise(scenario)
                found = bench.finish_load(bench.start_load(scenario, server))
                bench.results.keep(scenario, server.name, flat(found, scenario))
                server.settle()


def flat(found, scenario):
    """One level of the load generators' JSON, under the names of FIELDS."""
    values = {"rate": found["requests_per_s"]}
    for field in ("requests", "errors", "first_error", "load_cpu", "cpu_us", "early",
                  "bytes_per_s", "cpu_s_per_gb"):
        if field in found:
            values[field] = found[field]
    for source, prefix in (("latency_us", ""), ("late_us", "late_")):
        for name, value in found.get(source, {}).items():
            values[f"{prefix}{name}_us"] = value
    if scenario.role == "proxy" and scenario.rate:
        values["rate_error"] = max(abs(found[field] / scenario.rate - 1) * 100
                                   for field in ("least_bytes_per_s", "most_bytes_per_s"))
    return values
