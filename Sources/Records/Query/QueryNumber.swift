import Faults

/// What can be compared. Values are what the record shows: times of a whole tenth of a
/// millisecond, never rounded up.
enum QueryNumber {
    case seq, t, conn, exchange, attempt, status, delay, actualDelay, queued, duration
    case bytesSent, bytesPromised, inFlight

    enum Unit {
        case none
        /// Bytes.
        case size
        /// Nanoseconds.
        case time
        /// Nanoseconds since 1970, of a whole microsecond.
        case instant
    }

    var unit: Unit {
        switch self {
        case .seq, .conn, .exchange, .attempt, .status, .inFlight: .none
        case .delay, .actualDelay, .queued, .duration: .time
        case .bytesSent, .bytesPromised: .size
        case .t: .instant
        }
    }

    /// In its unit; nil if the record has none.
    func value(in record: ExchangeRecord) -> UInt64? {
        switch self {
        case .seq: record.sequence
        case .t: Self.shown(UInt64(max(record.time, 0)), 1000)
        case .conn: UInt64(record.connection)
        case .exchange: UInt64(record.exchange)
        case .attempt: record.attempt.map(UInt64.init)
        case .status: record.status.map { UInt64($0.code) }
        case .delay: Self.shown(record.plannedDelay, 100_000)
        case .actualDelay: Self.shown(record.actualDelay, 100_000)
        case .queued: Self.shown(record.queued, 100_000)
        case .duration: Self.shown(record.duration, 100_000)
        case .bytesSent: UInt64(max(record.bytesSent, 0))
        case .bytesPromised: record.bytesPromised.map { UInt64(max($0, 0)) }
        case .inFlight: UInt64(max(record.inFlight, 0))
        }
    }

    private static func shown(_ value: UInt64, _ step: UInt64) -> UInt64 { value - value % step }
}

// MARK: Reading

extension QueryNumber {
    /// - Returns: the value in its unit; nil if the text is none.
    func value(of text: String) -> UInt64? {
        switch unit {
        case .none: text.utf8.allSatisfy { $0 &- 0x30 <= 9 } ? UInt64(text) : nil
        case .size: Self.scaled(text, Notation.sizeUnits, 1)
        case .time: Self.scaled(text, Notation.timeUnits, 1e6)
        case .instant: Timestamp.nanoseconds(text).map { Self.shown(UInt64(max($0, 0)), 1000) }
        }
    }

    /// - Parameter bare: what a number without a unit is a number of.
    private static func scaled(
        _ text: String, _ units: [(suffix: String, scale: Double)], _ bare: Double
    ) -> UInt64? {
        let suffix = unit(of: text)
        let scale =
            suffix.isEmpty ? bare : units.first { $0.suffix == suffix.lowercased() }?.scale
        guard let scale, let number = Notation.number(String(text.dropLast(suffix.count))),
            number * scale < 1e18
        else { return nil }
        return Notation.whole(number * scale).map { UInt64($0) }
    }

    /// What stands behind the digits.
    private static func unit(of text: String) -> Substring {
        text.drop { $0.isASCII && $0.isNumber || $0 == "." }
    }

    /// What it takes, for messages.
    var wanted: String {
        switch unit {
        case .none: "whole number from 0"
        case .size: "size like 1000, 4kB or 1MiB, in whole bytes"
        case .time: "time like 400 (milliseconds), 400ms or 1.5s"
        case .instant: "time like 2026-11-21T14:02:01Z"
        }
    }

    /// A value as a sentence has it: `400 ms`.
    func shown(_ text: String) -> String {
        let suffix = Self.unit(of: text)
        let number = text.dropLast(suffix.count)
        return switch unit {
        case .none, .instant: text
        case .time: "\(number) \(suffix.isEmpty ? "ms" : suffix)"
        case .size: "\(number) \(!suffix.isEmpty ? suffix : number == "1" ? "byte" : "bytes")"
        }
    }

    // MARK: Telling

    /// - Parameter amount: `over 400 ms`.
    func phrase(_ amount: String, isNegated: Bool) -> String {
        let not = isNegated ? "not " : ""
        return switch self {
        case .delay: "\(not)delayed by \(amount)"
        case .actualDelay: "\(not)held back for \(amount)"
        case .queued: "\(not)queued for \(amount)"
        case .duration: isNegated ? "that did not take \(amount)" : "that took \(amount)"
        case .bytesSent: "\(not)with \(amount) sent"
        case .bytesPromised: "\(not)with \(amount) promised"
        case .inFlight: "\(not)with \(amount) in flight"
        case .t: isNegated ? "that did not end \(amount)" : "that ended \(amount)"
        case .seq: "whose number is \(not)\(amount)"
        case .conn: "whose connection is \(not)\(amount)"
        case .exchange: "whose place on its connection is \(not)\(amount)"
        case .attempt: "whose attempt is \(not)\(amount)"
        case .status: "whose status is \(not)\(amount)"
        }
    }

    /// Whether the record has one at all.
    func phrase(isThere: Bool) -> String {
        let with = isThere ? "with" : "without"
        return switch self {
        case .seq: "\(with) a number"
        case .t: "\(with) an end"
        case .conn: "\(with) a connection"
        case .exchange: "\(with) a place on its connection"
        case .attempt: "\(with) an attempt"
        case .status: "\(with) a status"
        case .delay, .actualDelay: "\(with) a delay"
        case .queued: "\(with) a time in the queue"
        case .duration: "\(with) a duration"
        case .bytesSent: "\(with) bytes sent"
        case .bytesPromised: "\(with) bytes promised"
        case .inFlight: "\(with) exchanges in flight"
        }
    }
}
