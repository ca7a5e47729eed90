extension ScriptHeader {
    /// What a line of a header says: the only list of them.
    enum Keyword: String, CaseIterable {
        case group, expect, level, needs, given, source, link, alias, param, exchanges, variant

        /// How it is written.
        var form: String {
            switch self {
            case .group: "group \(Self.listed(FaultNote.Group.self))"
            case .expect: "expect \(Self.listed(FaultNote.Outcome.self))"
            case .level: "level \(Self.listed(FaultNote.Level.self))"
            case .needs: "needs \(Self.listed(FaultNote.Need.self))"
            case .given: "given ..40% [of other]"
            case .source: "source RFC 9112 §8"
            case .link: "link https://…"
            case .alias: "alias NAME"
            case .param: "param NAME DEFAULT \(Self.listed(ScriptScope.Kind.self))  # WHAT IT IS"
            case .exchanges: "exchanges 1...2 | 5... | 3 | every 4"
            case .variant: "variant NAME [SENTENCE]"
            }
        }

        var summary: String {
            switch self {
            case .group: "What it is about."
            case .expect:
                "What a good client does: it reports an error, accepts, ends, or only does not "
                    + "crash (observe)."
            case .level: "How bad it is if a client does not."
            case .needs: "What a client must do for it to mean anything; several with blanks."
            case .given: "What lies under the final name before: so much of the file, from 0."
            case .source: "Where it is ruled."
            case .link: "A report."
            case .alias: "Another name of it."
            case .param:
                "A value that a toxic may give. The default of a word may be a choice: a|b|c, of "
                    + "which a is the default."
            case .exchanges: "Which exchanges it strikes if a toxic says nothing else."
            case .variant:
                "Lines of a header that replace those above, a blank line, and steps of its own."
            }
        }

        private static func listed<Choice: CaseIterable & RawRepresentable<String>>(
            _ choice: Choice.Type
        ) -> String { choice.allCases.map(\.rawValue).joined(separator: "|") }
    }
}
