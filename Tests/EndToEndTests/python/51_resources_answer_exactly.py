"""Methods, paths, ranges and conditions (RFC 9110): what a correct server says to each."""
import re
from email.utils import formatdate, parsedate_to_datetime

from harness import FLAGS, FIXTURES, Server, case, check, equal, main, stored
from wire import SMALL, Wire, request, run_table

GIF = "/flags/br/br.gif"
BODY = stored(GIF)
SIZE = len(BODY)
MODIFIED = int((FLAGS / "br/br.gif").stat().st_mtime)


def date(offset=0):
    return formatdate(MODIFIED + offset, usegmt=True)


def get(*fields, method="GET", target=GIF):
    return request(method, target, *fields)


def run(rows):
    with Server("-q") as server:
        run_table(server, rows)


def etag():
    """The tag is the server's own choice; it must not change between starts."""
    tags = set()
    for _ in range(2):
        with Server("-q") as server, Wire(server) as wire:
            wire.send(get())
            tags.add(wire.answer().field("etag"))
    equal(len(tags), 1, f"tags in two runs: {tags}")
    tag = tags.pop()
    check(re.fullmatch(r'"[!#-~]+"', tag), f"no strong tag: {tag!r}")
    return tag


# Methods

def allows(answers):
    allowed = {word.strip() for word in answers[0].field("allow").split(",")}
    check({"GET", "HEAD"} <= allowed, f"Allow: {allowed}")
    check("POST" not in allowed, f"Allow: {allowed}")


METHODS = [
    *[(f"{method} a flag", get(method=method), "405", allows)
      for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE")],
    *[(f"{method} the index", get(method=method, target="/flags/"), "405", allows)
      for method in ("POST", "PUT", "DELETE", "PATCH")],
    *[(f"{method} nothing", get(method=method, target="/nothing"), "404|405")
      for method in ("POST", "PUT", "DELETE", "PATCH")],
    *[(f"{method} is not known", get(method=method), "501")
      for method in ("get", "Get", "HEADER", "PROPFIND", "M-SEARCH", "X", "BREW", "LINK", "!#$%")],
    ("POST with a body", request("POST", GIF, "Content-Length: 5", body=b"hello"), "405", allows),
    ("OPTIONS", get(method="OPTIONS"), "200|204", allows),
    ("OPTIONS *", get(method="OPTIONS", target="*"), "200|204", allows),
    ("HEAD", get(method="HEAD"), "200h"),
    ("HEAD of nothing", get(method="HEAD", target="/nothing"), "404h"),
    ("HEAD of /", get(method="HEAD", target="/"), "302h"),
    ("GET with a body", request("GET", GIF, "Content-Length: 5", body=b"hello"), "200"),
    ("HEAD with a body", request("HEAD", GIF, "Content-Length: 5", body=b"hello"), "200h"),
]


# Paths

def is_flag(answers):
    check(answers[0].body == BODY, "other bytes than the flag's")


def leaks_nothing(answers):
    answer = answers[0]
    check(b"root:" not in answer.body and answer.body[:4] != b"GIF8", "it leaks a file")
    location = answer.field("location")
    check(location in (None, "/flags/"), f"it redirects to {location}")
    check("set-cookie" not in answer.names(), "a field was injected")


def escaped(lower):
    text = "".join(c if c == "/" else f"%{ord(c):02{'x' if lower else 'X'}}" for c in GIF)
    return text


FOUND = [
    ("as it is", get(), "200", is_flag),
    ("with a query", get(target=GIF + "?a=b"), "200", is_flag),
    ("with an empty query", get(target=GIF + "?"), "200", is_flag),
    ("with a query with slashes", get(target=GIF + "?/../..//?"), "200", is_flag),
    ("with a malformed escape in the query", get(target=GIF + "?%zz"), "200", is_flag),
    ("all escaped, capitals", get(target=escaped(False)), "200", is_flag),
    ("all escaped, small", get(target=escaped(True)), "200", is_flag),
    *[(f"{GIF[:place]}%{ord(letter):02X}{GIF[place + 1:]}",
       get(target=f"{GIF[:place]}%{ord(letter):02X}{GIF[place + 1:]}"), "200", is_flag)
      for place, letter in enumerate(GIF) if letter != "/"],
]

OUT = "../" * 12 + "etc/passwd"
ESCAPES = [
    (target, get(target=target), "400|404", leaks_nothing)
    for target in (
        f"/{OUT}", f"/flags/{OUT}", f"/flags/br/{OUT}", f"/flags/br/br.gif/{OUT}",
        "/flags/br/../br/br.gif", "/flags/./br/br.gif", "/./flags/br/br.gif", "/flags/br/./br.gif",
        "/../flags/br/br.gif", "//flags/br/br.gif", "/flags//br/br.gif", "/flags/br//br.gif",
        "/flags/br/br.gif/", "/flags/br/br.gif/.", "/flags/br/br.gif/..", "/flags/br", "/flags/br/",
        "/flags/.", "/flags/..", "/flags/../", "/..", "/.", "/flags/%2e", "/flags/%2e%2e",
        "/" + "%2e%2e/" * 12 + "etc/passwd", "/" + "%2E%2E%2F" * 12 + "etc%2Fpasswd",
        "/flags/" + "..%2f" * 12 + "etc/passwd", "/flags/" + "..%5c" * 12 + "etc%5cpasswd",
        "/flags/" + ".%2e/" * 12 + "etc/passwd", "/flags/" + "%2e./" * 12 + "etc/passwd",
        "/flags/" + "%252e%252e/" * 12 + "etc/passwd", "/flags/" + "%25%32%65" * 2 + "/x",
        "/flags/" + "%c0%ae%c0%ae/" * 12 + "etc/passwd", "/flags/..%c0%af..%c0%afetc/passwd",
        "/flags/%uff0e%uff0e/etc/passwd", "/flags/..;/..;/etc/passwd", "/flags/br;a=b/br.gif",
        "/flags/br/br.gif;v=1", "/flags%2fbr%2fbr.gif", "/flags%2Fbr/br.gif", "/flags/br%2Fbr.gif",
        "/flags/br/br.gif%00", "/flags/br/br.gif%00.html", "/flags/br/%00br.gif", "/%00",
        "/flags/%",
        "/flags/br/br.gif%", "/flags/br/br.gif%2", "/flags/br/br.gif%zz", "/flags/br/br.gif%0",
        "/flags/br/br%2egif%20", "/flags/br/br.gif%0a", "/flags/br/br.gif%0d%0aSet-Cookie:a=b",
        "/flags/BR/BR.GIF", "/flags/BR/br.gif", "/Flags/br/br.gif", "/flags/br/br.gi",
        "/flags/br/br.gifs", "/svg/br.svg", "/flags/../svg/br.svg", "/country-codes.tsv",
        "/fixtures/flags/br/br.gif", "/etc/passwd", "/proc/self/environ", "/favicon.ico",
        "/flags/index.html", "/flags/.htaccess", "/flags/br/.", "/flags/SHA256SUMS/", "/flagsbr",
        "//evil.example/", "//evil.example/flags", "/%2f%2fevil.example", "/%5cevil.example",
        "/flags/%e2%80%ae", "/flags/" + "a/" * 3000, "/flags/" + "%41" * 2000, "/robots.txt",
        str(FIXTURES) + "/flags/br/br.gif")]

# Ranges

WHOLE, EMPTY = (0, SIZE - 1), None


def part(first, last):
    def judge(answers):
        answer = answers[0]
        equal(answer.field("content-range"), f"bytes {first}-{last}/{SIZE}", "Content-Range")
        check(answer.body == BODY[first:last + 1], "other bytes than the range's")
        equal(answer.field("content-type"), "image/gif", "type of the part")
        check(answer.field("etag") and answer.field("last-modified"), "206 without validators")
    return judge


def parts(*ranges):
    def judge(answers):
        answer = answers[0]
        kind = re.fullmatch(
            r'multipart/byteranges; ?boundary="?([^"]+)"?', answer.field("content-type"))
        check(kind, f"type {answer.field('content-type')}")
        check(answer.field("content-range") is None, "Content-Range on a multipart answer")
        pieces = (b"\r\n" + answer.body).split(b"\r\n--" + kind[1].encode())
        check(pieces[-1].strip() == b"--", "the closing boundary")
        found = []
        for piece in pieces[1:-1]:
            head, body = piece.split(b"\r\n\r\n", 1)
            place = re.search(rb"(?i)content-range: bytes (\d+)-(\d+)/(\d+)", head)
            first, last, size = (int(number) for number in place.groups())
            equal(size, SIZE, "complete length in a part")
            check(body == BODY[first:last + 1], f"other bytes in the part {first}-{last}")
            check(b"image/gif" in head, "type of a part")
            found.append((first, last))
        equal(found, list(ranges), "parts")
    return judge


def unsatisfied(answers):
    equal(answers[0].field("content-range"), f"bytes */{SIZE}", "Content-Range of 416")


def ranged(value, *fields):
    return get(f"Range: {value}", *fields)


LAST = SIZE - 1
HUGE = "9" * 40
RANGES = [
    ("0-0", ranged("bytes=0-0"), "206", part(0, 0)),
    ("0-9", ranged("bytes=0-9"), "206", part(0, 9)),
    ("5-5", ranged("bytes=5-5"), "206", part(5, 5)),
    ("0-", ranged("bytes=0-"), "206", part(0, LAST)),
    ("100-", ranged("bytes=100-"), "206", part(100, LAST)),
    ("the last byte", ranged(f"bytes={LAST}-"), "206", part(LAST, LAST)),
    ("the last byte, both ends", ranged(f"bytes={LAST}-{LAST}"), "206", part(LAST, LAST)),
    ("beyond the end", ranged(f"bytes=10-{SIZE + 5}"), "206", part(10, LAST)),
    ("a huge last", ranged(f"bytes=10-{HUGE}"), "206", part(10, LAST)),
    ("2^63 last", ranged(f"bytes=10-{2**63}"), "206", part(10, LAST)),
    ("suffix 1", ranged("bytes=-1"), "206", part(LAST, LAST)),
    ("suffix 100", ranged("bytes=-100"), "206", part(SIZE - 100, LAST)),
    ("suffix of all", ranged(f"bytes=-{SIZE}"), "206", part(0, LAST)),
    ("suffix of more", ranged(f"bytes=-{SIZE + 1}"), "206", part(0, LAST)),
    ("huge suffix", ranged(f"bytes=-{HUGE}"), "206", part(0, LAST)),
    ("unit in capitals", ranged("BYTES=0-9"), "206|200"),
    ("blanks after the comma", ranged("bytes=0-0, 5-6"), "206", parts((0, 0), (5, 6))),
    ("empty elements", ranged("bytes=,0-0,,5-6,"), "206|200"),
    ("leading zeros", ranged("bytes=000-009"), "206", part(0, 9)),
    ("two parts", ranged("bytes=0-9,20-29"), "206", parts((0, 9), (20, 29))),
    ("three kinds", ranged("bytes=0-0,10-19,-5"), "206",
     parts((0, 0), (10, 19), (SIZE - 5, LAST))),
    ("descending", ranged("bytes=20-29,0-9"), "206", parts((20, 29), (0, 9))),
    ("one of two satisfiable", ranged(f"bytes=0-9,{SIZE}-"), "206"),
    ("first beyond", ranged(f"bytes={SIZE}-"), "416", unsatisfied),
    ("huge first", ranged(f"bytes={HUGE}-"), "416", unsatisfied),
    ("2^64 first", ranged(f"bytes={2**64}-"), "416", unsatisfied),
    ("two beyond", ranged(f"bytes={SIZE}-,{SIZE + 5}-{SIZE + 9}"), "416", unsatisfied),
    ("suffix 0", ranged("bytes=-0"), "416", unsatisfied),
    ("a thousand of the same", ranged("bytes=" + ",".join(["0-"] * 1000)), "200|416", None),
    ("overlapping for more than all", ranged("bytes=0-,0-,0-"), "200", is_flag),
    *[(f"{value!r} is ignored", ranged(value), "200", is_flag)
      for value in ("bytes=5-4", "bytes=a-b", "bytes=", "bytes", "bytes=-", "bytes=--1", "bytes=1",
                    "bytes=0x0-0x9", "bytes=+0-9", "bytes=0 - 9", "bytes = 0-9", "lines=0-9",
                    "bytes=0-9-", "bytes=0-9;", "", "bytes=0-9,x", "items=0-", "bytes=1.0-2")],
    ("two Range fields", get("Range: bytes=0-0", "Range: bytes=5-5"), "200|206"),
    ("HEAD ignores it", get("Range: bytes=0-9", method="HEAD"), "200h"),
    ("of nothing", request("GET", "/nothing", "Range: bytes=0-9"), "404"),
    ("of POST", request("POST", GIF, "Range: bytes=0-9"), "405"),
]


@case(f"{len(METHODS)} methods get 200, 404, 405 with Allow, or 501")
def methods():
    run(METHODS)


@case(f"{len(FOUND)} spellings of a flag's path all find it")
def found():
    run(FOUND)


@case(f"{len(ESCAPES)} spellings that lead out of the table, or nowhere, find nothing")
def escapes():
    run(ESCAPES)


@case(f"{len(RANGES)} ranges, single, multiple, suffix, overflowing and malformed")
def ranges():
    run(RANGES)


@case("If-Range decides between the part and the whole")
def if_range():
    tag = etag()
    rows = [(value, ranged("bytes=0-9", f"If-Range: {value}"), expected,
             part(0, 9) if expected == "206" else is_flag)
            for value, expected in (
                (tag, "206"), (f"W/{tag}", "200"), ('"other"', "200"), (tag.strip('"'), "200"),
                (date(), "206"), (date(-1), "200"), (date(1), "200"), ("nonsense", "200"),
                ("*", "200"), (f"{tag}, {tag}", "200"), ("", "200"))]
    rows.append(("without Range", get(f"If-Range: {tag}"), "200", is_flag))
    rows.append(("of a stale range beyond the end",
                 ranged(f"bytes={SIZE}-", 'If-Range: "other"'), "200", is_flag))
    rows.append(("of a range beyond the end", ranged(f"bytes={SIZE}-", f"If-Range: {tag}"), "416"))
    run(rows)


def condition_rows(tag):
    """RFC 9110 §13: each field alone, lists, weak and strong, and which one counts."""
    none, match = "If-None-Match: ", "If-Match: "
    since, unmodified = "If-Modified-Since: ", "If-Unmodified-Since: "
    old, new = date(-1), date(1)
    return [
        ([none + tag], 304), ([none + f"W/{tag}"], 304), ([none + "*"], 304),
        ([none + '"a"'], 200), ([none + f'"a", {tag}'], 304), ([none + f'"a",{tag},"b"'], 304),
        ([none + f'W/"a", W/{tag}'], 304), ([none + '"a,b"'], 200), ([none + f'"a", , {tag}'], 304),
        ([none + '"a"', none + tag], 304), ([none + ""], 200), ([none + tag.strip('"')], 200),
        ([none + f"w/{tag}"], 200), ([none + '"'], 200), ([none + f'"x{tag[1:]}'], 200),
        ([match + tag], 200), ([match + "*"], 200), ([match + f'"a", {tag}'], 200),
        ([match + '"a"'], 412), ([match + f"W/{tag}"], 412), ([match + '"a"', match + tag], 200),
        ([match + ""], 412),
        ([since + date()], 304), ([since + new], 304), ([since + old], 200),
        ([since + "nonsense"], 200), ([since + ""], 200), ([since + date(86400 * 365 * 200)], 304),
        ([since + "Thu, 01 Jan 1970 00:00:00 GMT"], 200), ([since + "0"], 200),
        ([since + str(MODIFIED)], 200), ([since + date().replace("GMT", "UTC")], 200),
        ([since + parsedate_to_datetime(date()).strftime("%a %b %e %H:%M:%S %Y")], 304),
        ([since + parsedate_to_datetime(date()).strftime("%A, %d-%b-%y %H:%M:%S GMT")], 304),
        ([unmodified + date()], 200), ([unmodified + new], 200), ([unmodified + old], 412),
        ([unmodified + "nonsense"], 200), ([unmodified + "Thu, 01 Jan 1970 00:00:00 GMT"], 412),
        # Precedence (§13.2.2).
        ([none + tag, since + old], 304), ([none + '"a"', since + new], 200),
        ([match + tag, unmodified + old], 200), ([match + '"a"', unmodified + new], 412),
        ([match + tag, none + tag], 304), ([match + '"a"', none + tag], 412),
        ([unmodified + old, none + tag], 412), ([unmodified + new, since + new], 304),
        ([match + '"a"', "Range: bytes=0-9"], 412), ([none + tag, "Range: bytes=0-9"], 304),
        ([none + '"a"', "Range: bytes=0-9"], 206), ([match + tag, "Range: bytes=0-9"], 206),
        ([since + new, "Range: bytes=0-9"], 304), ([since + old, "Range: bytes=0-9"], 206),
    ]


def not_modified(answers):
    answer = answers[0]
    if answer.status == 304:
        check(answer.field("etag"), "304 without ETag (RFC 9110 §15.4.5)")
        check(answer.field("content-type") is None, "304 with a Content-Type")


@case("conditions are evaluated in the order of RFC 9110 §13.2.2, for GET and HEAD")
def conditions():
    rows = condition_rows(etag())
    run([(" + ".join(fields), get(*fields), str(status), not_modified)
         for fields, status in rows]
        + [("HEAD: " + " + ".join(fields), get(*fields, method="HEAD"),
            f"{200 if status == 206 else status}h", not_modified) for fields, status in rows]
        + [("nothing to compare with", request("GET", "/nothing", "If-None-Match: *"), "404"),
           ("405 before conditions", request("POST", GIF, "If-Match: \"a\""), "405|412")])


@case("HEAD has the fields of GET, and no body, whatever the status")
def heads():
    with Server("-q") as server:
        for target, fields in (
            (GIF, ()), (SMALL, ()), ("/flags/", ()), ("/flags/SHA256SUMS", ()), ("/", ()),
            ("/nothing", ()), ("/flags/%zz", ()), (GIF, ("If-None-Match: *",)),
            (GIF, ('If-Match: "a"',)), (GIF + "?a", ()), (GIF, ("Connection: close",)),
        ):
            answers = []
            for method in ("GET", "HEAD"):
                with Wire(server) as wire:
                    wire.send(request(method, target, *fields))
                    answers.append(wire.answer(method))
                    if answers[-1].closes:
                        wire.check_end()
                    else:
                        wire.check_open()
            got, head = answers
            equal(head.status, got.status, f"status of HEAD {target} {fields}")
            fields = [[f for f in a.fields if f[0] != "date"] for a in (got, head)]
            equal(fields[1], fields[0], f"fields of HEAD {target}")


@case("types, dates and tags of every kind of file are what they should be")
def fields():
    with Server("-q") as server, Wire(server) as wire:
        for target, kind in (
            (GIF, "image/gif"), (SMALL, "application/json"),
            ("/flags/", "text/html; charset=utf-8"),
            ("/flags/SHA256SUMS", "text/plain; charset=utf-8"),
        ):
            wire.send(request(target=target))
            answer = wire.answer()
            equal(answer.field("content-type"), kind, f"type of {target}")
            equal(answer.field("accept-ranges"), "bytes", f"Accept-Ranges of {target}")
            modified = parsedate_to_datetime(answer.field("last-modified"))
            check(modified <= parsedate_to_datetime(answer.field("date")), "modified in the future")
            if target != "/flags/":
                path = FIXTURES / target[1:]
                equal(int(modified.timestamp()), int(path.stat().st_mtime), f"date of {target}")


main()
