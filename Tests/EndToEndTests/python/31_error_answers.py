"""What an injected error looks like on the wire, and that it spoils nothing else."""
from collections import Counter

from harness import CODES, Server, case, check, draw, equal, gif, main, stored
from wire import Wire, request

FAST = ("--delay", "0", "--delay-rate", "0")


def sweep(wire, codes=CODES, method="GET"):
    """All flags on one connection: the answers, in order."""
    answers = []
    for code in codes:
        wire.send(request(method, gif(code)))
        answers.append(wire.answer(method))
    return answers


@case("418 and 503 have a short text body, and the connection stays usable after them")
def keeps_connection():
    with Server("-q", *FAST, "--error-rate", "0.5", "--seed", "7") as server:
        fates = draw("error", *FAST, "--error-rate", "0.5", "--seed", "7", "-n", 194)
        with Wire(server, "error") as wire:  # one connection for all 194
            for code, answer, fate in zip(CODES, sweep(wire), fates):
                equal(answer.status, fate[2], f"status of {code}")
                check(not answer.closes, f"{answer.status} closes the connection")
                if answer.status == 200:
                    check(answer.body == stored(gif(code)), f"{code} has other bytes")
                else:
                    check(0 < len(answer.body) < 200, f"a body of {len(answer.body)} bytes")
                    equal(answer.field("content-type"), "text/plain; charset=utf-8", "type")
                    check(answer.field("etag") is None, "an error with the flag's ETag")
                    equal(answer.field("cache-control"), "no-store", "Cache-Control of an error")


@case("HEAD meets the same errors as GET, without their bodies")
def head():
    options = (*FAST, "--error-rate", "0.5", "--seed", "7")
    with Server("-q", *options) as server, Wire(server, "error") as wire:
        found = [answer.status for answer in sweep(wire, method="HEAD")]
        equal(found, [fate[2] for fate in draw("error", *options, "-n", 194)], "statuses")


def retry_afters(*options):
    with Server("-q", *FAST, "--error-rate", "1", "--seed", "1", *options) as server:
        with Wire(server, "error") as wire:
            return {(a.status, a.field("retry-after")) for a in sweep(wire, CODES[:60])}


@case("Retry-After stands on 503 and 429 only, in whole seconds, rounded up; none leaves it out")
def retry_after():
    equal(retry_afters(), {(418, None), (503, "1")}, "by default")
    equal(retry_afters("--error-status", "429,500,503", "--retry-after", "1500ms"),
          {(429, "2"), (500, None), (503, "2")}, "with 1500ms")
    equal(retry_afters("--retry-after", "none"), {(418, None), (503, None)}, "with none")


@case("weights of --error-status are kept: 418=3,503=1 gives about three to one")
def weights():
    options = (*FAST, "--error-rate", "1", "--error-status", "418=3,503=1,500=0", "--seed", "3")
    wanted = [fate[2] for fate in draw("error", *options, "-n", 194)]
    with Server("-q", *options) as server, Wire(server, "error") as wire:
        found = [answer.status for answer in sweep(wire)]
    equal(found, wanted, "statuses as drawn")
    counts = Counter(found)
    equal(set(counts), {418, 503}, "a weight of 0 is never")
    check(counts[418] > counts[503] * 1.5, f"three to one: {counts}")


def injected_status(status):
    """RFC 9110 §8.6, §15.3.5, §15.3.6, §15.4.5: who has no body, and how that is said."""
    options = (*FAST, "--error-rate", "1", "--error-status", str(status))
    told = ["is no error"] if status < 400 else []
    with Server("-q", *options, expects_log=told) as server, Wire(server, "error") as wire:
        for answer in sweep(wire, CODES[:3]):
            equal(answer.status, status, "status")
            length = answer.field("content-length")
            if status in (204, 304):
                equal(length, None, "Content-Length")
            elif status == 205:
                equal((length, answer.body), ("0", b""), "Content-Length and body")


for number in (200, 204, 205, 304, 404, 599):
    case(f"--error-status {number} is injected as that status has to be framed")(
        lambda number=number: injected_status(number))


@case("HTTP/1.0 and Connection: close get their errors with the right connection field")
def persistence():
    with Server("-q", *FAST, "--error-rate", "1", "--seed", "1") as server:
        for data, closes in (
            (request(version="1.0"), True),
            (request("GET", "/", "Connection: keep-alive", version="1.0"), False),
            (request("GET", "/", "Connection: close"), True),
        ):
            with Wire(server, "error") as wire:
                wire.send(data)
                answer = wire.answer()
                check(answer.status in (418, 503), f"{answer.status} at a rate of 1")
                equal(answer.closes, closes, f"closes after {data!r}")
                if closes:
                    wire.check_end()


@case("malformed requests on ERROR are refused as on LOCAL, and count as no attempt")
def malformed():
    options = (*FAST, "--error-rate", "0.5", "--seed", "7", "--log-format", "json")
    with Server(*options) as server:
        for _ in range(5):
            with Wire(server, "error") as wire:
                wire.send(b"GET /flags/br/br.gif HTTP/1.1\r\n\r\n")  # no Host
                equal(wire.answer().status, 400, "without Host")
                wire.check_end()
        with Wire(server, "error") as wire:
            wire.send(request(target=gif("br")))
            found = wire.answer().status
        wanted = draw("error", *options[:-2], "--target", gif("br"), "-n", 1)[0][2]
        equal(found, wanted, "the first well-formed attempt")
        server.stop()
        record = [r for r in server.records("error") if r["status"] == found][-1]
        equal(record["attempt"], 1, "its attempt in the log")
        equal(record["in_flight"], 1, "exchanges in flight after five refusals")


@case("an error met by a request with a body leaves the next request intact")
def bodies():
    with Server("-q", *FAST, "--error-rate", "1") as server, Wire(server, "error") as wire:
        for fields, body in (
            (["Content-Length: 5"], b"hello"),
            (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n"),
            (["Content-Length: 28"], b"GET /smuggled HTTP/1.1\r\n\r\n  "),
        ):
            wire.send(request("POST", gif("br"), *fields, body=body))
            check(wire.answer().status in (418, 503), "an error for a POST with a body")
        check(not wire.buffer, f"more answers than requests: {wire.buffer!r}")


@case("--cors is on every answer, errors and refusals by the site included")
def cors():
    with Server("-q", *FAST, "--error-rate", "0.5", "--seed", "7", "--cors") as server:
        seen = set()
        with Wire(server, "error") as wire:
            for code in [*CODES[:30], "zz"]:
                wire.send(request(target=gif(code)))
                answer = wire.answer()
                seen.add(answer.status)
                equal(answer.field("access-control-allow-origin"), "*", f"on {answer.status}")
        check({200, 418, 503} <= seen, f"only {seen} were seen")


@case("--edition 2e delays all of ERROR and answers 418 only")
def second_edition():
    options = ("--edition", "2e", "--delay", "0.1..0.2", "--seed", "5")
    fates = draw("error", *options, "-n", 194)
    equal({fate[2] for fate in fates}, {200, 418}, "statuses drawn")
    check(all(0.1 <= fate[3] <= 0.2 for fate in fates), "delays outside of the range")
    with Server(*options) as server:
        with Wire(server, "error") as wire:
            for answer, fate in zip(sweep(wire, CODES[:8]), fates):
                equal(answer.status, fate[2], f"status of {fate[0]}")
        check("--error-status 418" in server.log(), "the banner tells what 2e stands for")


main()
