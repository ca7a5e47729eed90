"""How long the control API takes while sessions are stuck: requests to Toxiproxy's API, which list
everything and change what the sessions have."""

import json
import socket
import time

from calling import Control, percentile

REQUESTS = 500     # of each kind in one round


def run(bench, scenario):
    for server in bench.taking_part(scenario):
        bench.begin(f"{scenario.name}: {server.name}")
        server.start()
        port = server.ports[scenario.toxic]
        backend = socket.create_server(("127.0.0.1", bench.backend_port), backlog=4096)
        clients = [stuck_client(port) for _ in range(scenario.connections)]
        try:
            for _ in range(bench.options.rounds):
                bench.sample_noise(scenario)
                bench.results.keep(scenario, server.name, times(server.control_port))
        finally:
            for each in (*clients, backend):
                each.close()
            server.stop()


def stuck_client(port):
    """A connection whose answer will not come."""
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    client.sendall(b"hello")
    return client


def times(port):
    control = Control(port)
    change = json.dumps({"attributes": {"timeout": 0}})
    requests = {"read": ("GET", "/proxies", None),
                "change": ("POST", "/proxies/stuck/toxics/timeout_downstream", change)}
    took = {kind: [] for kind in requests}
    for _ in range(REQUESTS):
        for kind, request in requests.items():
            started = time.monotonic()
            control.call(*request)
            took[kind].append((time.monotonic() - started) * 1e6)
    control.close()
    return {f"{kind}_p99_us": percentile(each, 0.99) for kind, each in took.items()}
