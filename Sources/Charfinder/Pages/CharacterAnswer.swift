import HTTPWire

/// What a search has found, as it is sent.
struct CharacterAnswer {
    private let search: CharacterSearch
    private let found: CharacterMatches

    init(_ search: CharacterSearch, _ found: CharacterMatches) {
        (self.search, self.found) = (search, found)
    }

    private var rows: Range<Int> { search.rows(of: found.count) }
    var rowCount: Int { rows.count }

    /// The same for all requests that get the same bytes.
    var key: String { search.target(start: rows.lowerBound, stop: "\(rows.upperBound)") }

    /// Writes it, from its first byte.
    var writer: RowWriter {
        let (before, behind) = around
        return RowWriter(search.format, found.cursor(rows), before: before, behind: behind)
    }

    /// All of it.
    var whole: [UInt8] {
        var (writer, bytes) = (writer, [UInt8]())
        while true {
            let piece = writer.next()
            guard !piece.isEmpty else { return bytes }
            bytes += piece
        }
    }

    private var around: (before: [UInt8], behind: [UInt8]) {
        switch search.format {
        case .line: ([], [])
        case .json: (Array("[".utf8), Array("]".utf8))
        case .html: CharfinderPage(search: search, count: found.count).parts
        }
    }

    /// Type, how many there are in all, and where the next are (RFC 8288).
    var fields: [HTTPField] {
        let isPage = search.format == .html
        let type = isPage ? "text/html; charset=utf-8" : "application/json"
        let fields = [
            HTTPField("Content-Type", type), HTTPField("X-Total-Count", "\(found.count)"),
        ]
        guard !rows.isEmpty, rows.upperBound < found.count else { return fields }
        let next = search.target(start: rows.upperBound)
        return fields + [HTTPField("Link", "<\(next)>; rel=\"next\"")]
    }

    /// All that the bytes depend on is in it.
    ///
    /// - Parameter count: bytes of the answer.
    func entityTag(_ count: Int) -> EntityTag {
        let text = "\(HTTPSerializer.server) \(key) \(found.count) \(count)"
        return Array(text.utf8).withUnsafeBytes { EntityTag(contentOf: $0) }
    }
}
