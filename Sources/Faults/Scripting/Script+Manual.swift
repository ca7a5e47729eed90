extension Script {
    /// All steps and variables, for people: lines of at most 80 columns.
    public static var manual: String {
        let steps = ScriptVerb.allCases.map { verb in
            verb.forms.map { "  \($0)\n" }.joined() + wrapped(verb.summary)
        }
        let variables = ScriptVariable.all.map { name, _, summary in
            "  $\(name)\n" + wrapped(summary)
        }
        return "STEPS:\n" + steps.joined() + "\nVARIABLES:\n" + variables.joined()
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
