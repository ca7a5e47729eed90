import HTTPWire
import TestSupport
import Testing

/// The four forms of a request target (RFC 9112 §3.2).
struct RequestTargetTests {
    private func head(_ method: String, _ target: String) -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: x\r\n\r\n"
    }

    private func path(_ target: String, _ method: String = "GET") throws -> String? {
        try ParsedHead.parse(head(method, target))?.path
    }

    @Test func `the path of the origin form ends at the query`() throws {
        let targets = [
            ("/", "/"), ("/a/b", "/a/b"), ("/a?b", "/a"), ("/?", "/"), ("/a?b?c", "/a"),
            ("//a/b", "//a/b"), ("/a%3Fb", "/a%3Fb"), ("/../a", "/../a"), ("/a;b=c", "/a;b=c"),
            ("/http://x/", "/http://x/"), ("/*", "/*"), ("/%", "/%"),
        ]
        for (target, expected) in targets {
            let parsed = try ParsedHead.parse(head("GET", target))
            #expect(parsed?.path == expected)
            #expect(parsed?.target == target)
            #expect(parsed?.traits == [])
        }
    }

    @Test func `the path of the absolute form is what follows the authority`() throws {
        let targets = [
            ("http://a/b", "/b"), ("HTTP://a/b?c", "/b"), ("http://a:80/", "/"), ("http://a", "/"),
            ("http://a?b", "/"), ("http://a:80?b/c", "/"), ("http://[::1]:8001/b", "/b"),
            ("http://a//b", "//b"), ("http://a/http://b/", "/http://b/"),
        ]
        for (target, expected) in targets {
            let parsed = try ParsedHead.parse(head("GET", target))
            #expect(parsed?.path == expected, "\(target)")
            #expect(parsed?.target == target)
            #expect(parsed?.traits == .otherForm)
        }
    }

    @Test func `another scheme, userinfo or a malformed authority is refused`() {
        let targets = [
            "https://a/b", "ftp://a/", "http:/a", "http:a", "http://", "http:///b", "http://?b",
            "http://u@a/", "http://u:p@a/", "http://a:b/", "http://[::1/", "http://a:123456/",
            "a", "a/b", "?a", "a:80", "..", "%2f", "mailto:a",
        ]
        for target in targets { #expect(refusal(of: head("GET", target)) == 400, "\(target)") }
    }

    @Test func `an http URL with an empty host is refused`() {
        // RFC 9110 §4.2.1: a recipient that processes such a URI reference MUST reject it.
        #expect(refusal(of: head("GET", "http://:80/")) == 400)
        #expect(refusal(of: head("GET", "http://:/")) == 400)
    }

    @Test func `the asterisk form is for OPTIONS only`() throws {
        let parsed = try ParsedHead.parse(head("OPTIONS", "*"))
        #expect(parsed?.path == "*")
        #expect(parsed?.traits == .otherForm)
        for method in ["GET", "HEAD", "POST", "BREW"] {
            #expect(refusal(of: head(method, "*")) == 400)
        }
        #expect(refusal(of: head("OPTIONS", "**")) == 400)
        #expect(try path("/*", "OPTIONS") == "/*")
    }

    @Test func `the authority form is for CONNECT only`() throws {
        for target in ["a:80", "127.0.0.1:8001", "[::1]:8001"] {
            let parsed = try ParsedHead.parse(head("CONNECT", target))
            #expect(parsed?.path == "")
            #expect(parsed?.target == target)
            #expect(parsed?.traits == .otherForm)
        }
        for target in ["/", "/a:80", "a", "http://a/", "*", "a:b", "a:80/", "u@a:80"] {
            #expect(refusal(of: head("CONNECT", target)) == 400, "\(target)")
        }
    }

    @Test func `CONNECT needs a host and a port`() {
        // RFC 9112 §3.2.3 and RFC 9110 §9.3.6: an empty or invalid port MUST be rejected.
        for target in ["a:", ":80", "[::1]", ":"] {
            #expect(refusal(of: head("CONNECT", target)) == 400, "\(target)")
        }
    }
}
