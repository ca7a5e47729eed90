import Testing

@testable import flagserver

struct ManualPageTests {
    @Test func `the page has every option and every command`() throws {
        let program = CommandReference.program()
        let text = ManualPage(program).text
        for command in program.subcommands where !["serve", "help"].contains(command.name) {
            #expect(text.contains("\n.SS flagserver \(command.name)\n"))
            for option in command.options {
                for name in option.names {
                    let escaped = name.replacing("-", with: "\\-")
                    #expect(text.contains("\\fB\(escaped)\\fR"), "\(name)")
                }
            }
        }
        for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES"] {
            #expect(text.contains("\n.SH \(title)\n"))
        }
    }

    @Test func `the page is ASCII, and no line of text is a request`() {
        let text = ManualPage(CommandReference.program()).text
        #expect(text.utf8.allSatisfy { $0 == 10 || (0x20...0x7e).contains($0) })
        let requests = Set(
            text.split(separator: "\n").filter { $0.hasPrefix(".") }.map { $0.prefix { $0 != " " } }
        )
        #expect(
            requests.isSubset(of: [
                ".\\\"", ".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi", ".B", ".BR", ".br",
            ]))
    }

    @Test(arguments: [
        (".dot", "\\&.dot"), ("'tis", "\\&'tis"), ("a\\b", "a\\eb"), ("é…", "\\[u00E9]..."),
        ("a\n\nb", "a\n\\&\nb"),
    ])
    func `what roff would take for its own is escaped`(text: String, escaped: String) {
        #expect(ManualPage.escaped(text) == escaped)
    }

    @Test func `the program prints it`() throws {
        let program = try Program(["manual"])
        #expect(program.status == 0)
        #expect(program.output == ManualPage(CommandReference.program()).text)
    }
}
