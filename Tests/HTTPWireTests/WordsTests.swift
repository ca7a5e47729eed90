import Testing

@testable import HTTPWire

/// Bytes that are looked at eight at a time, held against one at a time.
struct WordsTests {
    private static let texts = (0..<40).map { count in
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
    }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBytes { left in right.withUnsafeBytes { left.equals($0) } }
    }

    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { $0.wordHash }
    }

    @Test func `bytes are the same if each one is, wherever they lie`() {
        for text in Self.texts {
            #expect(Self.areEqual(text, text))
            let moved = [0] + text
            #expect(
                moved.withUnsafeBytes { $0.view(1..<moved.count).equals($0.view(1..<moved.count)) })
            #expect(!Self.areEqual(text, text + [0]))
            for index in text.indices {
                var other = text
                other[index] ^= 1
                #expect(!Self.areEqual(text, other))
            }
        }
    }

    @Test func `the hash is that of the bytes, and each of them counts`() {
        for text in Self.texts {
            let moved = [0] + text
            let hash = Self.hash(text)
            #expect(moved.withUnsafeBytes { $0.view(1..<moved.count).wordHash } == hash)
            for index in text.indices {
                var other = text
                other[index] ^= 0x80
                #expect(Self.hash(other) != hash)
            }
        }
    }
}
