import HTTPWire

// What was probably meant by a path that names nothing.
extension FlagStore {
    /// Longer ones are no slips, in bytes.
    private static let longestPath = 64

    /// The file that a path nearly names: in capitals, the folder alone, or without a folder.
    ///
    /// - Parameter path: as it was sent.
    func nearby(_ path: UnsafeRawBufferPointer) -> String? {
        guard root == .flags, path.count <= Self.longestPath,
            let bytes = PercentCoding.decodePath(path)
        else {
            return nil
        }
        let lowered = String(decoding: bytes, as: UTF8.self).lowercased()
        var parts = lowered.split(separator: "/")
        if parts.first == "flags" { parts.removeFirst() }
        guard let last = parts.last, parts.count <= 2 else { return nil }
        let code = parts.count == 1 && last.hasSuffix(".gif") ? last.dropLast(4) : parts[0]
        let files = [parts.joined(separator: "/"), "\(code)/\(code).gif"]
        // Another file of a country must not be taken for its flag.
        let candidates = parts.count == 2 ? files.prefix(1) : files[...]
        return candidates.lazy.map { Self.path($0) }.first { candidate in
            Array(candidate.utf8).withUnsafeBytes { self.resource(at: $0) != nil }
        }
    }
}
