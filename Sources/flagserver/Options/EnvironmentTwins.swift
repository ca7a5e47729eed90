import Faults
import Glibc

/// Every option of `serve`, `run` and `draw` has a twin in the environment: `--error-rate` is
/// `FLAGSERVER_ERROR_RATE`. What is typed wins.
enum EnvironmentTwins {
    static let options = [
        "fixtures", "ports", "edition", "dns", "bind", "charfinder", "delay", "delay-rate",
        "error-rate",
        "error-status", "error-mode", "retry-after", "seed", "protocol", "behavior", "control",
        "control-bind", "control-token", "max-concurrency", "max-concurrency-per-client",
        "over-limit", "rate", "max-connections", "keep-alive", "config", "ready-file", "journal",
        "ring", "world-ports", "grace", "log-format", "log-file", "color",
    ]
    /// Those that may be given more than once: their values stand in one variable, with `;`
    /// between them.
    static let lists = ["toxic", "proxy", "allowed-host"]
    static let flags = ["cors", "no-fault-headers", "quiet", "verbose"]
    /// Those of `run` alone, which it reads by itself.
    static let runOptions = ["expect", "timeout", "pass-control-token"]
    /// Those of `conformance` alone, likewise; it has `--seed` and `--timeout`, too.
    static let conformanceOptions = ["jobs", "known", "thorough", "strict", "client", "report"]
    static var all: [String] { options + lists + flags }
    private static let prefix = "FLAGSERVER_"
    /// Variables of this program's own tests.
    private static let testPrefix = "FLAGSERVER_TEST_"

    /// `arguments` with what the environment says and they do not; before a `--`, for what stands
    /// behind it is another program's.
    ///
    /// - Parameter variable: the value of a variable; nil if it is not set. An empty one is none.
    /// - Throws: `CommandLineError` for a flag that is neither on nor off.
    static func added(to arguments: [String], variable: (String) -> String?) throws -> [String] {
        guard haveTwins(arguments) else { return arguments }
        let typed = ownWords(arguments)
        var added = Array(typed)
        for (name, value) in values(options, typed, variable) {
            added.append("--\(name)=\(value)")
        }
        for (name, value) in values(lists, typed, variable) {
            added += value.split(separator: ";").map { "--\(name)=\($0.trimmed)" }
        }
        for (name, value) in values(flags, typed, variable) {
            if try isOn(value, flag: name) { added.append("--\(name)") }
        }
        return added + arguments[typed.endIndex...]
    }

    /// - Throws: `CommandLineError` for what is neither on nor off.
    static func isOn(_ value: String, flag name: String) throws -> Bool {
        switch value.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        default: throw OptionValues.usage("\(twin(of: name))=\(value) is neither 1 nor 0.")
        }
    }

    /// Those before a `--`.
    static func ownWords(_ arguments: [String]) -> ArraySlice<String> {
        arguments.prefix { $0 != "--" }
    }

    /// What the environment says of an option; empty if it says nothing.
    static func value(of name: String) -> String {
        getenv(twin(of: name)).map { String(cString: $0) } ?? ""
    }

    static func twin(of name: String) -> String {
        prefix + name.uppercased().replacing("-", with: "_")
    }

    /// What is said of variables that look like twins and are none.
    ///
    /// - Parameter names: of all variables that are set.
    static func warnings(_ names: some Sequence<String>) -> [String] {
        let known = (all + runOptions + conformanceOptions).map(twin)
        return names.filter {
            $0.hasPrefix(prefix) && !$0.hasPrefix(testPrefix) && !known.contains($0)
        }.sorted().map { name in
            let word = name.dropFirst(prefix.count).lowercased().replacing("_", with: "-")
            let nearest =
                Synonyms.key(word).map(twin)
                ?? Suggestion.nearest(to: name, in: known)
            return "\(name) is not known." + (nearest.map { " Did you mean \($0)?" } ?? "")
        }
    }

    /// The other subcommands have options of their own: their peers' ones.
    static func haveTwins(_ arguments: [String]) -> Bool {
        guard let first = arguments.first, !first.hasPrefix("-") else { return true }
        return ["serve", "run", "draw"].contains(first)
    }

    private static func values(
        _ names: [String], _ arguments: ArraySlice<String>, _ variable: (String) -> String?
    ) -> [(name: String, value: String)] {
        names.compactMap { name in
            guard let value = variable(twin(of: name)), !value.isEmpty,
                !isTyped(name, in: arguments)
            else { return nil }
            return (name, value)
        }
    }

    static func isTyped(_ name: String, in arguments: ArraySlice<String>) -> Bool {
        let short = name == "quiet" || name == "verbose" ? "-\(name.prefix(1))" : "--\(name)"
        return arguments.contains { $0 == "--\(name)" || $0 == short || $0.hasPrefix("--\(name)=") }
    }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends.
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text.drop { $0 == " " || $0 == "\t" })
    }
}
