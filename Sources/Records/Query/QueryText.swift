import Faults

/// What is text in a record.
enum QueryText {
    case proxy, path, target, method, via, world, label

    /// Empty if the record has none.
    func text(in record: ExchangeRecord) -> String {
        switch self {
        case .proxy: record.proxy
        case .path, .target: record.target
        case .method: record.method
        case .via: record.via ?? ""
        case .world: record.origin?.world ?? ""
        case .label: record.origin?.label ?? ""
        }
    }

    func matches(_ patterns: [TextPattern], _ record: ExchangeRecord) -> Bool {
        let text = text(in: record)
        // What there is not is like nothing.
        guard !text.isEmpty else { return false }
        switch self {
        case .path: return patterns.contains { $0.matches(pathOf: text) }
        case .proxy, .target, .method, .via, .world, .label:
            return patterns.contains { $0.matches(text) }
        }
    }

    /// Whether commas part its values: what people make up themselves may have some in it.
    var isListed: Bool {
        switch self {
        case .proxy, .method, .via, .world: true
        case .path, .target, .label: false
        }
    }

    /// - Parameters:
    ///   - value: nil for whatever there is.
    ///   - isPattern: whether it has a wildcard.
    func phrase(_ value: String?, isPattern: Bool, isNegated: Bool) -> String {
        let not = isNegated ? "not " : ""
        guard let value else { return anything(isNegated) }
        switch self {
        case .proxy: return "\(not)of proxy \(value)"
        case .method: return "\(not)asked by \(value)"
        case .world: return "\(not)of world \(value)"
        case .via:
            return isNegated ? "that did not come through \(value)" : "that came through \(value)"
        case .path: return Self.phrase("path", value, isPattern, isNegated)
        case .target: return Self.phrase("target", value, isPattern, isNegated)
        case .label: return Self.phrase("label", value, isPattern, isNegated)
        }
    }

    private static func phrase(
        _ name: String, _ value: String, _ isPattern: Bool, _ isNegated: Bool
    ) -> String {
        let verb =
            switch (isPattern, isNegated) {
            case (true, false): "matches"
            case (true, true): "does not match"
            case (false, false): "is"
            case (false, true): "is not"
            }
        return "whose \(name) \(verb) \(value)"
    }

    private func anything(_ isNegated: Bool) -> String {
        let with = isNegated ? "without" : "with"
        return switch self {
        case .proxy: "of \(isNegated ? "no" : "any") proxy"
        case .via: "that came through \(isNegated ? "no proxy" : "a proxy") of ours"
        case .world: "of \(isNegated ? "no" : "a") world"
        case .path: "\(with) a path"
        case .target: "\(with) a target"
        case .method: "\(with) a method"
        case .label: "\(with) a label"
        }
    }
}
