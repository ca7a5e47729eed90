import EventLoop
import Faults

/// The words of a `--toxic` that say for which exchanges it is.
extension ToxicOption {
    static func exchanges(_ settings: [String: String]) throws(FaultError) -> ExchangeRange? {
        guard let text = settings["exchanges"] else {
            guard settings["per"] == nil else {
                throw FaultError("per= says how exchanges=1...2 are counted, which is missing.")
            }
            return nil
        }
        let word = settings["per"] ?? "target"
        guard let counting = ExchangeRange.Counting(rawValue: word.lowercased()) else {
            throw FaultError("per=\(word): write target or proxy.")
        }
        return try ExchangeRange(text, counting: counting)
    }

    static func match(_ settings: [String: String]) throws(FaultError) -> Match? {
        var match = Match()
        match.path = settings["path"]
        match.method = settings["method"]
        match.header = try settings["header"].map(header)
        match.client = try settings["client"].map(client)
        match.request = try settings["request"].map { text throws(FaultError) in
            try ExchangeRange(text)
        }
        return match == Match() ? nil : match
    }

    /// `<name>` or `<name>:<pattern>`.
    private static func header(_ text: String) throws(FaultError) -> HeaderMatch {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else {
            throw FaultError("header=\(text): write header=X-Test or header=X-Test:value*.")
        }
        return HeaderMatch(
            name: parts[0].lowercased(), value: parts.count == 2 ? String(parts[1]) : nil)
    }

    /// An address or a network; checked by matching it with an address of either family.
    static func client(_ text: String) throws(FaultError) -> String {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let host = String(parts[0])
        guard let family = SocketAddress(host: host, port: 0)?.family, isPrefix(parts, family)
        else {
            throw FaultError("client=\(text): write 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32.")
        }
        return text
    }

    private static func isPrefix(_ parts: [Substring], _ family: SocketAddress.Family) -> Bool {
        guard parts.count == 2 else { return true }
        guard let bits = HostAndPort.port(parts[1]) else { return false }
        return bits <= (family == .ipv4 ? 32 : 128)
    }
}
