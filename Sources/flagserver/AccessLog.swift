import ChaosProxy
import Faults
import Glibc
import HTTPWire

/// One line for each exchange: for people on a terminal, `key=value` off it, or JSON.
final class AccessLog {
    enum Style { case people, text, json }

    private let style: Style
    private let hasColor: Bool
    private let seed: UInt64
    /// The second that was written last, and how.
    private var second = Int.min
    private var secondText = ""

    init(style: Style, hasColor: Bool, seed: UInt64) {
        (self.style, self.hasColor, self.seed) = (style, hasColor, seed)
    }

    /// - Returns: the line with its newline.
    func line(_ record: ExchangeRecord, at time: timespec) -> String {
        switch style {
        case .people: people(record, time)
        case .text: text(record, time)
        case .json: json(record, time)
        }
    }

    // MARK: For people

    private func people(_ record: ExchangeRecord, _ time: timespec) -> String {
        let clock = clock(time).dropFirst(11).prefix(12)
        let label = record.proxy.uppercased()
        let padding = String(repeating: " ", count: max(2, 7 - label.count))
        let size = "\(record.bytes) B"
        let faults = record.faults.map(Self.words).joined(separator: ", ")
        let attempt = (record.attempt ?? 1) > 1 ? "  attempt \(record.attempt ?? 1)" : ""
        let note = faults.isEmpty ? "" : "  \(faults)"
        let took = Self.milliseconds(record.duration)
        let status = record.status.map { colored("\($0.code)", $0.code) } ?? "---"
        let request = Self.request(record)
        return "\(clock)  \(label)\(padding)\(status)  \(request)"
            + "  \(size)  \(took) ms\(note)\(attempt)\(ending(record))\n"
    }

    private static func request(_ record: ExchangeRecord) -> String {
        if !record.target.isEmpty {
            // Some protocols' commands say their name in the target again.
            let isRepeated = record.target.hasPrefix(record.method)
            let text = isRepeated ? record.target : "\(record.method) \(record.target)"
            return text.replacing("\r\n", with: " ")
        }
        return record.status == nil ? "(connection)" : "(no request)"
    }

    private func ending(_ record: ExchangeRecord) -> String {
        switch record.ending {
        case .keep, .fin: ""
        case .rst, .clientFin, .clientRST, .timeout, .backendRefused, .backendFin, .backendRST,
            .upgraded:
            "  ended: \(record.ending.rawValue)"
        }
    }

    private func colored(_ text: String, _ code: UInt16) -> String {
        guard hasColor else { return text }
        let color = code < 300 ? "32" : code < 400 ? "36" : code < 500 ? "33" : "31"
        return "\u{1b}[\(color)m\(text)\u{1b}[0m"
    }

    private static func dash(_ text: String) -> String { text.isEmpty ? "-" : text }

    private static func words(_ fault: FaultPlan.DrawnFault) -> String {
        switch fault.effect {
        case .latency(let delay): "delayed \(OptionValues.readable(delay))"
        case .respond: "injected"
        case .stage: FaultSummary.words(fault.toxic)
        }
    }

    // MARK: For programs

    private func text(_ record: ExchangeRecord, _ time: timespec) -> String {
        let faults = record.faults.map { fault in
            switch fault.effect {
            case .latency(let delay): "\(fault.toxic.name):\(Self.milliseconds(delay))ms"
            case .respond(let status, _): "\(fault.toxic.name):\(status.code)"
            case .stage: fault.toxic.name
            }
        }
        return "t=\(clock(time)) proxy=\(record.proxy) conn=\(record.connection)"
            + " exchange=\(record.exchange) client=\(record.client.map { "\($0)" } ?? "-")"
            + " method=\(Self.dash(record.method)) target=\(Self.dash(record.target))"
            + " attempt=\(record.attempt.map { "\($0)" } ?? "-")"
            + " status=\(record.status.map { "\($0.code)" } ?? "-")"
            + " bytes=\(record.bytes) delay_ms=\(Self.milliseconds(record.plannedDelay))"
            + " duration_ms=\(Self.milliseconds(record.duration))"
            + " faults=\(faults.isEmpty ? "-" : faults.joined(separator: ","))"
            + " end=\(record.ending.rawValue)\n"
    }

    private func json(_ record: ExchangeRecord, _ time: timespec) -> String {
        let faults = record.faults.map(Self.json).joined(separator: ",")
        return "{\"t\":\"\(clock(time))\",\"proxy\":\(JSONText.quoted(record.proxy)),"
            + "\"conn\":\(record.connection),\"exchange\":\(record.exchange),"
            + "\"client\":\(record.client.map { "\"\($0)\"" } ?? "null"),"
            + "\"method\":\(Self.orNull(record.method)),"
            + "\"target\":\(Self.orNull(record.target)),"
            + "\"attempt\":\(record.attempt.map { "\($0)" } ?? "null"),\"seed\":\(seed),"
            + "\"faults\":[\(faults)],\"status\":\(record.status.map { "\($0.code)" } ?? "null"),"
            + "\"bytes_promised\":\(record.bytes),"
            + "\"delay_ms\":\(Self.milliseconds(record.plannedDelay)),"
            + "\"duration_ms\":\(Self.milliseconds(record.duration)),"
            + "\"in_flight\":\(record.inFlight),\"end\":\"\(record.ending.rawValue)\"}\n"
    }

    private static func orNull(_ text: String) -> String {
        text.isEmpty ? "null" : JSONText.quoted(text)
    }

    private static func json(_ fault: FaultPlan.DrawnFault) -> String {
        let draw = fault.draw.map { "\(($0 * 1e6).rounded(.down) / 1e6)" } ?? "null"
        let toxicity = "\(fault.toxic.toxicity.probability.fraction)"
        let effect =
            switch fault.effect {
            case .latency(let delay): ",\"delay_ms\":\(milliseconds(delay))"
            case .respond(let status, _): ",\"status\":\(status.code)"
            case .stage: ""
            }
        return "{\"toxic\":\(JSONText.quoted(fault.toxic.name)),"
            + "\"type\":\"\(fault.toxic.fault.type.rawValue)\","
            + "\"draw\":\(draw),\"toxicity\":\(toxicity)\(effect)}"
    }

    // MARK: Quantities

    /// `2026-11-21T14:02:01.120345Z`
    private func clock(_ time: timespec) -> String {
        if time.tv_sec != second {
            second = time.tv_sec
            secondText = Self.secondText(time.tv_sec)
        }
        return "\(secondText).\(Self.padded(time.tv_nsec / 1000, 6))Z"
    }

    static func secondText(_ second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let clock = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
        return date.map { padded($0, 2) }.joined(separator: "-") + "T"
            + clock.map { padded($0, 2) }.joined(separator: ":")
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// With one decimal, never rounded up: a log must not show more delay than there was.
    static func milliseconds(_ time: Nanoseconds) -> String {
        let tenths = time / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
