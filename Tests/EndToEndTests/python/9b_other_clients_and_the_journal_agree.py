"""redis, memcached, SMTP and MySQL through proxies whose toxics change: what their clients got
(bytes, errors, waits) is what the records of their commands, or of their connections, say."""
import smtplib
import socket
import threading
import time
from collections import namedtuple
from itertools import count

from backends import Backend, connect
from control import recorded, recorded_before
from harness import Skip, case, check, equal, main
from services import (
    database, mail_server, memcached_server, redis_cli, redis_client, redis_server)

# What a client says of one command: `received` None where it cannot tell, `waited` in milliseconds.
Report = namedtuple("Report", "received failed waited")

LATENCY, RESPOND = ("latency", {"latency": 80}), ("respond", {"503": 1})
SLICER, LIMIT = ("slicer", {"average_size": 100, "delay": 2000}), ("limit_data", {"bytes": 500})
RESET = ("reset_peer", {"timeout": 0})
NOTHING = [("noop", {}), ("latency", {"latency": 0})]
VALUE = b"v" * 1000
# Toxics that a command meets, and which of them have acted.
TURNS = [
    ([], []), ([LATENCY], ["latency"]), ([RESPOND], ["respond"]), ([SLICER], ["slicer"]),
    ([("bandwidth", {"rate": 10})], ["bandwidth"]), ([LIMIT], ["limit_data"]),
    (NOTHING, []), ([RESET], ["reset_peer"]), ([LATENCY, LIMIT], ["latency", "limit_data"]),
    ([], [])]


def since(start):
    return (time.monotonic() - start) * 1000


def kinds_of(toxics):
    return [kind for kind, _ in toxics]


def check_record(record, report, toxics, acted, whole, what):
    """`whole`: bytes of the reply that the server has sent."""
    what = f"{what} with {kinds_of(toxics)}: {report}, {record}"
    equal([fault["type"] for fault in record["faults"]], kinds_of(toxics), f"met ({what})")
    equal([f["type"] for f in record["faults"] if f["acted"]], acted, f"acted ({what})")
    equal((record["refused"], record["mangled"]), (None, False), what)
    if report.received is not None:
        equal(record["bytes_sent"], report.received, f"bytes ({what})")
    if LIMIT in toxics or RESET in toxics:
        equal(record["bytes_sent"], 500 if LIMIT in toxics else 0, f"bytes ({what})")
        equal((report.failed, record["end"]), (True, "fin" if LIMIT in toxics else "rst"), what)
    else:
        equal(record["end"], "keep", what)
        if RESPOND not in toxics:
            equal((record["bytes_sent"], report.failed), (whole, False), what)
    delay = 80 if LATENCY in toxics else 0
    equal(record["delay_ms"], delay, what)
    check(delay - 0.1 <= record["actual_delay_ms"] <= report.waited + 0.1, f"times ({what})")
    check(report.waited >= delay, f"early ({what})")


def in_turn(control, ask, whole, what, method):
    """Holds one command after the other against its record; `ask` gives the report of one."""
    done = len(control.journal(proxy="p"))
    for toxics, acted in TURNS:
        control.set_toxics("p", toxics)
        report, done = ask(), done + 1
        record = control.records(done, proxy="p")[-1]
        equal(record["method"].upper(), method, f"{what}: method of {record}")
        check_record(record, report, toxics, acted, whole, what)


# redis

def bulk(size):
    """How many bytes a reply with a value of so many has."""
    return len(b"$%d\r\n\r\n" % size) + size


def simple_redis(port):
    """A client that sends what it is told, and nothing besides."""
    return redis_client(port, protocol=2, lib_name=None, lib_version=None)


def redis_get(client, key):
    from redis.exceptions import ConnectionError, ResponseError
    start = time.monotonic()
    try:
        value = client.get(key)
        return Report(bulk(len(value)), False, since(start))
    except ResponseError as error:
        return Report(None, str(error), since(start))
    except ConnectionError:
        return Report(None, True, since(start))


@case("redis-py: each toxic in turn on a client that goes on: bytes, faults and delays of each GET")
def redis_py():
    with redis_server() as address, recorded_before(address, "redis") as (port, control):
        client = simple_redis(port)
        client.set("k", VALUE)
        in_turn(control, lambda: redis_get(client, "k"), bulk(len(VALUE)), "redis-py", "GET")
        client.close()


@case("redis-cli: each toxic in turn: bytes, faults and delays of each GET")
def redis_command_line():
    with redis_server() as address, recorded_before(address, "redis") as (port, control):
        equal(redis_cli(port, "SET", "k", VALUE.decode()), "OK", "SET")

        def ask():
            start = time.monotonic()
            text = redis_cli(port, "GET", "k")
            if text.startswith("ERR "):
                return Report(len(f"-{text}\r\n"), text, since(start))
            is_whole = text.encode() == VALUE
            return Report(bulk(len(text)) if is_whole else None, not is_whole, since(start))
        in_turn(control, ask, bulk(len(VALUE)), "redis-cli", "GET")


@case("four redis clients while toxics change under way: every GET has its record, as it was met")
def redis_changing():
    changing = [[], [("latency", {"latency": 20})], [RESPOND], [LIMIT], [SLICER], [RESET], NOTHING]
    with redis_server() as address, recorded_before(address, "redis") as (port, control):
        client = simple_redis(port)
        for number in range(60):
            client.set(f"k{number:02}", VALUE[: 600 + number])
        client.close()
        done, turns, reports, numbers = threading.Event(), count(), {}, iter(range(60))

        def change():
            while not done.is_set():
                control.set_toxics("p", changing[next(turns) % len(changing)])

        def work():
            client = simple_redis(port)
            for number in numbers:
                reports[number] = redis_get(client, f"k{number:02}")
            client.close()
        changer = threading.Thread(target=change, daemon=True)
        workers = [threading.Thread(target=work, daemon=True) for _ in range(4)]
        for thread in [changer, *workers]:
            thread.start()
        for thread in workers:
            thread.join(60)
        done.set()
        changer.join(20)
        equal(len(reports), 60, "reports")
        records = {int(record["target"][-2:]): record
                   for record in control.records(60, proxy="p", method="GET")}
        for number, report in reports.items():
            record, whole = records[number], bulk(600 + number)
            what = f"k{number:02}: {report}, {record}"
            acted = {fault["type"] for fault in record["faults"] if fault["acted"]}
            if report.received:
                equal((record["bytes_sent"], record["end"]), (whole, "keep"), what)
                check(not acted & {"respond", "limit_data", "reset_peer"}, what)
            elif isinstance(report.failed, str):
                equal((record["bytes_sent"], record["end"]),
                      (len("-ERR \r\n") + len(report.failed), "keep"), what)
                check("respond" in acted, what)
            else:
                check((record["bytes_sent"], record["end"]) in ((500, "fin"), (0, "rst")), what)
                check(acted & {"limit_data", "reset_peer"}, what)
            met = {fault["type"] for fault in record["faults"]}
            check(record["delay_ms"] == 0 or "latency" in met, what)
            check(record["actual_delay_ms"] <= report.waited + 0.1, what)


# memcached

@case("memcached by hand: each toxic in turn: bytes, faults and delays of each get")
def memcache():
    reply = b"VALUE k 0 %d\r\n%b\r\nEND\r\n" % (len(VALUE), VALUE)
    with memcached_server() as address, recorded_before(address, "memcache") as (port, control):
        stream = connect(port)
        stream.sendall(b"set k 0 0 %d\r\n%b\r\n" % (len(VALUE), VALUE))
        equal(stream.recv(100), b"STORED\r\n", "set")

        def ask():
            nonlocal stream
            start, data, ended = time.monotonic(), b"", False
            stream.sendall(b"get k\r\n")
            try:
                while not ended and not data.endswith((b"END\r\n", b"injected by flagserver\r\n")):
                    more = stream.recv(1 << 16)
                    data, ended = data + more, not more
            except ConnectionResetError:
                ended = True
            waited = since(start)
            if ended:
                stream.close()
                stream = connect(port)
            check(ended or data == reply or data.startswith(b"SERVER_ERROR"), f"{data[:80]!r}")
            return Report(len(data), ended, waited)
        in_turn(control, ask, len(reply), "memcached", "GET")
        stream.close()


# SMTP and MySQL, with clients that count what comes

class Counting(socket.socket):
    """A client's connection that knows how many bytes it has received."""

    received = 0

    def recv_into(self, *arguments):
        number = super().recv_into(*arguments)
        self.received += number
        return number


class Mailer(smtplib.SMTP):
    """smtplib's client, over a connection that counts."""

    def _get_socket(self, host, port, timeout):
        stream = Counting()
        stream.settimeout(timeout)
        stream.connect((host, port))
        return stream


@case("smtplib: each toxic in turn under way: status, bytes, faults and delays of each command")
def mail():
    turns = [
        ([], []), ([LATENCY], ["latency"]), ([RESPOND], ["respond"]),
        ([("slicer", {"average_size": 1, "delay": 1000})], ["slicer"]), (NOTHING, []),
        ([("limit_data", {"bytes": 3})], ["limit_data"])]
    with mail_server() as address, recorded_before(address, "smtp") as (port, control):
        client = Mailer("127.0.0.1", port, timeout=20)
        for done, (toxics, acted) in enumerate(turns, 1):
            control.set_toxics("p", toxics)
            before, start, status = client.sock.received, time.monotonic(), None
            stream = client.sock
            try:
                status = client.noop()[0]
            except smtplib.SMTPServerDisconnected:
                pass
            waited = since(start)
            record = control.records(done, proxy="p")[-1]
            what = f"smtplib with {kinds_of(toxics)}: {status}, {waited} ms, {record}"
            equal((record["method"].upper(), record["status"]), ("NOOP", status), what)
            equal(record["bytes_sent"], stream.received - before, what)
            equal([fault["type"] for fault in record["faults"]], kinds_of(toxics), what)
            equal([f["type"] for f in record["faults"] if f["acted"]], acted, what)
            equal(record["end"], "fin" if acted == ["limit_data"] else "keep", what)
            delay = 80 if LATENCY in toxics else 0
            equal(record["delay_ms"], delay, what)
            check(delay - 0.1 <= record["actual_delay_ms"] <= waited + 0.1, what)
        try:  # three bytes of a reply are one to it; the next command meets the end
            client.noop()
        except smtplib.SMTPServerDisconnected:
            pass
        check(client.sock is None, "the client has not noticed the cut")


@case("smtplib: a mail in the midst of changing toxics: a record for each command, DATA's is one")
def whole_mail():
    with mail_server() as address, recorded_before(address, "smtp") as (port, control):
        with Mailer("127.0.0.1", port, timeout=20) as client:
            client.ehlo()
            greeted = client.sock.received
            control.toxic("p", "latency", {"latency": 50}, match={"request": "3"})
            client.sendmail("a@example.org", ["b@example.org"], "Subject: a\r\n\r\nx\r\n")
            control.set_toxics("p", [])
            received = client.sock.received - greeted
        records = control.records(5, proxy="p")
        equal([(r["method"].upper(), r["status"]) for r in records],
              [("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 250), ("QUIT", 221)],
              "commands")
        equal(sum(r["bytes_sent"] for r in records[1:4]), received, "bytes of MAIL, RCPT and DATA")
        equal([r["delay_ms"] for r in records], [0, 0, 50, 0, 0], "delays")


def mysql_client(port):
    try:
        import pymysql
    except ImportError:
        raise Skip("the Python package PyMySQL is not installed") from None
    client = pymysql.connect(host="127.0.0.1", port=port, user="u", password="p", read_timeout=20,
                             connect_timeout=20, defer_connect=True)
    stream = Counting()
    stream.settimeout(20)
    stream.connect(("127.0.0.1", port))
    return client, stream


@case("PyMySQL: each toxic in turn: the record of its connection has the bytes, faults and delays")
def mysql():
    turns = [
        ([], [], False), ([LATENCY], ["latency"], False), ([RESPOND], ["respond"], True),
        ([SLICER], ["slicer"], False), (NOTHING, [], False),
        ([("limit_data", {"bytes": 40})], ["limit_data"], True)]
    with Backend(database) as backend:
        with recorded_before(backend.address, "mysql") as (port, control):
            for done, (toxics, acted, fails) in enumerate(turns, 1):
                control.set_toxics("p", toxics)
                start = time.monotonic()
                client, stream = mysql_client(port)
                failed = False
                try:
                    client.connect(stream)
                    client.ping(reconnect=False)
                    client.close()
                except Exception as error:
                    failed = error
                waited = since(start)
                received = stream.received
                stream.close()
                record = control.records(done, proxy="p")[-1]
                what = f"PyMySQL with {kinds_of(toxics)}: {failed!r}, {waited} ms, {record}"
                equal(bool(failed), fails, what)
                equal(record["bytes_sent"], received, what)
                equal([fault["type"] for fault in record["faults"]], kinds_of(toxics), what)
                equal([f["type"] for f in record["faults"] if f["acted"]], acted, what)
                delay = 80 if LATENCY in toxics else 0
                equal(record["delay_ms"], delay, what)
                check(delay - 0.1 <= record["actual_delay_ms"], what)
                check(waited >= delay, what)


@case("PyMySQL: toxics that come and go on its connection are met in order; a cut ends its record")
def mysql_changing():
    with recorded(database, "mysql") as (port, control, _):
        client, stream = mysql_client(port)
        client.connect(stream)
        control.toxic("p", "latency", {"latency": 50})
        client.ping(reconnect=False)
        control.remove("p", "latency_downstream")
        client.ping(reconnect=False)
        control.toxic("p", "limit_data", {"bytes": 3})
        try:
            client.ping(reconnect=False)
            raise AssertionError("a ping whose answer is cut succeeds")
        except Exception as error:
            check(not isinstance(error, AssertionError), f"{error}")
        control.toxic("p", "latency", {"latency": 1000}, name="late")
        record, = control.journal(proxy="p")
        equal([(fault["toxic"], fault["acted"]) for fault in record["faults"]],
              [("latency_downstream", True), ("limit_data_downstream", True)], f"{record}")
        equal((record["bytes_sent"], record["end"]), (stream.received, "fin"), f"{record}")
        equal((record["delay_ms"], record["mangled"]), (50, False), f"{record}")
        check(record["actual_delay_ms"] >= 49.9, f"{record}")
        stream.close()


main()
