public import ChaosProxy
import EventLoop
import Faults

/// Writes records as lines of NDJSON. It runs for each exchange, on a thread that shares its core
/// with the server, so it keeps the texts that hardly ever change.
public struct JournalLineWriter: Sendable {
    /// `,"seed":42,"faults":[`
    private let seedMember: [UInt8]
    private var second: Int64?
    /// `2026-11-21T14:02:01.`
    private var secondText: [UInt8] = []
    /// The last client, with port 0.
    private var client: SocketAddress?
    /// Its host, a quote before and a colon behind it.
    private var clientText: [UInt8] = []

    /// - Parameter seed: what all draws begin with.
    public init(seed: UInt64) {
        seedMember = Array(",\"seed\":\(seed),\"faults\":[".utf8)
    }

    /// Writes a line with its end.
    public mutating func append(_ record: ExchangeRecord, to bytes: inout [UInt8]) {
        append(object: record, to: &bytes)
        bytes.append(0x0a)
    }

    /// Writes the line without its end.
    mutating func append(object record: ExchangeRecord, to bytes: inout [UInt8]) {
        appendRequest(record, to: &bytes)
        bytes.append(contentsOf: seedMember)
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
        append(time: record.time, to: &bytes)
        bytes.append("Z\",\"proxy\":")
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
        append(milliseconds: record.plannedDelay, to: &bytes)
        bytes.append(",\"actual_delay_ms\":")
        append(milliseconds: record.actualDelay, to: &bytes)
        bytes.append(",\"duration_ms\":")
        append(milliseconds: record.duration, to: &bytes)
        bytes.append(",\"in_flight\":")
        bytes.append(decimal: record.inFlight)
        bytes.append(",\"via\":")
        append(record.via ?? "", to: &bytes)
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

    /// With one decimal, rounded down: never more delay than there was.
    private static func append(milliseconds time: Nanoseconds, to bytes: inout [UInt8]) {
        let tenths = time / 100_000
        bytes.append(decimal: tenths / 10)
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: tenths % 10))
    }

    /// To the microsecond.
    private mutating func append(time: Int64, to bytes: inout [UInt8]) {
        let time = max(time, 0)
        let second = time / 1_000_000_000
        if second != self.second {
            self.second = second
            secondText.removeAll(keepingCapacity: true)
            Timestamp.append(seconds: second, to: &secondText)
            secondText.append(UInt8(ascii: "."))
        }
        bytes.append(contentsOf: secondText)
        bytes.append(digits: 6, of: UInt64(time % 1_000_000_000 / 1000))
    }

    private mutating func append(_ address: SocketAddress?, to bytes: inout [UInt8]) {
        guard let address else { return bytes.append("null") }
        let host = address.with(port: 0)
        if host != client {
            client = host
            clientText = Array("\"\(address.urlHost):".utf8)
        }
        bytes.append(contentsOf: clientText)
        bytes.append(decimal: UInt64(address.port))
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
            append(milliseconds: delay, to: &bytes)
        case .stage: break
        }
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
            if case .number(let text) = JSONWriter.number(fraction) {
                bytes.append(contentsOf: text.utf8)
            }
            return
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
