import Faults

/// What people type who know other programs, and what it is called here. Looked up before anything
/// is guessed from the letters of a word.
enum Synonyms {
    /// Options of `serve`, `run` and `draw`.
    static let options: [String: String] = [
        "--error": "--error-rate", "--errors": "--error-rate", "--failure-rate": "--error-rate",
        "--fail": "--error-rate", "--error-code": "--error-status",
        "--error-codes": "--error-status", "--status": "--error-status",
        "--statuses": "--error-status", "--latency": "--delay", "--sleep": "--delay",
        "--jitter": "--delay", "--port": "--ports", "-p": "--ports", "--host": "--bind",
        "--address": "--bind", "--listen": "--bind", "--interface": "--bind", "-b": "--bind",
        "-c": "--config", "--conf": "--config", "--config-file": "--config",
        "--configuration": "--config", "-V": "--version", "-f": "--fixtures",
        "--flags": "--fixtures", "--dir": "--fixtures", "--directory": "--fixtures",
        "--root": "--fixtures", "-d": "--delay", "-s": "--seed", "--random-seed": "--seed",
        "--toxics": "--toxic", "--fault": "--toxic", "--faults": "--toxic",
        "--proxies": "--proxy", "--upstream": "--proxy", "--backend": "--proxy",
        "--behaviour": "--behavior", "--mix": "--behavior", "--limit": "--max-concurrency",
        "--concurrency": "--max-concurrency", "--workers": "--max-concurrency",
        "--connections": "--max-connections", "--rate-limit": "--rate",
        "--max-rate": "--rate", "--api": "--control", "--control-port": "--control",
        "--api-port": "--control", "--token": "--control-token",
        "--allow-host": "--allowed-host", "--hosts": "--allowed-host", "--colour": "--color",
        "--no-color": "--color never", "--silent": "--quiet", "--debug": "--verbose",
        "--log": "--journal", "--timeout": "--grace", "--shutdown-timeout": "--grace",
    ]

    /// What no option does, and what does it.
    private static let advice: [String: String] = [
        "--daemon": "It runs in the foreground; use & or systemd.",
        "--daemonize": "It runs in the foreground; use & or systemd.",
        "--background": "It runs in the foreground; use & or systemd.",
        "-D": "It runs in the foreground; use & or systemd.",
        "--log-level": "Did you mean '-q' (only warnings and errors) or '-v' (more)?",
        "--loglevel": "Did you mean '-q' (only warnings and errors) or '-v' (more)?",
        "--ssl": "It speaks no TLS; put a proxy that does in front.",
        "--tls": "It speaks no TLS; put a proxy that does in front.",
        "--https": "It speaks no TLS; put a proxy that does in front.",
    ]

    private static let subcommands: [String: String] = [
        "start": "Just 'flagserver' starts the servers.",
        "up": "Just 'flagserver' starts the servers.",
        "server": "Just 'flagserver' starts the servers.",
        "stop": "Ctrl-C stops it, or 'kill' with its pid.",
        "down": "Ctrl-C stops it, or 'kill' with its pid.",
        "restart": "Ctrl-C stops it; SIGHUP has it read its configuration again.",
        "reload": "'kill -HUP' with its pid has it read its configuration again.",
        "version": "Did you mean 'flagserver --version'?",
        "config": "Did you mean 'flagserver --config <file>', or 'flagserver check <file>'?",
        "exec": "Did you mean 'flagserver run -- <command>'?",
        "faults": "Did you mean 'flagserver toxics'?",
    ]

    /// What to write instead of an option that there is not, with a blank in front; empty if
    /// nothing is near.
    ///
    /// - Parameters:
    ///   - word: with its hyphens, without a value.
    ///   - names: those that there are, with their hyphens.
    static func hint(forOption word: String, in names: [String]) -> String {
        if let advice = advice[word] { return " \(advice)" }
        if let option = options[word] { return " Did you mean '\(option)'?" }
        guard word.hasPrefix("--") else { return "" }
        // Another word for it may be misspelled, too.
        let others = options.keys.filter { $0.hasPrefix("--") }.sorted()
        let nearest = Suggestion.nearest(to: word.lowercased(), in: names + others)
        return nearest.map { " Did you mean '\(options[$0] ?? $0)'?" } ?? ""
    }

    /// The option that another word stands for, both without hyphens; nil if it stands for none.
    static func key(_ word: String) -> String? {
        options["--\(word)"].map { String($0.dropFirst(2).prefix { $0 != " " }) }
    }

    /// What to write instead of a word that is no subcommand; nil if nothing is known of it.
    static func advice(forSubcommand word: String) -> String? {
        if let advice = subcommands[word.lowercased()] { return advice }
        guard let port = UInt16(word) else { return nil }
        let ports = FlagServer.allCases.indices.map { "\(Int(port) + $0)" }.joined(separator: ",")
        return port == 0
            ? "For free ports write --ports 0."
            : port > .max - 4
                ? "For a port write --ports local=\(port)." : "For ports write --ports \(ports)."
    }
}
