import ArgumentParser
import Faults

/// `flagserver help <topic>`: the options of one kind, on one screen; or how scripts are written.
enum HelpTopic: String, CaseIterable {
    case servers, faults, proxies, limits, control, output, scripts

    /// The heading of its options in the whole help.
    private var heading: String {
        switch self {
        case .faults: "DELAY, ERROR AND CHAOS:"
        case .servers, .proxies, .limits, .control, .output, .scripts:
            "\(rawValue.uppercased()):"
        }
    }

    /// What is to be found elsewhere.
    private var more: String {
        switch self {
        case .servers: "'flagserver draw error' tells what requests will meet."
        case .faults: "'flagserver toxics' lists what --toxic takes, with examples."
        case .proxies: "'flagserver toxics' lists the faults that can be put on them."
        case .limits: "'flagserver run --expect' judges what clients have done."
        case .control: "'flagserver check FILE' says whether a configuration is in order."
        case .output: "--journal FILE writes a line of JSON for each exchange."
        case .scripts:
            "'flagserver check my.fault' says what is wrong with one; 'flagserver toxics\n"
                + "truncate' shows one of the program's own; --toxic 'local:script file=my.fault'\n"
                + "runs it."
        }
    }

    /// Its part of the help, with what else there is.
    func screen(_ help: String) -> String {
        guard self != .scripts else { return "\(Script.manual)\n\(more)" }
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        let part = lines.drop { $0 != heading }.prefix { !$0.isEmpty }
        return (part.map(String.init) + ["", more]).joined(separator: "\n")
    }

    /// The word behind `help` in a command line, if that is all.
    static func asked(_ words: [String]) -> HelpTopic? {
        guard words.count == 2, words[0] == "help" else { return nil }
        return HelpTopic(rawValue: words[1])
    }

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
