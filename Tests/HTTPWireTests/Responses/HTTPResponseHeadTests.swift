import TestSupport
import Testing

@testable import HTTPWire

struct HTTPResponseHeadTests {
    private func parse(_ bytes: [UInt8]) throws(HTTPParseError) -> HTTPResponseHead? {
        let result = bytes.withUnsafeBytes { view -> Result<HTTPResponseHead?, HTTPParseError> in
            do throws(HTTPParseError) {
                return .success(try HTTPResponseHead.parse(view))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func parse(_ text: String) throws(HTTPParseError) -> HTTPResponseHead? {
        try parse(Array(text.utf8))
    }

    private func body(_ fields: String, version: String = "1.1") throws -> HTTPResponseHead.Body? {
        try parse("HTTP/\(version) 200 OK\r\n\(fields)\r\n\r\n")?.body
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.0 200\r\n\r\n", "HTTP/1.1 200 \n\n",
        "HTTP/1.9 200 OK\nA : b\r\n folded\r\nno colon\r\n: \r\n\r\n",
    ])
    func `a head is parsed once it is complete`(text: String) throws {
        let bytes = Array(text.utf8)
        for count in bytes.indices {
            #expect(try parse(Array(bytes[..<count])) == nil, "\(count)")
        }
        let head = try #require(try parse(bytes + [0x58]))
        #expect(head == HTTPResponseHead(status: 200, count: bytes.count, body: .untilEnd))
    }

    @Test func `every status of three digits is taken`() throws {
        #expect(try parse("HTTP/1.1 100\r\n\r\n")?.status == 100)
        #expect(try parse("HTTP/1.1 999 X\r\n\r\n")?.status == 999)
    }

    @Test func `some statuses have no body`() throws {
        for (status, isBodyless) in [(103, true), (204, true), (205, false), (304, true)] {
            #expect(try parse("HTTP/1.1 \(status)\r\n\r\n")?.isBodyless == isBodyless)
        }
    }

    @Test(arguments: [
        "h", "HTTP/2", "HTTP/1.x 200\r\n", "HTTP/1.1 099\r\n", "HTTP/1.1 20\r\n",
        "HTTP/1.1  200\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1\r\n", "\r\n", "\n", "ICY 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nA: \0\r\n", "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: a\r\n\tb\r\n",
    ])
    func `what is no response head is refused`(text: String) {
        #expect(throws: HTTPParseError.self) { try parse(text) }
    }

    @Test func `the body is as long as the fields say`() throws {
        #expect(try body("Content-Length: 0") == .length(0))
        #expect(try body("content-length:7\r\nContent-Length : 7, 7") == .length(7))
        #expect(try body("Content-Length: 99999999999999999999") == .length(.max))
        #expect(try body("Transfer-Encoding: chunked") == .chunked)
        #expect(try body("Transfer-Encoding: gzip\r\nTransfer-Encoding: CHUNKED,") == .chunked)
        #expect(try body("Transfer-Encoding: chunked, gzip") == .untilEnd)
        #expect(try body("Transfer-Encoding: chunked", version: "1.0") == .untilEnd)
        #expect(try body("X: y") == .untilEnd)
    }

    @Test(arguments: [
        "Content-Length: 1\r\nContent-Length: 2", "Content-Length: 1, 2", "Content-Length: -1",
        "Content-Length:", "Content-Length: 1 1", "Content-Length: +1",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip\r\nContent-Length: 1",
    ])
    func `lengths that two readers take differently are refused`(fields: String) {
        #expect(throws: HTTPParseError.self) { try body(fields) }
    }

    @Test func `a head has at most 64 KiB`() throws {
        let start = Array("HTTP/1.1 200 OK\r\nA: ".utf8)
        let end = Array("\r\n\r\n".utf8)
        let filled = start + [UInt8](repeating: 0x61, count: 65_536 - start.count - end.count)
        #expect(try parse(filled + end)?.count == 65_536)
        #expect(throws: HTTPParseError.self) { try parse(filled + [0x61] + end) }
        #expect(try parse(filled + end.dropLast()) == nil)
        #expect(throws: HTTPParseError.self) { try parse(filled + [0x61, 0x61, 0x61, 0x61, 0x61]) }
    }

    @Test func `no mutated head makes it trap or read beyond its end`() {
        let heads = [
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nA: b\r\n c\r\n\r\nbody",
            "HTTP/1.0 404\nTransfer-Encoding: gzip, chunked\n\n",
            "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        ].map { Array($0.utf8) }
        var generator = TestGenerator(seed: 9110)
        for _ in 0..<20_000 {
            var bytes = generator.element(of: heads)
            for _ in 0...generator.next(below: 3) {
                let place = generator.next(below: bytes.count)
                if generator.next(below: 3) == 0 {
                    bytes.remove(at: place)
                } else {
                    bytes[place] = generator.element(of: Array("\r\n :,0\0aH".utf8))
                }
            }
            if let head = try? parse(bytes) { #expect(head.count <= bytes.count) }
        }
    }
}
