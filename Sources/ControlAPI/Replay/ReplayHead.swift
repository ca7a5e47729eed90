import HTTPWire

/// The head of an answer as it came, whatever is wrong with it.
struct ReplayHead {
    /// A line of the head.
    struct Field {
        let name: String
        /// Without the blanks around it; nil if the line has no colon.
        var value: String?

        var json: JSONValue {
            .array([.string(name), value.map(JSONValue.string) ?? .null])
        }
    }

    /// Fields that are shown, and bytes of them together.
    private static let mostFields = 256
    private static let mostText = 32 << 10

    /// nil if the first line has none.
    let status: UInt16?
    /// Empty if there is none; nil without a status.
    private(set) var reason: String?
    private(set) var fields: [Field] = []
    /// Lines beyond what is shown.
    private(set) var omittedCount = 0
    /// Of the content as the head promises it, in bytes; nil if it does not.
    private(set) var length: Int?
    private var textCount = 0

    /// - Parameters:
    ///   - bytes: a last line without its end is left out.
    ///   - body: what the head says of its content; nil if that cannot be told.
    init(_ bytes: UnsafeRawBufferPointer, body: HTTPResponseHead.Body?) {
        status = HTTPResponseHead.status(bytes)
        // The largest number stands for all that do not fit.
        if case .length(let count)? = body, count < .max { length = count }
        var start = 0
        var isFirst = true
        while start < bytes.count, let end = bytes[start...].firstIndex(of: 0x0a) {
            let hasReturn = end > start && bytes[end - 1] == 0x0d
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<(hasReturn ? end - 1 : end)])
            if isFirst { noteReason(line) } else { note(line) }
            (start, isFirst) = (end + 1, false)
        }
    }

    /// HTTP-version SP status-code SP reason-phrase (RFC 9112 §4).
    private mutating func noteReason(_ line: UnsafeRawBufferPointer) {
        guard status != nil else { return }
        reason = Self.text(line.dropFirst(13))
    }

    private mutating func note(_ line: UnsafeRawBufferPointer) {
        guard let first = line.first else { return }
        guard fields.count < Self.mostFields, textCount + line.count <= Self.mostText else {
            return omittedCount += 1
        }
        textCount += line.count
        if first == 0x20 || first == 0x09, let last = fields.indices.last {
            // RFC 9112 §5.2: it goes on with the value before it.
            return fields[last].value = (fields[last].value ?? "") + " " + Self.value(line[...])
        }
        guard let colon = line.firstIndex(of: 0x3a) else {
            return fields.append(Field(name: Self.text(line[...]), value: nil))
        }
        fields.append(
            Field(name: Self.text(line[..<colon]), value: Self.value(line[(colon + 1)...])))
    }

    // MARK: Text

    /// What is no UTF-8 is replaced.
    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Without the blanks at both ends.
    private static func value(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return text(bytes)
    }
}
