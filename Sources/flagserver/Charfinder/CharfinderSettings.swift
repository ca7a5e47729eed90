import Charfinder
import EventLoop
import Faults

/// `--charfinder`: where its servers listen, and whose dialogue they have.
struct CharfinderSettings: Equatable, CustomStringConvertible {
    /// What stands for it where only its name is given.
    static let on = "on"

    private var ports: [CharfinderServer: UInt16] = [:]
    private(set) var edition = CharfinderEdition.second

    /// 0 for a free one; nil: it is off.
    subscript(_ server: CharfinderServer) -> UInt16? { ports[server] }

    /// As it could be typed.
    var description: String {
        let servers = CharfinderServer.allCases.map { server in
            "\(server.word)=\(ports[server].map { "\($0)" } ?? "off")"
        }
        return (servers + ["edition=\(edition.rawValue)"]).joined(separator: ",")
    }

    /// - Returns: nil if it is off.
    init?(_ options: ServerOptions, _ ports: Ports) throws {
        guard let text = options.charfinder else { return nil }
        try self.init(text, isFree: ports.areAllFree)
    }

    /// - Parameters:
    ///   - text: `on`, `0` for free ports, `tcp=2324,http=off,edition=1` for changes, or `off`.
    ///   - isFree: whether the ports that are not named are free ones.
    /// - Returns: nil if it is off.
    /// - Throws: `CommandLineError` with status 64.
    init?(_ text: String, isFree: Bool) throws {
        let word = text.trimmed.lowercased()
        guard word != "off" else { return nil }
        for server in CharfinderServer.allCases {
            ports[server] = isFree || word == "0" ? 0 : server.standardPort
        }
        guard word != Self.on, word != "0" else { return }
        var given: Set<String> = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let name = try change(String(entry).trimmed, in: text)
            guard given.insert(name).inserted else {
                throw OptionValues.usage("--charfinder \(text): '\(name)' is given twice.")
            }
        }
        guard !ports.isEmpty else {
            throw OptionValues.usage(
                "--charfinder \(text) leaves nothing to start. Leave one on, or write off.")
        }
        if let tcp = self[.tcp], tcp != 0, tcp == self[.http] {
            throw OptionValues.usage("--charfinder \(text): tcp and http cannot share port \(tcp).")
        }
    }

    /// Whether a word behind `--charfinder` is its value, or was meant as one.
    static func isValue(_ word: String) -> Bool {
        let first = word.lowercased().prefix { $0 != "," && $0 != "=" }
        let names = CharfinderServer.allCases.map(\.word) + ["edition", on, "off"]
        return names.contains(String(first)) || !word.isEmpty && word.allSatisfy(\.isNumber)
            || word.contains("=") && !word.hasPrefix("-")
    }

    /// - Returns: what is changed.
    private mutating func change(_ entry: String, in text: String) throws -> String {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0]).trimmed.lowercased()
        let value = parts.count > 1 ? String(parts[1]).trimmed : ""
        if name == "edition" {
            edition = try Self.edition(value, in: text)
        } else if let server = CharfinderServer.allCases.first(where: { $0.word == name }) {
            guard parts.count > 1 else {
                throw OptionValues.usage(
                    "--charfinder \(text): \(name) has no port. Write "
                        + "\(name)=\(server.standardPort).")
            }
            ports[server] = try Self.port(value, server, in: text)
        } else {
            let names = CharfinderServer.allCases.map(\.word) + ["edition"]
            throw OptionValues.usage(
                "--charfinder \(text): '\(entry)' is none of tcp=2323, http=8888 and edition=2; "
                    + "on, off and 0 stand alone."
                    + Suggestion.hint(for: name, in: names))
        }
        return name
    }

    private static func port(
        _ value: String, _ server: CharfinderServer, in text: String
    ) throws -> UInt16? {
        if value.lowercased() == "off" { return nil }
        guard let port = HostAndPort.port(value) else {
            throw OptionValues.usage(
                "--charfinder \(text): '\(value)' is no port (0 to 65535) or off. Write "
                    + "\(server.word)=\(server.standardPort).")
        }
        return port
    }

    /// `1` and `2`, or as in `--edition`.
    private static func edition(_ value: String, in text: String) throws -> CharfinderEdition {
        let digit = value.lowercased().hasSuffix("e") ? String(value.dropLast()) : value
        guard let edition = CharfinderEdition(rawValue: digit) else {
            throw OptionValues.usage(
                "--charfinder \(text): '\(value)' is no edition. Write edition=1 or edition=2.")
        }
        return edition
    }
}
