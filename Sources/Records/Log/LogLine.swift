public import Faults

/// One line for each exchange: for people on a terminal, or `key=value` off it. The third way,
/// JSON, is the journal's.
///
/// It is made of bytes, without a string in between where none is needed: at full rate there are
/// more than a hundred thousand lines a second. A terminal gets 50 a second at most; the others are
/// folded into one line, that is written over and over again.
public struct LogLine: RecordFormat {
    public enum Style: Sendable {
        case people(hasColor: Bool)
        case text
    }

    private var people: PeopleLine?
    private let columns: @Sendable () -> Int?
    /// Of the terminal now; nil until it is asked again.
    private var width: Int??
    /// nil: nothing is folded.
    private var flood: LogFlood?
    /// Columns of the line that is written over; 0 if there is none.
    private var live = 0
    private var time = RecordTime()
    private var client = ClientText()

    /// - Parameters:
    ///   - columns: how wide the terminal is now; nil: any width. Asked once a batch, and only for
    ///     people.
    ///   - folds: whether a flood becomes one line.
    public init(
        _ style: Style, folds: Bool = false, columns: @escaping @Sendable () -> Int? = { nil }
    ) {
        switch style {
        case .people(let hasColor): people = PeopleLine(hasColor: hasColor)
        case .text: people = nil
        }
        flood = folds ? LogFlood() : nil
        self.columns = columns
    }

    /// Appends the line with its newline.
    public mutating func append(_ record: ExchangeRecord, to line: inout [UInt8]) {
        guard people != nil else { return appendText(record, to: &line) }
        if flood?.folds(record) == true { return }
        interrupt(&line)
        let width = currentWidth()
        people?.append(record, width: width, to: &line)
    }

    // MARK: For people

    private mutating func currentWidth() -> Int? {
        let now = width ?? columns()
        width = .some(now)
        return now
    }

    /// What was folded stands in a line of its own from now on.
    public mutating func interrupt(_ output: inout [UInt8]) {
        guard let flood, !flood.isEmpty else { return }
        writeOver(flood, &output)
        output.append("\n")
        self.flood?.forget()
        live = 0
    }

    /// Shows what is folded, in the place of what was shown before.
    public mutating func settle(_ output: inout [UInt8]) {
        defer { width = nil }
        guard let flood, !flood.isEmpty else { return }
        writeOver(flood, &output)
    }

    private mutating func writeOver(_ flood: LogFlood, _ output: inout [UInt8]) {
        // A terminal would begin another line behind its last column.
        let text = flood.text(width: max((currentWidth() ?? 80) - 1, 20))
        output.append("\r")
        output.append(contentsOf: text.padded(to: min(live, (currentWidth() ?? 80) - 1)).utf8)
        live = text.columns
    }

    // MARK: For programs

    private mutating func appendText(_ record: ExchangeRecord, to line: inout [UInt8]) {
        line.append("t=")
        time.append(record.time, to: &line)
        line.append(" proxy=")
        line.append(value: record.proxy)
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
        if record.hasFaults {
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
        line.append(record.hasFaults ? " faults=" : " faults=-")
        let start = line.count
        for (index, fault) in record.faults.enumerated() {
            if index > 0 { line.append(",") }
            line.append(contentsOf: fault.toxic.name.utf8)
            switch fault.effect {
            case .latency(let delay):
                line.append(":")
                line.append(milliseconds: delay)
                line.append("ms")
            case .respond(let status, _):
                line.append(":")
                line.append(decimal: UInt64(status.code))
            case .answer, .script, .stage: break
            }
        }
        if record.hasFaults { line.quote(from: start) }
        if let refusal = record.refusal {
            line.append(" refused=")
            line.append(contentsOf: refusal.rawValue.utf8)
        }
        for (name, text) in [("world", record.origin?.world), ("label", record.origin?.label)] {
            guard let text else { continue }
            line.append(contentsOf: " \(name)=".utf8)
            line.append(value: text)
        }
        if let via = record.via {
            line.append(" via=")
            line.append(value: via)
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
        if text.isEmpty { line.append("-") } else { line.append(value: text) }
    }

    private static func append(_ number: UInt64?, to line: inout [UInt8]) {
        if let number { line.append(decimal: number) } else { line.append("-") }
    }
}
