/// An option that a private world may have for itself; else it has the daemon's.
struct WorldOption {
    /// Its long name.
    let name: String
    private let copy: (inout ServeOptions, ServeOptions) -> Void

    private init<Value>(_ name: String, _ path: WritableKeyPath<ServeOptions, Value>) {
        self.name = name
        copy = { $0[keyPath: path] = $1[keyPath: path] }
    }

    /// Has `options` say what `given` says.
    func apply(_ given: ServeOptions, to options: inout ServeOptions) { copy(&options, given) }

    static var all: [WorldOption] {
        [
            WorldOption("seed", \.faults.seed),
            WorldOption("edition", \.servers.edition),
            WorldOption("delay", \.faults.delay),
            WorldOption("delay-rate", \.faults.delayRate),
            WorldOption("error-rate", \.faults.errorRate),
            WorldOption("error-status", \.faults.errorStatus),
            WorldOption("error-mode", \.faults.errorMode),
            WorldOption("retry-after", \.faults.retryAfter),
            WorldOption("toxic", \.faults.toxic),
            WorldOption("no-fault-headers", \.faults.noFaultHeaders),
            WorldOption("proxy", \.proxies.proxy),
            WorldOption("protocol", \.proxies.protocolName),
            WorldOption("behavior", \.proxies.behavior),
            WorldOption("max-concurrency", \.limits.maxConcurrency),
            WorldOption("over-limit", \.limits.overLimit),
            WorldOption("rate", \.limits.rate),
            WorldOption("max-connections", \.limits.maxConnections),
        ]
    }
}
