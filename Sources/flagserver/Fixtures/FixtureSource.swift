import FlagSite
import HTTPWire

/// Which flags are served: those of a directory, or the program's own.
enum FixtureSource: CustomStringConvertible {
    case directory(String)
    case builtIn

    private static let standard = "./fixtures"

    /// `--fixtures` if given, else `./fixtures` where it has flags, else those in the program.
    static func find(_ option: String?) -> FixtureSource {
        if let option { return .directory(option.isEmpty ? "." : trimmed(option)) }
        return FixtureDirectory(standard).hasCountries ? .directory(standard) : .builtIn
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// What was read.
    struct Fixtures {
        let store: FlagStore
        /// What was left out and why, one sentence each.
        var warnings: [String] = []
        /// By name, so that a reload reads only what has changed.
        var loaded: [String: FixtureLoader.Loaded] = [:]
    }

    /// - Throws: `CommandLineError`, 66 if no flags can be found, 65 if some are malformed.
    func load(
        now: Int64 = 0, extraFields: [HTTPField] = [],
        previous: [String: FixtureLoader.Loaded] = [:]
    ) throws -> Fixtures {
        switch self {
        case .directory(let path):
            var loader = FixtureLoader(directory: path, previous: previous)
            let store = try loader.load(now: now, extraFields: extraFields)
            return Fixtures(store: store, warnings: loader.warnings, loaded: loader.loaded)
        case .builtIn:
            return Fixtures(store: BuiltInFixtures.store(now: now, extraFields: extraFields))
        }
    }

    // MARK: What is told

    var description: String {
        switch self {
        case .directory(let path): path
        case .builtIn: "built-in flags"
        }
    }

    /// `194 flags from ./fixtures`, or `194 flags, built in`.
    func summary(_ count: Int) -> String {
        let flags = Check.count(count, "flag", "flags")
        switch self {
        case .directory(let path): return "\(flags) from \(path)"
        case .builtIn: return "\(flags), built in"
        }
    }
    /// Of a reload, with so many flags.
    func reloaded(_ count: Int) -> String {
        switch self {
        case .directory(let path):
            "reloaded \(path): \(Check.count(count, "country", "countries"))"
        case .builtIn: "the \(count) flags stay as they are: they are built in"
        }
    }
}
