import EventLoop
import Faults

/// Where each flag server listens: a port, 0 for a free one, nil for not at all.
struct Ports: Equatable, CustomStringConvertible {
    private(set) var ports: [FlagServer: UInt16] = [:]
    /// `--ports 0`: the control port is to be a free one, too.
    private(set) var areAllFree = false
    /// CHAOS was not switched off, but LOCAL, where it leads, was.
    private(set) var lacksLocal = false

    /// `off`: there are proxies of the command line and the file only.
    var areAllOff: Bool { ports.isEmpty }

    subscript(_ name: FlagServer) -> UInt16? { ports[name] }

    /// As they would be typed: `local=8001,delay=0,error=8003,chaos=off,fault=8005`.
    var description: String {
        FlagServer.allCases.map { "\($0)=\(ports[$0].map { "\($0)" } ?? "off")" }
            .joined(separator: ",")
    }

    static let firstEdition = Ports([8001, 8002, 8003, 8004, 8005])
    static let secondEdition = Ports([8000, 8001, 8002, 8003, 8005])

    init(_ list: [UInt16]) {
        for (name, port) in zip(FlagServer.allCases, list) { ports[name] = port }
    }

    /// `8001,8002,8003,8004,8005` (without the fourth, CHAOS keeps its default, and without the
    /// fifth FAULT), `0` for free ones everywhere, `off` for no server at all, or
    /// `local=9001,error=0,chaos=off` for changes to `defaults`.
    init(_ text: String, defaults: Ports) throws {
        let entries = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var given = Set(FlagServer.allCases)
        if entries.allSatisfy({ $0 == "0" }), [1, 3, 4, 5].contains(entries.count) {
            self = Ports([0, 0, 0, 0, 0])
            areAllFree = true
        } else if entries == ["off"] {
            self = Ports([])
        } else if entries.contains(where: { $0.contains("=") }) {
            self = defaults
            for entry in entries { try change(entry, in: text) }
            given = given.filter { server in
                entries.contains { $0.lowercased().hasPrefix("\(server)=") }
            }
        } else {
            try self.init(list: entries, in: text, defaults: defaults)
            given = Set(FlagServer.allCases.prefix(entries.count))
        }
        try checkDifferent(text, given)
        try checkLocal(text, isChaosGiven: given.contains(.chaos))
    }

    private init(list entries: [String], in text: String, defaults: Ports) throws {
        guard (3...5).contains(entries.count) else {
            throw OptionValues.usage(
                "--ports \(text): there are five servers. Write 8001,8002,8003,8004,8005, or 0 for "
                    + "free ports, or off, or name those that differ: local=9001,error=off.")
        }
        self = defaults
        for (name, entry) in zip(FlagServer.allCases, entries) {
            ports[name] = try Self.port(entry, in: text)
        }
    }

    private mutating func change(_ entry: String, in text: String) throws {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let word = String(parts[0]).lowercased()
        guard let name = FlagServer(rawValue: word) else {
            let names = FlagServer.allCases.map(\.rawValue)
            throw OptionValues.usage(
                "--ports \(text): '\(entry)' does not name a server "
                    + "(\(names.joined(separator: ", "))).\(Suggestion.hint(for: word, in: names))")
        }
        guard parts.count == 2 else {
            throw OptionValues.usage("--ports \(text): '\(entry)' has no port. Write \(name)=9001.")
        }
        ports[name] = try Self.port(String(parts[1]), in: text)
    }

    private static func port(_ entry: String, in text: String) throws -> UInt16? {
        if entry == "off" { return nil }
        guard let port = HostAndPort.port(entry) else {
            throw OptionValues.usage("--ports \(text): '\(entry)' is no port (0 to 65535) or off.")
        }
        return port
    }

    private func checkDifferent(_ text: String, _ given: Set<FlagServer>) throws {
        var seen: [UInt16: FlagServer] = [:]
        for name in FlagServer.allCases {
            guard let port = ports[name], port != 0 else { continue }
            guard let other = seen.updateValue(name, forKey: port) else { continue }
            let isDefault = [.chaos, .fault].contains(name) && !given.contains(name)
            let hint = isDefault ? " Give \(name) another one too, or off." : ""
            throw OptionValues.usage(
                "--ports \(text): \(other) and \(name) cannot share port \(port).\(hint)")
        }
    }

    /// CHAOS leads to LOCAL: without it there is nothing behind.
    private mutating func checkLocal(_ text: String, isChaosGiven: Bool) throws {
        if ports[.local] == nil, ports[.chaos] != nil {
            guard !isChaosGiven else {
                throw OptionValues.usage(
                    "--ports \(text): chaos leads to local, which is off. Switch chaos off too, "
                        + "or use --proxy for another backend.")
            }
            ports[.chaos] = nil
            lacksLocal = !areAllOff
        }
    }
}
