"""redis, memcached, SMTP, MySQL and PostgreSQL behind a proxy, with the clients that people use."""
import os
import shutil
import smtplib
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from backends import Backend, connect, free_port, receive
from control import Control
from harness import Program, Skip, case, check, environment, equal, main, need, wait_until
from services import (
    database, mail_server, memcached_server, postgres_server, redis_cli, redis_client,
    redis_server)


@contextmanager
def proxied(address, protocol, **expected):
    port = free_port()
    with Program("toxiproxy", "-port", port, "-seed", "42", port=port, **expected):
        control = Control(port)
        yield control.proxy("p", address, protocol=protocol), control


# redis

@contextmanager
def redis(**expected):
    with redis_server() as address, proxied(address, "redis", **expected) as (port, control):
        yield port, control


@case("redis-cli and redis-py through the proxy: pipelines, MULTI, pub/sub, 8 MB values, inline")
def redis_passes():
    with redis(expects_log=["goes on as plain bytes: a Redis command"]) as (port, _):
        client = redis_client(port)
        equal(redis_cli(port, "SET", "a", "1"), "OK", "redis-cli SET")
        equal(redis_cli(port, "GET", "a"), "1", "redis-cli GET")
        equal(redis_cli(port, text="INCR a\nINCR a\n").split(), ["2", "3"], "redis-cli's stdin")
        big = os.urandom(8 << 20)
        client.set("big", big)
        check(client.get("big") == big, "8 MB")
        pipeline = client.pipeline(transaction=False)
        for number in range(1000):
            pipeline.set(f"k{number}", number).get(f"k{number}")
        equal(pipeline.execute()[1::2], [b"%d" % n for n in range(1000)], "a pipeline")
        transaction = client.pipeline(transaction=True)
        equal(transaction.incr("n").incr("n").lrange("none", 0, -1).execute(), [1, 2, []], "MULTI")
        subscriber = client.pubsub()
        subscriber.subscribe("news")
        wait_until(lambda: client.publish("news", "x") == 1, "the subscription")
        seen = [subscriber.get_message(timeout=10) for _ in range(2)]
        equal([m["data"] for m in seen], [1, b"x"], "pub/sub")
        subscriber.close()
        with connect(port) as stream:
            stream.sendall(b"PING\r\n*1\r\n$4\r\nPING\r\n")
            equal(receive(stream, 14), b"+PONG\r\n+PONG\r\n", "inline and array commands")


@case("25 % of 1000 pipelined commands get -ERR in their own places; the others happen, once each")
def redis_errors():
    with redis() as (port, control):
        client = redis_client(port)
        client.set("warm", 1)
        control.toxic("p", "respond", {"503": 1}, toxicity=0.25)
        pipeline = client.pipeline(transaction=False)
        for number in range(1000):
            pipeline.set(f"k{number}", number)
        replies = pipeline.execute(raise_on_error=False)
        errors = {number for number, reply in enumerate(replies) if reply is not True}
        for number in errors:
            equal(type(replies[number]).__name__, "ResponseError", f"reply {number}")
        check(150 <= len(errors) <= 350, f"{len(errors)} of 1000")
        control.remove("p", "respond_upstream")
        stored = {number for number in range(1000) if client.exists(f"k{number}")}
        equal(stored, set(range(1000)) - errors, "the keys stored")
        control.toxic("p", "respond", {"503": 1})
        check(redis_cli(port, "GET", "k1").startswith("ERR"), "redis-cli shows the error")


@case("a delay of redis is never early")
def redis_delay():
    with redis() as (port, control):
        client = redis_client(port)
        client.set("a", 1)
        control.toxic("p", "latency", {"latency": 200})
        start = time.monotonic()
        equal(client.get("a"), b"1", "GET")
        check(time.monotonic() - start >= 0.2, "early")


# memcached

@contextmanager
def memcached():
    with memcached_server() as address, proxied(address, "memcache") as (port, control):
        yield port, control


@case("memccp and memccat through the proxy, and all commands of a pipeline by hand")
def memcache_passes():
    with memcached() as (port, _), tempfile.TemporaryDirectory() as folder:
        if shutil.which("memccp"):
            path = Path(folder) / "flag"
            path.write_bytes(b"GIF89a" * 1000)
            server = f"--servers=127.0.0.1:{port}"
            result = subprocess.run(["memccp", server, str(path)], capture_output=True, timeout=20)
            equal(result.returncode, 0, f"memccp: {result.stderr}")
            result = subprocess.run(["memccat", server, "flag"], capture_output=True, timeout=20)
            check(result.stdout.rstrip(b"\n") == path.read_bytes(), f"memccat: {result}")
        with connect(port) as stream:
            stream.sendall(b"set a 0 0 5\r\nEND\r\n\r\nget a\r\nset b 0 0 1 noreply\r\nx\r\n"
                           b"get b a none\r\nincr n 1\r\ndelete b\r\n")
            wanted = (b"STORED\r\nVALUE a 0 5\r\nEND\r\n\r\nEND\r\nVALUE b 0 1\r\nx\r\n"
                      b"VALUE a 0 5\r\nEND\r\n\r\nEND\r\nNOT_FOUND\r\nDELETED\r\n")
            equal(receive(stream, len(wanted)), wanted, "replies")
            big = b"y" * 900_000
            stream.sendall(b"set big 0 0 900000\r\n" + big + b"\r\nget big\r\n")
            wanted = b"STORED\r\nVALUE big 0 900000\r\n" + big + b"\r\nEND\r\n"
            check(receive(stream, len(wanted)) == wanted, "900 kB")


@case("memcache errors are SERVER_ERROR in their places; bodies are not taken for commands")
def memcache_errors():
    with memcached() as (port, control), connect(port) as stream:
        control.toxic("p", "respond", {"503": 1}, match={"request": "1"})
        stream.sendall(b"set a 0 0 9\r\nget hurt\n\r\nget a\r\nset a 0 0 1\r\nz\r\nget a\r\n")
        lines = b""
        while not lines.endswith(b"VALUE a 0 1\r\nz\r\nEND\r\n"):
            more = stream.recv(1000)
            check(more, f"the end after {lines}")
            lines += more
        check(lines.startswith(b"SERVER_ERROR "), f"{lines}")
        equal(lines.split(b"\r\n", 1)[1], b"END\r\nSTORED\r\nVALUE a 0 1\r\nz\r\nEND\r\n", "rest")


# SMTP

@contextmanager
def mail():
    with mail_server() as address, proxied(address, "smtp") as (port, control):
        yield port, control


@case("smtplib and swaks deliver through the proxy: greeting, DATA with dots, 1 MB, two mails")
def mail_passes():
    with mail() as (port, _):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            equal(client.ehlo()[0], 250, "EHLO")
            for text in ("Subject: a\r\n\r\n.dot\r\n..\r\nQUIT\r\nMAIL FROM:<x>\r\n",
                         "Subject: b\r\n\r\n" + "x" * 70 * 10 + "\r\n" * 10_000):
                equal(client.sendmail("a@example.org", ["b@example.org"], text), {}, "sendmail")
            equal(client.noop()[0], 250, "NOOP")
        if shutil.which("swaks"):
            for options in ([], ["--pipeline"]):
                result = subprocess.run(
                    ["swaks", "--server", "127.0.0.1", "--port", str(port), "--to",
                     "b@example.org", "--from", "a@example.org", "--helo", "here", *options],
                    capture_output=True, text=True, timeout=20, env=environment())
                equal(result.returncode, 0, f"swaks {options}: {result.stdout}{result.stderr}")


@case("SMTP: a 4xx injected for one command, and the next try is delivered")
def mail_errors():
    with mail() as (port, control):
        control.toxic("p", "respond", {"503": 1}, match={"request": "3"})
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            try:
                client.sendmail("a@example.org", ["b@example.org"], "Subject: a\r\n\r\nx\r\n")
                raise AssertionError("the first try is not refused")
            except smtplib.SMTPRecipientsRefused as error:
                code = error.recipients["b@example.org"][0]
            check(400 <= code < 500, f"code {code}")
            client.sendmail("a@example.org", ["b@example.org"], "Subject: a\r\n\r\nx\r\n")


# MySQL

@case("PyMySQL logs in through the proxy, and gets a MySQL error where one is injected")
def mysql():
    try:
        import pymysql
    except ImportError:
        raise Skip("the Python package PyMySQL is not installed") from None

    def log_in(port):
        return pymysql.connect(host="127.0.0.1", port=port, user="u", password="p",
                               connect_timeout=20, read_timeout=20)
    with Backend(database) as backend, proxied(backend.address, "mysql") as (port, control):
        connection = log_in(port)
        connection.ping(reconnect=False)
        connection.close()
        control.toxic("p", "respond", {"503": 1})
        before = len(backend.connections)
        try:
            log_in(port)
            raise AssertionError("no error")
        except pymysql.err.OperationalError as error:
            check(error.args[0] not in (2003, 2013), f"not an ERR packet: {error}")
        equal(len(backend.connections), before, "connections to the backend")


# PostgreSQL

STARTING = "FATAL:  the database system is starting up (injected by flagserver)"


def psql(port, query, **settings):
    need("psql")
    address = {"host": "127.0.0.1", "port": port, "user": "postgres", "dbname": "postgres",
               "connect_timeout": 20, **settings}
    words = " ".join(f"{name}={value}" for name, value in address.items())
    return subprocess.run(["psql", "-X", "-A", "-t", "-c", query, words], text=True,
                          capture_output=True, timeout=30, env=environment())


@contextmanager
def postgres():
    with postgres_server() as address, proxied(address, "postgres") as (port, control):
        yield port, control


@case("psql asks a real PostgreSQL through the proxy, and is told that it is starting up")
def psql_and_errors():
    with postgres() as (port, control):
        answer = psql(port, "select 6 * 7")
        equal((answer.returncode, answer.stdout), (0, "42\n"), f"{answer}")
        control.toxic("p", "respond", {"503": 1})
        for settings in ({}, {"sslmode": "disable"}, {"sslmode": "prefer"},
                         {"gssencmode": "disable"}):
            answer = psql(port, "select 1", **settings)
            equal(answer.returncode, 2, f"{settings}: {answer}")
            check(STARTING in answer.stderr, f"{settings}: {answer.stderr}")
        answer = psql(port, "select 1", sslmode="require")
        check("server does not support SSL" in answer.stderr, f"{answer.stderr}")
        control.remove("p", "respond_upstream")
        equal(psql(port, "select 1").stdout, "1\n", "after it")
        hurt = control.journal(fault="respond")
        check(len(hurt) >= 5 and all(r["end"] in ("fin", "client-fin") for r in hurt), f"{hurt}")


@case("psycopg: rows, COPY and errors of its own pass, a third of the logins meet 57P03")
def psycopg_and_errors():
    try:
        import psycopg
    except ImportError:
        raise Skip("the Python package psycopg is not installed") from None

    def log_in():
        return psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres",
                               connect_timeout=20)
    with postgres() as (port, control):
        with log_in() as connection:
            connection.execute("create table t (n int, text text)")
            with connection.cursor().copy("copy t from stdin") as copy:
                for number in range(20_000):
                    copy.write_row((number, "x" * 50))
            equal(connection.execute("select count(*), sum(n) from t").fetchone(),
                  (20_000, sum(range(20_000))), "what was copied")
            equal(len(connection.execute("select * from t").fetchall()), 20_000, "rows")
            try:
                connection.execute("select nothing")
                raise AssertionError("no error")
            except psycopg.errors.UndefinedColumn as error:
                equal(error.sqlstate, "42703", "its own error")
        control.toxic("p", "respond", {"503": 1}, toxicity=0.34)
        refused = 0
        for _ in range(40):
            try:
                log_in().close()
            except psycopg.OperationalError as error:
                check("the database system is starting up" in str(error), f"{error}")
                refused += 1
        check(0 < refused < 40, f"{refused} of 40 refused")
        equal(len(control.journal(fault="respond")), refused, "records")


main()
