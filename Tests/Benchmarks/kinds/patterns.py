"""How long others wait while hostile patterns are held against the whole ring: the longest of all
answers meanwhile. The loop stands still in each round or in none, so that the quietest round
counts."""

import json
import socket
import urllib.parse

from calling import Control
from processes import Failure
from scenarios import JOURNAL_RECORDS

TARGET = b"/" + b"a" * 7900           # as long as one may be, nearly
PATTERNS = ("*" + "a" * 250 + "b", "*" + "?" * 250 + "b", "*a" * 120 + "b")
SECONDS = 2                           # of answers to others, at least


def run(bench, scenario):
    for server in bench.taking_part(scenario):
        bench.begin(f"patterns: {server.name}")
        server.start()
        fill_ring(server.port)
        control = Control(server.control_port)
        for _ in range(bench.options.rounds):
            bench.sample_noise(scenario)
            bench.results.keep(scenario, server.name, once(bench, scenario, server, control))
        server.stop()


def fill_ring(port):
    """With targets that are not there."""
    request = b"GET " + TARGET + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        with client.makefile("rb") as answers:
            for _ in range(JOURNAL_RECORDS):
                client.sendall(request)
                skip_answer(answers)


def skip_answer(answers):
    length = 0
    for line in answers:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if line == b"\r\n":
            answers.read(length)
            return
    raise Failure("the ring cannot be filled: the connection has ended")


def once(bench, scenario, server, control):
    """Every pattern by every route, at least once, while one client asks for a flag."""
    load = bench.start_load(scenario, server, seconds=max(SECONDS, bench.options.seconds))
    calls = 0
    while load.poll() is None or calls < 1:
        for pattern in PATTERNS:
            quoted = urllib.parse.quote(pattern, safe="")
            control.call("GET", f"/journal?limit=1&path={quoted}")
            control.call("GET", f"/journal?limit=1&q={urllib.parse.quote('path:' + pattern)}")
            control.call("POST", "/verify", json.dumps({"path": pattern, "count": 0}),
                         expected=(200, 409))
        calls += 1
    found = bench.finish_load(load)
    return {"max_us": found["latency_us"]["max"], "errors": found["errors"],
            "first_error": found["first_error"]}
