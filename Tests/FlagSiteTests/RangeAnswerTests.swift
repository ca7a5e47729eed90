import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

struct RangeAnswerTests {
    private let fixture = SiteFixture()
    private let path = "/flags/br/br.gif"  // 106 bytes: GIF89a and ten times 0123456789
    private var tag: String { SiteFixture.tag(SiteFixture.gif) }

    @Test func `one range is that part with its place`() throws {
        let cases = [
            ("0-5", "GIF89a", "0-5"), ("6-15", "0123456789", "6-15"), ("100-", "456789", "100-105"),
            ("-2", "89", "104-105"), ("104-500", "89", "104-105"),
            ("-500", SiteFixture.gif, "0-105"),
        ]
        for (range, text, place) in cases {
            let seen = try fixture.ask(path, ["Range: bytes=\(range)"])
            #expect(seen.status == 206)
            #expect(seen.text == text)
            #expect(seen["Content-Range"] == "bytes \(place)/106")
            #expect(seen["Content-Type"] == "image/gif")
            #expect(seen["ETag"] == tag)
            #expect(seen["Last-Modified"] == SiteFixture.modifiedText)
        }
    }

    @Test func `several ranges are parts in the order asked`() throws {
        let seen = try fixture.ask(path, ["Range: bytes=100-101, 0-2,-1"])
        #expect(seen.status == 206)
        #expect(seen["Content-Range"] == nil)
        let type = try #require(seen["Content-Type"])
        let start = "multipart/byteranges; boundary="
        #expect(type.hasPrefix(start))
        let boundary = type.dropFirst(start.count)
        // RFC 2046 §5.1.1: at most 70 characters, none that would need quotes here.
        #expect(
            boundary.count <= 70 && boundary.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" })
        let parts = [("100-101", "45"), ("0-2", "GIF"), ("105-105", "9")].map { place, text in
            "\r\n--\(boundary)\r\nContent-Type: image/gif\r\n"
                + "Content-Range: bytes \(place)/106\r\n\r\n\(text)"
        }
        #expect(seen.text == parts.joined() + "\r\n--\(boundary)--\r\n")
    }

    @Test func `of several ranges the satisfiable ones are sent`() throws {
        let seen = try fixture.ask(path, ["Range: bytes=500-600,0-2"])
        #expect(seen.status == 206)
        #expect(seen.text == "GIF")
        #expect(seen["Content-Range"] == "bytes 0-2/106")
    }

    @Test func `a range beyond the end is refused with the size`() throws {
        for range in ["106-", "500-600", "-0", "106-106,200-"] {
            let seen = try fixture.ask(path, ["Range: bytes=\(range)"])
            #expect(seen.status == 416, "\(range)")
            #expect(seen["Content-Range"] == "bytes */106")
        }
    }

    @Test func `a range that is malformed or of another unit is ignored`() throws {
        for range in ["bytes=5-1", "bytes=a-b", "bytes=", "lines=0-1", "bytes 0-1", "0-1", ""] {
            let seen = try fixture.ask(path, ["Range: \(range)"])
            #expect(seen.status == 200 && seen.text == SiteFixture.gif, "\(range)")
        }
        let twice = ["Range: bytes=0-1", "Range: bytes=0-1"]
        #expect(try fixture.ask(path, twice).status == 200)
    }

    @Test func `a range is for GET only`() throws {
        #expect(try fixture.ask(path, ["Range: bytes=0-1"], method: "HEAD").status == 200)
    }

    @Test func `If-Range asks for the part only of the same file`() throws {
        let cases: [(String, UInt16)] = [
            (tag, 206), (SiteFixture.modifiedText, 206), ("\"x\"", 200), ("W/\(tag)", 200),
            ("Sun, 06 Nov 1994 08:49:38 GMT", 200), ("Sun, 06 Nov 1994 08:49:36 GMT", 200),
            ("nonsense", 200),
        ]
        for (value, status) in cases {
            let seen = try fixture.ask(path, ["Range: bytes=0-1", "If-Range: \(value)"])
            #expect(seen.status == status, "\(value)")
        }
    }

    @Test func `conditions go before ranges`() throws {
        let range = "Range: bytes=0-1"
        #expect(try fixture.ask(path, [range, "If-None-Match: \(tag)"]).status == 304)
        #expect(try fixture.ask(path, [range, "If-Match: \"x\""]).status == 412)
        #expect(try fixture.ask(path, [range, "If-Match: \(tag)"]).status == 206)
        #expect(try fixture.ask(path, ["Range: bytes=900-", "If-Match: \"x\""]).status == 412)
    }

    @Test func `a part of a file on disk is a part of its descriptor`() throws {
        final class Owner {}
        let content = Bytes(ByteStorage(file: 9, count: 1_000_000, owner: Owner()))
        let file = FlagStore.File(
            name: "large.gif", content: content, entityTag: EntityTag(strong: "l"),
            lastModified: 0)
        let store = FlagStore(
            files: [file], countries: [], name: { "\($0)" }, loadedAt: 0)
        let site = FlagSite(store: store) { 0 }
        let text = "GET /flags/large.gif HTTP/1.1\r\nHost: x\r\nRange: bytes=1000-1999\r\n\r\n"
        guard case .made(let response) = try withRequest(text, { site.answer($0) }) else {
            Issue.record("not a part")
            return
        }
        #expect(response.status == 206 && response.body.count == 1)
        #expect(response.body.first?.memory == nil)
        #expect(response.body.first?.storage.file == 9)
        #expect(response.body.first?.offset == 1000)
        #expect(response.body.first?.count == 1000)
    }
}
