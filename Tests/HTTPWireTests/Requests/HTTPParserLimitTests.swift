import HTTPWire
import TestSupport
import Testing

/// The limits of a head, and heads that come in pieces.
struct HTTPParserLimitTests {
    private let fieldsAndEnd = "Host: x\r\n\r\n"

    /// A request line of exactly `count` bytes without its line end.
    private func line(_ count: Int) -> String {
        let frame = "GET / HTTP/1.1"
        let filler = String(repeating: "a", count: count - frame.utf8.count)
        return "GET /\(filler) HTTP/1.1\r\n"
    }

    /// A head of exactly `count` bytes.
    private func head(_ count: Int) -> String {
        let frame = "GET / HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n"
        let filler = String(repeating: "b", count: count - frame.utf8.count)
        return "GET / HTTP/1.1\r\nHost: x\r\nX: \(filler)\r\n\r\n"
    }

    @Test func `a request line may have 8192 bytes and not one more`() throws {
        let longest = line(8192) + fieldsAndEnd
        #expect(try ParsedHead.parse(longest)?.head == longest)
        #expect(refusal(of: line(8193) + fieldsAndEnd) == 414)
        #expect(refusal(of: line(8193)) == 414)
    }

    @Test func `a request line that goes on and on is refused before its end`() {
        let start = "GET /" + String(repeating: "a", count: 8192 - 5)
        #expect(refusal(of: start) == nil)
        #expect(refusal(of: start + "aaa") == 414)
        #expect(refusal(of: String(repeating: "A", count: 8195)) == 414)
    }

    @Test func `empty lines before it take nothing from a request line`() throws {
        let longest = "\r\n\r\n" + line(8192) + fieldsAndEnd
        #expect(try ParsedHead.parse(longest)?.skipped == 4)
    }

    @Test func `every prefix of the longest request line is waited for`() throws {
        let longest = Array((line(8192) + fieldsAndEnd).utf8)
        for count in 8180..<longest.count {
            #expect(refusal(of: Array(longest[..<count])) == nil, "\(count) bytes")
        }
    }

    @Test func `a head may have 32768 bytes and not one more`() throws {
        let longest = head(32_768)
        #expect(try ParsedHead.parse(longest)?.head == longest)
        #expect(try ParsedHead.parse(longest.dropLast().utf8) == nil)
        #expect(refusal(of: head(32_769)) == 431)
    }

    @Test func `a head that goes on and on is refused before its end`() {
        let start = String(head(40_000).dropLast(4))
        #expect(refusal(of: Array(start.utf8.prefix(32_768))) == nil)
        #expect(refusal(of: Array(start.utf8.prefix(32_769))) == 431)
    }

    @Test func `bytes behind a head do not count as the head`() throws {
        let text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        let bytes = Array(text.utf8) + [UInt8](repeating: 0x61, count: 60_000)
        #expect(try ParsedHead.parse(bytes)?.head == text)
    }

    @Test func `a head may have 100 fields and not one more`() throws {
        for (count, status) in [(99, nil), (100, 431), (200, 431)] as [(Int, UInt16?)] {
            let fields = (0..<count).map { "X-\($0): \($0)\r\n" }.joined()
            #expect(refusal(of: "GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n") == status)
        }
    }

    private let validHeads = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\n\r\nGET /flags/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD /a?b=c HTTP/1.0\r\n\r\n",
        "POST /a HTTP/1.1\r\nhost:x\r\nContent-Length:3\r\nExpect: 100-continue\r\n\r\n",
        "PUT http://a:1/b HTTP/1.1\r\nHost: [::1]:8001\r\nTransfer-Encoding: chunked\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost:\r\nConnection: close, TE\r\nX:\r\nY: \t \r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nUser-Agent: a long name, longer than a block\r\n\r\n",
    ]

    @Test func `no prefix of a valid head is refused or taken for a head`() throws {
        for head in validHeads {
            let bytes = Array(head.utf8)
            for count in 0..<bytes.count {
                do {
                    let parsed = try ParsedHead.parse(bytes[..<count])
                    #expect(parsed == nil, "\(count) bytes of \(head)")
                } catch {
                    Issue.record("\(count) bytes of \(head.debugDescription): \(error)")
                }
            }
            #expect(try ParsedHead.parse(bytes) != nil, "\(head)")
        }
    }

    @Test func `nonsense is refused as soon as it shows`() {
        let nonsense: [[UInt8]] = [
            [0x16, 0x03, 0x01], Array("SSH-2.0-x\r".utf8), Array("{".utf8), Array(" ".utf8), [0],
            Array("GET /\u{7f}".utf8), Array("GET / FTP".utf8), Array("GET / HTTP/1.1\r\n ".utf8),
            Array("GET / HTTP/1.1\r\n:".utf8), Array("GET / HTTP/1.1\r\nX: \0".utf8), [0xff],
        ]
        for bytes in nonsense { #expect(refusal(of: bytes) == 400, "\(bytes)") }
    }
}
