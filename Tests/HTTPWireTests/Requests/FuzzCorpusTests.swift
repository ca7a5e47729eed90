import Foundation
import Testing

@testable import HTTPWire

/// What `make fuzz` found or began with goes through the parsers in every run of the tests.
@Suite struct FuzzCorpusTests {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/corpus")

    @Test func `the corpus is taken or refused, and nothing traps`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(names.count >= 4)
        for name in names {
            let data = try Data(contentsOf: Self.folder.appendingPathComponent(name))
            Array(data).withUnsafeBytes { bytes in
                var skipped = 0
                let request = try? HTTPParser.parse(bytes, skipped: &skipped)
                #expect((request?.head.count ?? 0) + skipped <= bytes.count)
                var decoder = ChunkedDecoder()
                let used = try? decoder.consume(bytes) { #expect($0.count <= bytes.count) }
                #expect(used ?? 0 <= bytes.count)
                _ = ByteRange.select(bytes, size: 1000)
            }
        }
    }
}
