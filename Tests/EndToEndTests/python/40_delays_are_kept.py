"""DELAY: no answer before its time, no answer waits for another one's delay."""
import time

from clients import NAMES, fetch_all
from harness import (
    CODES, Server, case, check, draw, equal, gif, main, stored, wait_until)
from wire import Wire, request


def all_flags(client, *options):
    with Server("--seed", "42", "--log-format", "json", *options) as server:
        urls = {server.url("delay", gif(code)): gif(code) for code in CODES}
        replies = fetch_all(client, urls, tasks=100)
        wait_until(lambda: len(server.records()) >= 194, "194 records in the log")
        return {urls[url]: reply for url, reply in replies.items()}, server.records()


def fixed(client):
    replies, records = all_flags(client, "--delay", "0.3")
    for target, reply in replies.items():
        equal(reply.status, 200, target)
        check(reply.body == stored(target), f"{target} has other bytes")
        check(reply.seconds >= 0.3, f"{target} after {reply.seconds} s, before its 0.3 s")
    check(all(r["duration_ms"] >= 300 for r in records), "a record shorter than its delay")
    # Delays that did not overlap could never be so many at once.
    check(max(r["in_flight"] for r in records) >= 50, "delays did not overlap")


for name in NAMES:
    case(f"none of {name}'s 194 flags at 100 tasks comes before a fixed delay")(
        lambda name=name: fixed(name))


def uniform(client):
    drawn = {fate[0]: fate[3] for fate in draw(
        "delay", "--delay", "0.2..0.4", "--seed", "42", "-n", "194")}
    check(all(0.2 <= delay <= 0.4 for delay in drawn.values()), "draw leaves the range")
    check(len(set(drawn.values())) > 150, "the delays are not spread over the range")
    replies, records = all_flags(client, "--delay", "0.2..0.4")
    for target, reply in replies.items():
        check(reply.seconds >= drawn[target], f"{target} {reply.seconds} s < {drawn[target]} s")
    logged = {record["target"]: record["delay_ms"] for record in records}
    for target, delay in drawn.items():
        check(abs(logged[target] - delay * 1000) < 0.11, f"{target}: log and draw differ")


for name in NAMES:
    case(f"--delay 0.2..0.4 gives {name} the delays that draw foretells, and never less")(
        lambda name=name: uniform(name))


@case("delays of pipelined requests overlap, and their answers come in order")
def pipelined():
    codes = CODES[:40]
    with Server("--delay", "0.2..0.6", "--seed", "1", "--log-format", "json") as server:
        drawn = [fate[3] for fate in draw(
            "delay", "--delay", "0.2..0.6", "--seed", "1", "-n", len(codes))]
        check(drawn != sorted(drawn), "this seed happens to sort its delays: choose another")
        with Wire(server, "delay") as wire:
            start = time.monotonic()
            wire.send(b"".join(request(target=gif(code)) for code in codes))
            for position, code in enumerate(codes):
                answer = wire.answer()
                passed = time.monotonic() - start
                check(answer.body == stored(gif(code)), f"answer {position} is not {code}'s")
                check(passed >= max(drawn[:position + 1]), f"{code} came before its delay")
        wait_until(lambda: len(server.records()) >= len(codes), "records of all")
        most = max(record["in_flight"] for record in server.records())
        equal(most, len(codes), "delays under way at once on one connection")


@case("more pipelined requests than may wait at once are all answered, in order")
def many_pipelined():
    codes = (CODES * 2)[:300]
    with Server("-q", "--delay", "0.02") as server, Wire(server, "delay") as wire:
        wire.send(b"".join(request(target=f"/flags/{code}/metadata.json") for code in codes))
        for code in codes:
            equal(wire.answer().body, stored(f"/flags/{code}/metadata.json"), code)


@case("a delay begins when the request is complete, not when it began")
def begins_late():
    data = request("POST", gif("br"), "Content-Length: 5")
    with Server("-q", "--delay", "0.3") as server:
        for first, rest in ((data[:30], data[30:] + b"hello"), (data, b"hello")):
            with Wire(server, "delay") as wire:
                wire.send(first)
                time.sleep(0.2)
                start = time.monotonic()
                wire.send(rest)
                equal(wire.answer().status, 405, "status of a POST")
                passed = time.monotonic() - start
                check(passed >= 0.3, f"{passed} s after the last byte instead of 0.3 s")


@case("all answers of DELAY are delayed: HEAD, 404, ranges and conditions too")
def every_answer():
    with Server("-q", "--delay", "0.15") as server, Wire(server, "delay") as wire:
        for method, target, fields, status in (
            ("HEAD", gif("br"), [], 200), ("GET", "/nothing", [], 404),
            ("GET", gif("br"), ["Range: bytes=0-9"], 206),
            ("GET", gif("br"), ["If-None-Match: *"], 304), ("GET", "/", [], 302),
            ("OPTIONS", "*", [], 204),
        ):
            start = time.monotonic()
            wire.send(request(method, target, *fields))
            equal(wire.answer(method).status, status, f"{method} {target}")
            check(time.monotonic() - start >= 0.15, f"{method} {target} was not delayed")


@case("while 500 requests wait in DELAY, LOCAL answers at once and every one of them is kept")
def many_wait():
    with Server("-q", "--delay", "1") as server:
        start = time.monotonic()
        waiting = [Wire(server, "delay") for _ in range(500)]
        for wire in waiting:
            wire.send(request(target=gif("br")))
        with Wire(server) as honest:
            for _ in range(100):
                honest.check_open()
        for wire in waiting:
            check(wire.answer().body == stored(gif("br")), "other bytes")
        check(time.monotonic() - start >= 1, "an answer came before its delay")
        for wire in waiting:
            wire.stream.close()


main()
