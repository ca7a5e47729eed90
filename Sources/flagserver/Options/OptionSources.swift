import ArgumentParser
import EventLoop
import Glibc

/// Where options come from, in the order of their weight: what is typed, the environment, a
/// configuration file.
struct OptionSources {
    /// With the subcommand.
    let typed: [String]
    /// What was typed, and what the environment and the file add to it.
    let arguments: [String]
    let configuration: Configuration?
    /// Without what the file adds.
    private let withoutFile: [String]
    private let variable: (String) -> String?
    private let parse: ([String]) throws -> ServeOptions

    /// The environment of the process.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// What is said of the environment of the process.
    static var warnings: [String] {
        EnvironmentTwins.warnings(
            ChildProcess.inheritedEnvironment.map { entry in
                String(
                    decoding: entry.prefix { $0 != 0x3d && $0 != 0 }.map(UInt8.init(bitPattern:)),
                    as: UTF8.self)
            })
    }

    /// - Parameters:
    ///   - typed: without the program's name.
    ///   - variable: the value of an environment variable; nil if it is not set.
    ///   - parse: the options of a command line like `typed`.
    /// - Throws: `CommandLineError`, 66 or 78 for the configuration file.
    init(
        _ typed: [String], variable: @escaping (String) -> String? = environment,
        parse: @escaping ([String]) throws -> ServeOptions
    ) throws {
        (self.typed, self.variable, self.parse) = (typed, variable, parse)
        withoutFile = try EnvironmentTwins.added(to: typed, variable: variable)
        let path = EnvironmentTwins.haveTwins(typed) ? Self.configurationPath(withoutFile) : nil
        configuration = try path.map { try Configuration(path: $0) }
        arguments = Self.added(
            configuration?.options ?? [], to: withoutFile, variable: variable)
    }

    /// The same command line with the environment and the file as they are now.
    func read() throws -> OptionSources {
        try OptionSources(typed, variable: variable, parse: parse)
    }

    /// The last one, as the parser takes it.
    private static func configurationPath(_ arguments: [String]) -> String? {
        let words = EnvironmentTwins.ownWords(arguments)
        // Who asks for help gets it, whatever is wrong with the file.
        guard !words.contains(where: ["--help", "-h", "--version"].contains) else { return nil }
        guard let index = words.lastIndex(where: { $0 == "--config" || $0.hasPrefix("--config=") })
        else { return nil }
        if words[index] != "--config" { return String(words[index].dropFirst(9)) }
        return index + 1 < words.endIndex ? words[index + 1] : nil
    }

    /// What neither was typed nor stands in the environment.
    private static func added(
        _ options: some Sequence<Configuration.Option>, to arguments: [String],
        variable: (String) -> String?
    ) -> [String] {
        let words = EnvironmentTwins.ownWords(arguments)
        let wanted = options.filter { option in
            let twin = variable(EnvironmentTwins.twin(of: option.name)) ?? ""
            return twin.isEmpty && !EnvironmentTwins.isTyped(option.name, in: words)
        }
        return words + wanted.map(\.argument) + arguments[words.endIndex...]
    }

    // MARK: Whose fault it is

    /// A mistake that shows only in all options together, with the place of the option of the file,
    /// or with the variable, without which it would not be there.
    ///
    /// - Parameter check: throws the same for the same options.
    func located(
        _ error: CommandLineError, _ check: (ServeOptions) throws -> Void
    ) -> CommandLineError {
        func isMade(by words: [String]) -> Bool {
            do {
                try check(try parse(words))
                return false
            } catch let other as CommandLineError {
                return other.reason == error.reason
            } catch {
                return false
            }
        }
        let options = configuration?.options ?? []
        func isThere(_ count: Int) -> Bool {
            isMade(
                by: Self.added(options.prefix(count), to: withoutFile, variable: variable))
        }
        guard !isThere(0) else { return named(error.reason, isMade) ?? error }
        var (without, with) = (0, options.count)
        while with - without > 1 {
            let middle = (without + with) / 2
            if isThere(middle) { with = middle } else { without = middle }
        }
        return with == 0 ? error : ConfigurationCheck.located(error, options[with - 1])
    }

    /// The mistake of a value that the environment gave, with its variable.
    ///
    /// - Parameter isMade: whether words lead to the same mistake.
    /// - Returns: nil if it is not the environment's.
    private func named(
        _ reason: String, _ isMade: ([String]) -> Bool
    ) -> CommandLineError? {
        for name in EnvironmentTwins.all {
            let twin = EnvironmentTwins.twin(of: name)
            guard variable(twin)?.isEmpty == false else { continue }
            let words = try? EnvironmentTwins.added(to: typed) { $0 == twin ? nil : variable($0) }
            guard let words,
                !isMade(Self.added(configuration?.options ?? [], to: words, variable: variable))
            else { continue }
            return OptionValues.usage(
                OptionWords.renamed(reason, name, twin) ?? "\(twin): \(reason)")
        }
        return nil
    }

    // MARK: Parsing

    /// A command line of the parser, whose refusal of a variable's value names the variable.
    func parsed<Command>(_ parse: ([String]) throws -> Command) throws -> Command {
        do {
            return try parse(arguments)
        } catch {
            guard ServeOptions.exitCode(for: error) != .success else { throw error }
            let reason = ServeOptions.message(for: error)
            throw named(reason) { words in
                do {
                    _ = try parse(words)
                    return false
                } catch {
                    return ServeOptions.message(for: error) == reason
                }
            } ?? error
        }
    }

    /// The options of a command line of `serve`, `run` or `draw`.
    func options() throws -> ServeOptions { try parse(arguments) }
}
