"""Programs under test and what /proc tells of them."""

import ctypes
import os
import pathlib
import random
import signal
import socket
import subprocess

STOP_SECONDS_MAX = 2


class Failure(Exception):
    """Something that ends the program with a message and status 2."""


LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
children = []   # everything that was started and may still run


def spawn(argv, core, **options):
    """Starts a program on one core, in a process group of its own, tied to our life."""

    def prepare():
        os.sched_setaffinity(0, {core})
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)   # even if we are killed outright

    argv = [str(word) for word in argv]
    child = subprocess.Popen(argv, preexec_fn=prepare, start_new_session=True, **options)
    children.append(child)
    return child


def end(child):
    """Ends a program and whatever it started."""
    if child.poll() is None:
        signal_group(child, signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            pass
    signal_group(child, signal.SIGKILL)
    child.wait()
    children.remove(child)


def signal_group(child, number):
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


def end_all():
    for child in list(children):
        end(child)


def with_descendants(pid):
    """The process and all that it started: nginx answers in a worker."""
    found = [pid]
    for task in proc(pid, "task").glob("*/children"):
        for child in task.read_text().split():
            found += with_descendants(int(child))
    return found


def proc(pid, name):
    return pathlib.Path("/proc", str(pid), name)


def memory_kb(pid, field):
    """A field of /proc/<pid>/status, such as RssAnon."""
    for line in proc(pid, "status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def anonymous_kb(pids):
    """User memory: the heap, the stacks, what a connection costs."""
    return sum(memory_kb(pid, "RssAnon") for pid in pids)


def resident_kb(pids):
    """Resident memory, with program and libraries counted once: nginx is two processes that
    share them, and a plain sum of VmRSS would count them twice."""
    shared = [memory_kb(pid, "RssFile") + memory_kb(pid, "RssShmem") for pid in pids]
    return anonymous_kb(pids) + max(shared)


def cpu_ticks(pids):
    """User and system time; /proc/<pid>/stat counts from behind the name, which holds anything."""
    texts = [proc(pid, "stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(fields[11]) + int(fields[12]) for fields in texts)


def free_ports(count):
    """Ports that the system calls free now. Another program may still take one before us."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def server_port():
    """A free port of the kind that servers have: not one that the kernel gives to clients, for
    those a proxy has to ask whether it has met itself."""
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(1024, first), first - 1024):
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("no port is free for the backend")


def clean_environment():
    """FLAGSERVER_… variables are options too; somebody's settings must not count here."""
    return {k: v for k, v in os.environ.items() if not k.startswith("FLAGSERVER_")}


def output_of(argv):
    """Both outputs of a short command; empty if it cannot run."""
    try:
        return subprocess.run([str(word) for word in argv], text=True, timeout=10,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=clean_environment()).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
