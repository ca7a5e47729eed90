"""httpx, with one client."""
import httpx

from common import SECONDS, main


def fetch(urls):
    with httpx.Client(timeout=SECONDS, follow_redirects=True) as client:
        for url in urls:
            reply = client.get(url)
            reply.raise_for_status()
            yield reply.content


main(f"httpx {httpx.__version__}", fetch)
