import Faults

/// `--known`: differences that somebody has looked at, a name and a reason a line.
struct KnownDifferences: Equatable {
    /// Larger than any such file.
    static let maximumSize = 1 << 20

    /// By the name of the case.
    private(set) var reasons: [String: String] = [:]

    init() {}

    /// - Parameters:
    ///   - text: `body/truncate it is closed upstream`, and `#` for comments.
    ///   - path: for messages.
    ///   - names: of all cases.
    /// - Throws: `CommandLineError` 78 with the place of the first mistake.
    init(_ text: String, path: String, names: [String]) throws {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.trimmed
            guard !words.isEmpty, !words.hasPrefix("#") else { continue }
            let name = String(words.prefix { $0 != " " && $0 != "\t" })
            let reason = words.dropFirst(name.count).trimmed
            let place = CommandLineError.Place(path: path, line: index + 1, column: 1)
            try Self.check(name, reason, reasons, names, at: place)
            reasons[name] = reason
        }
    }

    private static func check(
        _ name: String, _ reason: String, _ reasons: [String: String], _ names: [String],
        at place: CommandLineError.Place
    ) throws {
        func refusal(_ text: String) -> CommandLineError {
            CommandLineError(.configuration, text, at: place)
        }
        guard names.contains(name) else {
            throw refusal(
                "there is no case '\(name)'." + Suggestion.hint(for: name, in: names)
                    + " A line is a case and a reason.")
        }
        guard !reason.isEmpty else {
            throw refusal("'\(name)' needs a reason behind it: why is it as it is?")
        }
        guard reasons[name] == nil else { throw refusal("'\(name)' stands here twice.") }
    }

    /// Those that are listed, were run, and pass now.
    func stale(_ results: [CaseResult], isStrict: Bool) -> [String] {
        results.filter { reasons[$0.name] != nil && $0.verdict(isStrict) == .passed }.map(\.name)
    }

    /// The reason that is given for a result; nil if there is none.
    func reason(for result: CaseResult) -> String? { reasons[result.name] }
}
