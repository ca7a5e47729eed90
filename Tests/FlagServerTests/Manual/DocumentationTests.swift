import Faults
import Foundation
import Testing

@testable import flagserver

/// What pages of `docs/` say of options and faults is what the program says. `make docs` writes it
/// anew.
struct DocumentationTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs")

    @Test func `docs/faults.md lists what the program lists`() throws {
        let faults = FaultType.allCases.map { type in
            "## \(type.rawValue)\n\n```text\n\(Toxics.text(type))```\n"
        }
        let settings = try Program(["toxics", "noop"]).output
        let common = try #require(settings.range(of: "\nEvery toxic also takes:\n"))
        try hold(
            "faults.md", "faults",
            (faults + ["## All of them\n\n```text\n\(settings[common.upperBound...])```\n"])
                .joined(separator: "\n"))
    }

    @Test func `docs/configuration.md has every option, with its twin in the environment`() throws {
        let serve = try #require(CommandReference.program().subcommand("serve"))
        let twins = Set(
            EnvironmentTwins.options + EnvironmentTwins.lists + EnvironmentTwins.flags)
        var lines: [String] = []
        var section = ""
        for option in serve.options where !option.section.isEmpty {
            if option.section != section {
                section = option.section
                lines += [
                    "", "### \(section)", "", "| option | environment | |", "| --- | --- | --- |",
                ]
            }
            let name = String(option.longest.dropFirst(2))
            #expect(twins.contains(name), "\(name) has no twin")
            lines.append(Self.row(option, twin: EnvironmentTwins.twin(of: name)))
        }
        try hold("configuration.md", "options", lines.dropFirst().joined(separator: "\n") + "\n")
    }

    private static func row(_ option: CommandReference.Option, twin: String) -> String {
        let value = option.value.map { " \($0)" } ?? ""
        let names = option.names.joined(separator: ", ")
        let values =
            option.values.isEmpty || option.value?.contains("|") == true
            ? "" : " One of \(option.values.joined(separator: ", "))."
        let standard = option.standard.map { " (default: \($0))" } ?? ""
        let cells = ["`\(names)\(value)`", "`\(twin)`", option.summary + values + standard]
        return "| "
            + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }
            .map(Self.withoutTags).joined(separator: " | ") + " |"
    }

    /// Outside of code `<cc>` would be one of HTML's.
    private static func withoutTags(_ cell: String) -> String {
        guard !cell.hasPrefix("`") else { return cell }
        return cell.replacingOccurrences(of: "<", with: "&lt;")
    }

    /// Holds the part between two comments against `text`, or writes it.
    private func hold(_ page: String, _ part: String, _ text: String) throws {
        let file = Self.folder.appendingPathComponent(page)
        let written = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(written.range(of: "<!-- \(part): written by make docs -->\n"))
        let end = try #require(written.range(of: "<!-- end -->"))
        let wanted =
            written[..<start.upperBound] + "\n" + text + "\n" + written[end.lowerBound...]
        if ProcessInfo.processInfo.environment["WRITE_DOCS"] != nil {
            return try String(wanted).write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(written == wanted, "docs/\(page) is not what the program says: make docs")
    }
}
