public import HTTPWire

/// Characters over HTTP, as in both editions: pages at `/`, JSON at `/search`. It never learns what
/// a fault is. Loop thread only.
public final class CharfinderSite {
    private let index: CharacterIndex
    private let turns: CharacterIndex.Turns
    private let rowTurns: RowTurns
    private let extraFields: [HTTPField]
    private var kept = KeptAnswers()
    /// Bytes of long answers, by their canonical target.
    private var lengths: [String: Int] = [:]
    /// Those under way, by the same.
    private var measurements: [String: Measurement] = [:]

    /// Words to search for, as in the book.
    public static let samples = [
        "bismillah", "black", "Braille", "cat", "chess", "circled", "digit", "dot", "Ethiopic",
        "face", "hexagram", "Malayalam", "mark", "operator", "Roman", "symbol",
    ]

    /// What the site does (RFC 9110 §10.2.1).
    private static let allow = HTTPField("Allow", "GET, HEAD, OPTIONS")
    /// Rows that are made at once, in less than a millisecond.
    private static let few = 512
    /// Long answers whose length is remembered.
    private static let maximumLengths = 1024

    /// - Parameters:
    ///   - extraFields: of every answer (CORS).
    ///   - rows: in which long answers are made.
    public init(
        _ index: CharacterIndex, extraFields: [HTTPField] = [], rows: RowTurns,
        turns: @escaping CharacterIndex.Turns
    ) {
        (self.index, self.extraFields, self.turns) = (index, extraFields, turns)
        rowTurns = rows
    }

    public func answer(_ request: HTTPRequest) -> SiteAnswer {
        if request.isPlain, let response = kept[request.target] { return .prepared(response) }
        guard let format = Self.format(of: request.path) else {
            return .made(text(404, "There are / and /search?q=digit."))
        }
        switch request.method {
        case .get, .head: return find(request, format)
        case .options:
            return .made(HTTPResponse(204, fields: [Self.allow] + preflight + extraFields))
        case .post, .put, .delete, .connect, .trace, .patch:
            return .made(text(405, "Characters can only be read: GET or HEAD.", [Self.allow]))
        case .unknown: return .made(text(501, "No such method is known here."))
        }
    }

    private static func format(of path: UnsafeRawBufferPointer) -> RowFormat? {
        if path.elementsEqual("/".utf8) { return .html }
        return path.elementsEqual("/search".utf8) ? .json : nil
    }

    // MARK: Finding

    private func find(_ request: HTTPRequest, _ format: RowFormat) -> SiteAnswer {
        do throws(CharacterSearch.Refusal) {
            let search = try CharacterSearch(format, target: request.targetFromPath)
            let question = Question(request)
            if let answer = answer(search, question) { return answer }
            let late = LateAnswer()
            if index.isComplete {
                measure(search, question, late)
            } else {
                index.whenComplete { [weak self, weak late] in
                    if let late { self?.answer(search, question, late) }
                }
            }
            return .late(late)
        } catch { return .made(text(400, error.text)) }
    }

    /// - Returns: nil if that takes longer than one turn of the loop.
    private func answer(_ search: CharacterSearch, _ question: Question) -> SiteAnswer? {
        // Only a form: nothing has to be found.
        guard index.isComplete || search.query.isEmpty else { return nil }
        let found = index.isComplete ? index.matches(search.query) : CharacterMatches()
        let answer = CharacterAnswer(search, found)
        guard answer.rowCount > Self.few else {
            let body = answer.whole
            let response = PreparedResponse(
                200, fields: fields(answer, body.count), body: Bytes(body))
            kept.keep(response, question.target)
            return question.refusal(fields(answer, body.count), extraFields: extraFields)
                ?? .prepared(response)
        }
        guard let count = lengths[answer.key] else { return nil }
        let fields = fields(answer, count)
        return question.refusal(fields, extraFields: extraFields)
            ?? .streamed(RowStream(fields: fields, answer.writer, count: count, rowTurns))
    }

    private func answer(
        _ search: CharacterSearch, _ question: Question, _ late: LateAnswer
    ) {
        if let answer = answer(search, question) {
            late.onAnswer?(answer)
        } else {
            measure(search, question, late)
        }
    }

    /// Counts the bytes of an answer, or waits for those who do already.
    private func measure(
        _ search: CharacterSearch, _ question: Question, _ late: LateAnswer
    ) {
        let answer = CharacterAnswer(search, index.matches(search.query))
        let asker = Measurement.Asker(search: search, question: question, late: late)
        let key = answer.key
        if let measurement = measurements[key] { return measurement.join(asker) }
        let measurement = Measurement(answer)
        measurement.join(asker)
        measurements[key] = measurement
        turns { [weak self] in self?.advance(measurement, key) ?? false }
    }

    /// Measures a piece, or answers one of those who wait.
    private func advance(_ measurement: Measurement, _ key: String) -> Bool {
        guard !measurement.isComplete else {
            while let asker = measurement.nextAsker() {
                guard let late = asker.late else { continue }
                answer(asker.search, asker.question, late)
                break
            }
            return measurement.isAwaited
        }
        guard measurement.isAwaited else {
            measurements[key] = nil
            return false
        }
        measurement.advance()
        guard measurement.isComplete else { return true }
        measurements[key] = nil
        if lengths.count >= Self.maximumLengths { lengths = [:] }
        lengths[key] = measurement.count
        return true
    }

    // MARK: Fields

    private func fields(_ answer: CharacterAnswer, _ count: Int) -> [HTTPField] {
        let tag = HTTPField("ETag", "\(answer.entityTag(count))")
        return answer.fields + [tag] + extraFields
    }

    private var preflight: [HTTPField] {
        guard !extraFields.isEmpty else { return [] }
        return [
            HTTPField("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
            HTTPField("Access-Control-Allow-Headers", "*"),
        ]
    }

    private func text(
        _ status: HTTPStatus, _ text: String, _ fields: [HTTPField] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status, text: text,
            fields: fields + [HTTPField("Cache-Control", "no-store")] + extraFields)
    }
}
