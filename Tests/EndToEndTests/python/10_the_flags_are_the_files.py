"""All 194 flags and their metadata, by the clients that people use, byte for byte."""
import hashlib
import subprocess
from html.parser import HTMLParser

from clients import NAMES, fetch_all
from harness import CODES, FLAGS, Server, case, check, environment, equal, gif, main, need, stored
from wire import Wire, request

PATHS = [gif(code) for code in CODES] + [f"/flags/{code}/metadata.json" for code in CODES]


def download_with_curl(server, folder):
    """curl's own parallel mode, 50 at once, from a configuration file (-K)."""
    lines = []
    for path in PATHS:
        lines.append(f'url = "{server.url("local", path)}"')
        lines.append(f'output = "{folder}{path}"')
    configuration = folder / "curl.conf"
    configuration.write_text("\n".join(lines))
    return subprocess.run(
        ["curl", "-sSf", "--noproxy", "*", "-Z", "--parallel-max", "50", "--create-dirs",
         "-K", str(configuration)],
        env=environment(), capture_output=True, text=True, timeout=60)


@case("there are 194 flags to be served")
def count():
    equal(len(CODES), 194, "folders in fixtures/flags")


@case("curl -Z brings all 388 files unchanged, and SHA256SUMS agrees with them")
def curl():
    need("curl")
    with Server("-q") as server:
        result = download_with_curl(server, server.folder)
        equal(result.returncode, 0, f"curl's exit status ({result.stderr})")
        for path in PATHS:
            equal((server.folder / path[1:]).read_bytes(), stored(path), path)
        with Wire(server) as wire:
            wire.send(request(target="/flags/SHA256SUMS"))
            sums = wire.answer().body.decode()
        equal(len(sums.splitlines()), 388, "lines of SHA256SUMS")
        for line in sums.splitlines():
            digest, name = line.split(maxsplit=1)
            content = (server.folder / "flags" / name.lstrip("*")).read_bytes()
            equal(hashlib.sha256(content).hexdigest(), digest, name)


@case("wget brings a flag and its date")
def wget():
    need("wget")
    with Server("-q") as server:
        target = gif("br")
        result = subprocess.run(
            ["wget", "-q", "--no-proxy", server.url("local", target)],
            cwd=server.folder, env=environment(), capture_output=True, timeout=30)
        equal(result.returncode, 0, f"wget's exit status ({result.stderr})")
        file = server.folder / "br.gif"
        equal(file.read_bytes(), stored(target), "what wget saved")
        original = int((FLAGS / "br/br.gif").stat().st_mtime)
        equal(int(file.stat().st_mtime), original, "the time that wget set from Last-Modified")


def all_files_with(client):
    with Server("-q") as server:
        urls = {server.url("local", path): path for path in PATHS}
        for tasks in (30, 100):
            for url, reply in fetch_all(client, urls, tasks).items():
                equal(reply.status, 200, f"{url} at {tasks}")
                check(reply.body == stored(urls[url]), f"{url} at {tasks} tasks has other bytes")
                wanted = "image/gif" if url.endswith("gif") else "application/json"
                equal(reply.headers["content-type"].split(";")[0], wanted, f"type of {url}")


for name in NAMES:
    case(f"{name} gets all 388 files unchanged from 30 and from 100 tasks")(
        lambda name=name: all_files_with(name))


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.images, self.links = [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "img":
            self.images.append(values["src"])
        if tag == "a":
            self.links.append(values["href"])


@case("the index page shows the 194 flags as pictures and links, and nothing that is not there")
def index():
    with Server("-q") as server, Wire(server) as wire:
        wire.send(request(target="/flags/"))
        answer = wire.answer()
        equal(answer.status, 200, "status of /flags/")
        equal(answer.field("content-type"), "text/html; charset=utf-8", "its type")
        page = Links()
        page.feed(answer.body.decode())
        wanted = sorted(gif(code) for code in CODES)
        equal(sorted(page.images), wanted, "pictures")
        equal(sorted(link for link in page.links if link.endswith(".gif")), wanted, "links")
        for link in sorted(set(page.links + page.images)):
            wire.send(request(target=link))
            equal(wire.answer().status, 200, f"status of the link {link}")


@case("/ and /flags lead to the index page, for any client that follows")
def root():
    need("curl")
    with Server("-q") as server:
        for path in ("/", "/flags"):
            result = subprocess.run(
                ["curl", "-sSL", "--noproxy", "*", "-o", "/dev/null", "-w",
                 "%{http_code} %{url_effective}", server.url("local", path)],
                env=environment(), capture_output=True, text=True, timeout=30)
            equal(result.stdout, f"200 {server.url('local', '/flags/')}", f"curl -L {path}")


main()
