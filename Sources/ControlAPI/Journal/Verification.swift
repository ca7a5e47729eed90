import ChaosProxy
import Faults
import HTTPWire
import Records

/// What `POST /verify` is asked: which records are meant, and what is expected of them.
struct Verification {
    /// A number from `minimum` to `maximum`; nil is no bound, and one of them is given.
    struct Bounds: Equatable {
        let minimum: UInt64?
        let maximum: UInt64?

        /// What is wrong with a value; nil if nothing is.
        func problem(of name: String, _ value: UInt64) -> String? {
            if minimum == maximum, let minimum, value != minimum {
                return "\(name) is \(value), but \(minimum) was expected"
            }
            if let minimum, value < minimum {
                return "\(name) is \(value), but at least \(minimum) was expected"
            }
            if let maximum, value > maximum {
                return "\(name) is \(value), but at most \(maximum) was expected"
            }
            return nil
        }
    }

    private enum Key: String, CaseIterable {
        case since, count
        case peakConcurrency = "peak_concurrency"
        case peakConnections = "peak_connections"
    }

    private(set) var filter = RecordFilter()
    /// nil: since the last reset.
    private(set) var since: Since?
    private(set) var count: Bounds?
    private(set) var peakConcurrency: Bounds?
    private(set) var peakConnections: Bounds?

    /// - Throws: `APIError` or `JSONError`.
    init(_ request: HTTPRequest) throws {
        guard case .object(let members) = try JSONReader.read(request.content, isWhole: true) else {
            throw APIError(
                400, "the body must be an object like {\"proxy\":\"delay\",\"count\":{\"min\":1}}")
        }
        var names: Set<String> = []
        for member in members {
            guard names.insert(member.name).inserted else {
                throw APIError(400, "'\(member.name)' is given twice")
            }
            if member.value != .null { try set(member) }
        }
        guard count != nil || peakConcurrency != nil || peakConnections != nil else {
            throw APIError(
                400,
                "nothing is expected: give count, peak_concurrency or peak_connections, as a "
                    + "number or as {\"min\":1,\"max\":5}")
        }
    }

    private mutating func set(_ member: JSONValue.Member) throws(APIError) {
        if let key = RecordFilter.Key(rawValue: member.name) {
            return try filter.set(key, Self.text(key, member.value))
        }
        switch Key(rawValue: member.name) {
        case .since: try set(since: member)
        case .count: count = try Self.bounds(member)
        case .peakConcurrency: peakConcurrency = try Self.bounds(member)
        case .peakConnections: peakConnections = try Self.bounds(member)
        case nil:
            let known = RecordFilter.Key.allCases.map(\.rawValue) + Key.allCases.map(\.rawValue)
            let hint = Suggestion.hint(for: member.name, in: known.filter { $0.count > 1 })
            throw APIError(400, "unknown key '\(member.name)'.\(hint)")
        }
    }

    private mutating func set(since member: JSONValue.Member) throws(APIError) {
        switch member.value {
        case .number(let text), .string(let text): since = try Since(text)
        default: throw Self.mismatch(member.name, "a sequence number or a time", member.value)
        }
        if case .time(let time) = since { filter.laterThan = time }
    }

    // MARK: Values

    /// As a query spells it.
    private static func text(
        _ key: RecordFilter.Key, _ value: JSONValue
    ) throws(APIError) -> String {
        switch (key, value) {
        case (.status, .array(let elements)):
            guard !elements.isEmpty else { throw APIError(400, "status: the list is empty") }
            var texts: [String] = []
            for element in elements { texts.append(try status(element)) }
            return texts.joined(separator: ",")
        case (.status, _): return try status(value)
        case (.attempt, .number(let text)): return text
        case (.attempt, _): throw mismatch(key.rawValue, "a number", value)
        case (.refused, .bool(let isSo)), (.acted, .bool(let isSo)): return isSo ? "true" : "false"
        case (.acted, .string(let text)): return text
        case (.acted, _): throw mismatch(key.rawValue, "true or false", value)
        case (.refused, .string(let text)): return text
        case (.refused, _): throw mismatch(key.rawValue, "true, false or a reason", value)
        case (.proxy, .string(let text)), (.path, .string(let text)), (.method, .string(let text)),
            (.client, .string(let text)), (.fault, .string(let text)), (.end, .string(let text)),
            (.label, .string(let text)), (.query, .string(let text)):
            return text
        case (.proxy, _), (.path, _), (.method, _), (.client, _), (.fault, _), (.end, _),
            (.label, _), (.query, _):
            throw mismatch(key.rawValue, "text", value)
        }
    }

    private static func status(_ value: JSONValue) throws(APIError) -> String {
        switch value {
        case .number(let text), .string(let text): text
        default: throw mismatch("status", "a number, a text like 4xx or a list of them", value)
        }
    }

    /// A number, or `{"min": 1, "max": 5}` with one of them at least.
    private static func bounds(_ member: JSONValue.Member) throws(APIError) -> Bounds {
        let name = member.name
        guard case .object(let members) = member.value else {
            let number = try number(name, member.value, "a number or {\"min\":1,\"max\":5}")
            return Bounds(minimum: number, maximum: number)
        }
        var (minimum, maximum): (UInt64?, UInt64?)
        for member in members where member.value != .null {
            let value = try number("\(name).\(member.name)", member.value, "a number")
            switch member.name {
            case "min" where minimum == nil: minimum = value
            case "max" where maximum == nil: maximum = value
            case "min", "max": throw APIError(400, "\(name) has '\(member.name)' twice")
            default:
                let hint = Suggestion.hint(for: member.name, in: ["min", "max"])
                throw APIError(400, "unknown key '\(member.name)' in \(name).\(hint)")
            }
        }
        guard minimum != nil || maximum != nil else {
            throw APIError(400, "\(name) has neither min nor max")
        }
        guard minimum ?? 0 <= maximum ?? .max else {
            throw APIError(
                400, "\(name): min \(minimum ?? 0) is more than max \(maximum ?? 0)")
        }
        return Bounds(minimum: minimum, maximum: maximum)
    }

    private static func number(
        _ name: String, _ value: JSONValue, _ wanted: String
    ) throws(APIError) -> UInt64 {
        guard case .number(let text) = value else { throw mismatch(name, wanted, value) }
        guard let number = UInt64(text) else {
            throw APIError(400, "\(name): \(text) is no whole number from 0")
        }
        return number
    }

    private static func mismatch(_ name: String, _ wanted: String, _ value: JSONValue) -> APIError {
        let found =
            switch value {
            case .null: "null"
            case .bool(let isTrue): isTrue ? "true" : "false"
            case .number(let text): text
            case .string: "text"
            case .array: "a list"
            case .object: "an object"
            }
        return APIError(400, "\(name) must be \(wanted), but it is \(found)")
    }
}
