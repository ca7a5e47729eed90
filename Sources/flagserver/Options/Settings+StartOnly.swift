/// An option that only a new start can change.
struct StartOnly {
    /// Its long name.
    let name: String
    /// What it stands for, as text to be compared.
    let value: (Settings) -> String
    /// Has options that were read anew say what is in force.
    let keep: (inout ServeOptions, Settings) -> Void

    init(
        _ name: String, value: @escaping (Settings) -> String,
        keep: @escaping (inout ServeOptions, Settings) -> Void
    ) {
        (self.name, self.value, self.keep) = (name, value, keep)
    }

    /// - Parameter value: nil: what was written.
    init<Value>(
        _ name: String, _ path: WritableKeyPath<ServeOptions, Value>,
        value: ((Settings) -> String)? = nil
    ) {
        self.init(
            name, value: value ?? { "\($0.options[keyPath: path])" },
            keep: { $0[keyPath: path] = $1.options[keyPath: path] })
    }
}

extension Settings {
    /// What a reload cannot change.
    static var startOnly: [StartOnly] {
        [
            StartOnly("ports") {
                "\($0.ports)"
            } keep: {
                $0.servers.ports = "\($1.ports)"
            },
            StartOnly("dns", \.servers.dns) { "\($0.names?.port ?? 0) \($0.names?.entries ?? [])" },
            StartOnly("bind", \.servers.bind) { "\($0.bind)" },
            StartOnly("charfinder", \.servers.charfinder) {
                $0.charfinder.map { "\($0)" } ?? "off"
            },
            StartOnly("seed", \.faults.seed),
            StartOnly("control") {
                "\($0.control.portText)"
            } keep: {
                $0.control.control = $1.control.portText
            },
            StartOnly("control-bind", \.control.controlBind) { "\($0.control.bind)" },
            StartOnly("control-token", \.control.controlToken),
            StartOnly("allowed-host", \.control.allowedHost) { "\($0.control.allowedHosts)" },
            StartOnly("fixtures", \.servers.fixtures),
            StartOnly("cors", \.faults.cors),
            StartOnly("no-fault-headers", \.faults.noFaultHeaders),
            StartOnly("ready-file", \.control.readyFile),
            StartOnly("journal", \.control.journal),
            StartOnly("world-ports", \.control.worldPorts),
            StartOnly("ring", \.control.ring) { "\($0.ring)" },
            StartOnly("keep-alive", \.limits.keepAlive) { "\($0.timeLimits.idle)" },
            StartOnly("grace", \.control.grace) { "\($0.grace)" },
            StartOnly("quiet", \.output.quiet),
            StartOnly("verbose", \.output.verbose),
            StartOnly("log-format", \.output.logFormat),
            StartOnly("log-file", \.output.logFile),
            StartOnly("color", \.output.color),
        ]
    }
}
