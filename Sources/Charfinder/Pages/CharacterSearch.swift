import HTTPWire

/// What a request for characters asks for.
struct CharacterSearch {
    /// Why it is none.
    struct Refusal: Error {
        /// A sentence.
        let text: String
    }

    /// Rows of a page.
    static let page = 200

    let format: RowFormat
    /// Without blanks around it; empty if nothing is searched.
    let query: String
    /// Number of the first row, from 0.
    let start: Int
    /// Behind the last row; nil for all.
    let stop: Int?

    /// - Parameter target: from its path.
    /// - Throws: `Refusal`.
    init(_ format: RowFormat, target: UnsafeRawBufferPointer) throws(Refusal) {
        self.format = format
        let fields = try Self.fields(of: target)
        let name = format == .json ? "q" : "query"
        guard format != .json || fields[name] != nil else {
            throw Refusal(text: "What is to be found is missing: /search?q=digit.")
        }
        query = (fields[name] ?? "").strippedAsPython
        start = try Self.number(fields["start"] ?? "0", of: "start")
        stop = try Self.stop(fields["stop"], behind: start)
    }

    private static func stop(_ text: String?, behind start: Int) throws(Refusal) -> Int? {
        guard let text else { return start + page }
        if text == "all" { return nil }
        let stop = try number(text, of: "stop")
        guard stop >= start else {
            throw Refusal(text: "stop=\(stop) lies before start=\(start).")
        }
        return stop
    }

    /// The rows that are asked for, of so many.
    func rows(of count: Int) -> Range<Int> {
        min(start, count)..<min(stop ?? count, count)
    }

    /// The target of the same search for other rows.
    func target(start: Int, stop: String? = nil) -> String {
        let place = format == .json ? "/search?q=" : "/?query="
        let from = start > 0 ? "&start=\(start)" : ""
        let to = stop.map { "&stop=\($0)" } ?? ""
        return place + PercentCoding.encodeComponent(query) + from + to
    }

    /// Of a name that comes twice the first counts.
    private static func fields(
        of target: UnsafeRawBufferPointer
    ) throws(Refusal) -> [String: String] {
        var fields: [String: String] = [:]
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return fields }
        for field in target[(mark + 1)...].split(separator: UInt8(ascii: "&")) {
            let parts = field.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try text(parts[0])
            let value = parts.count > 1 ? try text(parts[1]) : ""
            if fields[name] == nil { fields[name] = value }
        }
        return fields
    }

    private static func text(_ part: Slice<UnsafeRawBufferPointer>) throws(Refusal) -> String {
        guard let bytes = PercentCoding.decodeForm(UnsafeRawBufferPointer(rebasing: part)) else {
            throw Refusal(text: "The query has a malformed percent-encoding.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(text: "The query is no UTF-8.")
        }
        return text
    }

    private static func number(_ text: String, of name: String) throws(Refusal) -> Int {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { $0 &- 0x30 <= 9 }
        guard isNumber, text.utf8.count <= 9, let number = Int(text) else {
            let all = name == "stop" ? ", or all" : ""
            let isSeen = text.unicodeScalars.allSatisfy(\.isSeen)
            let shown = isSeen ? text : text.quotedAsPython
            throw Refusal(text: "\(name)=\(shown) is no number of a row: 0 to 999999999\(all).")
        }
        return number
    }
}
