"""CPython's urllib, as its documentation shows it."""
import platform
import urllib.request

from common import SECONDS, main


def fetch(urls):
    for url in urls:
        with urllib.request.urlopen(url, timeout=SECONDS) as reply:
            yield reply.read()


main(f"urllib of CPython {platform.python_version()}", fetch)
