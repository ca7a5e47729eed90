import Testing

@testable import Faults

struct StoredCodingTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Read back by the programs gzip, zlib of Python, zstd and libbrotli.
    @Test(arguments: [
        (
            "gzip",
            "1f8b08000000000000ff" + "010a00f5ff" + "30313233343536373839" + "c6c784a60a000000"
        ),
        ("deflate", "7801" + "010a00f5ff" + "30313233343536373839" + "0aff020e"),
        ("br", "900010" + "30313233343536373839" + "03"),
        ("zstd", "28b52ffda40a000000" + "510000" + "30313233343536373839" + "e76718a8"),
    ])
    func `a body is coded in stored blocks`(_ coding: String, _ bytes: String) throws {
        #expect(Self.hex(try ScriptPlay.bytes("body as \(coding)")) == bytes)
        #expect(
            try ScriptPlay.bytes("send \"$\(coding).length\"") == Array("\(bytes.count / 2)".utf8))
    }

    @Test(
        arguments: StoredCoding.allCases, [0, 1, 31, 32, 65_535, 65_536, 65_537, 131_073, 300_000])
    func `a coding is as long as it says`(_ coding: StoredCoding, _ count: Int) {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let length = coding.pieces(content[...]).map { piece in
            switch piece {
            case .framing(let bytes): bytes.count
            case .content(let range): range.count
            }
        }
        #expect(length.reduce(0, +) == coding.count(count))
    }

    @Test func `a part of what is coded is a part of its bytes`() throws {
        let all = try ScriptPlay.bytes("body as gzip")
        #expect(try ScriptPlay.bytes("body as gzip ..50%") == Array(all[..<(all.count / 2)]))
        #expect(try ScriptPlay.bytes("body as gzip ..5\nbody as gzip 5..") == all)
        #expect(
            try ScriptPlay.lines("body as gzip ..5\nbody as gzip 5..").allSatisfy {
                !$0.contains("lost") && !$0.contains("foreign")
            })
        #expect(try ScriptPlay.lines("body as gzip 5..")[0].hasPrefix("0 lost"))
        #expect(try ScriptPlay.lines("body 5.. as gzip")[0].hasPrefix("0 lost"))
    }

    @Test func `parts of the body are coded each for itself`() throws {
        let members = try ScriptPlay.bytes("body ..50% as gzip\nbody 50%.. as gzip")
        #expect(members.count == 2 * StoredCoding.gzip.count(5))
    }

    @Test func `checksums are those of others`() {
        let text = Array("The quick brown fox jumps over the lazy dog".utf8)[...]
        #expect(Checksum.crc32(text) == 0x414f_a339)
        #expect(Checksum.adler32(text) == 0x5bdc_0fda)
        #expect(Checksum.xxHash64(text) == 0x0b24_2d36_1fda_71bc)
        #expect(Checksum.xxHash64([]) == 0xef46_db37_51d8_e999)
        #expect(Checksum.adler32([]) == 1)
        #expect(Checksum.crc32([]) == 0)
    }
}
