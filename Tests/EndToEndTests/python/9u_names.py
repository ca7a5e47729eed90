"""The name server: dig, dnspython, aiodns and glibc's own resolver get what the configuration says."""
from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness import BINARY, Server, Skip, case, check, environment, equal, flagserver, main, need, \
    prepare_child, wait_until

# The book's question: which short keywords are still free as names?
TAKEN = ["elif", "def", "as", "in", "for", "is", "and", "try", "not"]
NAMES = "dns:\n" + "".join(
    f'  - {{ name: {name}.dev, a: 127.0.0.1, aaaa: "::1" }}\n' for name in TAKEN) + """\
  - { name: "*.wild.test", a: [10.0.0.1, 10.0.0.2], ttl: 5m }
  - { name: www.alias.test, cname: def.dev }
"""
BLOGDOM = """
import asyncio, socket
from keyword import kwlist

async def probe(domain):
    loop = asyncio.get_running_loop()
    try:
        await loop.getaddrinfo(domain, None)
    except socket.gaierror:
        return domain, False
    return domain, True

async def main():
    names = (word for word in kwlist if len(word) <= 4)
    domains = [f"{name}.dev".lower() for name in names]
    for found in asyncio.as_completed([probe(domain) for domain in domains]):
        domain, isFound = await found
        print("+" if isFound else " ", domain)

asyncio.run(main())
"""


@contextmanager
def served(*options, names=NAMES):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.yaml"
        path.write_text(names)
        with Server("--config", path, "--dns", "0", "--log-format", "json", *options) as server:
            yield server


def dig(server, *words):
    need("dig")
    port = str(server.ports["dns"])
    done = subprocess.run(
        ["dig", "@127.0.0.1", "-p", port, "+tries=1", "+timeout=3", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    return done.stdout


def short(server, *words):
    return dig(server, "+short", *words).split()


def status(server, *words):
    found = re.search(r"status: (\w+)", dig(server, *words))
    return found and found.group(1)


def query(number, name="br.flags.test", kind=1):
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(
        ">HH", kind, 1)


def module(name):
    try:
        return __import__(name)
    except ImportError:
        raise Skip(f"the Python package {name} is not installed") from None


# What there is

@case("dig finds countries, names of the file, wildcards and aliases, and nothing else")
def _():
    with served() as server:
        equal(short(server, "br.flags.test"), ["127.0.0.1"], "br")
        equal(short(server, "AAAA", "BR.Flags.Test"), ["::1"], "BR")
        equal(short(server, "def.dev"), ["127.0.0.1"], "def.dev")
        equal(sorted(short(server, "a.b.wild.test")), ["10.0.0.1", "10.0.0.2"], "a wildcard")
        check("300" in dig(server, "+noall", "+answer", "a.wild.test"), "the ttl is 5 minutes")
        equal(short(server, "www.alias.test"), ["def.dev.", "127.0.0.1"], "an alias")
        for name in ("none.dev", "xx.flags.test", "com", "a.br.flags.test"):
            equal(status(server, name), "NXDOMAIN", name)
        equal(status(server, "MX", "def.dev"), "NOERROR", "no MX")
        equal(status(server, "CH", "TXT", "version.bind"), "REFUSED", "another class")
        check("SOA" in dig(server, "none.dev"), "how long that may be remembered is told")
        both = dig(server, "+tcp", "+keepopen", "+short", "br.flags.test", "AAAA", "br.flags.test")
        equal(sorted(both.split()), ["127.0.0.1", "::1"], "two questions on one connection")
        six = subprocess.run(
            ["dig", "@::1", "-p", str(server.ports["dns"]), "+short", "def.dev"],
            stdout=subprocess.PIPE, text=True, timeout=20).stdout
        equal(six.split(), ["127.0.0.1"], "over IPv6")


@case("the journal tells of each question, and draw foretells its faults")
def _():
    toxic = "dns:servfail toxicity=0.5"
    with served("--seed", "11", "--toxic", toxic) as server:
        codes = ["ad", "ae", "br", "cn", "de", "fr", "in", "it", "jp", "us"]
        met = [status(server, f"{code}.flags.test") for code in codes]
        for code, found in zip(codes, met):
            told = flagserver("draw", "dns", "--dns", "0", "--seed", "11", "--toxic", toxic,
                              "-n", "1", "--target", f"A {code}.flags.test").stdout
            wanted = "SERVFAIL" if "servfail_upstream" in told else "NOERROR"
            equal(found, wanted, code)
        check({"SERVFAIL", "NOERROR"} == set(met), f"both are drawn: {met}")
        wait_until(lambda: len(server.records("dns")) == len(codes), "the records")
        for code, found, record in zip(codes, met, server.records("dns")):
            equal((record["method"], record["target"]), ("A", f"{code}.flags.test"), "a record")
            equal(record["status"], {"NOERROR": 0, "SERVFAIL": 2}[found], code)
            equal(bool(record["faults"]), found == "SERVFAIL", code)
        failed = met.count("SERVFAIL")
        for words, count in (("status=2", failed), ("status!=2", len(met) - failed),
                             ("status:0,3", len(met) - failed), ("status>0", failed)):
            result = flagserver("verify", "--url", f"localhost:{server.ports['control']}",
                                "proxy=dns", words, f"count={count}")
            equal(result.returncode, 0, f"{words}: {result.stdout}{result.stderr}")


# Faults, as dig meets them

@case("dig meets each fault by its name")
def _():
    with served() as server:
        control = server.urls["control"]

        def toxic(words):
            subprocess.run(
                [BINARY, "toxic", "delete", "--toxicName", "it", "dns", "--url", control],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            done = subprocess.run(
                [BINARY, "toxic", "add", "-n", "it", "-t", words[0],
                 *[word for pair in words[1:] for word in ("-a", pair)], "dns", "--url", control],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            equal(done.returncode, 0, done.stdout)

        for word, code in (("nxdomain", "NXDOMAIN"), ("servfail", "SERVFAIL"),
                           ("refused", "REFUSED")):
            toxic([word])
            equal(status(server, "br.flags.test"), code, word)
        toxic(["drop"])
        check("timed out" in dig(server, "+timeout=1", "br.flags.test"), "nothing comes")
        toxic(["truncate-udp"])
        check("flags: qr aa tc rd" in dig(server, "+ignore", "br.flags.test"), "TC over UDP")
        equal([word for word in short(server, "br.flags.test") if word[0].isdigit()],
              ["127.0.0.1"], "and the answer over TCP")
        toxic(["wrong-id"])
        check("ID mismatch" in dig(server, "+timeout=1", "br.flags.test"), "another number")
        toxic(["wrong-question"])
        check("Question section mismatch" in dig(server, "+timeout=1", "br.flags.test"),
              "another question")
        toxic(["wrong-source"])
        check("timed out" in dig(server, "+timeout=1", "br.flags.test"), "another port")
        toxic(["cname-loop"])
        equal(short(server, "br.flags.test"), ["loop.invalid.", "br.flags.test."], "a loop")
        toxic(["no-aaaa-answer"])
        equal(short(server, "br.flags.test"), ["127.0.0.1"], "A")
        check("timed out" in dig(server, "+timeout=1", "AAAA", "br.flags.test"), "AAAA")
        toxic(["many-records", "count=300"])
        found = [word for word in short(server, "br.flags.test") if word.startswith("127.")]
        equal(len(found), 301, "records over TCP")
        toxic(["slow-tcp", "pause=5ms"])
        answer = dig(server, "+tcp", "br.flags.test")
        took = int(re.search(r"Query time: (\d+) msec", answer).group(1))
        check(took >= 59 * 5, f"byte by byte: {took} ms")
        toxic(["ttl-zero"])
        check(re.search(r"br.flags.test.\s+0\s+IN", dig(server, "br.flags.test")), "TTL 0")
        toxic(["garbage"])
        check("malformed" in dig(server, "br.flags.test").lower()
              or "bad" in dig(server, "br.flags.test").lower(), "no message")


@case("faults of names are refused elsewhere, and others on the name server, with a word")
def _():
    for toxic, word in (("local:nxdomain", "needs protocol dns"),
                        ("dns:respond 503=1", "takes latency and faults of names"),
                        ("dns:truncate", "Did you mean truncate-udp?")):
        done = subprocess.run(
            [BINARY, "--ports", "0", "--dns", "0", "--toxic", toxic], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=20)
        equal(done.returncode, 64, toxic)
        check(word in done.stdout, done.stdout)


# Other clients

@case("dnspython agrees, and notices what is wrong")
def _():
    module("dns")
    import dns.message
    import dns.query
    import dns.rcode
    with served("--toxic", "dns:truncate-udp exchanges=2", "--toxic",
                "dns:wrong-id exchanges=4") as server:
        port = server.ports["dns"]
        ask = dns.message.make_query("www.alias.test", "A")
        reply = dns.query.udp(ask, "127.0.0.1", port=port, timeout=5)
        equal([str(part.name) for part in reply.answer], ["www.alias.test.", "def.dev."], "names")
        reply, was_tcp = dns.query.udp_with_fallback(ask, "127.0.0.1", port=port, timeout=5)
        check(was_tcp, "TC leads to TCP")
        try:
            dns.query.udp(ask, "127.0.0.1", port=port, timeout=5)
            check(False, "another number is taken")
        except dns.query.BadResponse:
            pass
        reply = dns.query.tcp(dns.message.make_query("none.dev", "A"), "::1", port=port, timeout=5)
        equal(dns.rcode.to_text(reply.rcode()), "NXDOMAIN", "none.dev")


@case("aiodns asks for eighteen names at once")
def _():
    aiodns = module("aiodns")

    async def ask(port):
        resolver = aiodns.DNSResolver(
            nameservers=["127.0.0.1"], udp_port=port, tcp_port=port, timeout=5)

        # Before its version 4 it was called otherwise.
        ask_one = getattr(resolver, "query_dns", None) or resolver.query

        async def probe(name):
            try:
                await ask_one(f"{name}.dev", "A")
            except aiodns.error.DNSError:
                return name, False
            return name, True
        words = TAKEN + ["none", "true", "pass", "with", "from", "else", "or", "if", "del"]
        return dict(await asyncio.gather(*map(probe, words)))

    with served("--toxic", "dns:latency latency=50ms") as server:
        found = asyncio.run(ask(server.ports["dns"]))
        equal(sorted(name for name in found if found[name]), sorted(TAKEN), "the names")


# A command that knows nothing of us

def run(command, *options, names=NAMES):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.yaml"
        path.write_text(names)
        return subprocess.run(
            [BINARY, "run", "--config", path, "--dns", *options, "--", *command], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), timeout=60,
            preexec_fn=prepare_child())


@case("blogdom.py runs unmodified: + stands where the configuration says so")
def _():
    before = Path("/etc/resolv.conf").read_bytes()
    done = run([sys.executable, "-c", BLOGDOM])
    if "a mount namespace" in done.stderr or "permission" in done.stderr.lower():
        raise Skip("no mount namespace, or port 53, on this machine")
    lines = sorted(done.stdout.splitlines(), key=lambda line: line[2:])
    equal(len(lines), 18, done.stdout + done.stderr)
    found = sorted(line[2:] for line in lines if line.startswith("+"))
    equal(found, sorted(f"{name}.dev" for name in TAKEN), "the names")
    equal(Path("/etc/resolv.conf").read_bytes(), before, "ours is as it was")


@case("glibc follows TC to TCP, with A and AAAA on one connection")
def _():
    script = "import socket; print(sorted({a[4][0] for a in socket.getaddrinfo('def.dev', 80)}))"
    done = run([sys.executable, "-c", script], "--toxic", "dns:truncate-udp")
    if "a mount namespace" in done.stderr or "permission" in done.stderr.lower():
        raise Skip("no mount namespace, or port 53, on this machine")
    equal(done.stdout.strip(), "['127.0.0.1', '::1']", done.stderr)


@case("the address is handed over, whatever the machine allows")
def _():
    script = "import os; print(os.environ['FLAGS_DNS_ADDRESS'])"
    done = run([sys.executable, "-c", script])
    check(re.fullmatch(r"127\.0\.0\.1:\d+\n", done.stdout), done.stdout + done.stderr)


# Bad input

@case("10 000 mutated messages change nothing but a counter")
def _():
    generator = random.Random(4)
    with served("--ring", "10", "-q") as server:
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.connect(("127.0.0.1", server.ports["dns"]))
        client.settimeout(5)
        for number in range(10_000):
            message = bytearray(query(number))
            for _ in range(generator.randint(1, 6)):
                message[generator.randrange(len(message))] = generator.randrange(256)
            client.send(message[:generator.randint(1, 40)] if number % 5 == 0 else message)
            if number % 100 == 99:
                # What comes behind them has been heard last.
                client.send(query(0xabcd))
                while client.recv(2000)[:2] != b"\xab\xcd":
                    pass
        equal(short(server, "br.flags.test"), ["127.0.0.1"], "it answers as before")


@case("what cannot be is told with its place")
def _():
    for names, word in (
            ("dns:\n  - { name: a..b }\n", ":2:13: error: 'a..b' is no name"),
            (f"dns:\n  - {{ name: {'a' * 64}.dev }}\n", "has 64 bytes. It has at most 63."),
            ("dns:\n  - { name: a.dev, a: \"::1\" }\n", "is no IPv4 address"),
            ("dns:\n  - { name: a.dev, cname: b.dev }\n  - { name: b.dev, cname: a.dev }\n",
             "leads back to itself"),
            ("dns: 70000\n", "is no port"),
            ("dns:\n  - { nane: a.dev }\n", "Did you mean 'name'?")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "names.yaml"
            path.write_text(names)
            done = subprocess.run(
                [BINARY, "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, timeout=20)
            equal(done.returncode, 78, names + done.stdout)
            check(word in done.stdout, f"{word}: {done.stdout}")


@case("a port that is taken has a word, over UDP too")
def _():
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    done = subprocess.run(
        [BINARY, "--ports", "0", "--dns", port], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=20)
    equal(done.returncode, 69, done.stdout)
    check("--dns 0 for a free port" in done.stdout, done.stdout)


@case("a world has a name server of its own")
def _():
    need("curl")
    with served() as server:
        made = subprocess.run(
            ["curl", "-s", server.urls["control"] + "/worlds", "-d",
             json.dumps({"proxies": [{"name": "dns", "toxics": [{"type": "nxdomain"}]}]})],
            stdout=subprocess.PIPE, text=True, timeout=20).stdout
        port = json.loads(made)["ports"]["dns"]
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.settimeout(5)
        codes = []
        for at in (port, server.ports["dns"]):
            client.sendto(query(1, "def.dev"), ("127.0.0.1", at))
            codes.append(client.recv(2000)[3] & 15)
        equal(codes, [3, 0], "the world's fault is its own")


main()
