import Faults

/// The conditions of a toxic as JSON: `{"path": "/flags/*", "method": "GET", "header": "range: *",
/// "client": "10.0.0.0/8", "request": "1...2"}`.
enum MatchCoding {
    /// Longest pattern in bytes.
    private static let maximumPattern = 1024

    static func json(_ match: Match) -> JSONValue {
        let header = match.header.map { $0.name + ($0.value.map { ": \($0)" } ?? "") }
        let parts = [
            ("path", match.path), ("method", match.method), ("header", header),
            ("client", match.client), ("request", match.request.map { "\($0)" }),
        ]
        return .object(
            parts.compactMap { name, text in text.map { JSONValue.Member(name, .string($0)) } })
    }

    /// - Returns: nil if nothing is asked.
    static func match(_ fields: JSONFields) throws -> Match? {
        guard let fields = try fields.object("match", type: "Match") else { return nil }
        var match = Match()
        match.path = try pattern("path", fields)
        match.method = try pattern("method", fields)
        match.header = try pattern("header", fields).map(header)
        match.client = try pattern("client", fields).map(client)
        if let text = try fields.text("request"), !text.isEmpty {
            do throws(FaultError) {
                match.request = try ExchangeRange(text)
            } catch {
                throw APIError(400, "invalid match: request: \(error)")
            }
        }
        return match == Match() ? nil : match
    }

    private static func pattern(_ name: String, _ fields: JSONFields) throws -> String? {
        guard let text = try fields.string(name), !text.isEmpty else { return nil }
        guard text.utf8.count <= maximumPattern else {
            throw APIError(
                400, "invalid match: \(name): longer than \(maximumPattern) bytes")
        }
        return text
    }

    /// `name` or `name: pattern`.
    private static func header(_ text: String) throws -> HeaderMatch {
        let parts = text.split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].utf8.reversed().drop { $0 == 0x20 }.reversed()
        let isToken = name.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard !name.isEmpty, isToken else {
            throw APIError(400, "invalid match: header: '\(text)' is not of the form name: value")
        }
        let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : nil
        return HeaderMatch(
            name: String(decoding: name, as: UTF8.self),
            value: value.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// An address, or a network as address/bits.
    private static func client(_ text: String) throws -> String {
        guard Match.isClientPattern(text) else {
            throw APIError(400, "invalid match: client: '\(text)' is no address and no network")
        }
        return text
    }
}
