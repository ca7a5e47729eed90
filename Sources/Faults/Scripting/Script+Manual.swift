extension Script {
    private typealias Entry = (forms: [String], summary: String)

    /// All that can be written, for people: lines of at most 80 columns.
    public static var manual: String {
        let keywords: [Entry] = ScriptHeader.Keyword.allCases.map { ([$0.form], $0.summary) }
        let steps: [Entry] = ScriptVerb.allCases.map { ($0.forms, $0.summary) }
        let variables: [Entry] = ScriptVariable.all.map { (["$\($0.name)"], $0.summary) }
        return "HEADER:\n" + wrapped("A sentence for people. Then, where there is more to say:")
            + entries(keywords) + "\nSTEPS, below a blank line:\n" + entries(steps)
            + "\nVALUES:\n" + entries(values) + "\nVARIABLES:\n" + entries(variables)
    }

    private static let values: [Entry] = [
        (
            ["FROM..TO"],
            "Places in bytes (4096, 64kB), in per cent or parameters, from 0; either may be left "
                + "out. A place past the end is the end."
        ),
        (["40%+1, $at-3"], "Sums, of places, sizes, times and counts alike."),
        (["200ms, 1.5s, 10m"], "Times have a unit: us, ms, s, m, h."),
        (
            ["\"TEXT\""],
            "Escapes: \\r \\n \\t \\0 \\\\ \\\" \\xNN. A variable stands in it with its $; a "
                + "number may follow it with + or - ($length+5, $date-60s). ${first} ends a name; "
                + "\\x24 is a $."
        ),
    ]

    private static func entries(_ entries: [Entry]) -> String {
        entries.map { entry in
            entry.forms.map { "  \($0)\n" }.joined() + wrapped(entry.summary)
        }.joined()
    }

    private static func wrapped(_ text: String) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < 73 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.map { "        \($0)\n" }.joined()
    }
}
