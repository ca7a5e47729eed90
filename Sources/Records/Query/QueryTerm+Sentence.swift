extension QueryTerm {
    /// What is asked for in words, to stand behind "exchanges": `delayed by over 400 ms`.
    var phrase: String {
        let not = isNegated ? "not " : ""
        switch test {
        case .search:
            return "whose target \(isNegated ? "does not contain" : "contains") \(value.shown)"
        case .text(let field, _):
            return field.phrase(
                value.isAnything ? nil : field.isListed ? listed : value.shown,
                isPattern: value.isPattern(ofPath: field == .path), isNegated: isNegated)
        case .fault:
            if value.isAnything { return "that met \(isNegated ? "no" : "a") fault" }
            return isNegated ? "that did not meet \(listed)" : "that met \(listed)"
        case .acted(let patterns):
            if patterns.isEmpty { return "on which \(isNegated ? "no" : "a") fault acted" }
            return "on which \(isNegated ? "no such" : "such a") fault acted"
        case .client: return "\(not)from \(listed)"
        case .anyClient: return "from \(isNegated ? "no" : "any") client"
        case .refused:
            let isAny = ["true", "false"].contains(value.text) || value.isAnything
            if isAny { return "that were \(not)refused" }
            return "\(not)refused by \(listed)"
        case .status(let patterns):
            if patterns == [.none] { return "\(isNegated ? "with" : "without") a status" }
            return "\(not)answered with \(listed)"
        case .mangled: return "that were \(not)mangled"
        case .end: return "that \(isNegated ? "did not end" : "ended") with \(listed)"
        case .number(let field, let comparison, _):
            let words = field.unit == .instant ? comparison.wordsOfTime : comparison.words
            return field.phrase(words + field.shown(value.text), isNegated: isNegated)
        case .anyNumber(let field): return field.phrase(isThere: !isNegated)
        }
    }

    /// `404, 5xx or none`
    private var listed: String {
        let all = value.alternatives.map(\.shown)
        guard let last = all.last, all.count > 1 else { return all.first ?? "" }
        return "\(all.dropLast().joined(separator: ", ")) or \(last)"
    }
}
