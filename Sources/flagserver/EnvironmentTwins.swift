import Glibc

/// Every option of `serve` and `draw` has a twin in the environment: `--error-rate` is
/// `FLAGSERVER_ERROR_RATE`. What is typed wins.
enum EnvironmentTwins {
    static let options = [
        "fixtures", "ports", "edition", "bind", "delay", "delay-rate", "error-rate",
        "error-status", "error-mode", "retry-after", "seed", "max-connections", "ready-file",
        "grace", "log-format", "color",
    ]
    static let flags = ["cors", "quiet", "verbose"]

    /// `arguments`, followed by what the environment says and they do not.
    ///
    /// - Parameter variable: the value of a variable; nil if it is not set. An empty one is none.
    /// - Throws: `CommandLineError` for a flag that is neither on nor off.
    static func added(to arguments: [String], variable: (String) -> String?) throws -> [String] {
        var added = arguments
        for name in options {
            guard let value = value(of: name, variable), !names(name, in: arguments) else {
                continue
            }
            added.append("--\(name)=\(value)")
        }
        for name in flags {
            guard let value = value(of: name, variable), !names(name, in: arguments) else {
                continue
            }
            switch value.lowercased() {
            case "1", "true", "yes", "on": added.append("--\(name)")
            case "0", "false", "no", "off": break
            default:
                throw OptionValues.usage("\(twin(of: name))=\(value) is neither 1 nor 0.")
            }
        }
        return added
    }

    static func twin(of name: String) -> String {
        "FLAGSERVER_" + name.uppercased().replacing("-", with: "_")
    }

    private static func value(of name: String, _ variable: (String) -> String?) -> String? {
        variable(twin(of: name)).flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func names(_ name: String, in arguments: [String]) -> Bool {
        let short = name == "quiet" || name == "verbose" ? "-\(name.prefix(1))" : "--\(name)"
        return arguments.contains { $0 == "--\(name)" || $0 == short || $0.hasPrefix("--\(name)=") }
    }
}
