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
        let core = FaultType.core + [.script]
        let faults = core.map { type in
            "## \(type.rawValue)\n\n```text\n\(FaultText.schema(type))```\n"
        }
        let settings = try Program(["toxics", "noop"]).output
        let common = try #require(settings.range(of: "\nEvery toxic also takes:\n"))
        try hold(
            "faults.md", "faults",
            (faults + ["## All of them\n\n```text\n\(settings[common.upperBound...])```\n"]
                + FaultNote.Group.allCases.compactMap(Self.group))
                .joined(separator: "\n"))
    }

    @Test func `docs/scripts.md has the manual of verbs`() throws {
        try hold("scripts.md", "verbs", "```text\n\(Script.manual)```\n")
    }

    /// The scripts of a group, a row for each fault.
    private static func group(_ group: FaultNote.Group) -> String? {
        let types = FaultType.allCases.filter { $0.isScript && $0.note.group == group }
        guard !types.isEmpty else { return nil }
        var faults: [Substring] = []
        for type in types where !faults.contains(type.fault) { faults.append(type.fault) }
        let head =
            "## Scripts: \(group.rawValue)\n\n"
            + "| type | what happens | a good client | level | seen in |\n"
            + "| --- | --- | --- | --- | --- |\n"
        return head
            + faults.map { fault in row(types.filter { $0.fault == fault }) }.joined()
    }

    private static func row(_ variants: [FaultType]) -> String {
        let first = variants[0]
        let values = first.example.split(separator: " ").dropFirst().map { " \($0)" }.joined()
        let names = variants.map { "`\($0.rawValue.dropFirst($0.fault.count))`" }
        let listed = variants.count == 1 ? "" : " " + names.joined(separator: " ")
        let aliases = first.note.aliases.map { "`\($0)`" }.joined(separator: ", ")
        var seen: [String] = []
        for link in variants.flatMap(\.note.links) where !seen.contains(link) { seen.append(link) }
        let links = seen.enumerated().map { "[\($0 + 1)](\($1))" }.joined(separator: " ")
        let cells = [
            "`\(first.fault)\(values)`\(listed)\(aliases.isEmpty ? "" : " (also \(aliases))")",
            "\(first.summary) \(first.note.sources.joined(separator: ", "))",
            distinct(variants.map { $0.note.expect?.rawValue ?? "" }),
            distinct(variants.map { $0.note.level?.rawValue ?? "" }), links,
        ]
        return "| "
            + cells.map { withoutTags($0.replacingOccurrences(of: "|", with: "\\|")) }
            .joined(separator: " | ") + " |\n"
    }

    private static func distinct(_ words: [String]) -> String {
        var seen: [String] = []
        for word in words where !word.isEmpty && !seen.contains(word) { seen.append(word) }
        return seen.joined(separator: ", ")
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

    private static func row(_ option: ReferenceOption, twin: String) -> String {
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
