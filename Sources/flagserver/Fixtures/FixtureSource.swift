import FlagSite
import HTTPWire

/// Which flags are served: those of a directory, or the program's own.
enum FixtureSource: CustomStringConvertible {
    case directory(String)
    case builtIn

    private static let standard = "./fixtures"

    /// `--fixtures` if given, else `./fixtures` where it has flags, else those in the program.
    ///
    /// - Throws: `CommandLineError` 66: why it cannot be told whether `./fixtures` has any.
    static func find(_ option: String?) throws(CommandLineError) -> FixtureSource {
        if let option { return .directory(option.isEmpty ? "." : trimmed(option)) }
        do throws(FixtureFile.Failure) {
            return try FixtureDirectory.hasCountries(standard) ? .directory(standard) : .builtIn
        } catch {
            throw CommandLineError(.missingInput, "fixtures directory '\(standard)' \(error).")
        }
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
        /// What is served in place of flags; nil: flags are.
        var note: String?
        /// By name, so that a reload reads only what has changed.
        var loaded: [String: FixtureLoader.Loaded] = [:]
    }

    /// - Parameter previous: what was read before. With flags there or without them, it stays at
    ///   that: clients have been told where things are.
    /// - Throws: `CommandLineError`, 66 if nothing can be found, 65 if some flags are malformed.
    func load(
        now: Int64 = 0, extraFields: [HTTPField] = [], previous: Fixtures? = nil
    ) throws -> Fixtures {
        switch self {
        case .directory(let path):
            let directory = FixtureDirectory(path, hasFlags: previous.map { $0.note == nil })
            var loader = FixtureLoader(directory, previous: previous?.loaded ?? [:])
            let store = try loader.load(now: now, extraFields: extraFields)
            return Fixtures(
                store: store, warnings: loader.warnings, note: directory.note,
                loaded: loader.loaded)
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
        if case .directory(let path) = self, count == 0 { return "the files of \(path)" }
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
            "reloaded \(path)"
                + (count > 0 ? ": \(Check.count(count, "country", "countries"))" : "")
        case .builtIn: "the \(count) flags stay as they are: they are built in"
        }
    }
}
