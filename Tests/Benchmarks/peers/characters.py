"""Servers that find characters by the words of their names."""

import http.client
import json

from peers import sites
from peers.downloaders import Aiohttp, python
from peers.server import Server
from processes import Failure, free_ports

TARGET = "/search?q=braille&stop=all"
COUNT = 256

AIOHTTP = """
import collections, json, sys, unicodedata
from aiohttp import web

index = collections.defaultdict(set)
for code in range(32, sys.maxunicode + 1):
    for word in unicodedata.name(chr(code), "").replace("-", " ").split():
        index[word].add(chr(code))

async def search(request):
    words = request.query["q"].upper().replace("-", " ").split()
    found = set.intersection(*(index[word] for word in words)) if words else ()
    rows = [{"char": char, "name": unicodedata.name(char)} for char in sorted(found)]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return web.Response(text=text, content_type="application/json")

app = web.Application()
app.router.add_get("/search", search)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""


class CharacterServer(Server):
    """Answers TARGET with the same bytes as the others."""

    role = "characters"
    port = 0

    def fetch(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", TARGET)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def reach(self):
        self.fetch()

    def check(self):
        status, body = self.fetch()
        if status != 200 or len(json.loads(body)) != COUNT:
            raise Failure(f"{self.name} does not find {COUNT} characters")

    def load_argv(self, scenario):
        return ["load", "-b", len(self.fetch()[1]), f"http://127.0.0.1:{self.port}{TARGET}"]


class Charfinder(CharacterServer):
    name = "flagserver"

    @classmethod
    def missing(cls, options):
        return sites.FlagServer.missing(options)

    def argv(self):
        self.port, control = free_ports(2)
        return sites.flagserver_argv(self.bench, "off", control) + [
            "-q", "--charfinder", f"tcp=off,http={self.port}"]


class AiohttpCharfinder(CharacterServer):
    """As in the book, but for its framework."""

    name = "aiohttp"

    @classmethod
    def missing(cls, options):
        return Aiohttp.missing(options)

    def argv(self):
        self.port, = free_ports(1)
        path = self.directory / "charfinder.py"
        path.write_text(AIOHTTP)
        return [python(), path, self.port]


KINDS = (Charfinder, AiohttpCharfinder)
