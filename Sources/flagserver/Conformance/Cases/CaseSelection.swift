import Faults

/// Which cases are meant: `body/*`, `truncate`, `body`.
struct CaseSelection: Equatable {
    /// None: all.
    let patterns: [String]

    func includes(_ item: ConformanceCase) -> Bool {
        patterns.isEmpty || patterns.contains { Self.matches($0, item) }
    }

    /// A whole name, a fault's alone with or without its variant, or a group's.
    private static func matches(_ pattern: String, _ item: ConformanceCase) -> Bool {
        let (name, plain) = (item.name, item.plainName)
        let short = name.drop { $0 != "/" }.dropFirst()
        let family = item.fault.prefix { $0 != "." }
        let candidates = [
            name, plain, String(short), item.fault, String(family), item.group.rawValue,
            "\(item.group.rawValue)/\(family)",
        ]
        let glob = TextPattern(glob: pattern)
        return candidates.contains { glob.matches($0) }
    }

    /// In the order of the catalogue.
    ///
    /// - Throws: `CommandLineError` 64 for a pattern that means nothing.
    func chosen(from cases: [ConformanceCase]) throws -> [ConformanceCase] {
        for pattern in patterns where !cases.contains(where: { Self.matches(pattern, $0) }) {
            let words = cases.flatMap { [$0.plainName, $0.fault] }
            throw OptionValues.usage(
                "-k '\(pattern)' matches no case." + Suggestion.hint(for: pattern, in: words)
                    + " 'flagserver conformance --list' has all.")
        }
        return cases.filter(includes)
    }

    /// The one case of that name.
    ///
    /// - Throws: `CommandLineError` 64 if there is none, or it could be several.
    static func one(_ name: String, of cases: [ConformanceCase]) throws -> ConformanceCase {
        if let exact = cases.first(where: { $0.name == name || $0.fault == name }) { return exact }
        let found = try CaseSelection(patterns: [name]).chosen(from: cases)
        guard let first = found.first, found.count == 1 else {
            let names = found.prefix(6).map(\.name).joined(separator: ", ")
            throw OptionValues.usage("--serve '\(name)' may be any of \(names). Name one of them.")
        }
        return first
    }
}
