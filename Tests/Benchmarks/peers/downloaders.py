"""Programs that download many files at once: each with its command line for the same list."""

import pathlib
import re
import shutil
import subprocess
import sys

from processes import output_of

AIOHTTP = """
import asyncio, pathlib, sys
import aiohttp

async def main(urls, folder, at_once):
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(connector=connector) as session:
        async def get(url):
            async with session.get(url) as reply:
                body = await reply.read()
            (pathlib.Path(folder) / url.rsplit("/", 1)[1]).write_bytes(body)
        await asyncio.gather(*map(get, urls))

asyncio.run(main(pathlib.Path(sys.argv[1]).read_text().split(), sys.argv[2], int(sys.argv[3])))
"""


class Downloader:
    """`argv` is for all flags of `base`, `at_once` at a time, into the folder `out`."""

    role = "downloader"
    name = ""
    program = ""

    def __init__(self, bench):
        self.bench = bench
        self.directory = bench.directory / f"downloader-{self.name}"
        self.directory.mkdir()

    @classmethod
    def missing(cls, options):
        return "" if shutil.which(cls.program) else "not installed"

    def version(self):
        number = re.search(r"\d+(\.\d+)+", output_of([self.program, "--version"]))
        return number[0] if number else ""

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def argv(self, base, codes, out, at_once):
        raise NotImplementedError

    def list(self, base, codes):
        return self.write("urls", "".join(f"{base}/{code}/{code}.gif\n" for code in codes))


class Flagget(Downloader):
    name = "flagget"

    @classmethod
    def missing(cls, options):
        return ""

    def version(self):
        return ""   # flagserver's

    def argv(self, base, codes, out, at_once):
        link = self.directory / "flagget"
        if not link.exists():
            link.symlink_to(self.bench.options.flagserver)
        return [link, "--base-url", base, "-a", "-m", at_once, "--dest", out]


class Curl(Downloader):
    name = program = "curl"

    def argv(self, base, codes, out, at_once):
        configuration = self.write("curl", "".join(
            f'url="{base}/{code}/{code}.gif"\noutput="{out}/{code}.gif"\n' for code in codes))
        return ["curl", "-sS", "--parallel", "--parallel-immediate", "--parallel-max", at_once,
                "-K", configuration]


class Wget2(Downloader):
    name = program = "wget2"

    def argv(self, base, codes, out, at_once):
        return ["wget2", "-q", "--max-threads", at_once, "-nH", "--no-directories", "-P", out,
                "-i", self.list(base, codes)]


class Aria2(Downloader):
    name, program = "aria2", "aria2c"

    def argv(self, base, codes, out, at_once):
        return ["aria2c", "-q", "-j", at_once, "-d", out, "-i", self.list(base, codes),
                "--allow-overwrite=true", "--auto-file-renaming=false"]


class Aiohttp(Downloader):
    name = "aiohttp"

    @classmethod
    def missing(cls, options):
        done = subprocess.run([python(), "-c", "import aiohttp"], capture_output=True, timeout=30)
        return "not installed" if done.returncode else ""

    def version(self):
        return output_of([python(), "-c", "import aiohttp; print(aiohttp.__version__)"]).strip()

    def argv(self, base, codes, out, at_once):
        script = self.write("with_aiohttp.py", AIOHTTP)
        return [python(), script, self.list(base, codes), out, at_once]


def python():
    """That of the tests' virtual environment, where there is one."""
    project = pathlib.Path(__file__).resolve().parent.parent.parent.parent
    own = project / ".build" / "venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


KINDS = (Flagget, Curl, Wget2, Aria2, Aiohttp)
