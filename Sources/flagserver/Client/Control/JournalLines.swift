/// Puts the journal's lines and the events that came meanwhile together: no record twice.
struct JournalLines {
    /// The last record of the journal.
    private var last: UInt64 = 0
    private var line: [UInt8] = []

    /// A piece of the journal, to be printed as it is. It may end within a character.
    mutating func take(_ piece: [UInt8]) {
        for part in piece.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                if let sequence = Self.sequence(line) { last = sequence }
                line = []
            }
            line += part.element.prefix(64)
        }
    }

    /// The records of an event that were not in the journal, as its lines.
    func new(_ event: EventReader.Event) -> String {
        switch event.name {
        case "records":
            EventReader.elements(event.data)
                .filter { Self.sequence($0).map { $0 > last } ?? true }
                .map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
        case "lost":
            "{\"lost\":" + String(decoding: event.data.filter { $0 &- 0x30 <= 9 }, as: UTF8.self)
                + "}\n"
        default: ""
        }
    }

    /// nil if it is no record.
    private static func sequence(_ line: [UInt8]) -> UInt64? {
        let start = Array("{\"seq\":".utf8)
        guard line.starts(with: start) else { return nil }
        return UInt64(
            String(decoding: line.dropFirst(start.count).prefix { $0 &- 0x30 <= 9 }, as: UTF8.self))
    }
}
