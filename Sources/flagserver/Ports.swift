/// The flag servers, in the order of their ports.
enum FlagServerName: String, CaseIterable {
    case local, delay, error

    /// As it stands in the banner and in the book.
    var label: String { rawValue.uppercased() }
}

/// Where each flag server listens: a port, 0 for a free one, nil for not at all.
struct Ports: Equatable {
    private(set) var ports: [FlagServerName: UInt16] = [:]

    subscript(_ name: FlagServerName) -> UInt16? { ports[name] }

    static let firstEdition = Ports([8001, 8002, 8003])
    static let secondEdition = Ports([8000, 8001, 8002])

    init(_ list: [UInt16]) {
        for (name, port) in zip(FlagServerName.allCases, list) { ports[name] = port }
    }

    /// `8001,8002,8003`, `0` for free ones everywhere, or `local=9001,error=0,delay=off` for
    /// changes to `defaults`.
    init(_ text: String, defaults: Ports) throws {
        let entries = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if entries == ["0"] {
            self = Ports([0, 0, 0])
        } else if entries.contains(where: { $0.contains("=") }) {
            self = defaults
            for entry in entries { try change(entry, in: text) }
        } else {
            self = Ports([])
            guard entries.count == 3 else {
                throw OptionValues.usage(
                    "--ports \(text): there are three servers. Write 8001,8002,8003, or 0 for "
                        + "free ports, or name those that differ: local=9001,error=off.")
            }
            for (name, entry) in zip(FlagServerName.allCases, entries) {
                ports[name] = try Self.port(entry, in: text)
            }
        }
        try checkDifferent(text)
    }

    private mutating func change(_ entry: String, in text: String) throws {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let word = String(parts[0]).lowercased()
        guard let name = FlagServerName(rawValue: word) else {
            let names = FlagServerName.allCases.map(\.rawValue)
            let hint = Suggestion.nearest(to: word, in: names).map { " Did you mean '\($0)'?" }
            throw OptionValues.usage(
                "--ports \(text): '\(entry)' does not name a server "
                    + "(local, delay, error).\(hint ?? "")")
        }
        guard parts.count == 2 else {
            throw OptionValues.usage("--ports \(text): '\(entry)' has no port. Write \(name)=9001.")
        }
        ports[name] = try Self.port(String(parts[1]), in: text)
    }

    private static func port(_ entry: String, in text: String) throws -> UInt16? {
        if entry == "off" { return nil }
        guard entry.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let port = UInt16(entry) else {
            throw OptionValues.usage("--ports \(text): '\(entry)' is no port (0 to 65535) or off.")
        }
        return port
    }

    private func checkDifferent(_ text: String) throws {
        var seen: [UInt16: FlagServerName] = [:]
        for name in FlagServerName.allCases {
            guard let port = ports[name], port != 0 else { continue }
            if let other = seen.updateValue(name, forKey: port) {
                throw OptionValues.usage(
                    "--ports \(text): \(other) and \(name) cannot share port \(port).")
            }
        }
        guard !ports.isEmpty else {
            throw OptionValues.usage("--ports \(text) leaves no server to start.")
        }
    }
}
