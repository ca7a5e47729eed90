import ChaosProxy
import Faults
import HTTPWire
import Records

/// From where on records are asked for.
enum Since: Equatable {
    /// A greater sequence number.
    case sequence(UInt64)
    /// Over later, in nanoseconds since 1970.
    case time(Int64)

    /// - Throws: `APIError` for what is neither.
    init(_ text: String) throws(APIError) {
        if let sequence = UInt64(text) {
            self = .sequence(sequence)
        } else if let time = Timestamp.nanoseconds(text) {
            // Times are written in microseconds: what was over in this one is not later.
            self = .time(time - time % 1000 + 999)
        } else {
            throw APIError(
                400,
                "since: '\(text)' is neither a sequence number nor a time like "
                    + "2026-11-21T14:02:01Z")
        }
    }
}

extension RecordFilter {
    /// Asks for one thing more.
    ///
    /// - Throws: `APIError` for a text that it cannot be.
    mutating func set(_ key: Key, _ text: String) throws(APIError) {
        guard !text.isEmpty || key == .query else {
            throw APIError(400, "\(key.rawValue) is empty: leave it out, or say what it is")
        }
        switch key {
        case .proxy: proxy = text
        case .method: method = text
        case .fault: fault = text
        case .path: path = try Self.pattern(text)
        case .client: client = try Self.client(text)
        case .status: statuses = try Self.statuses(text)
        case .acted: acted = try Self.acted(text)
        case .refused: refused = try Self.refused(text)
        case .attempt: attempt = try Self.attempt(text)
        case .end: ending = try Self.ending(text)
        case .label: label = text
        case .query: query = try Self.query(text)
        }
    }

    private static func pattern(_ text: String) throws(APIError) -> TextPattern {
        guard text.utf8.count <= Self.maximumPattern else {
            throw APIError(400, "path: longer than \(maximumPattern) bytes")
        }
        return TextPattern(glob: text)
    }

    private static func query(_ text: String) throws(APIError) -> RecordQuery {
        do {
            return try RecordQuery(text)
        } catch {
            throw APIError(400, "q: \(error)")
        }
    }

    private static func client(_ text: String) throws(APIError) -> String {
        guard Match.isClientPattern(text) else {
            throw APIError(
                400, "client: '\(text)' is no address like 127.0.0.1 and no network like 10.0.0.0/8"
            )
        }
        return text
    }

    /// `404`, `4xx`, `3` or `none`; several with commas.
    private static func statuses(_ text: String) throws(APIError) -> [StatusPattern] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.maximumStatuses else {
            throw APIError(
                400,
                "status: more than \(maximumStatuses). Name classes like 4xx instead")
        }
        var patterns: [StatusPattern] = []
        for part in parts {
            guard let pattern = StatusPattern(part) else {
                throw APIError(400, StatusPattern.mistake(part))
            }
            patterns.append(pattern)
        }
        return patterns
    }

    private static func acted(_ text: String) throws(APIError) -> Bool {
        guard text == "true" || text == "false" else {
            throw unknown("acted", text, ["true", "false"])
        }
        return text == "true"
    }

    private static func refused(_ text: String) throws(APIError) -> RefusedPattern {
        if text == "true" || text == "false" { return .isRefused(text == "true") }
        if let reason = ExchangeRecord.Refusal(rawValue: text) { return .reason(reason) }
        let names = ["true", "false"] + ExchangeRecord.Refusal.allCases.map(\.rawValue)
        throw unknown("refused", text, names)
    }

    private static func attempt(_ text: String) throws(APIError) -> UInt32 {
        guard let number = UInt32(text), number > 0 else {
            throw APIError(400, "attempt: '\(text)' is no whole number from 1")
        }
        return number
    }

    private static func ending(_ text: String) throws(APIError) -> ExchangeRecord.Ending {
        if let ending = ExchangeRecord.Ending(rawValue: text) { return ending }
        throw unknown("end", text, ExchangeRecord.Ending.allCases.map(\.rawValue))
    }

    private static func unknown(_ key: String, _ text: String, _ names: [String]) -> APIError {
        let hint = Suggestion.hint(for: text, in: names)
        return APIError(
            400, "\(key): '\(text)' is none of \(names.joined(separator: ", ")).\(hint)")
    }
}
