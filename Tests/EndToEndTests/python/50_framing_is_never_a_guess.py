"""Where a request begins and ends (RFC 9112): everything ambiguous is refused, and closes.

Nearly every row ends in a request that would be answered if the row were misread: a smuggled one.
"""
from harness import Server, case, check, main
from wire import PROBE, SMALL, request, run_table

TARGET = SMALL.encode()
TCHAR = set(b"!#$%&'*+-.^_`|~0123456789") | set(range(65, 91)) | set(range(97, 123))
TARGET_BYTES = TCHAR - set(b"#^`|") | set(b"/?:@;=,()[]")
# What RFC 3986 does not allow in a request target, and is not the space that ends it.
NOT_TARGET = [byte for byte in range(256) if byte not in TARGET_BYTES | {0x20}]


def line(text, rest=b"\r\nHost: x\r\n\r\n"):
    return (text if isinstance(text, bytes) else text.encode("latin-1")) + rest


def field(text):
    """A request with one more field line, given without its CRLF."""
    text = text if isinstance(text, bytes) else text.encode("latin-1")
    return b"GET " + TARGET + b" HTTP/1.1\r\nHost: x\r\n" + text + b"\r\n\r\n"


def sized(count):
    """A request line of exactly `count` bytes without its CRLF."""
    return line("GET /" + "a" * (count - len("GET / HTTP/1.1")) + " HTTP/1.1")


def head_of(count):
    """A head of exactly `count` bytes, in several fields."""
    head = b"GET " + TARGET + b" HTTP/1.1\r\nHost: x\r\n"
    while count - len(head) > 9000:
        head += b"X: " + b"a" * 8000 + b"\r\n"
    return head + b"X: " + b"a" * (count - len(head) - 7) + b"\r\n\r\n"


def fields_of(count):
    return field("\r\n".join(f"X-{number}: y" for number in range(count - 1)))


REQUEST_LINES = [
    ("plain", line(f"GET {SMALL} HTTP/1.1"), "200"),
    ("HTTP/1.2 is served as 1.1", line(f"GET {SMALL} HTTP/1.2"), "200"),
    ("HTTP/1.9 is served as 1.1", line(f"GET {SMALL} HTTP/1.9"), "200"),
    *[(f"version {version}", line(f"GET {SMALL} {version}"), "505 close")
      for version in ("HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/9.9", "HTTP/2.1", "HTTP/0.0")],
    *[(f"version {version!r}", line(f"GET {SMALL} {version}"), "400|505 close")
      for version in ("http/1.1", "HTTP/1.", "HTTP/.1", "HTTP/1.x", "HTTP/x.1", "HTTP/1,1",
                      "HTTP/1.10", "HTTP/01.1", "HTTP/11.1", "HTTP /1.1", "HTTP/ 1.1", "HTTPS/1.1",
                      "HTTP/-1.1", "HTTP/+1.1", "HTTP/1.1 ", "HTTP/1.1\t", " HTTP/1.1", "FOO/1.1",
                      "HTTP/1.1 x", "Http/1.1", "XTTP/1.1", "HTTP\\1.1")],
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400|505 close"),
    ("HTTP/0.9", b"GET " + TARGET + b"\r\n\r\n", "400 close"),
    ("HTTP/0.9 with a space", b"GET " + TARGET + b" \r\n\r\n", "400 close"),
    ("method only", b"GET\r\n\r\n", "400 close"),
    ("no target", line("GET HTTP/1.1"), "400 close"),
    ("two spaces", line(f"GET  {SMALL} HTTP/1.1"), "400 close"),
    ("two spaces before the version", line(f"GET {SMALL}  HTTP/1.1"), "400 close"),
    ("space at the start", line(f" GET {SMALL} HTTP/1.1"), "400 close"),
    ("tab at the start", line(f"\tGET {SMALL} HTTP/1.1"), "400 close"),
    ("tab for the first space", line(f"GET\t{SMALL} HTTP/1.1"), "400 close"),
    ("tab for the second space", line(f"GET {SMALL}\tHTTP/1.1"), "400 close"),
    ("a space in the target", line("GET /flags/ br.gif HTTP/1.1"), "400 close"),
    ("an empty line first", b"\r\n" + PROBE, "200"),
    ("four empty lines first", b"\r\n" * 4 + PROBE, "200"),
    ("a hundred empty lines first", b"\r\n" * 100 + PROBE, "400 close"),
    ("LF alone after the request line", b"GET / HTTP/1.1\nHost: x\r\n\r\n", "400 close"),
    ("LF alone after a field", b"GET / HTTP/1.1\r\nHost: x\n\r\n", "400 close"),
    ("LF alone at the end", b"GET / HTTP/1.1\r\nHost: x\r\n\n", "400 close"),
    ("LF everywhere", PROBE.replace(b"\r\n", b"\n"), "400 close"),
    ("CR alone after the request line", b"GET / HTTP/1.1\rHost: x\r\n\r\n", "400 close"),
    ("CR CR LF", b"GET / HTTP/1.1\r\r\nHost: x\r\n\r\n", "400 close"),
    ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n", "400 close"),
    ("a response", b"HTTP/1.1 200 OK\r\n\r\n", "400 close"),
    ("request line of 8192", sized(8192), "404"),
    ("request line of 8193", sized(8193), "414 close"),
    ("request line of 20000", sized(20000), "414 close"),
    ("a method of 9000", line("A" * 9000 + " / HTTP/1.1"), "400|414|501 close"),
    *[(f"method {method!r}", line(f"{method} {SMALL} HTTP/1.1"), "400 close")
      for method in ("G@T", '"GET"', "G(T", "GE:T", "GET/", "{GET}", "G\x00T", "G\xe9T", "GET,")],
]

TARGETS = [
    ("asterisk for GET", line("GET * HTTP/1.1"), "400 close"),
    ("asterisk for OPTIONS", line("OPTIONS * HTTP/1.1"), "200|204"),
    ("no slash", line("GET flags/ HTTP/1.1"), "400 close"),
    ("dots first", line("GET ../flags/ HTTP/1.1"), "400 close"),
    ("a fragment", line(f"GET {SMALL}#top HTTP/1.1"), "400 close"),
    ("absolute-form", line(f"GET http://x{SMALL} HTTP/1.1"), "200"),
    ("absolute-form, capitals", line(f"GET HTTP://X{SMALL} HTTP/1.1"), "200"),
    ("absolute-form with port", line(f"GET http://x:8001{SMALL} HTTP/1.1"), "200"),
    ("absolute-form of another host", line(f"GET http://other{SMALL} HTTP/1.1"), "200"),
    ("absolute-form, IPv6", line(f"GET http://[::1]:8001{SMALL} HTTP/1.1"), "200"),
    ("absolute-form with query", line(f"GET http://x{SMALL}?a=b HTTP/1.1"), "200"),
    ("absolute-form without path", line("GET http://x HTTP/1.1"), "302"),
    ("absolute-form, query only", line("GET http://x?a HTTP/1.1"), "302"),
    ("absolute-form without Host", b"GET http://x/flags/ HTTP/1.1\r\n\r\n", "400 close"),
    ("absolute-form without host", line("GET http:///flags/ HTTP/1.1"), "400 close"),
    ("scheme alone", line("GET http:// HTTP/1.1"), "400 close"),
    ("absolute-form with user", line(f"GET http://me@x{SMALL} HTTP/1.1"), "400 close"),
    ("absolute-form, port no number", line(f"GET http://x:80a{SMALL} HTTP/1.1"), "400 close"),
    ("absolute-form, bad IPv6", line(f"GET http://[::1{SMALL} HTTP/1.1"), "400 close"),
    ("https", line(f"GET https://x{SMALL} HTTP/1.1"), "400|421 close"),
    ("ftp", line("GET ftp://x/ HTTP/1.1"), "400|421 close"),
    ("CONNECT", line("CONNECT x:443 HTTP/1.1"), "405|501"),
    ("CONNECT without port", line("CONNECT x HTTP/1.1"), "400 close"),
    ("CONNECT with a path", line("CONNECT / HTTP/1.1"), "400 close"),
    ("GET with an authority", line("GET x:80 HTTP/1.1"), "400 close"),
    *[(f"byte {byte:#04x} in the target", line(b"GET /a" + bytes([byte]) + b"b HTTP/1.1"),
       "400 close") for byte in NOT_TARGET],
]

HOSTS = [
    ("missing", b"GET / HTTP/1.1\r\n\r\n", "400 close"),
    ("missing, 1.2", b"GET / HTTP/1.2\r\n\r\n", "400 close"),
    ("missing in 1.0", b"GET " + TARGET + b" HTTP/1.0\r\n\r\n", "200 close"),
    ("twice", field("Host: x"), "400 close"),
    ("twice, different", field("Host: y"), "400 close"),
    ("twice, another case", field("hOsT: y"), "400 close"),
    ("twice in 1.0", b"GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n", "400 close"),
    *[(f"{host!r}", request(host=host), "200")
      for host in ("", "x", "localhost:8001", "127.0.0.1", "127.0.0.1:8001", "[::1]", "[::1]:80",
                   "x:", "a-b.c_d~e", "%41", "a!$&'()*+,;=b", "[v1.a:b]", "X" * 255,
                   "[fe80::1]", "[::ffff:127.0.0.1]")],
    *[(f"{host!r}", request(host=host), "400 close")
      for host in ("x y", "x/", "x/y", "me@x", "x?y", "x#y", "x\\y", "x:80a", "x:-1", "x:80:80",
                   "[::1", "::1]", "[::1]x", "x[::1]", "[]", "[]:80", "<x>", '"x"', "x|y", "x^",
                   "http://x", "x, y", "caf\xe9", "%4", "%zz", "%", "[zz]", "[::1%25lo]/",
                   "[1.2.3.4]", "[::g]")],
]

FIELDS = [
    ("no value", field("X:"), "200"),
    ("blanks only", field("X: \t "), "200"),
    ("tabs around", field("X:\ty\t"), "200"),
    ("no space after the colon", field("X:y"), "200"),
    ("latin-1 in a value", field("X: caf\xe9"), "200"),
    ("UTF-8 in a value", field("X: café".encode()), "200"),
    ("colons in a value", field("X: a:b::c"), "200"),
    ("all token characters in a name", field(bytes(sorted(TCHAR)) + b": y"), "200"),
    ("empty name", field(": y"), "400 close"),
    ("no colon", field("Xy"), "400 close"),
    ("space before the colon", field("X : y"), "400 close"),
    ("tab before the colon", field("X\t: y"), "400 close"),
    ("space before the colon of Host", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400 close"),
    ("obs-fold with a space", field("X: a\r\n b"), "400 close"),
    ("obs-fold with a tab", field("X: a\r\n\tb"), "400 close"),
    ("obs-fold in Host", b"GET / HTTP/1.1\r\nHost:\r\n x\r\n\r\n", "400 close"),
    ("obs-fold to nothing", field("X: a\r\n "), "400 close"),
    ("space before the first field", b"GET / HTTP/1.1\r\n Host: x\r\n\r\n", "400 close"),
    ("bare CR in a value", field("X: a\rb"), "400 close"),
    ("bare CR at the end of a value", field("X: a\r"), "400 close"),
    ("bare CR before a field", field("\rX: a"), "400 close"),
    ("100 fields", fields_of(100), "200"),
    ("101 fields", fields_of(101), "431 close"),
    ("10 000 fields", fields_of(10_000), "431 close"),
    ("a head of 32 768", head_of(32_768), "200"),
    ("a head of 32 769", head_of(32_769), "431 close"),
    ("one field of 100 000", field("X: " + "a" * 100_000), "431 close"),
    ("a name of 40 000", field("X" * 40_000 + ": y"), "431 close"),
    *[(f"byte {byte:#04x} in a name", field(b"X" + bytes([byte]) + b"Y: z"), "400 close")
      for byte in range(256) if byte not in TCHAR | {ord(":")}],
    *[(f"byte {byte:#04x} in a value", field(b"X: a" + bytes([byte]) + b"z"), "400 close")
      for byte in [*range(0x20), 0x7F] if byte != 0x09],
]


def framed(*fields, body=b"hello", version="1.1"):
    """A request with a body, and the next request right behind."""
    return request("GET", SMALL, *fields, body=body + PROBE, version=version)


CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"

LENGTHS = [
    ("of 5", framed("Content-Length: 5"), "200 200"),
    ("of 0", framed("Content-Length: 0", body=b""), "200 200"),
    ("with leading zeros", framed("Content-Length: 0005"), "200 200"),
    ("with blanks around", framed("Content-Length: \t5 \t"), "200 200"),
    ("in another case", framed("cOnTeNt-lEnGtH: 5"), "200 200"),
    ("in HTTP/1.0", request("POST", SMALL, "Content-Length: 5", version="1.0", body=b"hello"),
     "405 close"),
    ("a body that looks like a request", framed(f"Content-Length: {len(PROBE)}", body=PROBE),
     "200 200"),
    ("twice the same", framed("Content-Length: 5", "Content-Length: 5"), "400 close"),
    ("twice, different", framed("Content-Length: 5", "Content-Length: 0"), "400 close"),
    ("twice, 0 first", framed("Content-Length: 0", "Content-Length: 5"), "400 close"),
    *[(f"{value!r}", framed(f"Content-Length: {value}"), "400 close")
      for value in ("", " ", "+5", "-5", "0x5", "5, 5", "5,5", "5, 6", "5 5", "5;", "5.0", "1e1",
                    "five", "5_0", "\xb2", "5\x00", '"5"', "-0", "5,", ",5", "0 5", "NaN")],
    *[(f"{value}", framed(f"Content-Length: {value}"), "400|413 close")
      for value in (2**63 - 1, 2**63, 2**64, 2**64 + 5, 2**32 * 10**12, "9" * 400, 67_108_865)],
    ("space before its colon", framed("Content-Length : 5"), "400 close"),
    ("folded", framed("Content-Length:\r\n 5"), "400 close"),
]

TRANSFER = [
    ("chunked", framed("Transfer-Encoding: chunked", body=CHUNKED), "200 200"),
    ("Chunked", framed("Transfer-Encoding: Chunked", body=CHUNKED), "200 200"),
    ("CHUNKED, blanks around", framed("transfer-encoding:\tCHUNKED ", body=CHUNKED), "200 200"),
    ("CL, then TE", framed("Content-Length: 5", "Transfer-Encoding: chunked", body=CHUNKED),
     "400 close"),
    ("TE, then CL", framed("Transfer-Encoding: chunked", "Content-Length: 5", body=CHUNKED),
     "400 close"),
    ("CL of 0 with TE", framed("Content-Length: 0", "Transfer-Encoding: chunked", body=CHUNKED),
     "400 close"),
    ("CL with TE identity", framed("Content-Length: 5", "Transfer-Encoding: identity"),
     "400|501 close"),
    ("TE in HTTP/1.0", framed("Transfer-Encoding: chunked", body=CHUNKED, version="1.0"),
     "400 close"),
    ("twice", framed("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKED),
     "400 close"),
    ("chunked, then identity on another line",
     framed("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=CHUNKED),
     "400|501 close"),
    ("identity, then chunked on another line",
     framed("Transfer-Encoding: identity", "Transfer-Encoding: chunked", body=CHUNKED),
     "400|501 close"),
    *[(f"{value!r}", framed(f"Transfer-Encoding: {value}", body=CHUNKED), "400|501 close")
      for value in ("", "identity", "gzip", "gzip, chunked", "identity, chunked", "xchunked",
                    "chunkedx", "chunked, gzip", "chunked, chunked", "chunked, identity",
                    "chunked;a=b", "chunked;", "chunked,", ",chunked", '"chunked"', "'chunked'",
                    "chunked chunked", "x chunked", "chunked x", "chunk", "chu nked", "deflate",
                    "chunked\x0b", "\x0bchunked", "chunked\x00", "ch\xfcnked", "cow")],
    ("space before its colon", framed("Transfer-Encoding : chunked", body=CHUNKED), "400 close"),
    ("folded", framed("Transfer-Encoding:\r\n chunked", body=CHUNKED), "400 close"),
    ("CR before it", framed("X: y\rTransfer-Encoding: chunked", body=CHUNKED), "400 close"),
    ("LF before it", framed("X: y\nTransfer-Encoding: chunked", body=CHUNKED), "400 close"),
    # Another field: the request has no body, and what follows is no request.
    ("with an underscore", framed("Transfer_Encoding: chunked", body=CHUNKED), "200 400 close"),
    ("X-Transfer-Encoding", framed("X-Transfer-Encoding: chunked", body=CHUNKED), "200 400 close"),
]


def chunks(body):
    return framed("Transfer-Encoding: chunked", body=body)


VALID_CHUNKS = [
    (f"{body!r}"[:60], chunks(body), "200 200")
    for body in (
        b"0\r\n\r\n", b"00000\r\n\r\n", b"000000000000005\r\nhello\r\n0\r\n\r\n",
        b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"A\r\n0123456789\r\n0\r\n\r\n",
        b"a\r\n0123456789\r\n0\r\n\r\n", b"5;a\r\nhello\r\n0\r\n\r\n",
        b"5;a=b\r\nhello\r\n0;c\r\n\r\n", b'5;a="b;c"\r\nhello\r\n0\r\n\r\n',
        b"5;a=b;c=d\r\nhello\r\n0\r\n\r\n", b"5;a=\"\\\"\"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: y\r\n\r\n", b"0\r\nX: y\r\nZ:\r\n\r\n",
        b"0\r\nContent-Length: 50\r\n\r\n", b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"2\r\n\r\n\r\n0\r\n\r\n",
        b"10000\r\n" + b"x" * 65536 + b"\r\n0\r\n\r\n")]

MALFORMED_CHUNKS = [
    (f"{body!r}"[:60], chunks(body), "400 close")
    for body in (
        b"\r\n", b"g\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n", b"-0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n",
        b"\t5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"5_0\r\nhello\r\n0\r\n\r\n",
        b"5,5\r\nhello\r\n0\r\n\r\n", b"5h\r\nhello\r\n0\r\n\r\n", b";a=b\r\n",
        b"5\nhello\r\n0\r\n\r\n", b"5\rhello\r\n0\r\n\r\n", b"5\r\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n", b"5\r\nhello\r0\r\n\r\n", b"5\r\nhello0\r\n\r\n",
        b"5\r\nhelloo\r\n0\r\n\r\n", b"4\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\n\r0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n", b"5;a\x00\r\nhello\r\n0\r\n\r\n",
        b"5;a\rb\r\nhello\r\n0\r\n\r\n", b"0\r\n X: y\r\n\r\n", b"0\r\nX : y\r\n\r\n",
        b"0\r\n: y\r\n\r\n", b"0\r\nX y\r\n\r\n", b"0\r\nX: a\r\n b\r\n\r\n",
        b"0\r\nX: a\x00b\r\n\r\n", b"0\r\nX: a\rb\r\n\r\n", b"0\r\nX: y\n\r\n", b"0\r\n\n",
        b"0\n\r\n", b"0\r\n\r", b"ffffffffffffffff\r\n", b"8000000000000000\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n", b"0" * 40 + b"5\r\nhello\r\n0\r\n\r\n",
        b"\xef\xbc\x95\r\nhello\r\n0\r\n\r\n", b"5;" + b"a" * 9000 + b"\r\n",
        b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"0\r\nX: " + b"a" * 60_000 + b"\r\n\r\n")]

TABLES = {
    "request lines": REQUEST_LINES, "targets": TARGETS, "Host fields": HOSTS,
    "field lines": FIELDS, "Content-Lengths": LENGTHS, "Transfer-Encodings": TRANSFER,
    "valid chunked bodies": VALID_CHUNKS, "malformed chunked bodies": MALFORMED_CHUNKS,
}


def run(rows):
    with Server("-q") as server:
        run_table(server, rows)


for title, rows in TABLES.items():
    case(f"{len(rows)} {title} get the answers that RFC 9112 asks for")(
        lambda rows=rows: run(rows))


@case("the tables have at least 250 rows, whatever is taken from them")
def size():
    check(sum(map(len, TABLES.values())) >= 250, "the tables have shrunk")


main()
