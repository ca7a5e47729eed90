import Faults
import HTTPWire
import Records

/// `Server-Timing` (W3C Server Timing): what an answer has met, for the network panel of a browser.
enum ServerTiming {
    static let name = "Server-Timing"

    /// `latency_downstream;dur=500.0, respond_upstream;desc="503"`; nil without faults.
    ///
    /// In one buffer: each delayed answer has one.
    static func field(_ faults: [FaultPlan.DrawnFault]) -> HTTPField? {
        guard !faults.isEmpty else { return nil }
        var value: [UInt8] = []
        value.reserveCapacity(faults.count * 64)
        for fault in faults {
            if !value.isEmpty { value += ", ".utf8 }
            append(fault, to: &value)
        }
        return HTTPField(name, String(decoding: value, as: UTF8.self))
    }

    /// Of a request that was not served, whatever it met.
    static func field(_ refusal: ExchangeRecord.Refusal) -> HTTPField {
        HTTPField(name, "refused;desc=\"\(refusal.rawValue)\"")
    }

    private static func append(_ fault: FaultPlan.DrawnFault, to value: inout [UInt8]) {
        // A metric's name is a token (RFC 9110 §5.6.2); toxics may have any.
        for byte in fault.toxic.name.utf8.prefix(64) { value.append(tokenByte(byte)) }
        switch fault.effect {
        case .latency(let delay):
            let tenths = delay / 100_000
            value += ";dur=".utf8
            value += String(tenths / 10).utf8
            value += [0x2e, 0x30 + UInt8(tenths % 10)]
        case .respond(let status, _): value += ";desc=\"\(status.code)\"".utf8
        case .answer, .script, .stage:
            value += ";desc=\"\(fault.toxic.fault.type.rawValue)\"".utf8
        }
    }

    private static func tokenByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: byte
        default: 0x5f
        }
    }
}
