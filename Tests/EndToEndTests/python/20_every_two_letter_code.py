"""AA to ZZ: what a reader of the book asks to see which flags there are."""
from collections import Counter
from itertools import product
from string import ascii_lowercase

from clients import NAMES, fetch_all
from harness import CODES, Server, case, check, equal, gif, main, stored


def sweep(client):
    codes = ["".join(letters) for letters in product(ascii_lowercase, repeat=2)]
    with Server("-q") as server:
        urls = {server.url("local", gif(code)): code for code in codes}
        equal(len(urls), 676, "codes asked for")
        replies = fetch_all(client, urls, tasks=50)
        counts = Counter(reply.status for reply in replies.values())
        equal(counts, {200: 194, 404: 482}, "answers")
        for url, reply in replies.items():
            code = urls[url]
            equal(reply.status == 200, code in CODES, f"{code} is a flag of ours")
            if reply.status == 200:
                check(reply.body == stored(gif(code)), f"{code} has other bytes")


for name in NAMES:
    case(f"of AA to ZZ {name} finds 194 and misses 482, at 50 tasks")(
        lambda name=name: sweep(name))

main()
