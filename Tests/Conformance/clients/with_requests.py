"""requests, with one session."""
import requests
import urllib3

from common import SECONDS, main


def fetch(urls):
    with requests.Session() as session:
        for url in urls:
            reply = session.get(url, timeout=SECONDS)
            reply.raise_for_status()
            yield reply.content


main(f"requests {requests.__version__} (urllib3 {urllib3.__version__})", fetch)
