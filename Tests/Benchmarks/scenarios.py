"""What is measured, and the goals."""

import dataclasses

DELAY = 0.5                # seconds, of the DELAY server
LATENCY = 0.05             # seconds, of the proxy with latency
BANDWIDTH = 100_000        # bytes per second and connection, of the proxy with bandwidth
JOURNAL_RECORDS = 10_000   # that flagserver keeps
IDLE_PROXIES = 990         # of the server `crowded`; with the flag servers at most 1 000

SITES = ("flagserver", "nginx", "limit")
PROXIES = ("flagserver", "logged", "nginx", "haproxy", "spliced")
VARIANTS = ("bare", "journal", "crowded")   # of our own program
OURS = ("flagserver", "logged", *VARIANTS)
ALL_SERVERS = tuple(dict.fromkeys(SITES + PROXIES + OURS))


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One kind of load. `kind` names the method of Bench that knows how to run it."""

    name: str
    kind: str = "rate"
    servers: tuple = SITES
    file: str = "gif"
    mode: str = "keepalive"
    connections: int = 64
    delayed: bool = False

    is_of_proxies = False


@dataclasses.dataclass(frozen=True)
class ProxyScenario:
    """The same for TCP proxies; `toxic` names the proxy of flagserver that is used."""

    name: str
    mode: str
    connections: int
    kind: str = "rate"
    servers: tuple = PROXIES
    toxic: str = "plain"
    delay: float | None = None     # seconds, that each answer must take
    pause: float | None = None     # seconds, between two messages or pieces
    piece: int | None = None       # bytes, sent at a time
    rate: float | None = None      # bytes per second that each connection must get

    is_of_proxies = True


SCENARIOS = [
    Scenario("gif-64", servers=SITES + VARIANTS),
    Scenario("json-64", file="json"),
    Scenario("gif-1", connections=1),
    Scenario("gif-1000", connections=1_000),
    Scenario("gif-10000", connections=10_000, servers=("flagserver", "limit")),
    Scenario("new-64", mode="new"),
    Scenario("delay-9900", connections=9_900, servers=("flagserver",), delayed=True),
    Scenario("start", kind="start", servers=("flagserver", "nginx")),
    Scenario("idle-10000", kind="idle", mode="idle", connections=10_000,
             servers=("flagserver", "bare", "nginx")),
    Scenario("delay-19400", kind="waiting", connections=19_400, servers=("flagserver", "bare"),
             delayed=True),

    ProxyScenario("bulk-1", "bulk", 1),
    ProxyScenario("bulk-16", "bulk", 16),
    ProxyScenario("ping-1", "ping", 1),
    ProxyScenario("ping-64", "ping", 64),
    ProxyScenario("connect-64", "new", 64),
    ProxyScenario("idle-3000", "idle", 3_000, kind="idle",
                  servers=("flagserver", "nginx", "haproxy")),
    ProxyScenario("latency-1000", "ping", 1_000, servers=("flagserver",), toxic="latency",
                  delay=LATENCY),
    ProxyScenario("pause-1000", "ping", 1_000, servers=("flagserver",), pause=LATENCY),
    ProxyScenario("bandwidth-1000", "bulk", 1_000, servers=("flagserver",), toxic="bandwidth",
                  rate=BANDWIDTH),
    ProxyScenario("piece-1000", "bulk", 1_000, servers=("flagserver",), piece=BANDWIDTH // 10,
                  pause=0.1),
    ProxyScenario("stuck-1000", "stuck", 1_000, kind="control", servers=("flagserver",),
                  toxic="stuck"),
]


@dataclasses.dataclass(frozen=True)
class Row:
    """A goal. With `peer` it is for our figure divided by that server's, with `base` for our
    figure divided by our own in another scenario, else for the figure itself."""

    number: int
    what: str
    scenario: str
    field: str
    sense: str
    goal: float
    peer: str | None = None
    base: str | None = None
    ours: str = "flagserver"


def against_proxies(number, what, scenario, field, sense, goals, ours="flagserver"):
    return [Row(number, what, scenario, field, sense, goal, peer=peer, ours=ours)
            for peer, goal in goals.items()]


ROWS = [
    Row(1, "gif, 64 connections", "gif-64", "rate", "≥", 2.0, peer="nginx"),
    Row(1, "gif, 64 connections", "gif-64", "cpu_us", "≤", 0.5, peer="nginx"),
    Row(2, "the same against the limit", "gif-64", "rate", "≥", 0.95, peer="limit"),
    Row(2, "the same against the limit", "gif-64", "cpu_us", "≤", 1.05, peer="limit"),
    Row(3, "json, 64 connections", "json-64", "rate", "≥", 2.4, peer="nginx"),
    Row(3, "json, 64 connections", "json-64", "cpu_us", "≤", 0.42, peer="nginx"),
    Row(4, "gif, 1 connection", "gif-1", "p50_us", "≤", 0.75, peer="nginx"),
    Row(4, "gif, 1000 connections", "gif-1000", "rate", "≥", 1.9, peer="nginx"),
    Row(4, "gif, 1000 connections", "gif-1000", "p99_us", "≤", 0.7, peer="nginx"),
    Row(5, "gif, a new connection per request", "new-64", "cpu_us", "≤", 0.75, peer="nginx"),
    Row(5, "gif, a new connection per request", "new-64", "rate", "≥", 1.0, peer="nginx"),
    Row(7, "9900 connections delayed 0.5 s", "delay-9900", "early", "≤", 0),
    Row(7, "9900 connections delayed 0.5 s", "delay-9900", "late_p50_us", "≤", 200),
    Row(7, "9900 connections delayed 0.5 s", "delay-9900", "late_p99_us", "≤", 1_000),
    Row(9, "19400 delayed connections", "delay-19400", "errors", "≤", 0),
    Row(9, "19400 delayed connections", "delay-19400", "bytes", "≤", 500),
    Row(10, "idle keep-alive connection", "idle-10000", "bytes", "≤", 300),
    *against_proxies(11, "proxy, bulk", "bulk-1", "bytes_per_s", "≥",
                     {"nginx": 1.7, "haproxy": 1.7}),
    *against_proxies(11, "proxy, bulk", "bulk-1", "cpu_s_per_gb", "≤", {"nginx": 0.33}),
    *against_proxies(11, "proxy, bulk, with the log", "bulk-1", "cpu_s_per_gb", "≤",
                     {"nginx": 0.33}, ours="logged"),
    *against_proxies(11, "proxy, bulk, 16 connections", "bulk-16", "bytes_per_s", "≥",
                     {"nginx": 1.7, "haproxy": 1.7}),
    *against_proxies(11, "proxy, bulk, 16 connections", "bulk-16", "cpu_s_per_gb", "≤",
                     {"nginx": 0.33}),
    *against_proxies(12, "proxy, 64-byte ping", "ping-1", "p50_us", "≤", {"nginx": 0.95}),
    *against_proxies(12, "proxy, 64-byte ping", "ping-1", "cpu_us", "≤", {"nginx": 0.85}),
    *against_proxies(12, "proxy, 64 of them at once", "ping-64", "cpu_us", "≤", {"nginx": 0.85}),
    *against_proxies(13, "proxy, connections", "connect-64", "rate", "≥",
                     {"nginx": 1.15, "haproxy": 1.0}),
    # One core for client and backend is often not enough for the rate: CPU says the same.
    *against_proxies(13, "the same as CPU", "connect-64", "cpu_us", "≤",
                     {"nginx": 0.87, "haproxy": 1.0}),
    Row(14, "idle proxied connection", "idle-3000", "bytes", "≤", 550),
    Row(15, "latency, 1000 connections", "latency-1000", "early", "≤", 0),
    Row(15, "latency, 1000 connections", "latency-1000", "late_p50_us", "≤", 250),
    Row(15, "CPU to that without", "latency-1000", "cpu_us", "≤", 2.0, base="pause-1000"),
    Row(15, "bandwidth, 1000 connections", "bandwidth-1000", "rate_error", "≤", 1.0),
    Row(15, "CPU to that without", "bandwidth-1000", "cpu_s_per_gb", "≤", 2.0,
        base="piece-1000"),
    Row(16, "every exchange recorded", "gif-64", "rate", "≥", 0.93, peer="bare"),
    Row(16, "every exchange recorded", "gif-64", "cpu_us", "≤", 1.075, peer="bare"),
    Row(16, "and a journal in a file", "gif-64", "rate", "≥", 0.75, peer="bare", ours="journal"),
    Row(16, "and a journal in a file", "gif-64", "cpu_us", "≤", 1.33, peer="bare",
        ours="journal"),
    Row(17, "start to first response", "start", "start_ms", "≤", 1.2, peer="nginx"),
    Row(17, "resident memory after it", "start", "rss_kb", "≤", 0.8, peer="nginx"),
    Row(18, "CPU at 1000 connections to 64", "gif-1000", "cpu_us", "≤", 1.4, base="gif-64"),
    Row(18, "CPU at 10000 connections to 64", "gif-10000", "cpu_us", "≤", 1.6, base="gif-64"),
    Row(18, "CPU with 990 idle proxies", "gif-64", "cpu_us", "≤", 1.1, peer="flagserver",
        ours="crowded"),
    Row(19, "control, 1000 stuck sessions", "stuck-1000", "read_p99_us", "≤", 5_000),
    Row(19, "… a change of their toxic", "stuck-1000", "change_p99_us", "≤", 5_000),
]

FIELDS = {   # name → (what the table calls it, divisor, format)
    "rate": ("per second", 1e3, "{:.1f} k"),
    "cpu_us": ("CPU each", 1, "{:.2f} µs"),
    "p50_us": ("p50", 1, "{:.1f} µs"),
    "p99_us": ("p99", 1e3, "{:.2f} ms"),
    "early": ("early answers", 1, "{:.0f}"),
    "late_p50_us": ("late p50", 1e3, "{:.3f} ms"),
    "late_p99_us": ("late p99", 1e3, "{:.3f} ms"),
    "errors": ("errors", 1, "{:.0f}"),
    "bytes": ("user memory", 1, "{:.0f} B"),
    "start_ms": ("time", 1, "{:.1f} ms"),
    "rss_kb": ("RSS", 1e3, "{:.1f} MB"),
    "bytes_per_s": ("rate", 1e9, "{:.2f} GB/s"),
    "cpu_s_per_gb": ("CPU/GB", 1, "{:.3f} s"),
    "rate_error": ("worst rate, off by", 1, "{:.2f} %"),
    "read_p99_us": ("p99", 1e3, "{:.2f} ms"),
    "change_p99_us": ("p99", 1e3, "{:.2f} ms"),
}


def proxy_names():
    return {each.name for each in SCENARIOS if each.is_of_proxies}
