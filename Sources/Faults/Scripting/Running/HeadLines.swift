/// The lines of a head.
enum HeadLines {
    typealias Line = ArraySlice<UInt8>

    /// Without their ends, whichever these are, and without the empty one.
    static func split(_ head: [UInt8]) -> [Line] {
        head.split(separator: 0x0a).map { $0.last == 0x0d ? $0.dropLast() : $0 }
            .filter { !$0.isEmpty }
    }

    /// Of a field of that name, which is in lower case; nil for another line.
    static func value(of name: String, in line: Line) -> String? {
        guard self.name(of: line) == name else { return nil }
        let value = text(line[(line.startIndex + name.utf8.count + 1)...])
        return String(value.drop { $0 == " " || $0 == "\t" }[...].trimmed)
    }

    /// In lower case; nil for a line without one.
    static func name(of line: Line) -> String? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return text(line[..<colon]).lowercased()
    }

    static func text(_ line: Line) -> String { String(decoding: line, as: UTF8.self) }
}
