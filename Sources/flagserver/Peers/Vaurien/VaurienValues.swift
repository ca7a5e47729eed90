import EventLoop
import Faults

/// Vaurien's settings as text, by its own names.
struct VaurienValues {
    private static let known: Set = [
        "vaurien.proxy", "vaurien.backend", "vaurien.behavior", "vaurien.protocol",
        "vaurien.bufsize", "vaurien.timeout", "vaurien.stay_connected", "vaurien.pool_max_size",
        "vaurien.pool_timeout", "vaurien.sync", "vaurien.backlog", "vaurien.http",
        "vaurien.http_host", "vaurien.http_port", "vaurien.log_level", "vaurien.log_output",
        "statsd.enabled", "statsd.host", "statsd.port", "statsd.prefix", "statsd.sample_rate",
        "behavior.delay.sleep", "behavior.delay.before", "behavior.error.inject",
        "behavior.error.warmup", "behavior.transient.inject", "behavior.transient.warmup",
        "behavior.transient.agitate", "protocol.http.overwrite_host_header",
    ]
    private static let ofProtocols: Set = ["reuse_socket", "buffer", "keep_alive"]
    /// Longer than anybody waits; nanoseconds hold it.
    private static let maximumSeconds = 1e9

    private let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    subscript(_ name: String) -> String? { values[name] }

    /// Names that mean nothing, sorted.
    var unknown: [String] {
        values.keys.filter { name in
            let parts = name.split(separator: ".").map(String.init)
            let isProtocols =
                parts.count == 3 && parts[0] == "protocol" && Self.ofProtocols.contains(parts[2])
            return !Self.known.contains(name) && !isProtocols
        }.sorted()
    }

    func hostAndPort(_ name: String, _ standard: String) throws -> HostAndPort {
        try hostAndPort(values[name] ?? standard)
    }

    func hostAndPort(_ text: String) throws -> HostAndPort {
        guard let pair = HostAndPort(text) else { throw Self.notHostAndPort(text) }
        return pair
    }

    /// In Vaurien's words.
    static func notHostAndPort(_ text: String) -> CommandLineError {
        OptionValues.usage("Expected HOST:PORT: '\(text)'")
    }

    /// Seconds as Python reads them: `.5`, `2`, `1e-1`.
    func seconds(_ name: String, _ standard: Double) throws -> Nanoseconds {
        guard let text = values[name] else { return Nanoseconds(standard * 1e9) }
        let isPlain = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        guard isPlain, let value = Double(text), (0...Self.maximumSeconds).contains(value) else {
            throw OptionValues.usage("\(name) \(text) is no number of seconds.")
        }
        return Nanoseconds((value * 1e9).rounded())
    }

    func count(_ name: String, _ standard: UInt64) throws -> UInt64 {
        guard let text = values[name] else { return standard }
        guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let value = UInt64(text),
            value <= UInt64(Int64.max)
        else {
            throw OptionValues.usage("\(name) \(text) is no whole number.")
        }
        return value
    }

    func flag(_ name: String, _ standard: Bool) throws -> Bool {
        guard let text = values[name] else { return standard }
        switch text.lowercased() {
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw OptionValues.usage("\(name) \(text) is neither true nor false.")
        }
    }
}
