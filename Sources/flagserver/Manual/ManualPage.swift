/// The manual page in man(7)'s macros, which man-db, groff and mandoc understand.
struct ManualPage {
    private let program: CommandReference

    init(_ program: CommandReference) { self.program = program }

    var text: String {
        let serve = program.subcommand("serve") ?? program
        return [
            ".\\\" Made by 'flagserver manual' from the options themselves.",
            ".TH FLAGSERVER 1 \"\" \"\(Banner.version)\" \"User Commands\"",
            section("NAME"), "flagserver \\- \(Self.escaped(Self.lowercased(program.abstract)))",
            section("SYNOPSIS"), synopsis,
            section("DESCRIPTION"), Self.description,
            section("OPTIONS"), options(serve),
            section("COMMANDS"), commands(except: serve.options),
            section("ENVIRONMENT"), Self.environment,
            section("FILES"), Self.files,
            section("EXIT STATUS"), Self.exitStatus,
            section("EXAMPLES"), Self.verbatim(Self.examples(serve.discussion)),
            section("SEE ALSO"), ".BR curl (1),\n.BR tc\\-netem (8)",
        ].joined(separator: "\n") + "\n"
    }

    private func section(_ title: String) -> String { ".SH \(title)" }

    // MARK: Options

    private var synopsis: String {
        let lines = program.subcommands.filter { $0.name != "help" }.map { command in
            let words = command.arguments.compactMap(\.value).map { " \\fI\(Self.escaped($0))\\fR" }
            let name = command.name == "serve" ? "" : " \(command.name)"
            let options = command.options.contains { $0.section != "" } ? " [options]" : ""
            return ".B flagserver\(name)\n\(options)\(words.joined())".replacing("\n ", with: "\n")
        }
        return lines.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(
            separator: "\n.br\n")
    }

    private func options(_ command: CommandReference) -> String {
        var lines: [String] = []
        var current = ""
        for option in command.options {
            if option.section != current {
                current = option.section
                lines.append(".SS \(current.isEmpty ? "Help" : Self.escaped(current))")
            }
            lines.append(Self.entry(option))
        }
        return lines.joined(separator: "\n")
    }

    /// Each with the options that are its own, and its examples.
    private func commands(except known: [ReferenceOption]) -> String {
        program.subcommands.filter { !["serve", "help"].contains($0.name) }.map { command in
            let own = command.options.filter { !known.contains($0) }
            let parts =
                [".SS flagserver \(command.name)", Self.escaped(command.abstract)]
                + own.map(Self.entry)
                + (command.discussion.isEmpty ? [] : [".PP", Self.verbatim(command.discussion)])
            return parts.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static func entry(_ option: ReferenceOption) -> String {
        let names = option.names.map { "\\fB\(escaped($0, hyphens: "\\-"))\\fR" }
        let value = option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
        let standard = option.standard.map { " (default: \($0))" } ?? ""
        return ".TP\n\(names.joined(separator: ", "))\(value)\n"
            + escaped(option.summary + standard)
    }

    // MARK: Text

    /// As it stands, line by line.
    private static func verbatim(_ text: String) -> String {
        ".nf\n\(escaped(text, hyphens: "\\-"))\n.fi"
    }

    /// Without what roff would take for its own.
    static func escaped(_ text: String, hyphens: String = "-") -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let isRequest = line.hasPrefix(".") || line.hasPrefix("'")
            return (isRequest ? "\\&" : "")
                + line.unicodeScalars.map { scalar in
                    switch scalar {
                    case "\\": "\\e"
                    case "-": hyphens
                    case "…": "..."
                    case "\u{20}"..."\u{7e}": String(scalar)
                    default: "\\[u\(hexadecimal(scalar))]"
                    }
                }.joined()
        }.joined(separator: "\n").replacing("\n\n", with: "\n\\&\n")
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func lowercased(_ sentence: String) -> String {
        sentence.prefix(1).lowercased() + sentence.dropFirst().prefix { $0 != "." }
    }

    /// The lines below the heading, up to what follows them.
    private static func examples(_ discussion: String) -> String {
        discussion.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .prefix { $0.hasPrefix(" ") }.joined(separator: "\n")
    }
}
