import EventLoop

/// Where a control port is: `http://localhost:8474`.
struct ControlURL: Equatable, CustomStringConvertible {
    /// Where one is unless told otherwise, Toxiproxy's too.
    static let standard = ControlURL(HostAndPort(host: "localhost", port: standardPort))

    private static let standardPort: UInt16 = 8474

    let host: HostAndPort
    /// In front of every route, for one behind a server of other things; mostly empty.
    let prefix: String

    private init(_ host: HostAndPort, prefix: String = "") {
        (self.host, self.prefix) = (host, prefix)
    }

    /// - Parameters:
    ///   - text: a URL, or no more than a host with or without a port.
    ///   - source: the option or the variable that says so.
    /// - Throws: `CommandLineError` 64.
    init(_ text: String, from source: String) throws {
        let wrong = "\(source) \(text) is no control port's URL. Write \(Self.standard)."
        var rest = text[...]
        var port = Self.standardPort
        if let scheme = text.firstIndex(of: ":"), text[scheme...].hasPrefix("://") {
            guard text[..<scheme].lowercased() != "https" else {
                throw OptionValues.usage("\(source) \(text): a control port speaks http, not TLS.")
            }
            guard text[..<scheme].lowercased() == "http" else { throw OptionValues.usage(wrong) }
            rest = text[scheme...].dropFirst(3)
            port = 80
        }
        let authority = rest.prefix { $0 != "/" }
        var prefix = rest[authority.endIndex...]
        while prefix.hasSuffix("/") { prefix = prefix.dropLast() }
        guard prefix.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x3f && $0 != 0x23 }),
            let host = HostAndPort(String(authority)) ?? HostAndPort("\(authority):\(port)")
        else { throw OptionValues.usage(wrong) }
        self.init(host, prefix: String(prefix))
    }

    /// What is typed, else what the first of the variables says that is set, else the standard
    /// port.
    ///
    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    /// - Throws: `CommandLineError` 64.
    static func find(
        _ typed: String?, as option: String, variables: [String], variable: (String) -> String?
    ) throws -> ControlURL {
        if let typed { return try ControlURL(typed, from: option) }
        for name in variables {
            if let text = variable(name), !text.isEmpty {
                return try ControlURL(text, from: name)
            }
        }
        return standard
    }

    var description: String { "http://\(host)\(prefix)" }
}
