import Downloading
import HTTPWire

/// A `SHA256SUMS` file, as sha256sum(1) writes it.
struct SiteChecksums {
    static let fileName = "SHA256SUMS"
    /// Of the file, in bytes.
    static let maximumSize = 1 << 20

    /// By the path below the file's folder.
    private let digests: [String: String]

    /// - Parameter content: lines of 64 hexadecimal digits, two blanks and a path; others are
    ///   overlooked.
    init(_ content: [UInt8]) {
        var digests: [String: String] = [:]
        for line in content.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
            let parts = line.split(separator: 0x20, maxSplits: 1)
            guard parts.count == 2, parts[0].count == 64 else { continue }
            let path = String(decoding: parts[1], as: UTF8.self).drop { " *".contains($0) }
            let name = path.hasPrefix("./") ? path.dropFirst(2) : path
            digests[String(name)] = String(decoding: parts[0], as: UTF8.self).lowercased()
        }
        self.digests = digests
    }

    var isEmpty: Bool { digests.isEmpty }

    /// What is wrong with the content of `path`; nil if nothing is.
    func failure(_ content: [UInt8], of path: String) -> DownloadFailure? {
        guard let expected = digests[path] else {
            return DownloadFailure(.checksum, "\(Self.fileName) has no \(path)")
        }
        let found = SHA256.hexadecimal(content)
        guard found != expected else { return nil }
        return DownloadFailure(
            .checksum,
            "\(content.count) bytes with SHA-256 \(found.prefix(8))…, "
                + "not \(expected.prefix(8))… as \(Self.fileName) says")
    }
}
