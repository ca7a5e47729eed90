/// What a file is that was meant to be text in UTF-8, told by how it begins.
enum ForeignFile {
    private static let signatures: [(start: [UInt8], kind: String)] = [
        (Array("GIF8".utf8), "a GIF image"),
        ([0x89] + Array("PNG".utf8), "a PNG image"),
        ([0xff, 0xd8, 0xff], "a JPEG image"),
        (Array("%PDF-".utf8), "a PDF document"),
        ([0x7f] + Array("ELF".utf8), "a program"),
        ([0x1f, 0x8b], "a file compressed with gzip"),
        (Array("PK\u{3}\u{4}".utf8), "a zip archive"),
        (Array("<!".utf8), "a web page"),
        (Array("<html".utf8), "a web page"),
        (Array("<?xml".utf8), "an XML document"),
        ([0xff, 0xfe], "UTF-16 text"),
        ([0xfe, 0xff], "UTF-16 text"),
    ]

    /// nil: nothing that is known.
    static func kind(of bytes: [UInt8]) -> String? {
        if let known = signatures.first(where: { bytes.starts(with: $0.start) }) {
            return known.kind
        }
        // Without its mark: each second byte of Latin text is 0.
        return bytes.count > 1 && (bytes[0] == 0) != (bytes[1] == 0) ? "UTF-16 text" : nil
    }
}
