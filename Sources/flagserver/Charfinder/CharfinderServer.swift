import ChaosProxy

/// The two servers of charfinder, by the names of their proxies.
enum CharfinderServer: String, CaseIterable {
    case tcp = "charfinder-tcp"
    case http = "charfinder-http"

    /// Of a name in any case.
    init?(named name: String) { self.init(rawValue: name.lowercased()) }

    var `protocol`: ProxyProtocol { self == .tcp ? .charfinder : .http }
    /// As in the book.
    var standardPort: UInt16 { self == .tcp ? 2323 : 8888 }
    /// As it stands in `--charfinder`.
    var word: String { self == .tcp ? "tcp" : "http" }

    /// What a command finds in its environment.
    var variable: String { self == .tcp ? "FLAGS_CHARFINDER_ADDRESS" : "FLAGS_CHARFINDER_URL" }
}
