import HTTPWire
import Testing

@testable import Faults

struct ScriptHeadChangesTests {
    private static let fields = "Content-Type: image/gif|Content-Length: 10|ETag: \"a\"||"

    private func head(_ words: String) throws -> (told: String, bytes: String) {
        let lines = try ScriptPlay.lines("head \(words)", header: "param status 503 count")
        let bytes = lines.count > 2 ? lines[1] : ""
        return (
            String(lines[0].dropFirst(7)),
            bytes.replacing("0 head: ‹", with: "").replacing("›", with: "")
        )
    }

    @Test(arguments: [
        ("503", "503 34 10", "HTTP/1.1 503 Service Unavailable|" + fields),
        ("$status", "503 34 10", "HTTP/1.1 503 Service Unavailable|" + fields),
        ("599", "599 15 10", "HTTP/1.1 599 |" + fields),
        ("\"HTTP/1.1 200\"", "200 14 10", "HTTP/1.1 200|" + fields),
        ("\"HTTP/1.0 200 Fine\"", "200 19 10", "HTTP/1.0 200 Fine|" + fields),
        ("\"HTTP/2 200\"", "- 0 10", "HTTP/2 200|" + fields),
        ("\"HTTP/1.1 65736 X\"", "- 0 10", "HTTP/1.1 65736 X|" + fields),
        ("\"HTTP/1.1 099 X\"", "- 0 10", "HTTP/1.1 099 X|" + fields),
        ("\"ICY 200 OK\"", "- 0 10", "ICY 200 OK|" + fields),
    ])
    func `a status line is what it says`(_ words: String, _ told: String, _ bytes: String) throws {
        let head = try head(words)
        #expect(head.told == told)
        #expect(head.bytes == bytes)
    }

    @Test(arguments: [
        (
            "set \"content-length: 5\"", "200 17 5",
            "Content-Type: image/gif|content-length: 5|ETag: \"a\"||"
        ),
        (
            "set \"X-New: $length\"", "200 17 10",
            "Content-Type: image/gif|Content-Length: 10|ETag: \"a\"|X-New: 10||"
        ),
        (
            "add \"Content-Length: $length+1\"", "200 17 -",
            "Content-Type: image/gif|Content-Length: 10|ETag: \"a\"|Content-Length: 11||"
        ),
        (
            "first \"Content-Length: 3\" first \" x\"", "200 17 -",
            "Content-Length: 3| x|Content-Type: image/gif|Content-Length: 10|ETag: \"a\"||"
        ),
        (
            "drop etag drop Content-Type", "200 17 10", "Content-Length: 10||"
        ),
        (
            "line \"no colon\"", "200 17 10",
            "Content-Type: image/gif|Content-Length: 10|ETag: \"a\"|no colon||"
        ),
        ("drop Content-Length", "200 17 -", "Content-Type: image/gif|ETag: \"a\"||"),
        (
            "set \"Content-Length: -5\"", "200 17 -",
            "Content-Type: image/gif|Content-Length: -5|ETag: \"a\"||"
        ),
        (
            "set \"Content-Length: 99999999999999999999\"", "200 17 -",
            "Content-Type: image/gif|Content-Length: 99999999999999999999|ETag: \"a\"||"
        ),
        (
            "add \"Transfer-Encoding: chunked\"", "200 17 -",
            "Content-Type: image/gif|Content-Length: 10|ETag: \"a\"|Transfer-Encoding: chunked||"
        ),
        ("open", "200 17 10", "Content-Type: image/gif|Content-Length: 10|ETag: \"a\"|"),
    ])
    func `fields are changed in their places`(
        _ words: String, _ told: String, _ fields: String
    ) throws {
        let head = try head(words)
        #expect(head.told == told)
        #expect(head.bytes == "HTTP/1.1 200 OK|" + fields)
    }

    @Test func `lines end as they are told to`() throws {
        let head = try head("drop Content-Type drop ETag ends \"\\n\"")
        #expect(head.told == "200 16 10")
        #expect(head.bytes == "HTTP/1.1 200 OK\nContent-Length: 10\n\n")
    }

    @Test func `a part of a head means what of it there is`() throws {
        #expect(try head("..12").told == "- 0 -")
        #expect(try head("..12").bytes == "HTTP/1.1 200")
        #expect(try head("..17").told == "200 17 -")
        #expect(try head("9..").told == "- 0 10")
        #expect(try head("..100%-2").told == "200 17 10")
    }

    @Test func `a head in parts means all of it, once`() throws {
        let lines = try ScriptPlay.lines("head ..12\nwait 1ms\nhead 12..\nsend \"x\"")
        #expect(lines[0] == "0 head 200 17 10")
        #expect(lines[1] == "0 head: ‹HTTP/1.1 200›")
        #expect(lines[2].hasPrefix("1000000 head: ‹ OK|"))
        #expect(lines[3] == "1000000 foreign x")
    }

    @Test func `interim heads come before the final one`() throws {
        let lines = try ScriptPlay.lines("head 103 drop Content-Length\nhead\nbody")
        #expect(lines.filter { $0.contains("0 head 1") } == ["0 head 103 26 -"])
        #expect(lines.filter { $0.contains("0 head 2") } == ["0 head 200 17 10"])
    }
}
