"""--toxic, --proxy, --protocol, --behavior and the toxics subcommand: what help and README show
works as printed, and the commonest mistakes are explained."""
import re
import shlex
import socket
import time

from backends import Backend, connect, echo, exchange, free_port, receive_all, source
from control import Control
from harness import FIXTURES, Server, case, check, equal, flagserver, main
from wire import Wire, request

KINDS = ["noop", "latency", "bandwidth", "slicer", "limit_data", "slow_close", "timeout",
         "reset_peer", "packet_loss", "corrupt", "respond"]


@case("flagserver toxics lists every fault with attributes, units, ranges, defaults and an example")
def listing():
    text = flagserver("toxics").stdout
    for kind in KINDS:
        one = flagserver("toxics", kind)
        equal((one.returncode, one.stderr), (0, ""), kind)
        check(one.stdout.splitlines()[0] in text, f"{kind} is not in the list")
        check("--toxic '" in one.stdout, f"{kind} has no example")
    text = flagserver("toxics", "latency").stdout
    for word in ("latency", "jitter", "ms", "default"):
        check(word in text, f"{word} in {text}")
    result = flagserver("toxics", "latancy")
    check(result.returncode == 64 and "Did you mean 'latency'?" in result.stderr, result.stderr)


@case("every example that flagserver toxics prints starts a server that has that toxic")
def examples():
    found = re.findall(r"--toxic '([^']*)'", flagserver("toxics").stdout)
    found = [spec for spec in found if "my.fault" not in spec]  # which only its writer has
    parts = [re.match(r"(\w+):([\w-]+)", spec).groups() for spec in found]
    equal(set(KINDS) - {kind for _, kind in parts}, set(), "without an example")
    for spec, (proxy, kind) in zip(found, parts):
        needed = ["--dns", "0"] if proxy == "dns" else []
        with Server("-q", *needed, "--toxic", spec) as server:
            toxics = Control(server.ports["control"]).json("GET", f"/proxies/{proxy}/toxics")
            check(kind in [toxic["type"] for toxic in toxics], f"{spec}: {toxics}")


@case("examples of --help that start servers start them")
def help_examples():
    text = flagserver("--help").stdout.split("USAGE:")[0].replace("\\\n", " ")
    lines = [re.split(r"\s{3,}[A-Z\d]", line.strip())[0] for line in text.splitlines()
             if line.strip().startswith("flagserver ") and "draw" not in line]
    lines = [line for line in lines if "--toxic" in line or "--proxy" in line]
    check(len(lines) >= 2, f"{lines}")
    for line in lines:
        options = [word.replace("9000=", f"proxy9000={free_port()}=")
                   for word in shlex.split(line)[1:]]
        with Server("-q", *options) as server:
            check(server.is_alive(), line)


@case("--toxic on a flag server: units, toxicity, stream, exchanges and match are honoured")
def toxic():
    specs = ["local:limit_data bytes=1kB exchanges=1", "local:noop name=mine toxicity=25%",
             "delay:latency latency=0.7s name=more path=/flags/br/*",
             "error:bandwidth rate=64kB/s stream=upstream"]
    options = [word for spec in specs for word in ("--toxic", spec)]
    with Server("-q", "--delay", "0", *options) as server:
        proxies = Control(server.ports["control"]).json("GET", "/proxies")
        local = {t["name"]: t for t in proxies["local"]["toxics"]}
        equal(local["limit_data_downstream"]["attributes"], {"bytes": 1000}, "1kB")
        equal(local["mine"]["toxicity"], 0.25, "25%")
        rate = [t for t in proxies["error"]["toxics"] if t["type"] == "bandwidth"][0]
        equal((rate["attributes"], rate["stream"]), ({"rate": 64}, "upstream"), "64kB/s")
        for attempt in (1, 2):
            with connect(server.ports["local"]) as stream:
                stream.sendall(request("GET", "/flags/br/br.gif", "Connection: close"))
                data, _ = receive_all(stream)
                equal(len(data) == 1000, attempt == 1, f"attempt {attempt} has {len(data)} bytes")
        for code, wanted in (("br", True), ("ch", False)):
            with Wire(server, "delay") as wire:
                start = time.monotonic()
                wire.send(request(target=f"/flags/{code}/{code}.gif"))
                wire.answer()
                if wanted:
                    check(time.monotonic() - start >= 0.7, "an early answer")


@case("--proxy: names, addresses, protocols and --behavior, in the ready file and the API")
def proxy():
    with Backend(echo) as first, Backend(source(b"data")) as second:
        port = free_port()
        with Server("-q", "--proxy", f"{port}={first.address}",
                    "--proxy", f"db=0={second.address}",
                    "--proxy", f"v=127.0.0.1:0={first.address}",
                    "--toxic", f"proxy{port}:latency latency=200ms") as server:
            equal(server.ports[f"proxy{port}"], port, "the port in its name")
            with connect(port) as stream:
                start = time.monotonic()
                exchange(stream, b"ping")
                check(time.monotonic() - start >= 0.2, "an early answer")
            with connect(server.ports["db"]) as stream:
                equal(receive_all(stream), (b"data", "fin"), "through db")
            with connect(server.ports["v"]) as stream:
                exchange(stream, b"through v")
        with Server("-q", "--proxy", f"web=0={first.address}", "--protocol", "http",
                    "--behavior", "100:error", "--error-status", "503") as server:
            for name in ("web", "chaos"):
                with connect(server.ports[name]) as stream:
                    stream.sendall(request())
                    check(stream.recv(1000).startswith(b"HTTP/1.1 503"), f"error on {name}")
            with Wire(server) as wire:
                wire.check_open()


@case("a rate below 1 kB/s is kept: what is shown can be written back, and means the same")
def small_rates():
    def write_back(control, proxy):
        """All that is shown of the toxic, as a client does that changes another part of it."""
        path = f"/proxies/{proxy}/toxics/bw"
        shown = control.json("GET", path)
        check(shown["attributes"]["rate"] != 0, f"0 stalls, and this does not: {shown}")
        equal(control.json("POST", path, shown), shown, "what is answered")
        equal(control.json("GET", path), shown, "what is shown afterwards")
    with Server("-q", "--toxic", "local:bandwidth rate=1kbit/s name=bw") as server:
        for turn in ("as it was typed", "after the same was written back"):
            start = time.monotonic()
            with Wire(server, seconds=60) as wire:
                wire.send(request("HEAD", "/flags/br/metadata.json"))
                equal(wire.answer("HEAD").status, 200, turn)
            # A head has more than 125 bytes.
            check(time.monotonic() - start >= 0.9, f"{turn} it is too fast")
            write_back(Control(server.ports["control"]), "local")
    slowest = "delay:bandwidth rate=0.5B/s name=bw"
    result = flagserver("draw", "delay", "-n", "1", "--toxic", slowest)
    if result.returncode == 0:
        with Server("-q", "--toxic", slowest) as server:
            write_back(Control(server.ports["control"]), "delay")
    else:
        check("0.5B/s" in result.stderr, f"a refusal that does not name it: {result.stderr}")


@case("two tests that share a URL and differ in a header have each their own failures, in order")
def per_match():
    header = "local:respond 503 name={0} exchanges=1...2 per=match header=x-test:{0}"
    options = [word for spec in (
        header.format("a"), header.format("b"),
        "delay:respond 503 exchanges=1...2 per=match method=POST")
        for word in ("--toxic", spec)]
    with Server("-q", "--delay", "0", *options) as server:
        for test in ("a", "b"):
            with Wire(server) as wire:
                equal(statuses(wire, 3, request("GET", "/flags/br/br.gif", f"x-test: {test}")),
                      [503, 503, 200], f"test {test}")
        with Wire(server, "delay") as wire:
            equal(statuses(wire, 1, request("GET", "/flags/br/br.gif")), [200], "GET")
            # What the match does not let in is not counted; 405 is DELAY's own.
            equal(statuses(wire, 3, request("POST", "/flags/br/br.gif", "Content-Length: 0")),
                  [503, 503, 405], "three POSTs")


@case("per=client and per=header count for each address, and for each value of the header")
def per_others():
    options = ["--toxic", "local:respond 503 exchanges=1 per=client",
               "--toxic", "delay:respond 503 exchanges=1 per=header header=x-test:*"]
    with Server("-q", "--delay", "0", *options) as server:
        for host in ("127.0.0.1", "127.0.0.2"):
            with socket.socket() as stream:
                stream.bind((host, 0))
                stream.settimeout(20)
                stream.connect(("127.0.0.1", server.ports["local"]))
                found = []
                for code in ("br", "cn"):
                    stream.sendall(request("HEAD", f"/flags/{code}/{code}.gif"))
                    found.append(stream.recv(4096)[9:12])
                equal(found, [b"503", b"200"], f"from {host}")
        with Wire(server, "delay") as wire:
            for value in ("a", "b"):
                asked = request("GET", "/flags/br/br.gif", f"x-test: {value}")
                equal(statuses(wire, 2, asked), [503, 200], f"x-test: {value}")


def statuses(wire, count, asked):
    found = []
    for _ in range(count):
        wire.send(asked)
        found.append(wire.answer().status)
    return found


MISTAKES = [
    (["--toxic", "chaos:latancy latency=1s"], ["unknown toxic 'latancy'", "'latency'"]),
    (["--toxic", "chaso:latency latency=1s"], ["chaso", "chaos"]),
    (["--toxic", "chaos:latency latency=200"], ["200", "ms"]),
    (["--toxic", "chaos:bandwidth rate=64"], ["64", "kB/s"]),
    (["--toxic", "chaos:latency latncy=200ms"], ["latncy", "latency"]),
    (["--toxic", "chaos:latency latency=200ms toxicity=25"], ["25"]),
    (["--toxic", "chaos:latency latency=-1s"], ["latency"]),
    (["--toxic", "chaos:latency latency"], ["latency"]),
    (["--toxic", "chaos"], ["chaos"]), (["--toxic", ""], ["--toxic"]),
    (["--toxic", "latency latency=1s"], ["--toxic"]),
    (["--toxic", "chaos:noop exchanges=2...1"], ["2...1"]),
    (["--toxic", "chaos:respond stream=downstream"], ["downstream"]),
    (["--toxic", "chaos:noop", "--toxic", "chaos:noop"], ["noop_downstream"]),
    (["--proxy", "9000"], ["--proxy"]), (["--proxy", "9000=nohost"], ["nohost"]),
    (["--proxy", "99999=a:1"], ["99999"]), (["--proxy", "local=0=a:1"], ["local"]),
    (["--proxy", "a=0=b:1", "--proxy", "a=0=c:1"], ["a"]),
    (["--protocol", "ftp"], ["ftp"]),
    (["--behavior", "80:error,50:delay"], ["130 %"]), (["--behavior", "50:eror"], ["eror"]),
    (["--behavior", "error:50"], ["error:50"]), (["--control", "x"], ["--control"])]


@case(f"{len(MISTAKES)} mistakes in these options: one line of error that names them, status 64")
def mistakes():
    wrong = []
    for arguments, words in MISTAKES:
        result = flagserver("--ports", "0", "--fixtures", FIXTURES, *arguments)
        errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        missing = [word for word in words if word not in result.stderr]
        if result.returncode != 64 or missing or len(errors) != 1:
            wrong.append(f"{arguments}: {result.returncode}, missing {missing}: {result.stderr!r}")
    check(not wrong, "\n    ".join([f"{len(wrong)} of {len(MISTAKES)}", *wrong]))


@case("a proxy before our own control port is refused on the command line, and a ring is, too")
def chains():
    control, first, second = free_port(), free_port(), free_port()
    for options in (["--control", control, "--proxy", f"a=0=127.0.0.1:{control}"],
                    ["--proxy", f"a={first}=127.0.0.1:{second}",
                     "--proxy", f"b={second}=localhost:{first}"]):
        result = flagserver("--ports", "local=0,delay=0,error=0,chaos=0,fault=0", *options)
        check(result.returncode > 0, f"{options}: {result.returncode}")
        check("error: " in result.stderr, result.stderr)


main()
