import ArgumentParser

/// An option that a private world may have for itself; else it has the daemon's.
struct WorldOption {
    /// Its long name.
    let name: String
    /// Has options say what the values of a configuration file say, which were checked.
    let apply: (inout ServeOptions, [Configuration.Option]) -> Void

    private init(_ name: String, _ path: WritableKeyPath<ServeOptions, String?>) {
        self.name = name
        apply = { $0[keyPath: path] = $1.last?.value }
    }

    private init(_ name: String, _ path: WritableKeyPath<ServeOptions, String>) {
        self.name = name
        apply = { if let text = $1.last?.value { $0[keyPath: path] = text } }
    }

    private init(_ name: String, _ path: WritableKeyPath<ServeOptions, [String]>) {
        self.name = name
        apply = { $0[keyPath: path] = $1.compactMap(\.value) }
    }

    private init<Word: ExpressibleByArgument>(
        _ name: String, _ path: WritableKeyPath<ServeOptions, Word>
    ) {
        self.name = name
        apply = { options, values in
            let word = values.last?.value.flatMap { Word(argument: $0) }
            if let word { options[keyPath: path] = word }
        }
    }

    private init<Word: ExpressibleByArgument>(
        _ name: String, _ path: WritableKeyPath<ServeOptions, Word?>
    ) {
        self.name = name
        apply = { $0[keyPath: path] = $1.last?.value.flatMap { Word(argument: $0) } }
    }

    /// A flag is on if it is given at all.
    private init(flag name: String, _ path: WritableKeyPath<ServeOptions, Bool>) {
        self.name = name
        apply = { options, _ in options[keyPath: path] = true }
    }

    static var all: [WorldOption] {
        [
            WorldOption("edition", \.servers.namedEdition),
            WorldOption("delay", \.faults.delay),
            WorldOption("delay-rate", \.faults.delayRate),
            WorldOption("error-rate", \.faults.errorRate),
            WorldOption("error-status", \.faults.errorStatus),
            WorldOption("error-mode", \.faults.errorMode),
            WorldOption("retry-after", \.faults.retryAfter),
            WorldOption("toxic", \.faults.toxic),
            WorldOption(flag: "no-fault-headers", \.faults.noFaultHeaders),
            WorldOption("proxy", \.proxies.proxy),
            WorldOption("protocol", \.proxies.protocolName),
            WorldOption("behavior", \.proxies.behavior),
            WorldOption("max-concurrency", \.limits.maxConcurrency),
            WorldOption("max-concurrency-per-client", \.limits.maxConcurrencyPerClient),
            WorldOption("over-limit", \.limits.overLimit),
            WorldOption("rate", \.limits.rate),
            WorldOption("max-connections", \.limits.maxConnections),
            WorldOption("keep-alive", \.limits.keepAlive),
        ]
    }
}
