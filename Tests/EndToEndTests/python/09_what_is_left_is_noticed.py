"""The stories' own look at what a case leaves behind notices each kind, and shows how it came."""
import io
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, redirect_stdout

import aftermath
from backends import free_port, reset
from control import Control
from harness import Server, case, check, equal, gif, main, prepare_child, wait_until
from wire import Wire, request

aftermath.SECONDS = 1  # what is wrong on purpose stays so


@contextmanager
def noticed(*words, shown=()):
    """The case within must be found guilty in these words, and have its log or journal shown."""
    output, guilt = io.StringIO(), None
    try:
        with redirect_stdout(output):
            yield
    except AssertionError as error:
        guilt = str(error)
    check(guilt is not None, f"nothing was noticed of {words}")
    for word in words:
        check(word in guilt, f"no {word!r} in {guilt!r}")
    for word in shown:
        check(word in output.getvalue(), f"{word!r} was not shown: {output.getvalue()!r}")


def leaves_early(server):
    """A client that asks for much, and resets; waits until the server has met it."""
    control, stream = Control(server.control_port), server.connect()
    stream.sendall(request(target=gif("br")) * 3000)
    # Before that it may have nothing under way when the reset comes.
    wait_until(lambda: control.meters("local")["in_flight"] > 0, "an answer that has to wait")
    reset(stream)
    wait_until(lambda: control.metric(
        "flagserver_unplanned_errors_total", proxy="local") > 0, "the error")


@case("a case that leaves nothing is not found guilty, and what it declares is expected")
def innocent():
    with Server("-q") as server, Wire(server) as wire:
        wire.check_open()
    with Server("-q", expects_unplanned=aftermath.at_least(1)) as server:
        leaves_early(server)


@case("an unplanned error is noticed, also before a reset, and one that was expected and is not")
def unplanned():
    with noticed("unplanned errors, 0 expected", shown=['"end":"client-rst"']):
        with Server("-q") as server:
            leaves_early(server)
    with noticed("unplanned errors, 0 expected"):
        with Server("-q") as server:
            leaves_early(server)
            Control(server.control_port).json("POST", "/reset", status=204)
    with noticed("0 unplanned errors, 1 expected"):
        with Server("-q", expects_unplanned=1):
            pass


@case("an error or a warning in the log is noticed, and of a quiet server every line but news")
def log():
    with noticed("unexpected in the log", "Connection refused", shown=["Connection refused"]):
        with Server() as server:
            server.expect_unplanned(1)
            port = Control(server.control_port).proxy("p", f"127.0.0.1:{free_port()}")
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
                    stream.recv(1)
            except ConnectionResetError:
                pass
            wait_until(lambda: "refused" in server.log(), "the warning")


ELSEWHERE = """
import socket, sys
streams = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(5)]
for stream in streams:
    stream.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
print("sent", flush=True)
input()
"""


@case("what is in flight and descriptors are noticed, but for what the case itself has open")
def connections():
    with Server("-q", "--delay", "60", "--grace", "0") as server:
        stream = server.connect("delay")
        stream.sendall(request(target=gif("br")))
        wait_until(lambda: Control(server.control_port).meters("delay")["in_flight"], "it")
    stream.close()
    with noticed("delay: 5 in flight", "descriptors"):
        with Server("-q", "--delay", "60", "--grace", "0") as server:
            other = subprocess.Popen(
                [sys.executable, "-c", ELSEWHERE, str(server.ports["delay"])],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=prepare_child())
            equal(other.stdout.readline(), b"sent\n", "the clients elsewhere")
    other.kill()
    other.communicate()


@case("a server that has died is noticed")
def died():
    with noticed("the server had died"):
        with Server("-q") as server:
            server.signal(signal.SIGKILL)
            server.wait()


main()
