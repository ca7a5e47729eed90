"""What is shown can be written back, what is not known is told of, and TLS is called by its name."""
import json
import ssl
import tempfile
from pathlib import Path

from control import Control
from harness import Server, case, check, equal, flagserver, main, wait_until

TOXICS = {
    "latency": {"latency": "1.5us", "jitter": "1ms"}, "bandwidth": {"rate": "1kbit/s"},
    "slow_close": {"delay": 10}, "timeout": {"timeout": "1us"}, "reset_peer": {"timeout": 5},
    "slicer": {"average_size": 10, "size_variation": 5, "delay": 10}, "limit_data": {"bytes": 9},
    "noop": {}, "packet_loss": {"loss_rate": 0.1}, "corrupt": {}, "respond": {"status": [503, 418]},
}


def control_of(server):
    return Control(server.ports["control"])


def shown(server):
    return control_of(server).json("GET", "/proxies")


@case("what GET /proxies prints is a configuration, and a server with it prints the same")
def round_trip():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "proxies.json")
        with Server("-q", "--error-mode", "exact", "--max-concurrency", "7") as server:
            control = control_of(server)
            for index, (kind, attributes) in enumerate(TOXICS.items()):
                body = {"type": kind, "name": f"t{index}", "attributes": attributes}
                body |= {"toxicity": 0.25, "mode": "exact"} if index % 2 else {}
                body |= {"match": {"path": "/a*"}, "exchanges": "1...2", "per": "match"} \
                    if index % 3 == 0 else {}
                equal(control.call("POST", "/proxies/delay/toxics", body).status, 200, kind)
            proxy = {"name": "db", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1",
                     "behavior": "25:delay", "behavior_options": {"delay": {"sleep": 2.5}}}
            equal(control.call("POST", "/proxies", proxy).status, 201, "db")
            equal(control.call("POST", "/proxies/local", {"enabled": False}).status, 200, "local")
            text = control.call("GET", "/proxies").body
            file.write_bytes(text)
        with Server("-q", "--config", str(file), "--control", "0", ports=None) as server:
            found = shown(server)
            for name, proxy in json.loads(text).items():
                equal(found.get(name), proxy, name)
            equal(sorted(found), sorted(json.loads(text)), "names")


@case("TLS spoken to an HTTP port is called that in the log and the record")
def tls():
    with Server() as server:
        context = ssl.create_default_context()
        try:
            context.wrap_socket(server.connect("local"), server_hostname="localhost")
        except (ssl.SSLError, ConnectionError):
            pass
        wait_until(lambda: "TLS on a port that speaks HTTP" in server.log(), "the log")
        record = control_of(server).call("GET", "/journal?proxy=local").body
        equal(json.loads(record)["target"], "TLS on a port that speaks HTTP", "the record")


@case("serve warns of a variable and of a status that is no error, and names the ports in force")
def warnings():
    with Server("--error-status", "200", "--edition", "2e",
                env={"FLAGSERVER_EROR_RATE": "1"},
                expects_log=("is not known", "is no error")) as server:
        log = server.log()
        check("warning: FLAGSERVER_EROR_RATE is not known. Did you mean FLAGSERVER_ERROR_RATE?\n"
              in log, log)
        check("warning: --error-status: 200 is no error, clients take it for what they asked for\n"
              in log, log)
        ports = ",".join(str(server.ports[n]) for n in ("local", "delay", "error", "chaos", "fault"))
        check(f"--ports {ports}" in log, log)


@case("check calls an image an image")
def image():
    fixture = Path(__file__).parents[3] / "fixtures/flags/br/br.gif"
    result = flagserver("check", str(fixture))
    equal(result.returncode, 78, "status")
    equal(result.stderr, f"{fixture}:1:1: error: this is a GIF image and no configuration, which "
          "is YAML or JSON in UTF-8.\n", "stderr")


main()
