"""The goals: each row of the table, and how its figures are written."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Row:
    """A goal. With `peer` it is for our figure divided by that server's, with `base` for our
    figure divided by our own in another scenario, with both by the peer's in the other scenario,
    else for the figure itself."""

    number: int
    what: str
    scenario: str
    field: str
    sense: str
    goal: float
    peer: str | None = None
    base: str | None = None
    ours: str = "flagserver"


class Field(typing.NamedTuple):
    title: str
    divisor: float
    form: str
    is_of_time: bool = True    # what a busy machine makes worse


FIELDS = {
    "rate": Field("per second", 1e3, "{:.1f} k"),
    "cpu_us": Field("CPU each", 1, "{:.2f} µs"),
    "p50_us": Field("p50", 1, "{:.1f} µs"),
    "p99_us": Field("p99", 1e3, "{:.2f} ms"),
    "max_us": Field("longest", 1e3, "{:.2f} ms"),
    "early": Field("early answers", 1, "{:.0f}", False),
    "late_p50_us": Field("late p50", 1e3, "{:.3f} ms"),
    "late_p99_us": Field("late p99", 1e3, "{:.3f} ms"),
    "errors": Field("errors", 1, "{:.0f}", False),
    "bytes": Field("user memory", 1, "{:.0f} B", False),
    "kilobytes": Field("user memory", 1e3, "{:.0f} kB", False),
    "size": Field("size", 1e6, "{:.1f} MB", False),
    "grown": Field("resident, more", 1e6, "{:.1f} MB", False),
    "start_ms": Field("time", 1, "{:.1f} ms"),
    "rss_kb": Field("RSS", 1e3, "{:.1f} MB", False),
    "bytes_per_s": Field("rate", 1e9, "{:.2f} GB/s"),
    "cpu_s_per_gb": Field("CPU/GB", 1, "{:.3f} s"),
    "rate_error": Field("worst rate, off by", 1, "{:.2f} %"),
    "read_p99_us": Field("p99", 1e3, "{:.2f} ms"),
    "change_p99_us": Field("p99", 1e3, "{:.2f} ms"),
    "make_p99_us": Field("p99", 1e3, "{:.2f} ms"),
    "end_p99_us": Field("p99", 1e3, "{:.2f} ms"),
    "took_ms": Field("time", 1, "{:.0f} ms"),
    "cpu_ms": Field("CPU", 1, "{:.0f} ms"),
    "page_long_tasks": Field("over 50 ms", 1, "{:.0f}"),
    "page_key_ms": Field("p95", 1, "{:.0f} ms"),
    "page_heap": Field("at most", 1e6, "{:.1f} MB", False),
    "page_growth": Field("grown by", 0.01, "{:.1f} %", False),
    "page_nodes": Field("at most", 1, "{:.0f}", False),
    "page_size": Field("size", 1e3, "{:.1f} kB", False),
    "page_idle": Field("CPU", 0.01, "{:.2f} %"),
    "page_cost": Field("CPU", 0.01, "{:.2f} %"),
}


def against(number, what, scenario, field, sense, goals, **more):
    return [Row(number, what, scenario, field, sense, goal, peer=peer, **more)
            for peer, goal in goals.items()]


def never_early(number, what, scenario, ours="flagserver"):
    return [Row(number, what, scenario, "early", "≤", 0, ours=ours),
            Row(number, what, scenario, "late_p50_us", "≤", 200, ours=ours),
            Row(number, what, scenario, "late_p99_us", "≤", 1_000, ours=ours)]


ROWS = [
    *against(1, "gif, 64 connections", "gif-64", "rate", "≥", {"nginx": 2.0, "h2o": 1.5}),
    *against(1, "gif, 64 connections", "gif-64", "cpu_us", "≤", {"nginx": 0.5}),
    *against(2, "the same against the limit", "gif-64", "rate", "≥", {"limit": 0.95}),
    *against(2, "the same against the limit", "gif-64", "cpu_us", "≤", {"limit": 1.05}),
    *against(3, "json, 64 connections", "json-64", "rate", "≥", {"nginx": 2.4, "h2o": 1.5}),
    *against(3, "json, 64 connections", "json-64", "cpu_us", "≤", {"nginx": 0.42}),
    *against(4, "gif, 1 connection", "gif-1", "p50_us", "≤", {"nginx": 0.75}),
    *against(4, "gif, 1000 connections", "gif-1000", "rate", "≥", {"nginx": 1.9}),
    *against(4, "gif, 1000 connections", "gif-1000", "p99_us", "≤", {"nginx": 0.7}),
    *against(5, "gif, a new connection per request", "new-64", "cpu_us", "≤", {"nginx": 0.75}),
    *against(5, "gif, a new connection per request", "new-64", "rate", "≥", {"nginx": 1.0}),
    Row(6, "gif, kept alive, to the book's server", "gif-64", "rate", "≥", 100, peer="book",
        base="book-64"),
    Row(6, "gif, new connections, to the same", "new-64", "rate", "≥", 10, peer="book",
        base="book-64"),
    *never_early(7, "9900 connections delayed 0.5 s", "delay-9900"),
    *never_early(8, "9900 delayed 0.5..5 s, drawn", "drawn-9900", ours="drawn"),
    *never_early(8, "9900 with latency and jitter", "jitter-9900", ours="drawn"),
    Row(9, "19400 delayed connections", "delay-19400", "errors", "≤", 0),
    Row(9, "19400 delayed connections", "delay-19400", "bytes", "≤", 500),
    Row(10, "idle keep-alive connection", "idle-10000", "bytes", "≤", 300),
    *against(11, "proxy, bulk", "bulk-1", "bytes_per_s", "≥",
             {"nginx": 1.7, "haproxy": 1.7, "toxiproxy": 3.8}),
    *against(11, "proxy, bulk", "bulk-1", "cpu_s_per_gb", "≤",
             {"nginx": 0.33, "toxiproxy": 0.15}),
    *against(11, "proxy, bulk, with the log", "bulk-1", "cpu_s_per_gb", "≤", {"nginx": 0.33},
             ours="logged"),
    *against(11, "proxy, bulk, 16 connections", "bulk-16", "bytes_per_s", "≥",
             {"nginx": 1.7, "haproxy": 1.7}),
    *against(11, "proxy, bulk, 16 connections", "bulk-16", "cpu_s_per_gb", "≤", {"nginx": 0.33}),
    *against(12, "proxy, 64-byte ping", "ping-1", "p50_us", "≤", {"nginx": 0.95}),
    *against(12, "proxy, 64-byte ping", "ping-1", "cpu_us", "≤",
             {"nginx": 0.85, "toxiproxy": 0.7}),
    *against(12, "proxy, 64 of them at once", "ping-64", "cpu_us", "≤", {"nginx": 0.85}),
    *against(13, "proxy, connections", "connect-64", "rate", "≥",
             {"nginx": 1.15, "haproxy": 1.0, "toxiproxy": 2.5}),
    # One core for client and backend is often not enough for the rate: CPU says the same.
    *against(13, "the same as CPU", "connect-64", "cpu_us", "≤", {"nginx": 0.87, "haproxy": 1.0}),
    Row(14, "idle proxied connection", "idle-3000", "bytes", "≤", 550),
    Row(15, "latency, 1000 connections", "latency-1000", "early", "≤", 0),
    Row(15, "latency, 1000 connections", "latency-1000", "late_p50_us", "≤", 250),
    Row(15, "CPU to that without", "latency-1000", "cpu_us", "≤", 2.0, base="pause-1000"),
    Row(15, "bandwidth, 1000 connections", "bandwidth-1000", "rate_error", "≤", 1.0),
    Row(15, "CPU to that without", "bandwidth-1000", "cpu_s_per_gb", "≤", 2.0,
        base="piece-1000"),
    *against(16, "every exchange recorded", "gif-64", "rate", "≥", {"bare": 0.93}),
    *against(16, "every exchange recorded", "gif-64", "cpu_us", "≤", {"bare": 1.075}),
    *against(16, "and a journal in a file", "gif-64", "rate", "≥", {"bare": 0.75},
             ours="journal"),
    *against(16, "and a journal in a file", "gif-64", "cpu_us", "≤", {"bare": 1.33},
             ours="journal"),
    *against(17, "start to first response", "start", "start_ms", "≤", {"nginx": 1.4}),
    *against(17, "resident memory after it", "start", "rss_kb", "≤", {"nginx": 1.0}),
    Row(18, "CPU at 1000 connections to 64", "gif-1000", "cpu_us", "≤", 1.4, base="gif-64"),
    Row(18, "CPU at 10000 connections to 64", "gif-10000", "cpu_us", "≤", 1.6, base="gif-64"),
    Row(18, "CPU with 990 idle proxies", "gif-64", "cpu_us", "≤", 1.1, peer="flagserver",
        ours="crowded"),
    Row(19, "control, 1000 stuck sessions", "stuck-1000", "read_p99_us", "≤", 5_000),
    Row(19, "… a change of their toxic", "stuck-1000", "change_p99_us", "≤", 5_000),
    Row(20, "memory 6 s after load", "after-load", "grown", "≤", 8e6),
    Row(21, "the program as installed", "size", "size", "≤", 20e6),
    *against(21, "the same, harder", "start", "start_ms", "≤", {"nginx": 1.2}),
    *against(21, "the same, harder", "start", "rss_kb", "≤", {"nginx": 0.8}),
    Row(22, "wait while patterns meet the ring", "patterns", "max_us", "≤", 5_000),
    *against(23, "194 flags from LOCAL", "flags-local", "took_ms", "≤",
             {"curl": 1, "wget2": 1, "aria2": 1, "aiohttp": 1}, ours="flagget"),
    *against(23, "194 flags from LOCAL", "flags-local", "cpu_ms", "≤", {"curl": 0.5},
             ours="flagget"),
    # Two rounds of 100 at once, half a second each.
    Row(23, "194 flags from DELAY", "flags-delay", "took_ms", "≤", 1_030, ours="flagget"),
    Row(23, "a world is made", "worlds", "make_p99_us", "≤", 5_000),
    Row(23, "a world is ended", "worlds", "end_p99_us", "≤", 5_000),
    Row(23, "an idle world", "worlds", "kilobytes", "≤", 200e3),
    Row(23, "page: long tasks", "page", "page_long_tasks", "≤", 0),
    Row(23, "page: from a key to the screen", "page", "page_key_ms", "≤", 100),
    Row(23, "page: heap", "page", "page_heap", "≤", 64e6),
    Row(23, "page: heap, from a fifth in", "page", "page_growth", "≤", 0.1),
    Row(23, "page: nodes", "page", "page_nodes", "≤", 2_500),
    Row(23, "page: at rest", "page", "page_idle", "≤", 0.02),
    Row(23, "page: what it costs the server", "page", "page_cost", "≤", 0.01),
    Row(23, "page: counts unlike /metrics", "page", "errors", "≤", 0),
    Row(23, "page: the file", "page", "page_size", "≤", 60_000),
    *against(24, "the 256 characters of braille", "braille-64", "rate", "≥", {"aiohttp": 20}),
    *against(25, "names over UDP, recorded", "names", "rate", "≥", {"nsd": 0.8}),
]
