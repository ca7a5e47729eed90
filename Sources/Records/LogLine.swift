public import Faults

/// One line for each exchange: for people on a terminal, or `key=value` off it. The third way,
/// JSON, is the journal's.
///
/// It is made of bytes, without a string in between where none is needed: at full rate there are
/// more than a hundred thousand lines a second.
public struct LogLine: RecordFormat {
    public enum Style: Sendable {
        case people(hasColor: Bool)
        case text
    }

    private let style: Style
    private var time = RecordTime()
    private var client = ClientText()

    public init(_ style: Style) { self.style = style }

    /// Appends the line with its newline.
    public mutating func append(_ record: ExchangeRecord, to line: inout [UInt8]) {
        switch style {
        case .people(let hasColor): appendPeople(record, hasColor, to: &line)
        case .text: appendText(record, to: &line)
        }
    }

    // MARK: For people

    private mutating func appendPeople(
        _ record: ExchangeRecord, _ hasColor: Bool, to line: inout [UInt8]
    ) {
        time.append(clock: record.time, to: &line)
        let label = record.proxy.uppercased()
        line.append("  ")
        line.append(printable: label)
        for _ in 0..<max(2, 7 - label.count) { line.append(" ") }
        Self.appendStatus(record, hasColor, to: &line)
        line.append("  ")
        Self.appendRequest(record, to: &line)
        line.append("  ")
        line.append(decimal: record.bytesSent)
        line.append(" B  ")
        line.append(milliseconds: record.duration)
        line.append(" ms")
        Self.appendNotes(record, to: &line)
        line.append("\n")
    }

    private static func appendStatus(
        _ record: ExchangeRecord, _ hasColor: Bool, to line: inout [UInt8]
    ) {
        guard let code = record.status?.code else { return line.append("---") }
        if hasColor {
            line.append(
                code < 300
                    ? "\u{1b}[32m"
                    : code < 400 ? "\u{1b}[36m" : code < 500 ? "\u{1b}[33m" : "\u{1b}[31m")
        }
        line.append(decimal: UInt64(code))
        if hasColor { line.append("\u{1b}[0m") }
    }

    private static func appendRequest(_ record: ExchangeRecord, to line: inout [UInt8]) {
        guard !record.target.isEmpty else {
            return line.append(record.status == nil ? "(connection)" : "(no request)")
        }
        // Some protocols' commands say their name in the target again.
        if !record.target.hasPrefix(record.method) {
            line.append(printable: record.method)
            line.append(" ")
        }
        line.append(printable: record.target)
    }

    private static func appendNotes(_ record: ExchangeRecord, to line: inout [UInt8]) {
        for (index, fault) in record.faults.enumerated() {
            line.append(index == 0 ? "  " : ", ")
            line.append(printable: fault.words)
            if !fault.hasActed { line.append(" (had no effect)") }
        }
        if let refusal = record.refusal {
            line.append("  refused: ")
            line.append(contentsOf: refusal.rawValue.utf8)
        }
        if let attempt = record.attempt, attempt > 1 {
            line.append("  attempt ")
            line.append(decimal: UInt64(attempt))
        }
        if let via = record.via {
            line.append("  via ")
            line.append(printable: via)
        }
        if record.isMangled { line.append("  mangled") }
        appendEnding(record, to: &line)
    }

    private static func appendEnding(_ record: ExchangeRecord, to line: inout [UInt8]) {
        // How it went is of no interest then.
        if record.hasGivenUp { return line.append("  client gave up") }
        switch record.ending {
        case .keep, .fin: break
        case .rst, .clientFin, .clientRST, .timeout, .backendRefused, .backendFin, .backendRST,
            .backendMalformed, .upgraded, .error:
            line.append("  ended: ")
            line.append(contentsOf: record.ending.rawValue.utf8)
        }
    }

    // MARK: For programs

    private mutating func appendText(_ record: ExchangeRecord, to line: inout [UInt8]) {
        line.append("t=")
        time.append(record.time, to: &line)
        line.append(" proxy=")
        line.append(printable: record.proxy)
        line.append(" conn=")
        line.append(decimal: UInt64(record.connection))
        line.append(" exchange=")
        line.append(decimal: UInt64(record.exchange))
        line.append(" client=")
        if let address = record.client {
            client.append(address, to: &line)
        } else {
            line.append("-")
        }
        line.append(" method=")
        Self.append(record.method, to: &line)
        line.append(" target=")
        Self.append(record.target, to: &line)
        line.append(" attempt=")
        Self.append(record.attempt.map(UInt64.init), to: &line)
        line.append(" status=")
        Self.append(record.status.map { UInt64($0.code) }, to: &line)
        Self.appendAmounts(record, to: &line)
        Self.appendReasons(record, to: &line)
        line.append(" end=")
        line.append(contentsOf: record.ending.rawValue.utf8)
        line.append("\n")
    }

    private static func appendAmounts(_ record: ExchangeRecord, to line: inout [UInt8]) {
        line.append(" bytes=")
        line.append(decimal: record.bytesSent)
        if let promised = record.bytesPromised, promised != record.bytesSent {
            line.append(" bytes_promised=")
            line.append(decimal: promised)
        }
        line.append(" delay_ms=")
        line.append(milliseconds: record.plannedDelay)
        if !record.faults.isEmpty {
            line.append(" actual_delay_ms=")
            line.append(milliseconds: record.actualDelay)
        }
        if record.queued > 0 {
            line.append(" queued_ms=")
            line.append(milliseconds: record.queued)
        }
        line.append(" duration_ms=")
        line.append(milliseconds: record.duration)
    }

    private static func appendReasons(_ record: ExchangeRecord, to line: inout [UInt8]) {
        line.append(record.faults.isEmpty ? " faults=-" : " faults=")
        for (index, fault) in record.faults.enumerated() {
            if index > 0 { line.append(",") }
            line.append(printable: fault.toxic.name)
            switch fault.effect {
            case .latency(let delay):
                line.append(":")
                line.append(milliseconds: delay)
                line.append("ms")
            case .respond(let status, _):
                line.append(":")
                line.append(decimal: UInt64(status.code))
            case .stage: break
            }
        }
        if let refusal = record.refusal {
            line.append(" refused=")
            line.append(contentsOf: refusal.rawValue.utf8)
        }
        if let via = record.via {
            line.append(" via=")
            line.append(printable: via)
        }
        if record.isMangled { line.append(" mangled=true") }
        if record.hasGivenUp { line.append(" gave_up=true") }
    }

    // MARK: Values

    /// With one decimal, as in a line.
    public static func milliseconds(_ time: Nanoseconds) -> String {
        var text: [UInt8] = []
        text.append(milliseconds: time)
        return String(decoding: text, as: UTF8.self)
    }

    /// - Parameter text: empty for a dash.
    private static func append(_ text: String, to line: inout [UInt8]) {
        if text.isEmpty { line.append("-") } else { line.append(printable: text) }
    }

    private static func append(_ number: UInt64?, to line: inout [UInt8]) {
        if let number { line.append(decimal: number) } else { line.append("-") }
    }
}
