"""The life of the process: signals, restarts, streams that break, and few descriptors."""
import json
import os
import signal
import socket
import subprocess
import time

from aftermath import at_least
from harness import (
    BINARY, CODES, FIXTURES, Server, case, check, equal, gif, main, prepare_child,
    stored, wait_until)
from wire import PROBE, SMALL, Wire, request

FLAG_SERVERS = ("local", "delay", "error", "chaos", "fault")


def refuses(server, proxy):
    try:
        server.connect(proxy).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):
        return True  # reset: it was in the kernel's queue when the listener went


def drains(number):
    """Answers that wait for their delay are delivered, all of them, and then it is over."""
    with Server("--delay", "1", "--grace", "10s") as server:
        idle = [Wire(server, proxy) for proxy in ("local", "delay", "error")]
        waiting = [Wire(server, "delay") for _ in range(50)]
        for wire in waiting:
            wire.send(request(target=gif("br")) + PROBE)
        wait_until(lambda: server.descriptors() > 60, "all connections")
        time.sleep(0.3)
        server.signal(number)
        for proxy in ("local", "delay", "error"):
            wait_until(lambda proxy=proxy: refuses(server, proxy), f"no new one at {proxy}")
        for wire in idle:
            wire.check_end()
        for wire in waiting:
            check(wire.answer().body == stored(gif("br")), "an answer in flight")
            equal(wire.answer().body, stored(SMALL), "a pipelined answer in flight")
            wire.check_end()
        equal(server.wait(), 0, "exit status")
        check("unplanned errors 0" in server.log(), server.log()[-300:])


for number in (signal.SIGTERM, signal.SIGINT):
    case(f"{number.name} delivers what waits for its delay, refuses what is new, and exits 0")(
        lambda number=number: drains(number))


@case("on SIGTERM idle connections and half requests end, and what was not asked is not waited for")
def idle_ends():
    with Server("-q", "--grace", "60s") as server:
        with Wire(server) as idle, Wire(server) as used, Wire(server) as half:
            used.check_open()
            half.send(b"GET / HT")
            time.sleep(0.1)
            equal(server.stop(), 0, "exit status")
            for wire in (idle, used):
                wire.check_end()


@case("a second signal ends at once, with status 0, whatever is in flight")
def second_signal():
    with Server("-q", "--delay", "60", "--grace", "1h") as server:
        wire = Wire(server, "delay")
        wire.send(PROBE)
        time.sleep(0.2)
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server, "local"), "the first signal")
        check(server.is_alive(), "the first signal has not waited for the delay")
        server.signal(signal.SIGTERM)
        equal(server.wait(10), 0, "exit status")  # a tenth of the hour would be a hang


@case("it stops and reloads although whoever started it had those signals blocked")
def blocked_signals():
    """A mask is inherited, and programs that start others from worker threads have one."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    for number in (signal.SIGTERM, signal.SIGINT):
        with Server(blocked=numbers, quiet_exit=True) as server:
            try:
                server.signal(signal.SIGHUP)
                wait_until(lambda: "reloaded" in server.log(), "a reload by SIGHUP", seconds=3)
                equal(server.stop(number, seconds=5), 0, f"exit status after {number.name}")
            finally:
                server.process.kill()  # nothing else would end it if the case is right to fail


@case("after --grace what is still in flight is cut, and the exit status is 0")
def grace():
    with Server("-q", "--delay", "60", "--grace", "0.3") as server:
        with Wire(server, "delay") as wire:
            wire.send(PROBE)
            time.sleep(0.2)
            start = time.monotonic()
            server.signal(signal.SIGTERM)
            equal(server.wait(10), 0, "exit status")
            check(time.monotonic() - start >= 0.3, "the grace was not given")


@case("on SIGTERM a large answer to a slow reader is finished")
def slow_reader():
    with Server("-q", "--grace", "20s") as server, Wire(server) as wire:
        codes = CODES * 5
        wire.send(b"".join(request(target=gif(code)) for code in codes[:40]))
        time.sleep(0.2)
        server.signal(signal.SIGTERM)
        time.sleep(0.2)
        for code in codes[:40]:
            check(wire.answer().body == stored(gif(code)), f"{code} has other bytes")
        equal(server.wait(), 0, "exit status")


def again(server, ports):
    return Server("-q", "--control", server.ports["control"], ports=ports)


@case("a new server has the same ports at once, with connections of the old one not yet gone")
def restart():
    with Server("-q") as first:
        wires = [Wire(first) for _ in range(20)]
        for wire in wires:
            wire.check_open()
        ports = ",".join(str(first.ports[name]) for name in FLAG_SERVERS)
        equal(first.stop(), 0, "exit status")
        for _ in range(3):
            with again(first, ports) as server, Wire(server) as wire:
                equal(server.ports, first.ports, "ports")
                wire.check_open()
        for wire in wires:
            wire.stream.close()


@case("SIGKILL leaves ports that can be bound again at once, too")
def killed():
    with Server("-q", quiet_exit=True) as first:
        wire = Wire(first)
        wire.check_open()
        ports = ",".join(str(first.ports[name]) for name in FLAG_SERVERS)
        first.stop(signal.SIGKILL)
        with again(first, ports) as server, Wire(server) as other:
            other.check_open()
        wire.stream.close()


# Streams

def under_load(server, count=3000):
    """Enough exchanges for more log than a pipe (64 KiB) and the queue (1 MiB) hold together."""
    batch = (PROBE + request("GET", "/" + "x" * 300)) * 50
    with Wire(server) as wire:
        for _ in range(count // 50):
            wire.send(batch)
            for _ in range(50):
                equal((wire.answer().status, wire.answer().status), (200, 404), "under load")


@case("closed stdout and stderr do not end it, nor get a client's descriptor")
def closed_streams():
    # The shell closes the descriptors; Popen itself cannot.
    with Server("-q") as model:
        folder = model.folder
        ready = folder / "closed.json"
        command = ["sh", "-c", 'exec "$0" "$@" >&- 2>&- <&-', *model.process.args]
        command[command.index(str(model.ready_file))] = str(ready)
        process = subprocess.Popen(command, cwd=folder, preexec_fn=prepare_child())
        try:
            wait_until(ready.exists, "the ready file")
            model.ports = json.loads(ready.read_text())["ports"]
            under_load(model, 200)
            process.terminate()
            equal(process.wait(15), 0, "exit status")
        finally:
            if process.poll() is None:
                process.kill()


@case("stderr on a full disk (/dev/full) does not end it")
def full_disk():
    with open("/dev/full", "wb") as full, Server(stderr=full, stdout=full) as server:
        under_load(server, 500)


@case("stderr in a pipe that is closed on the other side does not end it")
def broken_pipe():
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(write_end, "wb") as pipe, Server(stderr=pipe, stdout=pipe) as server:
        under_load(server, 500)


@case("stderr in a pipe that nobody reads does not slow it, and it still stops on SIGTERM")
def stuck_pipe():
    read_end, write_end = os.pipe()
    with open(write_end, "wb") as pipe, Server(stderr=pipe) as server:
        under_load(server, 6000)
        equal(server.stop(), 0, "exit status")
    os.close(read_end)


@case("a reader that comes back is told how many log lines were dropped")
def dropped_lines():
    read_end, write_end = os.pipe()
    with open(write_end, "wb") as pipe, Server(stderr=pipe) as server:
        under_load(server, 6000)
        os.set_blocking(read_end, False)
        seen = b""

        def told():
            nonlocal seen
            try:
                seen += os.read(read_end, 1 << 20)
            except BlockingIOError:
                with Wire(server) as wire:
                    wire.check_open()  # the next line makes it say what was lost
            return b"log lines were dropped" in seen
        wait_until(told, "the number of dropped lines", seconds=8)
    os.close(read_end)


# Few descriptors

def check_sleeps(server):
    """Processor time of a second in which there is nothing to do: a loop that spins uses it up."""
    def used():
        fields = open(f"/proc/{server.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    before = used()
    time.sleep(1)
    check(used() - before < 0.5, f"{used() - before} s of processor time in a second of rest")


@case("it sleeps while clients wait for delays, have sent FIN, or do not read")
def sleeps():
    with Server("-q", "--delay", "2") as server:
        wires = [Wire(server, ("local", "delay", "error")[number % 3]) for number in range(90)]
        for number, wire in enumerate(wires):
            wire.send((PROBE, PROBE[:-3], request(target=gif("br")) * 200)[number // 3 % 3])
            if number % 2:
                wire.finish()
        time.sleep(0.3)
        check_sleeps(server)
        for wire in wires:
            wire.stream.close()
        server.expect_unplanned(at_least(1))  # whom nothing but their own not reading held up


@case("with ulimit -n 256 it starts, says how many connections that allows, and lives within it")
def few_descriptors():
    with Server(open_files=256) as server:
        wait_until(lambda: "open-file limit of 256 allows" in server.log(), "the note")
        wires = [Wire(server) for _ in range(400)]
        time.sleep(0.5)
        check(server.descriptors() <= 256, "more descriptors than allowed")
        check_sleeps(server)
        with Wire(server) as patient:  # waits in the kernel's queue, and is served later
            for wire in wires:
                wire.stream.close()
            patient.check_open()
        check(server.is_alive(), server.log())
        complaints = [line for line in server.log().splitlines() if "warning" in line]
        check(len(complaints) <= 5, f"{len(complaints)} warnings: {complaints[:3]}")
        under_load(server, 200)


@case("with ulimit -n 256 requests that were sent while waiting are all answered")
def few_descriptors_busy():
    with Server("-q", open_files=256) as server:
        wires = [Wire(server) for _ in range(400)]
        for wire in wires:
            wire.send(request("GET", SMALL, "Connection: close"))
        for wire in wires:
            equal(wire.answer().body, stored(SMALL), "one of 400")
            wire.stream.close()


@case("--max-connections holds for each server on its own, and those who wait get their turn")
def max_connections():
    with Server("-q", "--max-connections", "3") as server:
        first = [Wire(server) for _ in range(3)]
        for wire in first:
            wire.check_open()
        fourth = Wire(server)
        fourth.send(PROBE)
        with Wire(server, "error") as other:  # another server has places of its own
            other.send(PROBE)
            check(other.answer().status in (200, 418, 503), "ERROR answers")
        fourth.stream.settimeout(0.3)
        try:
            check(not fourth.stream.recv(1), "the fourth is served while three are open")
        except socket.timeout:
            pass
        first[0].stream.close()
        fourth.stream.settimeout(10)
        equal(fourth.answer().status, 200, "the fourth's answer, once there is a place")
        for wire in [*first, fourth]:
            wire.stream.close()


@case("an open-file limit that leaves no room, or less than asked for, is an error that says so")
def no_room():
    for limit, options, words in (
        (60, [], "open-file limit of 60"),
        (1024, ["--max-connections", "5000"],
         "5000 connections were asked for, but the open-file limit is 1024. Run 'ulimit -n"),
    ):
        result = subprocess.run(
            [BINARY, "--ports", "0", "--fixtures", str(FIXTURES), *options],
            capture_output=True, text=True, timeout=20, preexec_fn=prepare_child(limit))
        equal(result.returncode, 1, f"status ({result.stderr})")
        check(words in result.stderr, result.stderr)


# Addresses

@case("--bind of one address listens there alone and prints it")
def bind_one():
    with Server("-q", "--bind", "127.0.0.1") as server:
        equal(server.urls["local"], f"http://127.0.0.1:{server.ports['local']}/flags", "URL")
        try:
            server.connect(host="::1").close()
            raise AssertionError("it also listens on ::1")
        except OSError:
            pass


@case("--bind all says that it listens on all interfaces")
def bind_all():
    with Server("--bind", "all") as server, Wire(server) as wire:
        wire.check_open()
        wait_until(lambda: "server=error" in server.log(), "the banner")
        log = server.log()
    check("all interfaces" in log or "0.0.0.0" in log, f"the banner hides it: {log}")


main()
