import Testing

@testable import Faults

/// Chunks to the byte: sizes are where mistakes are likely.
struct ChunkScriptTests {
    private let all = FakeSite().body.text

    private func content(_ name: String) throws -> String {
        let script = try ScriptCatalogueTests.script(name)
        let trace = ScriptTrace(script)
        let (bytes, content) = (trace.bytes, trace.content)
        let head = Array(bytes.dropLast(content.count)).text
        #expect(head.contains("\r\nTransfer-Encoding: chunked\r\n"))
        #expect(!head.contains("Content-Length:"))
        return content.text
    }

    @Test func `chunked-truncate lacks the last chunk`() throws {
        #expect(try content("chunked-truncate") == "28\r\n\(all.prefix(40))\r\n")
    }

    @Test func `each malformed chunk is as its variant says`() throws {
        let rest = "5f\r\n\(all.dropFirst(5))\r\n0\r\n\r\n"
        let (first, second) = (all.prefix(50), all.dropFirst(50))
        let wanted = [
            "zzz": "ZZZ\r\n\(all)\r\n0\r\n\r\n",
            "size-too-small": "60\r\n\(all)\r\n0\r\n\r\n",
            "size-too-large": "36\r\n\(first)\r\n32\r\n\(second)\r\n0\r\n\r\n",
            "missing-crlf": "32\r\n\(first)32\r\n\(second)\r\n0\r\n\r\n",
            "0x5": "0x5\r\n01234\r\n\(rest)",
            "negative": "-5\r\n01234\r\n\(rest)",
            "no-size": "\r\n01234\r\n\(rest)",
            "space": "5 5\r\n01234\r\n\(rest)",
        ]
        let names = Script.catalogue.map(\.name).filter { $0.hasPrefix("chunked-malformed.") }
        #expect(Set(names.map { String($0.dropFirst(18)) }) == Set(wanted.keys))
        for (variant, bytes) in wanted {
            #expect(try content("chunked-malformed.\(variant)") == bytes, "\(variant)")
        }
    }

    @Test func `trailers stand between the last chunk and the empty line`() throws {
        let start = "64\r\n\(all)\r\n0\r\n"
        #expect(try content("trailers.unannounced") == start + "X-Trailer: value\r\n\r\n")
        #expect(try content("trailers-hostile.length") == start + "Content-Length: 5\r\n\r\n")
        #expect(try content("trailers-hostile.nul") == start + "X-Trailer: a\0b\r\n\r\n")
    }

    @Test func `chunk-ext has its extension behind the size`() throws {
        let wanted = "2;foo=bar\r\n01\r\n62\r\n\(all.dropFirst(2))\r\n0\r\n\r\n"
        #expect(try content("chunk-ext") == wanted)
    }

    @Test func `chunk-ext-flood gives each byte an extension, and all bytes in order`() throws {
        let script = try ScriptCatalogueTests.script("chunk-ext-flood")
        let arguments: [String: Quantity] = ["count": .number(3), "bytes": .number(4)]
        let content = ScriptTrace(script, arguments).content.text
        let flood = (0..<3).map { "1;x=aaaa\r\n\($0)\r\n" }.joined()
        #expect(content == flood + "61\r\n\(all.dropFirst(3))\r\n0\r\n\r\n")
    }

    @Test func `chunk-overflow says more than it has`() throws {
        let rest = "60\r\n\(all.dropFirst(4))\r\n0\r\n\r\n"
        #expect(
            try content("chunk-overflow.seventeen-digits")
                == "FFFFFFFFFFFFFFFF4\r\n0123\r\n" + rest)
        #expect(
            try content("chunk-overflow.minus-twelve")
                == "FFFFFFFFFFFFFFF4\r\n\(all)\r\n0\r\n\r\n")
        let zeros = try ScriptCatalogueTests.script("chunk-overflow.zeros")
        #expect(zeros.parameters.map(\.defaultValue) == [10_000_000])
        let content = ScriptTrace(zeros, ["zeros": .number(10_000)]).content.text
        #expect(content == String(repeating: "0", count: 10_000) + "64\r\n\(all)\r\n0\r\n\r\n")
    }
}
