import HTTPWire
import Testing

@Suite struct HeadInPiecesTests {
    /// After how many bytes a head that comes byte by byte is parsed.
    private func attempts(_ text: String, _ message: HeadInPieces.Message = .request) -> [Int] {
        var head = HeadInPieces()
        let bytes = Array(text.utf8)
        return (1...bytes.count).filter { count in
            bytes[..<count].withUnsafeBytes { head.isWorthParsing($0, as: message) }
        }
    }

    private let value = String(repeating: "a", count: 40_000)

    @Test func `the first bytes are parsed as they come, so that nonsense is refused at once`() {
        #expect(attempts("GET / HTTP/1.1\r") == Array(1...15))
    }

    @Test func `then a head is parsed at every doubling, and where the parser gives up`() {
        let found = attempts("GET / HTTP/1.1\r\nA: \(value)").drop { $0 <= 16 }
        let doublings = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192]
        #expect(Array(found) == doublings + [8194, 16_388, 32_769, 32_784])
    }

    @Test func `a response may have twice as long a head`() {
        let found = attempts("HTTP/1.1 200 \r\nA: \(value)\(value)", .response)
        #expect(found.suffix(3) == [32_768, 65_536, 65_537])
    }

    @Test func `a head is parsed when its first line and its last one have come`() {
        let line = "GET /0123456789abcd HTTP/1.1\r\n"
        let head = line + "Host: local\r\nAccept: */*\r\n\r\n"
        #expect(attempts(head).filter { $0 > 16 } == [line.utf8.count, head.utf8.count])
    }

    @Test func `a bare line feed ends a line, too`() {
        #expect(attempts("HTTP/1.1 200 OK\nA: b\n\n", .response).last == 22)
    }
}
