import ArgumentParser
import Faults

/// `flagserver help <topic>`: the options of one kind, on one screen; or how scripts are written
/// and servers used that have one option.
enum HelpTopic: String, CaseIterable {
    case servers, faults, proxies, limits, control, output, scripts, dns, charfinder

    /// The heading of its options in the whole help.
    private var heading: String {
        self == .faults ? "DELAY, ERROR AND CHAOS:" : "\(rawValue.uppercased()):"
    }

    /// What stands by itself, and not in the help; nil: it is options.
    private var manual: String? {
        switch self {
        case .scripts: Script.manual
        case .dns: Self.dnsManual
        case .charfinder: Self.charfinderManual
        case .servers, .faults, .proxies, .limits, .control, .output: nil
        }
    }

    /// Those that are options.
    static let sections = allCases.filter { $0.manual == nil }

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
        case .dns: "'flagserver toxics servfail' tells more of a fault."
        case .charfinder: "'flagserver toxics' lists the faults that can be put on them."
        }
    }

    /// Its part of the help, with what else there is.
    func screen(_ help: String) -> String {
        if let manual { return "\(manual)\n\(more)" }
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
