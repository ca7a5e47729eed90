"""What is measured: each kind of load, and on which servers."""

import dataclasses

DELAY = 0.5                # seconds, of the DELAY server
DRAWN_DELAYS = (0.5, 5)    # seconds, of the DELAY server of `drawn`
JITTERED = (1, 0.5)        # seconds and jitter, of its LOCAL server
LATENCY = 0.05             # seconds, of the proxy with latency
BANDWIDTH = 100_000        # bytes per second and connection, of the proxy with bandwidth
JOURNAL_RECORDS = 10_000   # that flagserver keeps
IDLE_PROXIES = 990         # of the server `crowded`; with the flag servers at most 1 000

SITES = ("flagserver", "nginx", "h2o", "limit")
PROXIES = ("flagserver", "logged", "nginx", "haproxy", "spliced", "toxiproxy", "limit")
VARIANTS = ("bare", "journal", "crowded", "drawn")   # of our own program
CHARFINDERS = ("flagserver", "aiohttp")
DOWNLOADERS = ("flagget", "curl", "wget2", "aria2", "aiohttp")
NAME_SERVERS = ("flagserver", "nsd")
COLUMNS = {"site": (*SITES, "book", *VARIANTS), "proxy": PROXIES, "characters": CHARFINDERS,
           "downloader": DOWNLOADERS, "names": NAME_SERVERS}
ALL_SERVERS = tuple(dict.fromkeys(name for names in COLUMNS.values() for name in names))


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One kind of load. `kind` names the module of `kinds` that knows how to run it."""

    name: str
    kind: str = "rate"
    servers: tuple = SITES
    file: str = "gif"
    mode: str = "keepalive"
    connections: int = 64
    delay: float | None = None     # seconds, that each answer must take, from the DELAY server
    told: float | None = None      # seconds, the most of drawn delays, which the answers tell
    patience: float | None = None  # seconds, for which an answer may be overdue
    jitters: bool = False          # of LOCAL, which has latency and jitter

    role = "site"


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

    role = "proxy"


@dataclasses.dataclass(frozen=True)
class CharacterScenario:
    """The characters of one word over HTTP, asked for again and again."""

    name: str
    kind: str = "rate"
    servers: tuple = CHARFINDERS
    mode: str = "keepalive"
    connections: int = 64

    role = "characters"


@dataclasses.dataclass(frozen=True)
class DownloadScenario:
    """All flags at once from one of our servers, by whole programs."""

    name: str
    source: str                    # the server: local, delay
    kind: str = "downloads"
    servers: tuple = DOWNLOADERS
    connections: int = 100

    role = "downloader"


@dataclasses.dataclass(frozen=True)
class NameScenario:
    """Questions for names over UDP; `connections` are sockets that ask."""

    name: str
    kind: str = "names"
    servers: tuple = NAME_SERVERS
    connections: int = 8

    role = "names"


OURS = ("flagserver",)

SCENARIOS = [
    Scenario("gif-64", servers=(*SITES, "bare", "journal", "crowded")),
    Scenario("json-64", file="json"),
    Scenario("gif-1", connections=1),
    Scenario("gif-1000", connections=1_000),
    Scenario("gif-10000", connections=10_000, servers=("flagserver", "limit")),
    Scenario("new-64", mode="new"),
    # Its listen queue has five places, so that some of them have to try again after a second.
    Scenario("book-64", mode="new", servers=("book",), patience=30),
    Scenario("delay-9900", connections=9_900, servers=OURS, delay=DELAY),
    Scenario("drawn-9900", connections=9_900, servers=("drawn",), told=DRAWN_DELAYS[1]),
    Scenario("jitter-9900", connections=9_900, servers=("drawn",), told=sum(JITTERED),
             jitters=True),
    Scenario("size", kind="size", servers=OURS),
    Scenario("start", kind="start", servers=("flagserver", "nginx")),
    Scenario("idle-10000", kind="idle", mode="idle", connections=10_000,
             servers=("flagserver", "bare", "nginx", "h2o")),
    Scenario("delay-19400", kind="waiting", connections=19_400, servers=("flagserver", "bare"),
             delay=DELAY),
    Scenario("patterns", kind="patterns", servers=OURS, connections=1),
    Scenario("worlds", kind="worlds", servers=OURS),
    Scenario("page", kind="page", servers=OURS),

    ProxyScenario("bulk-1", "bulk", 1),
    ProxyScenario("bulk-16", "bulk", 16),
    ProxyScenario("ping-1", "ping", 1),
    ProxyScenario("ping-64", "ping", 64),
    ProxyScenario("connect-64", "new", 64),
    ProxyScenario("idle-3000", "idle", 3_000, kind="idle",
                  servers=("flagserver", "nginx", "haproxy", "toxiproxy")),
    ProxyScenario("latency-1000", "ping", 1_000, servers=OURS, toxic="latency", delay=LATENCY),
    ProxyScenario("pause-1000", "ping", 1_000, servers=OURS, pause=LATENCY),
    ProxyScenario("bandwidth-1000", "bulk", 1_000, servers=OURS, toxic="bandwidth",
                  rate=BANDWIDTH),
    ProxyScenario("piece-1000", "bulk", 1_000, servers=OURS, piece=BANDWIDTH // 10, pause=0.1),
    ProxyScenario("stuck-1000", "stuck", 1_000, kind="control", servers=OURS, toxic="stuck"),
    ProxyScenario("after-load", "bulk", 1_000, kind="memory", servers=OURS, toxic="bandwidth"),

    CharacterScenario("braille-64"),

    DownloadScenario("flags-local", "local"),
    DownloadScenario("flags-delay", "delay"),

    NameScenario("names"),
]
