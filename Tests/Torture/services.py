"""What is off unless it is asked for: the name server and charfinder, while their calls fail."""
import contextlib
import functools
import json
import socket
import struct
import subprocess

from parts import toxic

NAME = "br.flags.test"
LOOPBACK = b"\x7f\0\0\1"
PROMPT = b"?> "


# The name server (RFC 1035)

def _question(number, name):
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)


@functools.cache
def can_lead_names():
    """Whether a mount namespace is allowed here, and port 53."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        return False
    try:
        with socket.socket(type=socket.SOCK_DGRAM) as stream:
            stream.bind(("127.0.53.77", 53))
            return True
    except OSError:
        return False


def _over_udp(run, question):
    with socket.socket(type=socket.SOCK_DGRAM) as stream:
        stream.settimeout(run.patience)
        stream.sendto(question, ("127.0.0.1", run.port("dns")))
        return stream.recv(4096)


def _over_tcp(run, question):
    with socket.create_connection(("127.0.0.1", run.port("dns")), timeout=run.patience) as stream:
        stream.sendall(struct.pack(">H", len(question)) + question)
        with stream.makefile("rb") as file:
            length = struct.unpack(">H", file.read(2).ljust(2, b"\0"))[0]
            answer = file.read(length)
            if len(answer) < length:
                raise OSError(f"{len(answer)} of {length} bytes")
            return answer


def _resolve(run, ask, name=NAME, code=0):
    """Asks for the addresses of a name, of which there is one if `code` is NOERROR."""
    what = f"{name} {ask.__name__[1:].replace('_', ' ')}"
    question = _question(len(run.failures) + 4711, name)
    try:
        answer = ask(run, question)
    except OSError as error:
        run.failures.append(f"{what}: {error or type(error).__name__}")
        return run.lose_patience(error)
    if len(answer) < 12:
        return run.failures.append(f"{what}: {len(answer)} bytes")
    found = answer[3] & 15
    if answer[:2] != question[:2] or answer[12:len(question)] != question[12:]:
        run.findings.append(f"lie: {what}: an answer to something else")
    elif found != code:
        run.failures.append(f"{what}: code {found} instead of {code}")
    elif not code and not answer.endswith(LOOPBACK):
        run.findings.append(f"lie: {what}: another address")


def names(run):
    """Names that there are and that there are not, over UDP and TCP, without faults and with."""
    if not run.start("--ports", "0", "--seed", "7", "--dns", "0"):
        return
    for ask in (_over_udp, _over_tcp):
        _resolve(run, ask)
        _resolve(run, ask, "nobody.invalid", code=3)
    toxic(run, "dns", "wrong-source")
    _resolve(run, _over_udp)
    run.expect("control", "/reset", 204, method="POST")
    toxic(run, "dns", "latency", latency=10)
    _resolve(run, _over_udp)
    toxic(run, "dns", "slow-tcp", pause=1)
    _resolve(run, _over_tcp)
    run.probe()


# charfinder

def _lines(run, stream, words):
    """Whether a query had its prompt, whole lines, and their number."""
    stream.write(words.encode() + b"\r\n")
    stream.flush()
    told = b""
    while not told.endswith(PROMPT):
        more = stream.read1()
        if not more:
            return run.failures.append(f"{words}: {len(told)} bytes and no prompt")
        told += more
    *rows, end, _ = told.split(b"\r\n")
    if not end.endswith(f" {len(rows)} found".encode()) or not all(
            row.startswith(b"U+") and words.split()[0].upper().encode() in row for row in rows):
        run.findings.append(f"lie: {words}: {len(rows)} rows, and then {end!r}")


def _dialogue(run, *queries):
    try:
        with socket.create_connection(
                ("127.0.0.1", run.port("charfinder-tcp")), timeout=run.patience) as stream:
            with contextlib.closing(stream.makefile("rwb")) as file:
                prompt = file.read(len(PROMPT))
                if prompt != PROMPT:
                    return run.failures.append(f"the session: {prompt!r} instead of a prompt")
                for words in queries:
                    _lines(run, file, words)
    except OSError as error:
        run.failures.append(f"the session: {error or type(error).__name__}")
        run.lose_patience(error)


def _search(run, word):
    status, body = run.ask("charfinder-http", f"/search?q={word}&stop=all")
    if status != 200:
        return run.failures.append(f"the search: {status}")
    if not body or not all(word.upper() in row["name"] for row in json.loads(body)):
        run.findings.append(f"lie: the search: {body[:80]!r}")


def charfinder(run):
    """The index is made for the first question, over TCP; then long answers, both ways, and with
    faults."""
    if not run.start("--ports", "0", "--seed", "7", "--charfinder", "tcp=0,http=0"):
        return
    _dialogue(run, "chess black", "hieroglyph")
    _search(run, "hieroglyph")
    toxic(run, "charfinder-tcp", "latency", latency=10)
    toxic(run, "charfinder-http", "latency", latency=10)
    _dialogue(run, "sun")
    _search(run, "sun")
    run.probe()
