import ArgumentParser
import ControlAPI

/// `flagserver verify`: whether what has happened is what was expected.
struct VerifyCommand: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hold what happened at the running daemon against what was expected.",
        discussion: """
            EXAMPLES:
              flagserver verify 'proxy:delay count==5 peak_concurrency<=5'
              flagserver verify proxy=error fault=respond 'count>=1' 'count<20'
              flagserver verify 'path=/flags/br/*' status=5xx count=0

            Expected are count, peak_concurrency and peak_connections, by ==, <=, >=, <
            or >; of the records since the last reset (or since=) that match the filters,
            which are those of 'flagserver journal'. Exit: 0 if it holds, 1 if not, with
            what was found instead.
            """)

    @Argument(help: "key:value or key=value for what it is about, and what is expected of it.")
    var expectations: [String] = []

    @OptionGroup var client: ClientOptions

    func output(_ client: ControlClient) throws -> String {
        let request = ControlRequest("POST", "/verify", try VerifyWords(expectations).content)
        let answer = try client.askAnything(request)
        guard answer.isSuccess || answer.status == 409, let found = answer.json,
            found["verified"] != nil
        else { throw client.refusal(answer, of: request, .usage) }
        guard found["verified"]?.isTrue != true else {
            return "It holds: \(Self.figures(found)).\n"
        }
        throw CommandLineError(.failure, Self.findings(found))
    }

    private static func figures(_ found: JSONValue) -> String {
        ["count", "peak_concurrency", "peak_connections"].compactMap { name in
            found[name]?.digits.map { "\(name) \($0)" }
        }.joined(separator: ", ")
    }

    /// What is not as expected, and the last records that were counted.
    private static func findings(_ found: JSONValue) -> String {
        let problems = found["problems"]?.elements.compactMap(\.text) ?? []
        let lines = found["records"]?.elements.map { "  " + JSONWriter.text($0) } ?? []
        let head = lines.isEmpty ? [] : ["The last that were counted:"]
        let sentence = (problems.isEmpty ? "it does not hold" : problems.joined(separator: "; "))
        return (["\(sentence)."] + head + lines).joined(separator: "\n")
    }
}
