@testable import HTTPWire

/// Requests: heads, bodies, conditions and dates.
enum FuzzRequests {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        try checkHead(bytes)
        try checkChunks(bytes)
        _ = EntityTag(strong: "a").isMatched(byList: bytes, weakly: true)
        _ = HTTPDate.parse(bytes, now: 0)
        let decoded = PercentCoding.decodePath(bytes)
        try hold(decoded?.count ?? 0 <= bytes.count, "a path grows as it is decoded")
        let text = String(decoding: bytes, as: UTF8.self)
        let encoded = Array(PercentCoding.encodeComponent(text).utf8)
        let back = encoded.withUnsafeBytes { PercentCoding.decode($0) }
        try hold(back == Array(text.utf8), "what is percent-encoded is decoded to something else")
    }

    // MARK: Heads

    private static func checkHead(_ bytes: UnsafeRawBufferPointer) throws {
        var skipped = 0
        let request = try taken { try HTTPParser.parse(bytes, skipped: &skipped) }
        try hold(skipped <= bytes.count, "it skips what is not there")
        guard let request = request ?? nil else { return }
        try hold(request.head.count <= bytes.count, "the head is longer than what came")
        try hold(request.target.count <= request.head.count, "the target is longer than the head")
        try checkPieces(bytes, head: request.head.count)
        try checkKnown(request.head)
        let condition = ConditionalRequest(
            ifMatch: request.singleValue(of: "if-match"),
            ifNoneMatch: request.singleValue(of: "if-none-match"),
            ifModifiedSince: request.singleValue(of: "if-modified-since"),
            ifUnmodifiedSince: request.singleValue(of: "if-unmodified-since"),
            ifRange: request.singleValue(of: "if-range"))
        _ = condition.evaluate(entityTag: EntityTag(strong: "a"), lastModified: 1, now: 2)
    }

    /// One for all inputs: this target is only asked by one thread at a time.
    nonisolated(unsafe) private static let heads = KnownHeads()

    /// What has come before is read as if it had not.
    private static func checkKnown(_ head: UnsafeRawBufferPointer) throws {
        var skipped = 0
        let parsed = try HTTPParser.parse(head, skipped: &skipped)
        // Only what comes twice is kept.
        for _ in 0..<3 {
            var others = 0
            defer { heads.giveBack() }
            let known = try heads.parse(head, skipped: &others)
            try hold(
                text(known) == text(parsed) && skipped == others,
                "a known head says \(text(known)), not \(text(parsed))")
        }
    }

    private static func text(_ request: HTTPRequest?) -> String {
        guard let request else { return "nothing" }
        let parts =
            [request.head, request.methodText, request.target, request.path]
            + request.values(of: "host")
        return "\(parts.map { Array($0) }) \(request.method) \(request.minorVersion) "
            + "\(request.traits) \(request.body)"
    }

    /// The head that was found whole is found, too, when it comes in pieces, and no other.
    private static func checkPieces(_ bytes: UnsafeRawBufferPointer, head: Int) throws {
        var cuts = FuzzCuts(bytes)
        var (watch, count) = (HeadInPieces(), 0)
        for piece in cuts.pieces(of: Array(bytes)) {
            count += piece.count
            let here = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            guard watch.isWorthParsing(here, as: .request) else { continue }
            var skipped = 0
            guard let request = try HTTPParser.parse(here, skipped: &skipped) else { continue }
            return try hold(request.head.count == head, "in pieces the head ends elsewhere")
        }
        try hold(false, "in pieces the head is not found")
    }

    // MARK: Chunks

    private static func checkChunks(_ bytes: UnsafeRawBufferPointer) throws {
        let whole = chunks([Array(bytes)])
        var cuts = FuzzCuts(bytes)
        let parts = chunks(cuts.pieces(of: Array(bytes)))
        try hold(whole == parts, "cut elsewhere the chunks are others: \(whole), \(parts)")
    }

    private static func chunks(_ pieces: [[UInt8]]) -> String {
        var decoder = ChunkedDecoder()
        var (content, used): ([UInt8], Int) = ([], 0)
        for piece in pieces where !decoder.isComplete {
            do {
                used += try piece.withUnsafeBytes { try decoder.consume($0) { content += $0 } }
            } catch {
                return "\(error) behind \(content)"
            }
        }
        return "\(used), \(decoder.isComplete): \(content)"
    }
}
