import Foundation
import Testing

@testable import flagserver

/// The parser's own list of all that can be typed, which the release program does without.
struct CommandReferenceTests {
    private typealias Fields = [String: Any]

    @Test func `what is read off the help is what the parser itself lists`() throws {
        let dumped = try JSONSerialization.jsonObject(
            with: Data(FlagserverCommand._dumpHelp().utf8))
        let command = try #require((dumped as? Fields)?["command"] as? Fields)
        try check(CommandReference.program(), command)
    }

    private func check(_ found: CommandReference, _ listed: Fields) throws {
        let name = text(listed["commandName"])
        #expect(found.name == name)
        #expect(found.abstract == text(listed["abstract"]), "\(name)")
        #expect(found.discussion == text(listed["discussion"]), "\(name)")
        // The help on help says how it is called, and nothing else.
        let all = name == "help" ? [] : shown(listed["arguments"])
        let options = all.filter { text($0["kind"]) != "positional" }.map(option)
        // The help has those with a heading together.
        #expect(sorted(found.options) == sorted(options), "\(name)")
        let arguments = all.filter { text($0["kind"]) == "positional" }.map(option)
        #expect(found.arguments == arguments, "\(name)")
        let commands = shown(listed["subcommands"])
        #expect(found.subcommands.count == commands.count)
        for (one, other) in zip(found.subcommands, commands) { try check(one, other) }
    }

    private func sorted(_ options: [ReferenceOption]) -> [ReferenceOption] {
        options.sorted { $0.longest < $1.longest }
    }

    private func shown(_ list: Any?) -> [Fields] {
        (list as? [Fields] ?? []).filter { $0["shouldDisplay"] as? Bool == true }
    }

    private func text(_ value: Any?) -> String { value as? String ?? "" }

    private func option(_ fields: Fields) -> ReferenceOption {
        let names = (fields["names"] as? [Fields] ?? []).map { name in
            (text(name["kind"]) == "long" ? "--" : "-") + text(name["name"])
        }
        let isFlag = text(fields["kind"]) == "flag"
        return ReferenceOption(
            names: names.sorted { $0.utf8.count < $1.utf8.count },
            value: isFlag ? nil : text(fields["valueName"]), summary: text(fields["abstract"]),
            section: text(fields["sectionTitle"]), values: fields["allValues"] as? [String] ?? [],
            standard: fields["defaultValue"] as? String)
    }
}
