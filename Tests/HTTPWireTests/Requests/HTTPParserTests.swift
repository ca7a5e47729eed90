import HTTPWire
import TestSupport
import Testing

struct HTTPParserTests {
    private let tokens = Set(
        ("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ").utf8)

    private func get(_ fields: String, _ line: String = "GET / HTTP/1.1") -> String {
        "\(line)\r\nHost: x\r\n\(fields)\r\n"
    }

    @Test func `a request is taken apart`() throws {
        let text = "GET /flags/br/br.gif?size=1 HTTP/1.1\r\nHost: localhost:8001\r\n\r\n"
        let parsed = try #require(try ParsedHead.parse(text))
        #expect(parsed.head == text)
        #expect(parsed.method == .get)
        #expect(parsed.methodText == "GET")
        #expect(parsed.target == "/flags/br/br.gif?size=1")
        #expect(parsed.path == "/flags/br/br.gif")
        #expect(parsed.minorVersion == 1)
        #expect(parsed.traits == [])
        #expect(parsed.body == .none)
        #expect(parsed.skipped == 0)
        #expect(parsed.isPlain)
        #expect(parsed.keepsAlive)
    }

    @Test func `what follows the head is not looked at`() throws {
        let text = get("")
        for rest in ["GET", "\0\0", "\r\n\r\n", "\u{16}\u{3}\u{1}"] {
            #expect(try ParsedHead.parse(text + rest)?.head == text)
        }
    }

    @Test func `methods are told apart by their exact names`() throws {
        let methods: [(String, HTTPMethod)] = [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
            ("OPTIONS", .options), ("TRACE", .trace), ("PATCH", .patch), ("get", .unknown),
            ("Get", .unknown), ("GETS", .unknown), ("GE", .unknown), ("BREW", .unknown),
            ("M-SEARCH", .unknown), ("!#$%&'*+-.^_`|~", .unknown),
        ]
        for (name, method) in methods {
            let parsed = try ParsedHead.parse(get("", "\(name) / HTTP/1.1"))
            #expect(parsed?.method == method)
            #expect(parsed?.methodText == name)
        }
    }

    @Test func `only plain GETs of HTTP 1.1 are plain`() throws {
        let plain = [
            "", "X-Other: 1\r\n", "Connection: keep-alive\r\n", "Connection: close\r\n",
            "Connection: keep-alive, close\r\n",
        ]
        for fields in plain { #expect(try ParsedHead.parse(get(fields))?.isPlain == true) }
        let others = [
            get("", "HEAD / HTTP/1.1"), get("", "GET / HTTP/1.0"), get("Range: bytes=0-1\r\n"),
            get("If-None-Match: *\r\n"), get("Content-Length: 1\r\n"),
            get("Transfer-Encoding: chunked\r\n"), get("Expect: 100-continue\r\n"),
            get("", "GET http://x/ HTTP/1.1"),
        ]
        for text in others { #expect(try ParsedHead.parse(text)?.isPlain == false) }
    }

    // MARK: Version

    @Test func `a higher minor version is treated as 1.1`() throws {
        for minor in 0...9 {
            let parsed = try ParsedHead.parse(get("", "GET / HTTP/1.\(minor)"))
            #expect(parsed?.minorVersion == (minor == 0 ? 0 : 1))
        }
    }

    @Test func `another major version is refused with 505`() {
        for version in ["0.9", "2.0", "3.0", "9.9", "0.0"] {
            #expect(refusal(of: get("", "GET / HTTP/\(version)")) == 505)
        }
    }

    @Test func `a malformed version is refused with 400`() {
        let versions = [
            "http/1.1", "Http/1.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/11", "HTTP/1.10",
            "HTTP/01.1", "HTTP/1,1", "HTTP/a.1", "HTTP/1.a", "HTTP 1.1", "HTTP1.1", "HTTPS/1.1",
            "HTTP/1.1 ", " HTTP/1.1", "HTTP/1.1\t", "HTTP/-1.1", "",
        ]
        for version in versions {
            #expect(refusal(of: get("", "GET / \(version)")) == 400, "\(version)")
        }
    }

    @Test func `a request of HTTP 0.9 is refused`() {
        #expect(refusal(of: "GET /\r\n") == 400)
        #expect(refusal(of: "GET\r\n") == 400)
    }

    // MARK: White space and line ends

    @Test func `up to four empty lines may precede a request`() throws {
        for count in 0...4 {
            let empty = String(repeating: "\r\n", count: count)
            let parsed = try ParsedHead.parse(empty + get(""))
            #expect(parsed?.skipped == count * 2)
            #expect(parsed?.head == get(""))
        }
        #expect(refusal(of: String(repeating: "\r\n", count: 5)) == 400)
        #expect(refusal(of: String(repeating: "\r\n", count: 5) + get("")) == 400)
    }

    @Test func `a bare LF ends no line`() {
        let texts = [
            "GET / HTTP/1.1\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n\n", "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", "GET / HTTP/1.1\n\nHost: x\r\n\r\n",
        ]
        for text in texts { #expect(refusal(of: text) == 400, "\(text)") }
    }

    @Test func `a bare CR ends no line and stands in no value`() {
        let texts = [
            "GET / HTTP/1.1\rHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\rX",
            "GET / HTTP/1.1\r\r\nHost: x\r\n\r\n", "\rGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        ]
        for text in texts { #expect(refusal(of: text) == 400, "\(text)") }
    }

    @Test func `the request line has exactly two spaces`() {
        let lines = [
            "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET\t/ HTTP/1.1",
            "GET /\tHTTP/1.1", "GET / a HTTP/1.1", "GET", "GET /", "/ HTTP/1.1",
        ]
        for line in lines { #expect(refusal(of: get("", line)) == 400, "\(line)") }
    }

    @Test func `a folded field is refused`() {
        for fold in [" folded", "\tfolded", "  folded: 1", "\t"] {
            #expect(refusal(of: get("X: 1\r\n\(fold)\r\n")) == 400)
        }
        #expect(refusal(of: "GET / HTTP/1.1\r\n Host: x\r\n\r\n") == 400)
    }

    @Test func `a field needs a name right before its colon`() {
        for field in [": v", "Name : v", "Name\t: v", "Name", "Na me: v", "\"Name\": v", "=v"] {
            #expect(refusal(of: get(field + "\r\n")) == 400, "\(field)")
        }
    }

    @Test func `blanks around a value do not belong to it`() throws {
        for value in ["v", " v", "\t v", "v ", " \t v\t ", "\t\tv\t\t"] {
            try withRequest(get("Name:\(value)\r\n")) {
                #expect($0.singleValue(of: "name").map(String.init(view:)) == "v")
            }
        }
        for value in ["", " ", "\t \t"] {
            try withRequest(get("Name:\(value)\r\n")) {
                #expect($0.singleValue(of: "name").map(String.init(view:)) == "")
            }
        }
    }

    // MARK: Every byte

    @Test func `a method is made of token characters`() {
        for byte in UInt8.min ... .max where byte != 0x20 {
            let bytes = Array("G".utf8) + [byte] + Array("T / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            #expect(refusal(of: bytes) == (tokens.contains(byte) ? nil : 400), "\(byte)")
        }
    }

    @Test func `a target is made of the characters of a URL without a fragment`() {
        let allowed = Set(
            ("!$%&'()*+,-./:;=?@[]_~0123456789abcdefghijklmnopqrstuvwxyz"
                + "ABCDEFGHIJKLMNOPQRSTUVWXYZ").utf8)
        for byte in UInt8.min ... .max {
            let bytes = Array("GET /a".utf8) + [byte] + Array("b HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            #expect(refusal(of: bytes) == (allowed.contains(byte) ? nil : 400), "\(byte)")
        }
    }

    @Test func `a field name is made of token characters`() {
        for byte in UInt8.min ... .max where byte != 0x3a {
            let start = Array("GET / HTTP/1.1\r\nHost: x\r\nX".utf8)
            let bytes = start + [byte] + Array("Y: v\r\n\r\n".utf8)
            #expect(refusal(of: bytes) == (tokens.contains(byte) ? nil : 400), "\(byte)")
        }
    }

    @Test func `a value has no control character but the tab, wherever it stands`() {
        let start = Array("GET / HTTP/1.1\r\nHost: x\r\nName: ".utf8)
        for byte in UInt8.min ... .max {
            let isAllowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7f)
            for position in 0...34 {
                var value = [UInt8](repeating: 0x61, count: 35)
                value[position] = byte
                let bytes = start + value + Array("\r\n\r\n".utf8)
                #expect(
                    refusal(of: bytes) == (isAllowed ? nil : 400), "\(byte) at \(position)")
            }
        }
    }
}
