import ChaosProxy
import EventLoop
import Faults
import Glibc

/// One line for each exchange: for people on a terminal, or `key=value` off it. The third way,
/// JSON, is the journal's.
///
/// It is made of bytes, without a string in between where none is needed: at full rate there are
/// more than a hundred thousand lines a second.
struct AccessLog: RecordFormat {
    enum Style {
        case people(hasColor: Bool), text
    }

    private let style: Style
    /// The second and the client that were written last, and how.
    private var second = Int.min
    private var secondText: [UInt8] = []
    private var client: SocketAddress?
    private var clientText: [UInt8] = []

    init(_ style: Style) { self.style = style }

    /// Appends the line with its newline.
    mutating func append(_ record: ExchangeRecord, to line: inout [UInt8]) {
        switch style {
        case .people(let hasColor): appendPeople(record, hasColor, to: &line)
        case .text: appendText(record, to: &line)
        }
    }

    // MARK: For people

    private mutating func appendPeople(
        _ record: ExchangeRecord, _ hasColor: Bool, to line: inout [UInt8]
    ) {
        let microseconds = tellTime(record.time)
        line += secondText.dropFirst(11)
        line.append(".")
        line.append(microseconds / 1000, digits: 3)
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
        line.append(decimal: Int(code))
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
            line.append(printable: words(fault))
        }
        if let refusal = record.refusal {
            line.append("  refused: ")
            line.append(refusal.rawValue)
        }
        if let attempt = record.attempt, attempt > 1 {
            line.append("  attempt ")
            line.append(decimal: Int(attempt))
        }
        if let via = record.via {
            line.append("  via ")
            line.append(printable: via)
        }
        switch record.ending {
        case .keep, .fin: break
        case .rst, .clientFin, .clientRST, .timeout, .backendRefused, .backendFin, .backendRST,
            .upgraded:
            line.append("  ended: ")
            line.append(record.ending.rawValue)
        }
    }

    private static func words(_ fault: FaultPlan.DrawnFault) -> String {
        switch fault.effect {
        case .latency(let delay): "delayed \(OptionValues.readable(delay))"
        case .respond: "injected"
        case .stage: FaultSummary.words(fault.toxic)
        }
    }

    // MARK: For programs

    private mutating func appendText(_ record: ExchangeRecord, to line: inout [UInt8]) {
        let microseconds = tellTime(record.time)
        line.append("t=")
        line += secondText
        line.append(".")
        line.append(microseconds, digits: 6)
        line.append("Z proxy=")
        line.append(printable: record.proxy)
        line.append(" conn=")
        line.append(decimal: Int(record.connection))
        line.append(" exchange=")
        line.append(decimal: Int(record.exchange))
        line.append(" client=")
        appendClient(record.client, to: &line)
        line.append(" method=")
        line.append(dashIfEmpty: record.method)
        line.append(" target=")
        line.append(dashIfEmpty: record.target)
        line.append(" attempt=")
        line.append(decimal: record.attempt.map { Int($0) })
        line.append(" status=")
        line.append(decimal: record.status.map { Int($0.code) })
        Self.appendAmounts(record, to: &line)
        Self.appendReasons(record, to: &line)
        line.append(" end=")
        line.append(record.ending.rawValue)
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
                line.append(decimal: Int(status.code))
            case .stage: break
            }
        }
        if let refusal = record.refusal {
            line.append(" refused=")
            line.append(refusal.rawValue)
        }
        if let via = record.via {
            line.append(" via=")
            line.append(printable: via)
        }
    }

    /// Many lines in a row have the same host, mostly a loopback address.
    private mutating func appendClient(_ address: SocketAddress?, to line: inout [UInt8]) {
        guard let address else { return line.append("-") }
        let host = address.with(port: 0)
        if host != client {
            client = host
            clientText = Array(address.urlHost.utf8)
        }
        line += clientText
        line.append(":")
        line.append(decimal: Int(address.port))
    }

    // MARK: Quantities

    /// Makes `secondText` that of `time`, in nanoseconds since 1970.
    ///
    /// - Returns: the microseconds behind the second.
    private mutating func tellTime(_ time: Int64) -> Int {
        let nanoseconds = Int(time)
        let fraction = nanoseconds - nanoseconds / 1_000_000_000 * 1_000_000_000
        let second = nanoseconds / 1_000_000_000 - (fraction < 0 ? 1 : 0)
        if second != self.second {
            self.second = second
            secondText = Array(Self.secondText(second).utf8)
        }
        return (fraction < 0 ? fraction + 1_000_000_000 : fraction) / 1000
    }

    /// `2026-11-21T14:02:01`, UTC; from seconds since 1970.
    static func secondText(_ second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        var text: [UInt8] = []
        text.append(Int(parts.tm_year) + 1900, digits: 4)
        for (mark, number) in [
            ("-", parts.tm_mon + 1), ("-", parts.tm_mday), ("T", parts.tm_hour),
            (":", parts.tm_min), (":", parts.tm_sec),
        ] as [(StaticString, Int32)] {
            text.append(mark)
            text.append(Int(number), digits: 2)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// With one decimal, never rounded up: a log must not show more delay than there was.
    static func milliseconds(_ time: Nanoseconds) -> String {
        var text: [UInt8] = []
        text.append(milliseconds: time)
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: StaticString) {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        append(contentsOf: bytes)
    }

    fileprivate mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    /// On one line, and harmless to a terminal: control characters become a space, those behind
    /// ASCII too (C2 9B is CSI).
    fileprivate mutating func append(printable text: String) {
        let start = count
        append(contentsOf: text.utf8)
        guard self[start...].contains(where: { Self.isControl($0) || $0 == 0xc2 }) else { return }
        let raw = Array(self[start...])
        removeLast(raw.count)
        var previous: UInt8 = 0
        for byte in raw {
            let isLate = previous == 0xc2 && byte < 0xa0
            if isLate { removeLast() }
            // A line end of two characters is one space.
            let isLineEnd = previous == 0x0d && byte == 0x0a
            previous = byte
            if isLineEnd { continue }
            append(isLate || Self.isControl(byte) ? UInt8(ascii: " ") : byte)
        }
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }

    fileprivate mutating func append(dashIfEmpty text: String) {
        if text.isEmpty { append("-") } else { append(printable: text) }
    }

    fileprivate mutating func append(decimal number: Int?) {
        if let number { append(number, digits: 1) } else { append("-") }
    }

    /// - Parameter digits: at least so many, with zeros in front; `number` is not negative.
    fileprivate mutating func append(_ number: Int, digits: Int) {
        append(UInt64(number.magnitude), digits: digits)
    }

    private mutating func append(_ number: UInt64, digits: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var (rest, start) = (number, 20)
            repeat {
                start -= 1
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0 || start > 20 - digits
            append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    fileprivate mutating func append(milliseconds time: Nanoseconds) {
        append(time / 1_000_000, digits: 1)
        append(".")
        append(time / 100_000 % 10, digits: 1)
    }
}
