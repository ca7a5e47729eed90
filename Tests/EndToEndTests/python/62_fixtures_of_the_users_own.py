"""--fixtures DIR: other files too, large ones, odd ones; and reloading them with SIGHUP."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from harness import (
    CODES, FLAGS, Server, case, check, equal, flagserver, gif, main, need, stored, wait_until)
from wire import Wire, request

LARGE = 30 << 20
# Not a repeating pattern of a power of two: a misplaced block would not be noticed.
PATTERN = b"GIF89a" + b"".join(b"%07d," % number for number in range(131_101))


def large_content():
    return (PATTERN * (LARGE // len(PATTERN) + 1))[:LARGE]


@contextmanager
def own_fixtures(codes=("br", "ch", "np")):
    folder = Path(tempfile.mkdtemp(prefix="flagserver-own-"))
    try:
        for code in codes:
            shutil.copytree(FLAGS / code, folder / "flags" / code)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ask(server, target, *fields, method="GET"):
    with Wire(server) as wire:
        wire.send(request(method, target, *fields))
        return wire.answer(method)


# What is served

@case("three flags of the user's own are served, and the other 191 are not")
def few():
    with own_fixtures() as folder, Server("-q", fixtures=folder) as server:
        statuses = {code: ask(server, gif(code)).status for code in CODES}
        found = sorted(code for code, status in statuses.items() if status == 200)
        equal(found, ["br", "ch", "np"], "flags found")
        equal(set(statuses.values()), {200, 404}, "statuses")


@case("files with odd names, empty files and files in deep folders are served and listed")
def odd_names():
    names = ["a b.txt", "ü.html", "100%.txt", "a+b&c.txt", "a;b=c.txt", "deep/er/file.bin",
             "q?.txt", "h#.txt", "empty.gif", "%41.txt", '"<x>.txt', "b\\c.txt", "x" * 200]
    with own_fixtures() as folder:
        for name in names:
            path = folder / "flags" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"" if name.startswith("empty") else name.encode())
        with Server("-q", fixtures=folder) as server:
            page = ask(server, "/flags/").body.decode()
            for name in names:
                target = "/flags/" + quote(name)
                for fields in ((), ("If-None-Match: \"a\"",), ("Connection: close",)):
                    answer = ask(server, target, *fields)
                    equal(answer.status, 200, f"{target} {fields}")
                    wanted = b"" if name.startswith("empty") else name.encode()
                    equal(answer.body, wanted, target)
                check("<x>" not in page, "a file name is not escaped on the page")
            equal(ask(server, "/flags/empty.gif", "Range: bytes=0-").status, 416, "no bytes")


@case("one spelling never finds another file: %41.txt is A.txt and not '%41.txt'")
def one_meaning():
    with own_fixtures() as folder:
        (folder / "flags/%41.txt").write_bytes(b"percent")
        with Server("-q", fixtures=folder) as server:
            equal(ask(server, "/flags/%2541.txt").body, b"percent", "/flags/%2541.txt")
            equal(ask(server, "/flags/%41.txt").status, 404, "/flags/%41.txt, which is A.txt")


@case("links, FIFOs, sockets and dot files are left out, and what is left out is said")
def left_out():
    with own_fixtures() as folder:
        flags = folder / "flags"
        (folder / "secret.txt").write_text("secret")
        (flags / "out.txt").symlink_to(folder / "secret.txt")
        (flags / "passwd.txt").symlink_to("/etc/passwd")
        (flags / "outside").symlink_to("/etc")
        (flags / "dangling").symlink_to("/nowhere")
        (flags / "loop").symlink_to(flags)
        os.mkfifo(flags / "fifo")
        (flags / ".hidden").write_text("hidden")
        (flags / ".git").mkdir()
        (flags / ".git/config").write_text("hidden")
        (flags / "br/.DS_Store").write_text("hidden")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(flags / "socket"))
        with Server(fixtures=folder, expects_log=["is left out"]) as server:
            for name in ("out.txt", "passwd.txt", "outside/passwd", "dangling", "loop/br/br.gif",
                         "fifo", "socket", ".hidden", ".git/config", "br/.DS_Store",
                         "../secret.txt", "%2e%2e/secret.txt"):
                equal(ask(server, f"/flags/{name}").status, 404, name)
            wait_until(lambda: "server=error" in server.log(), "the banner")
            for name in ("out.txt", "passwd.txt", "outside", "fifo", "socket"):
                check(f"flags/{name}" in server.log(), f"{name} was left out without a word")
            equal(ask(server, gif("br")).status, 200, "a flag beside them")
        listener.close()


@case("a flag that is a link out of the folder is malformed, not served")
def linked_flag():
    with own_fixtures() as folder:
        path = folder / "flags/br/br.gif"
        path.unlink()
        path.symlink_to(FLAGS / "br/br.gif")
        result = flagserver("--ports", "0", "--fixtures", folder)
        equal(result.returncode, 65, f"status ({result.stderr})")
        check("br/br.gif" in result.stderr, result.stderr)


# A large file

@contextmanager
def large(*options):
    with own_fixtures() as folder:
        path = folder / "flags/large.gif"
        path.write_bytes(large_content())
        with Server("-q", *options, fixtures=folder) as server:
            yield server, path


@case("a file of 30 MB arrives whole, for several clients at once, and costs no such memory")
def whole():
    need("curl")
    content = large_content()
    with large() as (server, path):
        before = resident(server)
        outputs = [server.folder / f"copy{number}" for number in range(4)]
        clients = [subprocess.Popen(
            ["curl", "-sSf", "--noproxy", "*", "-o", str(output),
             server.url("local", "/flags/large.gif")]) for output in outputs]
        for client, output in zip(clients, outputs):
            equal(client.wait(60), 0, "curl's exit status")
            check(output.read_bytes() == content, f"{output.name} has other bytes")
        grown = resident(server) - before
        check(grown < LARGE // 2, f"memory grew by {grown} bytes for a file of {LARGE}")


def resident(server):
    with open(f"/proc/{server.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@case("ranges, HEAD and conditions of a large file, and what is pipelined behind it")
def parts_of_large():
    content = large_content()
    with large("--delay", "0.1") as (server, path), Wire(server) as wire:
        for first, last in ((0, 0), (LARGE - 1, LARGE - 1), (1 << 20, (1 << 20) + 70_000),
                            (LARGE // 2, LARGE - 1)):
            wire.send(request("GET", "/flags/large.gif", f"Range: bytes={first}-{last}"))
            answer = wire.answer()
            equal(answer.status, 206, f"status of {first}-{last}")
            check(answer.body == content[first:last + 1], f"other bytes in {first}-{last}")
        wire.send(request("GET", "/flags/large.gif", "Range: bytes=0-9,20000000-20000009"))
        answer = wire.answer()
        check(content[:10] in answer.body and content[20000000:20000010] in answer.body, "parts")
        wire.send(request("HEAD", "/flags/large.gif"))
        equal(int(wire.answer("HEAD").field("content-length")), LARGE, "length by HEAD")
        wire.send(request("GET", "/flags/large.gif") + request(target=gif("br"))
                  + request("GET", "/flags/large.gif", "If-None-Match: *"))
        check(wire.answer().body == content, "the whole")
        check(wire.answer().body == stored(gif("br")), "the flag behind it")
        equal(wire.answer().status, 304, "the condition behind that")
        with Wire(server, "delay") as delayed:
            start = time.monotonic()
            delayed.send(request("GET", "/flags/large.gif"))
            check(delayed.answer().body == content, "the whole from DELAY")
            check(time.monotonic() - start >= 0.1, "without its delay")


@case("slow readers of a large file get all of it, and hinder nobody")
def slow_readers():
    content = large_content()
    with large() as (server, path):
        slow = []
        for _ in range(20):
            wire = Wire(server)
            wire.send(request("GET", "/flags/large.gif"))
            slow.append(wire)
        with Wire(server) as honest:
            for _ in range(50):
                honest.check_open()
        for wire in slow[1:]:
            wire.stream.close()
        received = slow[0].stream.recv(1000)
        time.sleep(0.5)
        slow[0].buffer = received
        check(slow[0].answer().body == content, "the slow reader's bytes")
        server.expect_unplanned(len(slow) - 1)


@case("a file that is truncated while it is sent ends in a short answer, not in a hang")
def truncated():
    with large() as (server, path), Wire(server) as wire:
        server.expect_log("its socket: Input/output error")
        wire.send(request("GET", "/flags/large.gif"))
        received = len(wire.stream.recv(4096))
        os.truncate(path, 1 << 20)
        wire.stream.settimeout(10)
        try:
            while True:
                data = wire.stream.recv(1 << 20)
                if not data:
                    break
                received += len(data)
        except ConnectionResetError:
            pass
        check(received < LARGE, f"{received} bytes of a file that was cut short")
        # The head promises what is not there: the next one must not hang or crash either.
        with Wire(server) as again:
            again.send(request("GET", "/flags/large.gif"))
            again.stream.settimeout(10)
            try:
                while again.stream.recv(1 << 20):
                    pass
            except ConnectionResetError:
                pass
        equal(ask(server, gif("br")).status, 200, "another file after that")
        server.expect_unplanned(2)


# SIGHUP

def reload(server, words):
    """Sends SIGHUP and waits until the log has one line more with `words`."""
    count = server.log().count(words)
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.log().count(words) > count, f"{words!r} in {server.log()[-500:]}")


@case("SIGHUP brings a changed file with a new tag, new files, and takes removed ones away")
def reload_changes():
    with own_fixtures() as folder, Server(fixtures=folder) as server:
        old = ask(server, gif("br"))
        (folder / "flags/br/br.gif").write_bytes(stored(gif("ad")))
        shutil.copytree(FLAGS / "de", folder / "flags/de")
        shutil.rmtree(folder / "flags/np")
        check(ask(server, gif("br")).body == old.body, "the old bytes until SIGHUP")
        equal(ask(server, gif("de")).status, 404, "a new flag before SIGHUP")
        with Wire(server) as kept:  # a live connection sees the new files
            kept.send(request(target=gif("br")))
            kept.answer()
            reload(server, "reloaded")
            kept.send(request("GET", gif("br"), f"If-None-Match: {old.field('etag')}"))
            new = kept.answer()
        equal(new.status, 200, "the old tag after SIGHUP")
        check(new.body == stored(gif("ad")), "the new bytes")
        check(new.field("etag") != old.field("etag"), "the tag has not changed")
        equal(ask(server, gif("de")).status, 200, "the new flag")
        equal(ask(server, gif("np")).status, 404, "the removed flag")
        check(b"/flags/de/de.gif" in ask(server, "/flags/").body, "the page has the new flag")


@case("SIGHUP with one broken file keeps all the old ones, says so, and works again after repair")
def reload_broken():
    with own_fixtures() as folder, Server(fixtures=folder) as server:
        (folder / "flags/br/br.gif").write_bytes(stored(gif("ad")))
        (folder / "flags/ch/ch.gif").write_bytes(b"no picture")
        server.expect_log("^error: not reloaded")
        reload(server, "not reloaded")
        check("ch/ch.gif is no GIF" in server.log(), "the path is not named")
        check(ask(server, gif("br")).body == stored(gif("br")), "all or nothing: the good change")
        check(ask(server, gif("ch")).body == stored(gif("ch")), "the old bytes of the broken file")
        shutil.copy(FLAGS / "ch/ch.gif", folder / "flags/ch/ch.gif")
        reload(server, "reloaded ")
        check(ask(server, gif("br")).body == stored(gif("ad")), "the change, after the repair")


@case("SIGHUP without the folder keeps the old files and says so")
def reload_missing():
    with own_fixtures() as folder, Server(fixtures=folder) as server:
        shutil.rmtree(folder / "flags")
        server.expect_log("^error: not reloaded")
        reload(server, "not reloaded")
        check(ask(server, gif("br")).body == stored(gif("br")), "the old bytes")


@case("answers under way at SIGHUP finish with the old bytes, delayed and large ones")
def reload_in_flight():
    content = large_content()
    with large("--delay", "0.8") as (server, path):
        delayed = Wire(server, "delay")
        delayed.send(request(target=gif("br")))
        slow = Wire(server)
        slow.send(request("GET", "/flags/large.gif"))
        slow.buffer = slow.stream.recv(1000)
        replacement = path.with_name("other")
        replacement.write_bytes(content[::-1])
        replacement.rename(path)
        (path.parent / "br/br.gif").write_bytes(stored(gif("ad")))
        time.sleep(0.1)
        server.signal(signal.SIGHUP)
        wait_until(lambda: ask(server, gif("br")).body == stored(gif("ad")), "the new flag")
        check(delayed.answer().body == stored(gif("br")), "the delayed answer has new bytes")
        check(slow.answer().body == content, "the large answer has new bytes")
        for wire in (delayed, slow):
            wire.stream.close()


@case("twenty reloads under load lose no answer and no descriptor")
def reload_often():
    with own_fixtures() as folder, Server("-q", fixtures=folder) as server:
        with Wire(server) as wire:
            wire.check_open()
            before = server.descriptors()
            for _ in range(20):
                server.signal(signal.SIGHUP)
                wire.send(request(target=gif("br")) * 20)
                for _ in range(20):
                    check(wire.answer().body == stored(gif("br")), "other bytes")
            wait_until(lambda: server.descriptors() <= before + 2, "descriptors of the old files")


main()
