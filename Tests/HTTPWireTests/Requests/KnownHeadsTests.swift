import TestSupport
import Testing

@testable import HTTPWire

/// What is read in a head that came before is what the parser reads in it.
struct KnownHeadsTests {
    private let heads = KnownHeads()

    private static func head(_ target: String, _ fields: String = "") -> [UInt8] {
        Array("GET \(target) HTTP/1.1\r\nHost: localhost:8001\r\n\(fields)\r\n".utf8)
    }

    /// All that is read, and how many bytes it takes.
    private static func text(_ request: HTTPRequest?, _ skipped: Int) -> String {
        guard let request else { return "incomplete" }
        let parts = [request.head, request.methodText, request.target, request.path]
            .map { String(decoding: $0, as: UTF8.self) }
        let values = request.values(of: "host").map { String(decoding: $0, as: UTF8.self) }
        return "\(parts) \(values) \(request.method) \(request.minorVersion) \(request.traits) "
            + "\(request.body) \(skipped)"
    }

    private static func outcome(
        _ parse: (inout Int) throws(HTTPParseError) -> HTTPRequest?
    ) -> String {
        var skipped = 0
        do throws(HTTPParseError) {
            return text(try parse(&skipped), skipped)
        } catch {
            return "\(error.status) \(error)"
        }
    }

    private func read(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { bytes in
            defer { heads.giveBack() }
            return Self.outcome { (skipped) throws(HTTPParseError) in
                try heads.parse(bytes, skipped: &skipped)
            }
        }
    }

    private static func parsed(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { bytes in
            outcome { (skipped) throws(HTTPParseError) in
                try HTTPParser.parse(bytes, skipped: &skipped)
            }
        }
    }

    private static func isRequest(_ bytes: [UInt8]) -> Bool {
        !["incomplete", "4"].contains { parsed(bytes).hasPrefix($0) }
    }

    @Test func `whatever comes is read as the parser reads it, however often it comes`() throws {
        var generator = TestGenerator(seed: 11)
        let fields = [
            "", "Connection: close\r\n", "Range: bytes=0-1\r\n", "Content-Length: 3\r\n",
            "Host: two\r\n", "X: \u{0}\r\n", "Expect: x\r\n",
            "Accept: \(String(repeating: "a", count: 600))\r\n",
        ]
        var all = (0..<2000).map { index in
            Self.head("/flags/\(index % 300)", fields[index % fields.count])
        }
        all += all.prefix(40).map { Array($0.dropLast(1 + generator.next(below: 30))) }
        all += all.prefix(40).map { Array("\r\n".utf8) + $0 }
        all += all.prefix(40).map { $0 + Self.head("/next") }
        all.append([])
        for _ in 0..<4 * all.count {
            let bytes = generator.element(of: all)
            #expect(read(bytes) == Self.parsed(bytes))
        }
        // Of those that are whole, short and no nonsense most are known by now.
        let known = try all.prefix(300).filter { try Self.isRequest($0) && isKept($0) }
        #expect(known.count > 50)
    }

    /// Whether the request lies in memory of ours, and not in the bytes that came.
    private func isKept(_ bytes: [UInt8]) throws -> Bool {
        try bytes.withUnsafeBytes { bytes in
            var skipped = 0
            defer { heads.giveBack() }
            let request = try heads.parse(bytes, skipped: &skipped)
            return try #require(request).head.baseAddress != bytes.baseAddress
        }
    }

    @Test func `a head that has come twice is kept, and lies in memory of its own`() throws {
        var bytes = Self.head("/flags/br/br.gif")
        for _ in 0..<2 { #expect(try !isKept(bytes)) }
        #expect(try isKept(bytes))
        let expected = Self.parsed(bytes)
        var skipped = 0
        let request = try bytes.withUnsafeBytes { try heads.parse($0, skipped: &skipped) }
        bytes = bytes.map { _ in 0 }
        #expect(Self.text(request, skipped) == expected)
        heads.giveBack()
    }

    @Test func `what is lent stays, whatever else comes to its place`() throws {
        func place(_ index: Int) -> UInt64 {
            Self.head("/\(index)").withUnsafeBytes { $0.wordHash } % UInt64(KnownHeads.places)
        }
        let other = try #require((1..<100_000).first { place($0) == place(0) })
        let (bytes, others) = (Self.head("/0"), Self.head("/\(other)"))
        for _ in 0..<4 { _ = read(bytes) }
        var skipped = 0
        let lent = try bytes.withUnsafeBytes { try heads.parse($0, skipped: &skipped) }
        for _ in 0..<4 { #expect(read(others) == Self.parsed(others)) }
        #expect(Self.text(lent, 0) == Self.parsed(bytes))
        #expect(try !isKept(others))
        heads.giveBack()
        for _ in 0..<2 { _ = read(others) }
        #expect(try isKept(others))
    }

    @Test(arguments: [(0, true), (1, false)])
    func `a head is kept up to so many bytes`(more: Int, isKept: Bool) throws {
        let count = KnownHeads.maximumHead + more - Self.head("/", "X: \r\n").count
        let bytes = Self.head("/", "X: \(String(repeating: "x", count: count))\r\n")
        try #require(bytes.count == KnownHeads.maximumHead + more)
        for _ in 0..<4 { _ = read(bytes) }
        #expect(try self.isKept(bytes) == isKept)
    }
}
