import ChaosProxy
import Faults
import HTTPWire

/// The limits of a proxy as JSON: members of the proxy, only where they are set. `null` and 0 take
/// a limit away.
enum LimitsCoding {
    static let keys = [
        "max_concurrency", "max_concurrency_per_client", "over_limit", "rate", "max_connections",
    ]

    static func members(_ limits: RequestLimits) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let maximum = limits.maxConcurrency {
            members.append(.init("max_concurrency", .number(Int64(maximum))))
        }
        if let maximum = limits.maxConcurrencyPerClient {
            members.append(.init("max_concurrency_per_client", .number(Int64(maximum))))
        }
        if let overLimit = limits.overLimit {
            members.append(.init("over_limit", .string(text(overLimit))))
        }
        if let rate = limits.rate { members.append(.init("rate", JSONWriter.number(rate))) }
        if let maximum = limits.maxConnections {
            members.append(.init("max_connections", .number(Int64(maximum))))
        }
        return members
    }

    static func text(_ overLimit: RequestLimits.OverLimit) -> String {
        switch overLimit {
        case .respond(let status): "\(status.code)"
        case .queue: "queue"
        case .close: "close"
        }
    }

    /// - Throws: `JSONError` or `APIError`; whether the protocol has such limits is checked later.
    static func changes(_ fields: JSONFields) throws -> RequestLimits.Changes {
        var changes = RequestLimits.Changes()
        changes.maxConcurrency = try count("max_concurrency", fields)
        changes.maxConcurrencyPerClient = try count("max_concurrency_per_client", fields)
        changes.maxConnections = try count("max_connections", fields)
        changes.rate = try rate(fields)
        changes.overLimit = try overLimit(fields)
        return changes
    }

    private static func count(_ name: String, _ fields: JSONFields) throws -> Int?? {
        guard fields.mentions(name) else { return nil }
        let value = try fields.integer(name) ?? 0
        guard value >= 0 else {
            throw APIError(
                400, "invalid \(name): \(value) is no number from 1; null takes the limit away")
        }
        return .some(value == 0 ? nil : Int(value))
    }

    private static func rate(_ fields: JSONFields) throws -> Double?? {
        guard fields.mentions("rate") else { return nil }
        let rate = try fields.fraction("rate") ?? 0
        guard rate >= 0 else {
            throw APIError(
                400,
                "invalid rate: \(rate) is not more than 0 requests a second; null takes the limit "
                    + "away")
        }
        return .some(rate == 0 ? nil : rate)
    }

    private static func overLimit(_ fields: JSONFields) throws -> RequestLimits.OverLimit?? {
        guard fields.mentions("over_limit") else { return nil }
        guard let text = try fields.text("over_limit") else { return .some(nil) }
        switch text {
        case "503": return .respond(503)
        case "429": return .respond(429)
        case "queue": return .queue
        case "close": return .close
        case "0": return .some(nil)
        default:
            let hint = Suggestion.hint(for: text, in: ["503", "429", "queue", "close"])
            throw APIError(
                400, "invalid over_limit: '\(text)' is none of 503, 429, queue, close.\(hint)")
        }
    }
}
