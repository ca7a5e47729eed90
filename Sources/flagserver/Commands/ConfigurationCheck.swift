/// Holds the options of a configuration file against what the command line would say to them.
enum ConfigurationCheck {
    /// What an option needs beside it, so that only its own value is judged.
    private static let company: [String: [String]] = [
        "over-limit": ["--max-concurrency=1"],
        "control-bind": ["--control-token=x"],
        "ports": ["--control=off"],
        "control": ["--ports=0"],
        "proxy": ["--ports=0", "--control=off"],
    ]

    /// The first option in the file that would be wrong whatever the others are, with its place.
    static func firstError(in options: [Configuration.Option]) -> CommandLineError? {
        // Which proxies there are for toxics is known only with everything else.
        let options = options.filter { $0.name != "toxic" }
        // To parse takes its time: one by one only if something is wrong with all of them.
        guard !options.isEmpty, error(in: options) != nil else { return nil }
        var names: [String] = []
        for option in options where !names.contains(option.name) { names.append(option.name) }
        return names.lazy.compactMap { name in
            firstError(ofOneName: options.filter { $0.name == name })
        }.first
    }

    /// - Parameter options: of one name, which may be a list.
    private static func firstError(
        ofOneName options: [Configuration.Option]
    ) -> CommandLineError? {
        guard let name = options.first?.name else { return nil }
        let beside = company[name, default: []]
        guard let error = error(in: options, beside: beside) else { return nil }
        // The last element of the shortest list that has the mistake.
        var (right, wrong) = (0, options.count)
        while wrong - right > 1 {
            let middle = (right + wrong) / 2
            let isThere = self.error(in: Array(options[..<middle]), beside: beside) != nil
            if isThere { wrong = middle } else { right = middle }
        }
        let first =
            wrong == options.count
            ? error : self.error(in: Array(options[..<wrong]), beside: beside) ?? error
        return located(first, options[wrong - 1])
    }

    private static func error(
        in options: [Configuration.Option], beside: [String] = []
    ) -> CommandLineError? {
        do {
            _ = try Settings(try ServeOptions.parse(options.map(\.argument) + beside))
            return nil
        } catch let error as CommandLineError {
            return error
        } catch {
            return CommandLineError(.configuration, ServeOptions.message(for: error))
        }
    }

    /// The same without the hyphens of an option, which are not in the file.
    static func located(
        _ error: CommandLineError, _ option: Configuration.Option
    ) -> CommandLineError {
        let reason = OptionWords.renamed(error.reason, option.name, option.name) ?? error.reason
        return CommandLineError(.configuration, reason, at: option.place)
    }
}
