import HTTPWire

/// The fields of an answer's head that a client acts on.
struct AnswerFields {
    private(set) var location: String?
    /// Whether there are two that differ.
    private(set) var hasTwoLocations = false
    /// Whether a line of the head is no field (RFC 9112 §5.1).
    private(set) var hasStrangeLine = false
    private(set) var retryAfter: String?
    private(set) var entityTag: String?
    private(set) var lastModified: String?
    private(set) var contentRange: String?
    private(set) var contentEncoding: String?
    private(set) var transferEncoding: String?
    /// Lower case, all lines joined.
    private(set) var connection: String?

    /// - Parameter head: with the status line.
    init(_ head: UnsafeRawBufferPointer) {
        var start = head.firstIndex(of: 0x0a).map { $0 + 1 } ?? head.count
        while start < head.count {
            let end = head[start...].firstIndex(of: 0x0a) ?? head.count
            note(UnsafeRawBufferPointer(rebasing: head[start..<end]))
            start = end + 1
        }
    }

    private mutating func note(_ line: UnsafeRawBufferPointer) {
        guard let first = line.first, ![0x20, 0x09, 0x0d].contains(first) else { return }
        guard let colon = line.firstIndex(of: 0x3a), colon > 0,
            ![0x20, 0x09].contains(line[colon - 1])
        else { return hasStrangeLine = true }
        // Only names of these lengths are looked at: most lines are none of them.
        switch colon {
        case 4: note(line, colon, "etag", \.entityTag)
        case 8: noteLocation(line, colon)
        case 10: note(line, colon, "connection", \.connection)
        case 11: note(line, colon, "retry-after", \.retryAfter)
        case 13:
            note(line, colon, "last-modified", \.lastModified)
            note(line, colon, "content-range", \.contentRange)
        case 16: note(line, colon, "content-encoding", \.contentEncoding)
        case 17: note(line, colon, "transfer-encoding", \.transferEncoding)
        default: return
        }
    }

    /// The same one twice is one.
    private mutating func noteLocation(_ line: UnsafeRawBufferPointer, _ colon: Int) {
        let first = location
        location = nil
        note(line, colon, "location", \.location)
        guard let first else { return }
        if let second = location, second != first { hasTwoLocations = true }
        location = first
    }

    private mutating func note(
        _ line: UnsafeRawBufferPointer, _ colon: Int, _ name: StaticString,
        _ path: WritableKeyPath<AnswerFields, String?>
    ) {
        guard UnsafeRawBufferPointer(rebasing: line[..<colon]).equalsIgnoringCase(name) else {
            return
        }
        let value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...])
        var first = 0
        var end = value.count
        while first < end, value[first] == 0x20 || value[first] == 0x09 { first += 1 }
        while end > first, [0x20, 0x09, 0x0d].contains(value[end - 1]) { end -= 1 }
        let text = String(decoding: value[first..<end], as: UTF8.self)
        self[keyPath: path] = self[keyPath: path].map { $0 + ", " + text } ?? text
    }

    /// What says later that a part belongs to the same: a strong ETag, or without any ETag a
    /// Last-Modified (RFC 9110 §13.1.5).
    var validator: String? {
        let value = entityTag ?? lastModified
        guard let value, value.utf8.count <= Self.longestValidator,
            value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
        else { return nil }
        guard entityTag != nil else { return value }
        return value.count > 2 && value.hasPrefix("\"") && value.hasSuffix("\"") ? value : nil
    }

    private static let longestValidator = 1024

    /// Whether the server wants to go on with the connection (RFC 9112 §9.3).
    func keepsAlive(minorVersion: UInt8) -> Bool {
        let options = connection?.lowercased().split { $0 == "," || $0 == " " } ?? []
        if options.contains("close") { return false }
        return minorVersion > 0 || options.contains("keep-alive")
    }
}
