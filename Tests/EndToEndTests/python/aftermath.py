"""What a case leaves behind in the servers that it started: nothing but what it said beforehand.

A server that a case has stopped without an exception has, unless the case expects otherwise, no
unplanned error, no log line that tells of trouble (only news if it is quiet), nothing in flight,
and as many descriptors as when it was ready. What the test itself still holds open counts for none
of these. Without a control port (or with a peer's) only log and descriptors can be looked at.
"""
from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import time
from collections import Counter, namedtuple
from pathlib import Path

# Set to a folder, what the servers of all cases wrote stays there; KEEP=1: in a temporary one.
KEPT = os.environ.get("FLAGSERVER_KEEP", "")
KEEPS = bool(KEPT) or os.environ.get("KEEP", "") not in ("", "0")

# Descriptors that may be more than at the start: of names, of a connection just accepted.
SPARE_DESCRIPTORS = 2
SECONDS = 6

# How we, the peers' programs that we are, libevent and Swift say that something is wrong.
TROUBLE = re.compile(
    r'^(\S+:\d+:\d+: )?(warning|error): |"level":"(warn|error|fatal|panic)"'
    r'| \[(WARNING|ERROR|CRITICAL)\] |^\[(warn|err)\]|[Ff]atal error|Sanitizer')
UNPLANNED = re.compile(r"unplanned errors (\d+)")
UNPLANNED_METRIC = re.compile(rb"^flagserver_unplanned_errors_total\{.*\} (\d+)", re.M)
# What quiet servers say, too, and is no trouble.
NEWS = re.compile(r"^(note: |reloaded )")
LISTENING = "0A"

Reply = namedtuple("Reply", "status body")


class at_least:
    """So many unplanned errors or more: where their number is up to the clients' luck."""

    def __init__(self, count):
        self.count = count

    def __call__(self, found):
        return found >= self.count

    def __repr__(self):
        return f"at least {self.count}"


ANY_NUMBER = at_least(0)


class Watched:
    """Adds to a program that is run (`pid`, `process`, `folder`, `log()`) the look at what it left.

    `is_quiet`: it was told to say nothing. `control_port`: None if it has none.
    """

    is_quiet = False
    control_port = None
    control_token = None
    # Those with a control port of our own, by it: resets are noticed, as they clear the counters.
    by_control_port = {}

    def watch(self):
        self.expected_unplanned, self.expected_log = 0, []
        self.unplanned_before_reset = 0
        self.baseline = len(self._connected())
        if self.control_port:
            Watched.by_control_port[self.control_port] = self

    def is_alive(self):
        return self.process.poll() is None

    def expect_unplanned(self, count):
        """So many unplanned errors (a number, `at_least`, or a predicate) are meant to happen."""
        self.expected_unplanned = count

    def expect_log(self, *patterns):
        """Lines in which one of these regular expressions is found are meant to be written."""
        self.expected_log += patterns

    # What is left

    def remains(self):
        """Sentences on what a program that still runs has left; none if all is well."""
        looks = [self._descriptors]
        if self.control_port:
            looks = [self._flight, self._descriptors, self._unplanned]
        try:
            problems = [_until_none(look) for look in looks]
        except (OSError, http.client.HTTPException, AssertionError) as error:
            problems = [f"it cannot be asked: {error!r}"]
        return [problem for problem in problems if problem]

    def last_words(self):
        """Sentences on what a program that has ended had said."""
        lines = self.log().splitlines()
        told = [line for line in lines if line.strip() and self._is_strange(line)]
        return [f"unexpected in the log: {told[:5]}"] if told else []

    def unplanned_at_end(self):
        """The same for one that the case itself has stopped: all that is known is its summary."""
        count = UNPLANNED.search(self.log())
        return [self._judge(int(count[1]))] if count and self._judge(int(count[1])) else []

    def _is_strange(self, line):
        if any(re.search(pattern, line) for pattern in self.expected_log):
            return False
        return TROUBLE.search(line) or self.is_quiet and not NEWS.search(line)

    def _flight(self):
        meters = json.loads(self._ask("/concurrency").body)["proxies"]
        listens = json.loads(self._ask("/proxies").body)
        held = self._held()
        found = []
        for name, meter in meters.items():
            port = re.search(r":(\d+)$", listens.get(name, {}).get("listen", ""))
            if meter["in_flight"] + meter["queued"] > held[port and int(port[1])]:
                found.append(f"{name}: {meter['in_flight']} in flight, {meter['queued']} queued")
        return "; ".join(found)

    def _descriptors(self):
        found = self._connected()
        held = 2 * sum(self._held().values())
        allowed = self.baseline + SPARE_DESCRIPTORS + held
        if len(found) <= allowed:
            return ""
        rows = _sockets()
        shown = Counter(
            f"{rows[inode].state} {rows[inode].local}-{rows[inode].remote}" if inode in rows
            else name for inode, name in found)
        return (f"{len(found)} descriptors, {self.baseline} when it was ready, "
                f"{held} for what the test holds: {dict(shown.most_common(12))}")

    def _unplanned(self):
        found = UNPLANNED_METRIC.findall(self._ask("/metrics").body)
        return self._judge(self.unplanned_before_reset + sum(map(int, found)))

    def _judge(self, count):
        wanted = self.expected_unplanned
        is_met = wanted(count) if callable(wanted) else count == wanted
        return "" if is_met else f"{count} unplanned errors, {wanted} expected"

    def counters_go(self):
        """A reset, or the end of a proxy, takes counters with it: they are added up first."""
        before = self._ask("/metrics")
        self.lost = sum(map(int, UNPLANNED_METRIC.findall(before.body)))

    def counters_went(self):
        after = sum(map(int, UNPLANNED_METRIC.findall(self._ask("/metrics").body)))
        self.unplanned_before_reset += max(0, self.lost - after)

    # Looking

    def _ask(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=20)
        headers = {"Authorization": f"Bearer {self.control_token}"} if self.control_token else {}
        try:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            reply = Reply(reply.status, reply.read())
        finally:
            connection.close()
        if reply.status != 200:
            raise AssertionError(f"GET {path} after the case: {reply}")
        return reply

    def _connected(self):
        """Inode and text of each descriptor that is no listening socket."""
        rows = _sockets()
        return [(inode, name) for inode, name in _open_files(self.pid)
                if inode not in rows or rows[inode].state != LISTENING]

    def _held(self):
        """How many connections to each of its ports this test still has open."""
        rows = _sockets()
        ours = {rows[inode].local for inode, _ in _open_files("self") if inode in rows}
        own = [rows[inode] for inode, _ in _open_files(self.pid) if inode in rows]
        listens = {row.local for row in own if row.state == LISTENING}
        return Counter(row.local for row in own if row.state != LISTENING
                       and row.local in listens and row.remote in ours)

    # What a failed case shows

    def last_records(self):
        """The end of the journal, as far as it can be had."""
        try:
            path = "/journal" if KEEPS else "/journal?limit=20"
            return self._ask(path).body.decode(errors="replace").splitlines()
        except (OSError, AssertionError, http.client.HTTPException) as error:
            return [f"cannot be had: {error}"]

    def show(self, records):
        lines = self.log().splitlines()
        print(f"     the last {min(len(lines), 40)} of {len(lines)} log lines:")
        for line in lines[-40:]:
            print(f"       {line[:500]}")
        if self.control_port:
            print(f"     the last {len(records[-20:])} records:")
            for record in records[-20:]:
                print(f"       {record}")

    def clear(self, records):
        """Removes the folder, or keeps it as the environment asks."""
        if not KEEPS:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        (self.folder / "journal.kept").write_text("\n".join(records) + "\n")
        place = self.folder
        if KEPT:
            Path(KEPT).mkdir(parents=True, exist_ok=True)
            place = Path(shutil.move(str(self.folder), KEPT))
        print(f"     kept: {place}", flush=True)


def _until_none(look):
    """What `look` finds wrong, if it is still so after some seconds."""
    end = time.monotonic() + SECONDS
    while True:
        problem = look()
        if not problem or time.monotonic() > end:
            return problem
        time.sleep(0.02)


Socket = namedtuple("Socket", "state local remote")


def _sockets():
    """All TCP sockets here, by inode: state, and the two ports."""
    found = {}
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{name}") as file:
                lines = file.readlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            local, remote = (int(word.rsplit(":", 1)[1], 16) for word in words[1:3])
            found[words[9]] = Socket(words[3], local, remote)
    return found


def _open_files(pid):
    """Descriptors of a process: (inode of a socket or "", what it is)."""
    found = []
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return found
    for number in numbers:
        try:
            name = os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:
            continue
        match = re.fullmatch(r"socket:\[(\d+)\]", name)
        found.append((match[1] if match else "", name))
    return found
