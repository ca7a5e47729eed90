import EventLoop
import Faults

/// Writes records as lines of NDJSON. It runs for each exchange, on a thread that shares its core
/// with the server, so it keeps the texts that hardly ever change.
public struct JournalLine: RecordFormat, Sendable {
    /// Outside of all worlds.
    private let seed: UInt64
    private var time = RecordTime()
    private var client = ClientText()

    /// - Parameter seed: what all draws begin with.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// Writes a line with its end.
    public mutating func append(_ record: ExchangeRecord, to bytes: inout [UInt8]) {
        append(object: record, to: &bytes)
        bytes.append(0x0a)
    }

    /// Writes the line without its end.
    public mutating func append(object record: ExchangeRecord, to bytes: inout [UInt8]) {
        appendRequest(record, to: &bytes)
        bytes.append(",\"seed\":")
        bytes.append(decimal: record.origin?.seed ?? seed)
        bytes.append(",\"faults\":[")
        for (index, fault) in record.faults.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            Self.append(fault, to: &bytes)
        }
        Self.appendAnswer(record, to: &bytes)
    }

    private mutating func appendRequest(_ record: ExchangeRecord, to bytes: inout [UInt8]) {
        bytes.append("{\"seq\":")
        bytes.append(decimal: record.sequence)
        bytes.append(",\"t\":\"")
        time.append(record.time, to: &bytes)
        bytes.append("\",\"proxy\":")
        bytes.append(json: record.proxy)
        bytes.append(",\"conn\":")
        bytes.append(decimal: UInt64(record.connection))
        bytes.append(",\"exchange\":")
        bytes.append(decimal: UInt64(record.exchange))
        bytes.append(",\"client\":")
        append(record.client, to: &bytes)
        bytes.append(",\"method\":")
        Self.append(record.method, to: &bytes)
        bytes.append(",\"target\":")
        Self.append(record.target, to: &bytes)
        bytes.append(",\"attempt\":")
        Self.append(record.attempt.map(UInt64.init), to: &bytes)
    }

    private static func appendAnswer(_ record: ExchangeRecord, to bytes: inout [UInt8]) {
        bytes.append("],\"refused\":")
        append(record.refusal?.rawValue ?? "", to: &bytes)
        bytes.append(",\"status\":")
        append(record.status.map { UInt64($0.code) }, to: &bytes)
        bytes.append(",\"bytes_promised\":")
        append(record.bytesPromised.map { UInt64(max($0, 0)) }, to: &bytes)
        bytes.append(",\"bytes_sent\":")
        bytes.append(decimal: record.bytesSent)
        bytes.append(",\"delay_ms\":")
        bytes.append(milliseconds: record.plannedDelay)
        bytes.append(",\"actual_delay_ms\":")
        bytes.append(milliseconds: record.actualDelay)
        bytes.append(",\"queued_ms\":")
        bytes.append(milliseconds: record.queued)
        bytes.append(",\"duration_ms\":")
        bytes.append(milliseconds: record.duration)
        bytes.append(",\"in_flight\":")
        bytes.append(decimal: record.inFlight)
        bytes.append(",\"via\":")
        append(record.via ?? "", to: &bytes)
        bytes.append(",\"world\":")
        append(record.origin?.world ?? "", to: &bytes)
        bytes.append(",\"label\":")
        append(record.origin?.label ?? "", to: &bytes)
        bytes.append(",\"mangled\":")
        append(record.isMangled, to: &bytes)
        bytes.append(",\"end\":\"")
        bytes.append(contentsOf: record.ending.rawValue.utf8)
        bytes.append("\"}")
    }

    // MARK: Values

    /// - Parameter text: empty for null.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        if text.isEmpty { bytes.append("null") } else { bytes.append(json: text) }
    }

    private static func append(_ number: UInt64?, to bytes: inout [UInt8]) {
        if let number { bytes.append(decimal: number) } else { bytes.append("null") }
    }

    private static func append(_ isSo: Bool, to bytes: inout [UInt8]) {
        if isSo { bytes.append("true") } else { bytes.append("false") }
    }

    private mutating func append(_ address: SocketAddress?, to bytes: inout [UInt8]) {
        guard let address else { return bytes.append("null") }
        bytes.append(UInt8(ascii: "\""))
        client.append(address, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(_ fault: FaultPlan.DrawnFault, to bytes: inout [UInt8]) {
        bytes.append("{\"toxic\":")
        bytes.append(json: fault.toxic.name)
        bytes.append(",\"type\":\"")
        bytes.append(contentsOf: fault.toxic.fault.type.rawValue.utf8)
        bytes.append("\",\"draw\":")
        if let draw = fault.draw {
            append(millionths: UInt64(draw * 1e6), to: &bytes)
        } else {
            bytes.append("null")
        }
        bytes.append(",\"toxicity\":")
        append(fraction: fault.toxic.toxicity.probability.fraction, to: &bytes)
        switch fault.effect {
        case .respond(let status, _):
            bytes.append(",\"status\":")
            bytes.append(decimal: UInt64(status.code))
        case .latency(let delay):
            bytes.append(",\"delay_ms\":")
            bytes.append(milliseconds: delay)
        case .answer, .script, .stage: break
        }
        bytes.append(",\"acted\":")
        append(fault.hasActed, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(millionths value: UInt64, to bytes: inout [UInt8]) {
        bytes.append(decimal: value / 1_000_000)
        bytes.append(UInt8(ascii: "."))
        bytes.append(digits: 6, of: value)
    }

    /// From 0 to 1. Nearly all have at most six decimals and need no search for the shortest.
    private static func append(fraction: Double, to bytes: inout [UInt8]) {
        let millionths = (fraction * 1e6).rounded()
        guard millionths / 1e6 == fraction else {
            return bytes.append(contentsOf: JSONFraction.text(fraction).utf8)
        }
        let whole = UInt64(millionths)
        bytes.append(decimal: whole / 1_000_000)
        var (rest, count) = (whole % 1_000_000, 6)
        guard rest > 0 else { return }
        while rest % 10 == 0 { (rest, count) = (rest / 10, count - 1) }
        bytes.append(UInt8(ascii: "."))
        bytes.append(digits: count, of: rest)
    }
}
