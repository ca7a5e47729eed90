import HTTPWire
import TestSupport
import Testing

/// Which fields decide where a request ends, and what is refused because readers could disagree.
struct RequestFramingTests {
    private func head(_ fields: [String], version: String = "1.1") -> String {
        "POST / HTTP/\(version)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    private func withHost(_ fields: String...) -> String { head(["Host: x"] + fields) }

    // MARK: Host

    @Test func `a request of HTTP 1.1 has exactly one Host`() throws {
        #expect(refusal(of: head([])) == 400)
        #expect(refusal(of: head(["Host: x"])) == nil)
        #expect(refusal(of: head(["hOST: x"])) == nil)
        #expect(refusal(of: head(["Host: x", "Host: x"])) == 400)
        #expect(refusal(of: head(["Host: x", "X: y", "host: y"])) == 400)
        #expect(refusal(of: head(["Host: x", "Host:"])) == 400)
    }

    @Test func `a request of HTTP 1.0 may have one Host`() {
        #expect(refusal(of: head([], version: "1.0")) == nil)
        #expect(refusal(of: head(["Host: x"], version: "1.0")) == nil)
        #expect(refusal(of: head(["Host: x", "Host: x"], version: "1.0")) == 400)
    }

    @Test func `a Host is a name or an address with a port, or empty`() {
        let hosts = [
            "", "x", "localhost", "localhost:8001", "127.0.0.1:1", "[::1]", "[::1]:8001", "x:",
            "a.b-c_d~e", "%41", "a!$&'()*+,;=", "x:65535",
        ]
        for host in hosts { #expect(refusal(of: head(["Host: \(host)"])) == nil, "\(host)") }
    }

    @Test func `a malformed Host is refused`() {
        let hosts = [
            "a b", "a,b c", "a/b", "a?b", "a@b", "a#b", "a:b", "a:1:2", "a:-1", "a:+1", "a: 1",
            "a:123456", "[::1", "::1]", "[]", "[::1]x", "[::1]:x", "[a/b]", "\"a\"", "a\\b",
            "http://a", "a\u{e9}", "<a>", "a[b]",
        ]
        for host in hosts { #expect(refusal(of: head(["Host: \(host)"])) == 400, "\(host)") }
    }

    // MARK: Content-Length

    @Test func `a length is a decimal number`() throws {
        let lengths: [(String, HTTPRequest.Body)] = [
            ("0", .none), ("00", .none), ("1", .length(1)), ("010", .length(10)),
            ("67108864", .length(67_108_864)), ("9223372036854775807", .length(.max)),
            ("9223372036854775806", .length(.max - 1)), ("9223372036854775808", .length(.max)),
            ("18446744073709551617", .length(.max)),
            (String(repeating: "9", count: 400), .length(.max)),
        ]
        for (text, body) in lengths {
            let parsed = try ParsedHead.parse(withHost("Content-Length: \(text)"))
            #expect(parsed?.body == body, "\(text)")
        }
    }

    @Test func `what is no decimal number is no length`() {
        let lengths = [
            "", "-1", "+1", "1.0", "0x10", "1e3", "1 1", "1,1", "1, 1", "a", "１", "1\"", "1;",
            "10a", "\u{b2}",
        ]
        for length in lengths {
            #expect(refusal(of: withHost("Content-Length: \(length)")) == 400, "\(length)")
        }
    }

    @Test func `a second length is refused, equal or not`() {
        #expect(refusal(of: withHost("Content-Length: 1", "Content-Length: 1")) == 400)
        #expect(refusal(of: withHost("Content-Length: 1", "content-length: 2")) == 400)
        #expect(refusal(of: withHost("Content-Length: 0", "Content-Length: 0")) == 400)
    }

    @Test func `names that only look like a length are other fields`() throws {
        let names = ["Content_Length", "Content-Lengt", "Content-Length2", "X-Content-Length"]
        for name in names {
            #expect(try ParsedHead.parse(withHost("\(name): 5"))?.body == HTTPRequest.Body.none)
        }
    }

    // MARK: Transfer-Encoding

    @Test func `chunked is the only transfer coding`() throws {
        for value in ["chunked", "Chunked", "CHUNKED", " chunked "] {
            let parsed = try ParsedHead.parse(withHost("transfer-encoding:\(value)"))
            #expect(parsed?.body == .chunked)
        }
    }

    @Test func `an unknown coding before chunked is refused with 501`() {
        for value in ["gzip, chunked", "deflate,chunked", "gzip, gzip, chunked"] {
            #expect(refusal(of: withHost("Transfer-Encoding: \(value)")) == 501, "\(value)")
        }
    }

    @Test func `a coding that does not end in chunked, or twice, is refused with 400`() {
        let values = [
            "", "gzip", "identity", "chunked, gzip", "chunked, chunked", "chunked,", "chunked;a=b",
            "\"chunked\"", "chunked\u{b}", "chunke", "chunked, identity",
        ]
        for value in values {
            #expect(refusal(of: withHost("Transfer-Encoding: \(value)")) == 400, "\(value)")
        }
        let twice = withHost("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")
        #expect(refusal(of: twice) == 400)
    }

    @Test func `a length with a transfer coding is refused in any order`() {
        let (length, coding) = ("Content-Length: 0", "Transfer-Encoding: chunked")
        #expect(refusal(of: withHost(length, coding)) == 400)
        #expect(refusal(of: withHost(coding, length)) == 400)
    }

    @Test func `a transfer coding in HTTP 1.0 is refused`() {
        let fields = ["Host: x", "Transfer-Encoding: chunked"]
        #expect(refusal(of: head(fields, version: "1.0")) == 400)
    }

    // MARK: Expect and Connection

    @Test func `the only known expectation is 100-continue`() throws {
        for value in ["100-continue", "100-Continue"] {
            let parsed = try ParsedHead.parse(withHost("Expect: \(value)"))
            #expect(parsed?.traits == .expectsContinue)
        }
        for value in ["200-ok", "", "100", "100-continue, x"] {
            let parsed = try ParsedHead.parse(withHost("Expect: \(value)"))
            #expect(parsed?.traits == .expectsUnknown, "\(value)")
        }
        let old = try ParsedHead.parse(head(["Expect: 100-continue"], version: "1.0"))
        #expect(old?.traits == [])
    }

    @Test func `a connection persists as its version and options say`() throws {
        let cases: [(String, [String], Bool)] = [
            ("1.1", [], true), ("1.0", [], false), ("1.1", ["close"], false),
            ("1.1", ["Close"], false), ("1.1", ["keep-alive"], true),
            ("1.0", ["keep-alive"], true), ("1.0", ["Keep-Alive"], true),
            ("1.0", ["close"], false), ("1.0", ["keep-alive, close"], false),
            ("1.1", ["keep-alive", "close"], false), ("1.1", ["upgrade, close"], false),
            ("1.1", ["upgrade ,\tclose\t, x"], false), ("1.1", ["closed"], true),
            ("1.1", ["not-close"], true), ("1.1", ["clos e"], true), ("1.1", [""], true),
            ("1.1", [",,,"], true), ("1.1", [",close,"], false),
        ]
        for (version, options, keeps) in cases {
            let fields = ["Host: x"] + options.map { "Connection: \($0)" }
            let parsed = try ParsedHead.parse(head(fields, version: version))
            #expect(parsed?.keepsAlive == keeps, "\(version) \(options)")
        }
    }

    @Test func `conditions and ranges are noted whatever their case`() throws {
        let names = [
            "If-Match", "if-none-match", "IF-MODIFIED-SINCE", "If-Unmodified-Since", "If-Range",
        ]
        for name in names {
            #expect(try ParsedHead.parse(withHost("\(name): x"))?.traits == .conditional)
        }
        #expect(try ParsedHead.parse(withHost("RANGE: bytes=0-"))?.traits == .range)
    }

    @Test func `what a head says in one way says nothing else`() throws {
        let heads: [(String, HTTPRequest.Traits)] = [
            (withHost("Connection: close"), .close),
            (withHost("Connection: keep-alive"), .keepAlive),
            (withHost("If-Match: x"), .conditional), (withHost("Range: bytes=0-"), .range),
            (withHost("Expect: 100-continue"), .expectsContinue),
            (withHost("Expect: x"), .expectsUnknown),
            ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", .otherForm),
            (withHost("X-Flagserver-Label: x"), .label),
        ]
        for (text, said) in heads {
            let parsed = try ParsedHead.parse(text)
            for (_, other) in heads {
                #expect(parsed?.traits.contains(other) == (other == said), "\(text)")
            }
            #expect(parsed?.keepsAlive == (said != .close), "\(text)")
        }
    }

    // MARK: Values

    @Test func `the values of a field are found in order`() throws {
        try withRequest(withHost("A: 1", "b: 2", "a:3", "A:", "Ab: 5")) { request in
            #expect(request.values(of: "a").map(String.init(view:)) == ["1", "3", ""])
            #expect(request.joinedValue(of: "a") == Array("1, 3, ".utf8))
            #expect(request.singleValue(of: "a") == nil)
            #expect(request.singleValue(of: "b").map(String.init(view:)) == "2")
            #expect(request.values(of: "c").isEmpty)
            #expect(request.joinedValue(of: "c") == nil)
        }
    }
}
