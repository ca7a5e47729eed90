import Testing

@testable import ControlAPI

@Suite struct ReplayReaderTests {
    /// Hands text over, whole or byte by byte.
    private func read(
        _ text: String, isHead: Bool = false, byByte: Bool = false
    ) -> (reader: ReplayReader, ending: ReplayEnding?) {
        var reader = ReplayReader(isHead: isHead)
        let bytes = Array(text.utf8)
        var ending: ReplayEnding?
        let pieces = byByte ? bytes.map { [$0] } : [bytes]
        for piece in pieces where ending == nil {
            ending = piece.withUnsafeBytes { reader.take($0) }
        }
        return (reader, ending)
    }

    private static let head = "HTTP/1.1 200 OK\r\nA: b\r\n"

    @Test(arguments: [false, true])
    func `an answer is complete with the last byte that was promised`(_ byByte: Bool) {
        let (reader, ending) = read(Self.head + "Content-Length: 5\r\n\r\nhello", byByte: byByte)
        #expect(ending == .complete && reader.problem == nil)
        #expect(reader.head?.status == 200 && reader.head?.reason == "OK")
        #expect(reader.head?.fields.map(\.name) == ["A", "Content-Length"])
        #expect(reader.head?.length == 5 && reader.contentCount == 5)
        #expect(reader.firstContent == Array("hello".utf8))
    }

    @Test(arguments: [
        ("", ReplayEnding.fin), ("HTTP/1.1 200 O", .fin), (head, .fin),
        (head + "Content-Length: 5\r\n\r\nhel", .fin), (head + "\r\nhel", .complete),
        (head + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", .fin),
        (head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", .malformed),
        ("hello", .malformed), ("HTTP/2 200\r\n\r\n", .malformed),
    ])
    func `the server's end means what its head says`(_ text: String, _ wanted: ReplayEnding) {
        for byByte in [false, true] {
            var (reader, ending) = read(text, byByte: byByte)
            #expect(ending == nil)
            var other = reader
            ending = reader.end(.fin)
            #expect(ending == wanted, "\(text)")
            ending = other.end(.rst)
            #expect(ending == .rst)
        }
    }

    @Test func `chunks count without what frames them`() {
        let chunked = Self.head + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n"
        let (reader, ending) = read(chunked + "0\r\nT: x\r\n\r\n", byByte: true)
        #expect(ending == .complete && reader.contentCount == 5 && reader.head?.length == nil)
        let (broken, end) = read(chunked + "x\r\n")
        #expect(end == .malformed && broken.contentCount == 5)
        #expect(broken.problem == "a chunk has no size")
    }

    @Test(arguments: ["HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 304 x\r\n\r\n"])
    func `what has no content is complete behind its head`(_ text: String) {
        #expect(read(text).ending == .complete)
        #expect(read(text + "x").reader.problem == "more came behind the end of the answer")
    }

    @Test func `an answer to HEAD promises and has nothing`() {
        let (reader, ending) = read(Self.head + "Content-Length: 5\r\n\r\n", isHead: true)
        #expect(ending == .complete && reader.head?.length == 5 && reader.contentCount == 0)
    }

    @Test func `interim answers are told, and only so many`() {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        let (reader, ending) = read("HTTP/1.1 100 Go\r\n\r\n" + early + Self.head + "\r\n")
        #expect(ending == nil && reader.interim == [100, 103] && reader.head?.status == 200)
        let (many, end) = read(String(repeating: early, count: 17))
        #expect(end == .malformed && many.problem == "more than 16 interim answers")
    }

    @Test func `a head that cannot be understood is shown as it came`() {
        var (reader, _) = read(
            "HTTP/1.1 503 Not\r\nContent-Length: x\r\nno colon\r\n: empty\r\n\r\nhello")
        let ending = reader.end(.fin)
        #expect(ending == .malformed && reader.contentCount == 5)
        #expect(reader.head?.status == 503 && reader.head?.length == nil)
        #expect(reader.head?.fields.map(\.name) == ["Content-Length", "no colon", ""])
        #expect(reader.head?.fields.map(\.value) == ["x", nil, "empty"])
        #expect(reader.problem == "the response has a Content-Length that is no number")
    }

    @Test(arguments: ["\n", "\r\n"])
    func `a line ends with its line feed, and the head with an empty one`(_ end: String) {
        // A server under test may leave out the carriage return.
        let lines = ["HTTP/1.1 503 Not", "A: b", "x", "Length: 5", "", "hello\n\nhello"]
        for byByte in [false, true] {
            let (reader, ending) = read(lines.joined(separator: end), byByte: byByte)
            #expect(ending == nil && reader.head?.status == 503)
            #expect(reader.head?.fields.map(\.name) == ["A", "x", "Length"])
            #expect(reader.contentCount == 12)
        }
    }

    @Test func `a status line without a status is told as it came`() {
        var (reader, _) = read("HTTP/1.1 099 Odd\r\nA: b\r\n\r\nhello")
        let ending = reader.end(.fin)
        #expect(ending == .malformed && reader.head?.status == nil && reader.contentCount == 5)
        #expect(reader.head?.fields.map(\.name) == ["A"])
        #expect(reader.problem == "the status line cannot be understood: HTTP/1.1 099 Odd")
    }

    @Test func `a head that ends too early is shown as far as it came`() {
        var (reader, _) = read("HTTP/1.1 200 OK\r\nA: b\r\nHalf: a li")
        let ending = reader.end(.rst)
        #expect(ending == .rst && reader.head?.status == 200)
        #expect(reader.head?.fields.map(\.name) == ["A"])
        #expect(reader.problem == "the head of the answer is not complete")
    }

    @Test func `a head without end is left`() {
        let (reader, ending) = read(
            Self.head + "X: " + String(repeating: "x", count: 70_000), byByte: true)
        #expect(ending == .malformed && reader.head?.status == 200)
        #expect(reader.problem == "the head of the answer is longer than 65536 bytes")
    }

    @Test(arguments: [1 << 20, (1 << 20) + 1, 3 << 20])
    func `a mebibyte is read, and no more`(_ count: Int) {
        let body = String(repeating: "x", count: count)
        let (reader, ending) = read(Self.head + "Content-Length: \(count)\r\n\r\n" + body)
        #expect(ending == (count == 1 << 20 ? .complete : .truncated))
        #expect(reader.contentCount == 1 << 20 && reader.firstContent.count == 4096)
        let (endless, end) = read(Self.head + "\r\n" + body)
        #expect(end == (count == 1 << 20 ? nil : .truncated) && endless.contentCount == 1 << 20)
    }

    @Test func `a length that does not fit is no number of ours`() {
        let (reader, ending) = read(Self.head + "Content-Length: 99999999999999999999\r\n\r\nx")
        #expect(ending == nil && reader.head?.length == nil && reader.contentCount == 1)
    }

    @Test func `a large head is shown in part, and the rest is counted`() {
        let lines = (0..<300).map { "X-\($0): y\r\n" }.joined()
        let (reader, _) = read(Self.head + lines + "\r\n")
        #expect(reader.head?.fields.count == 256 && reader.head?.omittedCount == 45)
        let long = "X: " + String(repeating: "y", count: 40_000) + "\r\n"
        let (other, _) = read(Self.head + long + "B: c\r\n\r\n")
        #expect(other.head?.fields.map(\.name) == ["A", "B"] && other.head?.omittedCount == 1)
    }
}
