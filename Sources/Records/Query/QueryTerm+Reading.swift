import Faults

extension QueryTerm {
    /// - Throws: `QueryError` for what cannot be asked.
    init(_ word: QueryWord) throws(QueryError) {
        guard let name = word.key else {
            let elements = word.value.elements(ofPath: false)
            let pattern = try Self.pattern([.anyRun] + elements + [.anyRun], word)
            self.init(test: .search(pattern), isNegated: word.isNegated, value: word.value)
            return
        }
        guard let key = QueryKey(named: name) else { throw Self.unknown(name) }
        guard key.isCompared || word.comparison == .equal else {
            throw QueryError(
                "'\(word.source)': \(key.rawValue) cannot be compared by "
                    + "\(word.comparison.rawValue). Write \(key.example).")
        }
        // "Is not false" is "is".
        let isFalse = key.values.contains("false") && word.value.text == "false"
        self.init(
            test: try Self.test(key, word), isNegated: word.isNegated != isFalse,
            value: word.value)
    }

    private static func unknown(_ name: String) -> QueryError {
        if name == "since" || name == "limit" {
            return QueryError(
                "'\(name)' is no key of a filter: it stands beside one, as \(name)=….")
        }
        let names = QueryKey.allCases.map(\.rawValue).joined(separator: ", ")
        return QueryError(
            "there is no key '\(name)'.\(QueryKey.hint(for: name)) There are \(names); to search "
                + "the target for it, put it in quotes.")
    }

    private static func test(_ key: QueryKey, _ word: QueryWord) throws(QueryError) -> QueryTest {
        switch key.kind {
        case .text(let field):
            let values = field.isListed ? try values(word) : [word.value]
            return .text(field, try patterns(values, word, ofPath: key == .path))
        case .fault: return .fault(try patterns(try values(word), word).map(FaultPattern.init))
        case .acted:
            try checkTruth(word)
            return .acted([])
        case .mangled:
            try checkTruth(word)
            return .mangled
        case .client: return try client(word)
        case .refused: return .refused(try refusals(key, word))
        case .end:
            return .end(
                try known(ExchangeRecord.Ending.allCases, try values(word), key, word))
        case .status: return try status(word)
        case .number(let field): return try number(field, word)
        }
    }

    // MARK: Texts

    private static func values(_ word: QueryWord) throws(QueryError) -> [QueryValue] {
        let values = word.value.alternatives
        guard values.count <= maximumValues else {
            throw QueryError(
                "'\(word.source)' has \(values.count) values: at most \(maximumValues) are taken.")
        }
        guard !values.contains(where: \.bytes.isEmpty) else {
            throw QueryError("'\(word.source)' has nothing beside a comma: leave that out.")
        }
        return values
    }

    private static func patterns(
        _ values: [QueryValue], _ word: QueryWord, ofPath: Bool = false
    ) throws(QueryError) -> [TextPattern] {
        var patterns: [TextPattern] = []
        for value in values { patterns.append(try pattern(value.elements(ofPath: ofPath), word)) }
        return patterns
    }

    private static func pattern(
        _ elements: [TextPattern.Element], _ word: QueryWord
    ) throws(QueryError) -> TextPattern {
        guard elements.count(where: { $0 != .anyRun }) <= RecordFilter.maximumPattern else {
            throw QueryError(
                "'\(word.source.prefix(40))…' is longer than \(RecordFilter.maximumPattern) bytes.")
        }
        return TextPattern(elements)
    }

    private static func client(_ word: QueryWord) throws(QueryError) -> QueryTest {
        if word.value.isAnything { return .anyClient }
        let texts = try values(word).map(\.text)
        for text in texts where !Match.isClientPattern(text) {
            throw QueryError(
                "client: '\(text)' is no address like 127.0.0.1 and no network like 10.0.0.0/8.")
        }
        return .client(texts)
    }

    // MARK: Choices

    private static func checkTruth(_ word: QueryWord) throws(QueryError) {
        guard word.value.text == "true" || word.value.text == "false" else {
            throw none(word.key ?? "", word.value.text, of: ["true", "false"])
        }
    }

    private static func refusals(
        _ key: QueryKey, _ word: QueryWord
    ) throws(QueryError) -> [ExchangeRecord.Refusal] {
        let all = ExchangeRecord.Refusal.allCases
        if word.value.text == "true" || word.value.text == "false" { return all }
        return try known(all, try values(word), key, word)
    }

    /// Those of a few that are like one of the values, each of which must be like some.
    private static func known<Choice: RawRepresentable<String>>(
        _ all: [Choice], _ values: [QueryValue], _ key: QueryKey, _ word: QueryWord
    ) throws(QueryError) -> [Choice] {
        var found: [Choice] = []
        for value in values {
            let pattern = try pattern(value.elements(ofPath: false), word)
            let some = all.filter { pattern.matches($0.rawValue) }
            guard !some.isEmpty else { throw none(key.rawValue, value.text, of: key.values) }
            found += some
        }
        return found
    }

    private static func none(_ key: String, _ text: String, of names: [String]) -> QueryError {
        QueryError(
            "\(key): '\(text)' is none of \(names.joined(separator: ", "))."
                + Suggestion.hint(for: text, in: names))
    }

    // MARK: Numbers

    private static func status(_ word: QueryWord) throws(QueryError) -> QueryTest {
        guard word.comparison == .equal, !word.value.isAnything else {
            return try number(.status, word)
        }
        var patterns: [StatusPattern] = []
        for value in try values(word) {
            guard let pattern = StatusPattern(value.text) else {
                throw QueryError(StatusPattern.mistake(value.text) + ".")
            }
            patterns.append(pattern)
        }
        return .status(patterns)
    }

    private static func number(
        _ field: QueryNumber, _ word: QueryWord
    ) throws(QueryError) -> QueryTest {
        if word.value.isAnything, word.comparison == .equal { return .anyNumber(field) }
        guard let value = field.value(of: word.value.text) else {
            throw QueryError(
                "\(word.key ?? ""): '\(word.value.text)' is no \(field.wanted).")
        }
        return .number(field, word.comparison, value)
    }
}
