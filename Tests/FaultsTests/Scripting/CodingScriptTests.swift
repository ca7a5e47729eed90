import Testing

@testable import Faults

/// Coded bodies, taken apart again: they are of stored blocks.
struct CodingScriptTests {
    private let all = FakeSite().body

    private func trace(_ name: String, _ arguments: [String: Quantity] = [:]) throws -> ScriptTrace
    {
        ScriptTrace(try ScriptCatalogueTests.script(name), arguments)
    }

    /// What chunks have in them.
    private func unchunked(_ content: [UInt8]) -> [UInt8] {
        var (rest, found): (ArraySlice<UInt8>, [UInt8]) = (content[...], [])
        while let end = rest.firstIndex(of: 0x0a) {
            let line = String(decoding: rest[rest.startIndex..<(end - 1)], as: UTF8.self)
            guard let size = Int(line, radix: 16), size > 0 else { break }
            found += rest[(end + 1)..<(end + 1 + size)]
            rest = rest[(end + 3 + size)...]
        }
        return found
    }

    /// What stored blocks have in them, until the last of them or the end.
    ///
    /// - Returns: with what follows; nil if that was not the last block.
    private func inflated(_ blocks: ArraySlice<UInt8>) -> (
        content: [UInt8], rest: ArraySlice<UInt8>?
    ) {
        var (rest, content): (ArraySlice<UInt8>, [UInt8]) = (blocks, [])
        while rest.count >= 5 {
            let head = Array(rest.prefix(5))
            let size = Int(head[1]) | Int(head[2]) << 8
            #expect(size ^ (Int(head[3]) | Int(head[4]) << 8) == 0xffff)
            content += rest.dropFirst(5).prefix(size)
            guard rest.count >= 5 + size else { return (content, nil) }
            rest = rest.dropFirst(5 + size)
            if head[0] == 1 { return (content, rest) }
        }
        return (content, nil)
    }

    private static let gzipHead: [UInt8] = [0x1f, 0x8b, 8, 0]

    @Test func `gzip-truncated is framed rightly and lacks the end of its stream`() throws {
        let stream = unchunked(try trace("gzip-truncated").content)
        #expect(stream.starts(with: Self.gzipHead))
        let (content, rest) = inflated(stream[10...])
        #expect(rest == nil)
        #expect(all.starts(with: content))
        #expect(stream.count == (100 + 23) * 2 / 5)
    }

    @Test func `gzip-bad-crc has all of the body, and another checksum`() throws {
        let trace = try trace("gzip-bad-crc")
        let stream = trace.content
        #expect(trace.steps[0].event == .head(status: 200, statusLine: 17, promised: stream.count))
        let (content, rest) = inflated(stream[10...])
        #expect(content == all)
        #expect(rest.map(Array.init) == [0xde, 0xad, 0xbe, 0xef, 100, 0, 0, 0])
    }

    @Test func `gzip-multi-member has one half in each of two members`() throws {
        let stream = unchunked(try trace("gzip-multi-member").content)
        let (first, rest) = inflated(stream[10...])
        #expect(first == Array(all[..<50]))
        let second = try #require(rest).dropFirst(8)
        #expect(second.starts(with: Self.gzipHead))
        #expect(inflated(second.dropFirst(10)).content == Array(all[50...]))
    }

    @Test func `gzip-not-gzip is the body as it is`() throws {
        let trace = try trace("gzip-not-gzip")
        #expect(trace.content == all)
        #expect(trace.bytes.text.contains("\r\nContent-Encoding: gzip\r\n"))
    }

    @Test func `gzip-bomb is as many blocks of one MiB as it says, and small`() throws {
        let bomb = try trace("gzip-bomb").content
        #expect(bomb.count == 10 + 64 * 1037 + 10)
        #expect(bomb.suffix(10) == [3, 0, 0xed, 0x30, 0xeb, 0xb2, 0, 0, 0, 4])
        #expect(try trace("gzip-bomb", ["mib": .number(1)]).content.count == 10 + 1037 + 10)
    }

    @Test func `coding-names has raw deflate, and gzip with a large field of its own`() throws {
        let raw = unchunked(try trace("coding-names.raw-deflate").content)
        let (content, rest) = inflated(raw[...])
        #expect(content == all)
        #expect(rest?.isEmpty == true)
        let stream = try trace("coding-names.extra-field").content
        #expect(stream.starts(with: [0x1f, 0x8b, 8, 4]))
        #expect(stream[10] == 0 && stream[11] == 0x80)  // 32768 bytes
        #expect(inflated(stream[(12 + 32_768)...]).content == all)
    }

    @Test func `an answer without a body has none, though it says how it is coded or framed`()
        throws
    {
        for name in [
            "encoded-empty.no-content", "encoded-empty.not-modified",
            "bodyless-framed.no-content-chunked", "bodyless-framed.no-content-length",
            "bodyless-framed.not-modified-chunked", "bodyless-framed.not-modified-length",
        ] {
            let trace = try trace(name)
            #expect(trace.content.isEmpty, "\(name)")
            #expect(trace.last?.event == .end, "\(name)")
        }
        for name in [
            "encoded-empty.head", "bodyless-framed.head-chunked", "bodyless-framed.head-length",
        ] {
            let script = try ScriptCatalogueTests.script(name)
            #expect(script.note.needs == [.head])
            #expect(ScriptTrace(script, isHead: true).content.isEmpty, "\(name)")
        }
        #expect(try trace("encoded-empty.body").content == all)
    }
}
