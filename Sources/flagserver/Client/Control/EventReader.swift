/// Reads server-sent events (the fields `event` and `data`) out of the pieces that they come in.
struct EventReader {
    /// Longest line, in bytes; the control port's events are shorter than 64 KiB.
    private static let maximumLine = 1 << 20

    struct Event: Equatable {
        let name: String
        let data: [UInt8]
    }

    private var line: [UInt8] = []
    private var name = ""
    private var data: [UInt8] = []

    /// - Returns: the events that are complete with this piece.
    mutating func take(_ piece: [UInt8]) -> [Event] {
        var events: [Event] = []
        for part in piece.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0, let event = endLine() { events.append(event) }
            // What is longer is none of the control port's events.
            if line.count + part.element.count <= Self.maximumLine { line += part.element }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line = [] }
        if line.last == 0x0d { line.removeLast() }
        guard !line.isEmpty else {
            defer { (name, data) = ("", []) }
            return data.isEmpty ? nil : Event(name: name, data: data)
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data": data = Array(value)
        default: break
        }
        return nil
    }

    /// The elements of an array as they are written.
    static func elements(_ array: [UInt8]) -> [[UInt8]] {
        var (elements, element): ([[UInt8]], [UInt8]) = ([], [])
        var (depth, isText, isEscaped) = (0, false, false)
        for byte in array {
            let isInner = depth > 1 || isText
            if isText {
                isText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
            }
            if isInner || depth > 1 || isText {
                element.append(byte)
            } else if depth == 0 || byte == UInt8(ascii: ",") {
                if !element.isEmpty { elements.append(element) }
                element = []
            } else if byte != UInt8(ascii: "["), byte > 0x20 {
                element.append(byte)
            }
        }
        return elements
    }
}
