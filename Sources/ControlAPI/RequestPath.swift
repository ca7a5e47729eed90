import HTTPWire

/// A path in its segments. They are split before they are decoded, so that a name with an escaped
/// slash in it can be asked for.
struct RequestPath {
    let segments: [String]
    /// Where the same is without empty and dot segments; nil if it has none.
    let redirection: String?

    /// - Returns: nil if it is not absolute or has a malformed percent-encoding.
    init?(_ path: UnsafeRawBufferPointer) {
        guard path.first == UInt8(ascii: "/") else {
            // `*` and the empty path of CONNECT name nothing here.
            (segments, redirection) = (["", "*"], nil)
            return
        }
        let parts = path.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var decoded: [String] = []
        for part in parts {
            guard let segment = PercentCoding.decode(.init(rebasing: part)) else { return nil }
            decoded.append(String(decoding: segment, as: UTF8.self))
        }
        segments = decoded
        redirection = Self.cleaned(parts.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Go's `path.Clean`, with the slash at the end kept.
    private static func cleaned(_ parts: [String]) -> String? {
        let inner = parts.last == "" ? parts.dropLast() : parts[...]
        guard inner.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else { return nil }
        var clean: [String] = []
        for part in inner where !part.isEmpty && part != "." {
            if part == ".." { _ = clean.popLast() } else { clean.append(part) }
        }
        let path = clean.joined(separator: "/")
        return "/" + path + (!path.isEmpty && parts.last == "" ? "/" : "")
    }
}
