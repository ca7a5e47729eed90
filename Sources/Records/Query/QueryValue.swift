import Faults

/// What stands behind a key: bytes, of which those in quotes are only themselves.
struct QueryValue {
    struct Byte {
        let byte: UInt8
        let isQuoted: Bool

        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            !isQuoted && byte == UInt8(ascii: scalar)
        }
    }

    var bytes: [Byte] = []

    /// Without its quotes.
    var text: String { String(decoding: bytes.map(\.byte), as: UTF8.self) }

    /// Whether it is `*` alone: whatever there is, but something.
    var isAnything: Bool { bytes.count == 1 && bytes[0].isPlain("*") }

    /// Whether anything in it stands for something else.
    func isPattern(ofPath: Bool) -> Bool {
        bytes.contains { $0.isPlain("*") || ofPath && $0.isPlain("?") }
    }

    /// What commas part, unless they are quoted.
    var alternatives: [QueryValue] {
        bytes.split(omittingEmptySubsequences: false) { $0.isPlain(",") }.map {
            QueryValue(bytes: Array($0))
        }
    }

    /// As a sentence has it: in quotes, where it could not be told from the words around it.
    var shown: String {
        let text = text
        return text.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: ",") } ? "\"\(text)\"" : text
    }

    /// - Parameter ofPath: whether a `?` stands for any one byte: a path has none itself.
    func elements(ofPath: Bool) -> [TextPattern.Element] {
        bytes.map { byte in
            if byte.isPlain("*") { return .anyRun }
            return ofPath && byte.isPlain("?") ? .anyByte : .byte(byte.byte)
        }
    }
}
