import EventLoop

/// Where the control port listens, and whom it trusts.
struct ControlSettings: Equatable {
    static let defaultPort: UInt16 = 8474

    /// 0 for a free one; nil: no control port.
    let port: UInt16?
    let bind: Bind
    /// As it would be typed.
    var portText: String { port.map { "\($0)" } ?? "off" }
    /// nil: nobody is asked for one.
    let token: String?
    /// Names that `Host` may have, beside the loopback ones. Lower case.
    let allowedHosts: [String]

    /// - Throws: `CommandLineError` with status 64.
    init(_ options: ControlOptions, ports: Ports) throws {
        port = try Self.port(options.control, ports)
        bind = try Bind(options.controlBind, option: "--control-bind")
        token = try options.controlToken.map(Self.token)
        allowedHosts = try options.allowedHost.map(Self.host)
        guard port == nil || token != nil || bind.isLoopback else {
            throw OptionValues.usage(
                "--control-bind \(options.controlBind) lets other machines change the servers. "
                    + "Say who may with --control-token <token>.")
        }
    }

    private static func port(_ text: String?, _ ports: Ports) throws -> UInt16? {
        if text == "off" { return nil }
        guard let text else { return ports.areAllFree ? 0 : defaultPort }
        guard let port = HostAndPort.port(text) else {
            throw OptionValues.usage("--control \(text) is no port (0 to 65535) or off.")
        }
        return port
    }

    /// What may stand behind `Bearer` (RFC 6750 §2.1), for nothing else can be sent.
    private static func token(_ text: String) throws -> String {
        let isSendable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard !text.isEmpty, isSendable else {
            throw OptionValues.usage(
                "--control-token must be visible ASCII characters without blanks.")
        }
        return text
    }

    private static func host(_ text: String) throws -> String {
        guard HostAndPort("\(text):0") != nil else {
            throw OptionValues.usage(
                "--allowed-host \(text) is no host name. Write it without port: my-laptop.local.")
        }
        return text.lowercased()
    }
}
