import Faults
import HTTPWire
import Records

/// `Server-Timing` (W3C Server Timing): what an answer has met, for the network panel of a browser.
enum ServerTiming {
    static let name = "Server-Timing"

    /// `latency_downstream;dur=500.0, respond_upstream;desc="503"`; nil without faults.
    static func field(_ faults: [FaultPlan.DrawnFault]) -> HTTPField? {
        guard !faults.isEmpty else { return nil }
        return HTTPField(name, faults.map(metric).joined(separator: ", "))
    }

    /// Of a request that was not served, whatever it met.
    static func field(_ refusal: ExchangeRecord.Refusal) -> HTTPField {
        HTTPField(name, "refused;desc=\"\(refusal.rawValue)\"")
    }

    private static func metric(_ fault: FaultPlan.DrawnFault) -> String {
        let name = token(fault.toxic.name)
        switch fault.effect {
        case .latency(let delay):
            let tenths = delay / 100_000
            return "\(name);dur=\(tenths / 10).\(tenths % 10)"
        case .respond(let status, _): return "\(name);desc=\"\(status.code)\""
        case .answer, .script, .stage: return "\(name);desc=\"\(fault.toxic.fault.type.rawValue)\""
        }
    }

    /// A metric's name is a token (RFC 9110 §5.6.2); toxics may have any.
    private static func token(_ name: String) -> String {
        String(decoding: name.utf8.prefix(64).map(tokenByte), as: UTF8.self)
    }

    private static func tokenByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: byte
        default: 0x5f
        }
    }
}
