import Glibc

/// What stands where a configuration or a fixtures directory should be, told by how it begins and
/// ends.
struct ForeignFile {
    private struct Kind {
        let name: String
        let start: [UInt8]
        var offset = 0
        /// What a whole one has this many bytes before its end.
        var end: (bytes: [UInt8], distance: Int) = ([], 0)
        var isArchive = false
    }

    private static let kinds = [
        Kind(name: "a GIF image", start: Array("GIF8".utf8), end: ([0x3b], 1)),
        Kind(
            name: "a PNG image", start: [0x89] + Array("PNG".utf8), end: (Array("IEND".utf8), 8)),
        Kind(name: "a JPEG image", start: [0xff, 0xd8, 0xff], end: ([0xff, 0xd9], 2)),
        Kind(
            name: "a zip archive", start: Array("PK\u{3}\u{4}".utf8),
            end: (Array("PK\u{5}\u{6}".utf8), 22), isArchive: true),
        Kind(name: "a gzip archive", start: [0x1f, 0x8b], isArchive: true),
        Kind(name: "an xz archive", start: [0xfd] + Array("7zXZ".utf8), isArchive: true),
        Kind(name: "a bzip2 archive", start: Array("BZh".utf8), isArchive: true),
        Kind(name: "a zstd archive", start: [0x28, 0xb5, 0x2f, 0xfd], isArchive: true),
        Kind(name: "a tar archive", start: Array("ustar".utf8), offset: 257, isArchive: true),
        Kind(name: "a PDF document", start: Array("%PDF-".utf8)),
        Kind(name: "a program", start: [0x7f] + Array("ELF".utf8)),
        Kind(name: "a web page", start: Array("<!".utf8)),
        Kind(name: "a web page", start: Array("<html".utf8)),
        Kind(name: "an XML document", start: Array("<?xml".utf8)),
        Kind(name: "UTF-16 text", start: [0xff, 0xfe]),
        Kind(name: "UTF-16 text", start: [0xfe, 0xff]),
    ]

    /// What bytes are that were meant to be text in UTF-8; nil: nothing that is known.
    static func kind(of start: [UInt8]) -> String? {
        if let kind = known(start) { return kind.name }
        // Without its mark: each second byte of Latin text is 0.
        return start.count > 1 && (start[0] == 0) != (start[1] == 0) ? "UTF-16 text" : nil
    }

    /// The same of a file; nil also if it cannot be read.
    static func kind(at path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return kind(of: read(descriptor, at: 0, count: 512))
    }

    private static func known(_ start: [UInt8]) -> Kind? {
        kinds.first { start.dropFirst($0.offset).starts(with: $0.start) }
    }

    /// `a GIF image`
    let name: String
    let isArchive: Bool

    /// - Returns: nil if nothing is there, or a directory.
    init?(at path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else {
            (name, isArchive) = ("no regular file", false)
            return
        }
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            (name, isArchive) = ("a file that cannot be read", false)
            return
        }
        defer { close(descriptor) }
        let size = Int(status.st_size)
        let start = Self.read(descriptor, at: 0, count: 512)
        let kind = Self.known(start)
        name =
            kind.map { kind in
                let end = Self.read(
                    descriptor, at: size - kind.end.distance, count: kind.end.bytes.count)
                return kind.name + (end == kind.end.bytes ? "" : " that is cut short")
            } ?? Self.nameOfUnknown(start)
        isArchive = kind?.isArchive ?? false
    }

    private static func nameOfUnknown(_ start: [UInt8]) -> String {
        if start.isEmpty { return "an empty file" }
        return start.contains { $0 < 0x20 && !(0x09...0x0d).contains($0) }
            ? "a file" : "a text file"
    }

    /// What is there of it.
    private static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(descriptor, &bytes, count, off_t(max(offset, 0)))
        return Array(bytes.prefix(max(got, 0)))
    }
}
