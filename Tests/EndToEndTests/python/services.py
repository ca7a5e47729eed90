"""Servers from elsewhere, and their clients: redis, memcached, SMTP, PostgreSQL, and a bit of
MySQL."""
from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from backends import free_port, receive
from harness import (
    Skip, accepts, check, environment, equal, need, prepare_child, wait_until)


@contextmanager
def service(*command, port):
    """A server from elsewhere, in a folder of its own, until its port accepts."""
    folder = tempfile.mkdtemp(prefix="flagserver-e2e-")
    log = os.path.join(folder, "log")
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment(), preexec_fn=prepare_child())
    try:
        wait_until(lambda: process.poll() is not None or accepts(port), f"{command[0]}", 20)
        check(process.poll() is None, f"{command[0]} ended: {Path(log).read_text()}")
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


# redis

@contextmanager
def redis_server():
    need("redis-server")
    port = free_port()
    with service("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                 "--appendonly", "no", port=port) as address:
        yield address


def redis_client(port, **options):
    try:
        from redis import Redis
    except ImportError:
        raise Skip("the Python package redis is not installed") from None
    return Redis(port=port, socket_timeout=30, retry=None, **options)


def redis_cli(port, *arguments, text=None):
    need("redis-cli")
    result = subprocess.run(["redis-cli", "-p", str(port), *arguments], input=text, text=True,
                            capture_output=True, timeout=20, env=environment())
    return result.stdout.strip()


# memcached

@contextmanager
def memcached_server():
    need("memcached")
    port = free_port()
    with service("memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", str(port), "-U", "0",
                 port=port) as address:
        yield address


# SMTP

@contextmanager
def mail_server():
    port = free_port()
    if subprocess.run([sys.executable, "-c", "import aiosmtpd"], capture_output=True).returncode:
        raise Skip("the Python package aiosmtpd is not installed")
    with service(sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}",
                 "-c", "aiosmtpd.handlers.Debugging", "stdout", port=port) as address:
        yield address


# MySQL

def greeting():
    body = (b"\x0a8.0.0\0" + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<H", 0xF7FF)
            + b"\x21" + struct.pack("<H", 2) + struct.pack("<H", 0x000F) + b"\x15" + b"\0" * 10
            + b"123456789012\0mysql_native_password\0")
    return packet(0, body)


def packet(number, body):
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


OK = b"\x00\x00\x00\x02\x00\x00\x00"


def database(stream):
    """As much of a MySQL server as a login, PING and QUIT need."""
    stream.sendall(greeting())
    while True:
        head = receive(stream, 4)
        body = receive(stream, int.from_bytes(head[:3], "little"))
        if head[3] == 0 and body[:1] == b"\x01":
            return
        stream.sendall(packet(head[3] + 1, OK))


# PostgreSQL

def postgres_program(name):
    """Debian keeps the server's programs out of PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    program = found[-1] if found else shutil.which(name)
    if not program:
        raise Skip(f"{name} is not installed")
    return program


def as_postgres():
    """It refuses to run as root: what makes a child another user then."""
    if os.getuid():
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def postgres_server():
    """A cluster of its own, with the superuser `postgres` and no password."""
    initdb, server = postgres_program("initdb"), postgres_program("postgres")
    port, user = free_port(), as_postgres()
    folder = tempfile.mkdtemp(prefix="flagserver-e2e-")
    if user:
        os.chown(folder, user["user"], user["group"])
    data, log = os.path.join(folder, "data"), os.path.join(folder, "log")
    child = {"cwd": folder, "stdin": subprocess.DEVNULL, "env": environment(),
             "preexec_fn": prepare_child(), **user}
    process = None
    try:
        made = subprocess.run(
            [initdb, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--no-locale"],
            capture_output=True, text=True, timeout=60, **child)
        equal(made.returncode, 0, f"initdb: {made.stdout}{made.stderr}")
        settings = {"listen_addresses": "127.0.0.1", "port": port, "fsync": "off",
                    "unix_socket_directories": folder}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [server, "-D", data, *options], stdout=output, stderr=output, **child)
        wait_until(lambda: process.poll() is not None
                   or "ready to accept connections" in Path(log).read_text(), "postgres", 30)
        check(process.poll() is None, f"postgres ended: {Path(log).read_text()}")
        yield f"127.0.0.1:{port}"
    finally:
        if process:
            process.send_signal(signal.SIGQUIT)  # at once, its children too
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
