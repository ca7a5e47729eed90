"""One start of the program while its calls fail, and what is held against it."""
import http.client
import json
import signal
import time

from tracing import PROJECT, Traced

# Nothing takes so long; a generous bound, because it means a hang.
PATIENCE = 4
START_SECONDS = 20
STOP_SECONDS = 12
FLAG = PROJECT / "fixtures" / "flags" / "br" / "br.gif"
SERVERS = ("local", "delay", "error", "chaos", "fault")


class Run:
    """One start of the program, with what is asked of it. `failures`: what was not as it is without
    an injection; `findings`: what must not be, whatever is said of it; `answers`: texts of errors
    that were answered."""

    def __init__(self, program, folder, injection=None):
        self.program, self.folder, self.injection = program, folder, injection
        self.ready_file = folder / "ready.json"
        self.failures, self.findings, self.answers = [], [], []
        self.complete, self.patience = 0, PATIENCE
        self.traced = self.ready = None
        self.ends_itself = False   # nobody has to ask it to
        self.status = None

    # Start and end

    def start(self, *arguments):
        """Whether it is ready."""
        words = [str(word) for word in arguments]
        self.traced = Traced(
            [self.program, *words, "--ready-file", self.ready_file], self.folder, self.injection)
        end = time.monotonic() + START_SECONDS
        while self.traced.is_running and not self.ready_file.exists():
            if time.monotonic() > end:
                self.findings.append(f"hang: neither ready nor ended after {START_SECONDS} s")
                return False
            time.sleep(0.005)
        if not self.ready_file.exists():
            self.ended("before it was ready")
            return False
        try:
            self.ready = json.loads(self.ready_file.read_text())
        except FileNotFoundError:  # it was ready, and is no more
            self.traced.wait(STOP_SECONDS)
            self.ended("as soon as it was ready")
            return False
        except ValueError:
            self.findings.append(f"lie: half a ready file: {self.ready_file.read_bytes()!r}")
            return False
        return True

    def ended(self, when):
        """It has ended by itself, which a word has to explain, and a status."""
        self.status = self.traced.wait(STOP_SECONDS)
        self.failures.append(f"it ended with {self.status} {when}")
        if self.status == 0:
            self.findings.append(f"lie: exit status 0 although it ended {when}")

    def stop(self):
        """Asks it to end, and holds it to that."""
        if self.status is not None:
            return
        if not self.traced.is_running:
            self.ended("by itself")
            return
        if busy := self.traced.spins():
            self.findings.append(f"spin: {busy:.0%} of a core with nothing to do")
        self.traced.signal(signal.SIGTERM)
        self.status = self.traced.wait(STOP_SECONDS)
        if self.status is None:
            self.findings.append(f"hang: it still runs {STOP_SECONDS} s after SIGTERM")
        elif self.status:
            self.failures.append(f"exit status {self.status} after SIGTERM")

    def judge_end(self):
        if self.status is not None and self.status < 0:
            self.findings.append(f"crash: ended by {signal.Signals(-self.status).name}")
        if self.status is not None and self.ready_file.exists():
            self.failures.append("the ready file is still there")

    # Asking

    def port(self, name):
        return self.ready["ports"][name]

    def ask(self, name, path="/flags/br/br.gif", method="GET", body=None, headers=None):
        """One exchange on a connection of its own: status and body, or a failure that is kept."""
        port = name if isinstance(name, int) else self.port(name)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.patience)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{method} {path} of {name}: {error or type(error).__name__}")
            self.lose_patience(error)
            return 0, b""
        finally:
            connection.close()
        if name in SERVERS:
            self.complete += 1
        if reply.status >= 500 and name == "control":
            self.answers.append(content.decode(errors="replace"))
        return reply.status, content

    def lose_patience(self, error):
        """One that hangs is enough: what follows is looked at for less and less time."""
        if isinstance(error, TimeoutError):
            self.patience = max(0.2, self.patience / 2)

    def expect(self, name, path="/flags/br/br.gif", status=200, content=None, **rest):
        found, body = self.ask(name, path, **rest)
        if found and found != status:
            self.failures.append(f"{path} of {name}: {found} instead of {status}")
            self.answers.append(body.decode(errors="replace"))
        elif found and content is not None and body != content:
            self.findings.append(f"lie: {path} of {name}: {len(body)} bytes of something else")
        return found == status

    def call(self, path, values, status=201):
        return self.expect("control", path, status, method="POST", body=json.dumps(values))

    def until(self, condition, what, seconds=3):
        """Polls; what was asked in vain on the way is no failure, if it comes true."""
        kept, end = len(self.failures), time.monotonic() + seconds
        while self.traced.is_running and time.monotonic() < end:
            if condition():
                del self.failures[kept:]
                return True
            time.sleep(0.05)
        self.failures.append(f"not so after {seconds} s: {what}")
        return False

    def probe(self):
        """Whether all that it calls ready serves, at the third attempt at the latest."""
        if not self.traced.is_running:
            return
        dead = [name for name in SERVERS if not self._serves(name)]
        kept = len(self.failures)
        status = self.ask("control", "/readyz")[0]
        if dead and status == 200:
            self.failures.append(f"/readyz answers 200, and {', '.join(dead)} does not serve")
            kept = len(self.failures)
        if dead and self.traced.is_running and self.ready_file.exists():
            self.failures.append(f"the ready file is there, and {', '.join(dead)} does not serve")
        if status == 200:
            del self.failures[kept:]

    def _serves(self, name):
        content = FLAG.read_bytes() if name == "local" else None
        path = "/" if name == "fault" else "/flags/br/br.gif"
        kept, start = len(self.failures), time.monotonic()
        for _ in range(3):
            status, body = self.ask(name, path)
            if status and (content is None or body == content):
                del self.failures[kept:]
                return True
            if not self.traced.is_running:
                return True
            if time.monotonic() - start > 1:
                break
        return False
