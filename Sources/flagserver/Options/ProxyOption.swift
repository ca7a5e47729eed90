import ChaosProxy
import EventLoop
import Faults

/// One `--proxy`: `[name=]<listen>=<backend>`.
struct ProxyOption {
    let name: String
    let listen: HostAndPort
    let backend: HostAndPort

    private static let pattern =
        "Write 9000=db:5432, 127.0.0.1:9000=db:5432 or db=9000=[::1]:5432."

    /// - Parameter bind: where a port without a host listens.
    /// - Throws: `CommandLineError` 64 that names the part that is wrong.
    init(_ text: String, bind: Bind) throws {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count) else {
            let hint = Self.withEquals(text).map { "Did you mean \($0)?" } ?? Self.pattern
            throw OptionValues.usage(
                "--proxy \(text) is no listen address with a backend. \(hint)")
        }
        let (listenText, backendText) = (parts[parts.count - 2], parts[parts.count - 1])
        guard let listen = Self.listen(listenText, bind) else {
            throw OptionValues.usage(
                "--proxy \(text): '\(listenText)' is no port or address to listen on. "
                    + Self.pattern)
        }
        guard let backend = HostAndPort(backendText), backend.port > 0 else {
            throw OptionValues.usage(
                "--proxy \(text): '\(backendText)' is no backend. \(Self.pattern)")
        }
        (self.listen, self.backend) = (listen, backend)
        name = parts.count == 3 ? parts[0] : "proxy\(listen.port)"
        try Self.check(name: name, in: text)
    }

    /// Docker's and ssh's `9000:localhost:5432`, as it is written here; nil if it is not theirs.
    private static func withEquals(_ text: String) -> String? {
        for colon in text.indices where text[colon] == ":" {
            let (listen, backend) = (text[..<colon], text[text.index(after: colon)...])
            guard HostAndPort.port(String(listen)) != nil || HostAndPort(String(listen)) != nil,
                let found = HostAndPort(String(backend)), found.port > 0
            else { continue }
            return "\(listen)=\(backend)"
        }
        return nil
    }

    /// The host is what `--bind` says if there is none: `localhost` for both loopbacks, `[::]` for
    /// all interfaces, as in the API.
    static func listen(_ text: String, _ bind: Bind) -> HostAndPort? {
        guard let port = HostAndPort.port(text) else { return HostAndPort(text) }
        switch bind {
        case .loopback: return HostAndPort(host: "localhost", port: port)
        case .all: return HostAndPort(host: "::", port: port)
        case .address(let address): return HostAndPort(host: address.host, port: port)
        }
    }

    /// A name stands before a colon in `--toxic` and in the paths of the API.
    private static func check(name: String, in text: String) throws {
        guard FlagServer(rawValue: name.lowercased()) == nil else {
            throw OptionValues.usage("--proxy \(text): '\(name)' is one of the flag servers.")
        }
        guard CharfinderServer(named: name) == nil else {
            throw OptionValues.usage(
                "--proxy \(text): '\(name)' is the name of a server of --charfinder.")
        }
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        guard isPlain, !name.isEmpty, name.utf8.count <= 1024, !name.contains(where: ":/".contains)
        else {
            throw OptionValues.usage(
                "--proxy \(text): '\(name)' is no name. Use letters, digits, '-' and '_'.")
        }
    }

    /// All of them, with names and ports that differ.
    static func all(_ texts: [String], bind: Bind) throws -> [ProxyOption] {
        var options: [ProxyOption] = []
        for text in texts {
            let option = try ProxyOption(text, bind: bind)
            guard !options.contains(where: { $0.name == option.name }) else {
                throw OptionValues.usage(
                    "--proxy \(text): there is a proxy '\(option.name)' already. "
                        + "Write another name in front: name=…")
            }
            guard
                option.listen.port == 0 || !options.contains(where: { $0.listen == option.listen })
            else {
                throw OptionValues.usage(
                    "--proxy \(text): another proxy listens on \(option.listen).")
            }
            options.append(option)
        }
        return options
    }

    /// - Throws: `CommandLineError` 64 with a suggestion.
    static func proxyProtocol(_ text: String) throws -> ProxyProtocol {
        if let known = ProxyProtocol(rawValue: text.lowercased()), known != .dns { return known }
        let names = ProxyProtocol.relayed.map(\.rawValue)
        throw OptionValues.usage(
            "unknown protocol '\(text)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: text.lowercased(), in: names))
    }
}
