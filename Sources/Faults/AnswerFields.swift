import HTTPWire

/// Fields that a fault's answer has of its own: how they are written, and what they may be.
enum AnswerFields {
    /// How many there may be.
    static let maximumCount = 64
    /// Most bytes of all, each as it stands on the wire.
    static let maximumBytes = 8192
    /// What frames an answer, or is said of its connection, and what every answer has already.
    private static let reserved = [
        "connection", "content-length", "date", "keep-alive", "proxy-connection", "server", "te",
        "trailer", "transfer-encoding", "upgrade",
    ]

    /// `X-RateLimit-Remaining: 0`, one field; none for nothing.
    ///
    /// - Parameters:
    ///   - owner: the attribute's name.
    ///   - none: a word for no field.
    static func fields(
        _ text: String, _ owner: String, _ none: String?
    ) throws(FaultError) -> [HTTPField] {
        if text.isEmpty || text == none { return [] }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw FaultError(
                "\(owner) '\(text)' is no field. Write 'X-RateLimit-Remaining: 0'.")
        }
        return try checked([HTTPField(String(parts[0].trimmed), String(parts[1]))], owner)
    }

    /// The fields without blanks around their values, those of one name behind each other.
    ///
    /// - Throws: what is wrong with which.
    static func checked(
        _ fields: [HTTPField], _ owner: String
    ) throws(FaultError) -> [HTTPField] {
        guard fields.count <= maximumCount else {
            throw FaultError("\(owner) has \(fields.count) fields. It has at most \(maximumCount).")
        }
        let fields = try fields.map { field throws(FaultError) in try checked(field, owner) }
        let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard size <= maximumBytes else {
            throw FaultError("\(owner) has \(size) bytes. It has at most \(maximumBytes).")
        }
        return grouped(fields)
    }

    private static func checked(
        _ field: HTTPField, _ owner: String
    ) throws(FaultError) -> HTTPField {
        guard !field.name.isEmpty, field.name.utf8.allSatisfy(\.isToken) else {
            throw FaultError("\(owner): '\(field.name)' is no name of a field.")
        }
        guard !reserved.contains(field.name.lowercased()) else {
            throw FaultError(
                "\(owner): \(field.name) is the server's to say, as it frames the answer. "
                    + "Leave it out.")
        }
        let value = String(field.value[...].trimmed)
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
            throw FaultError(
                "\(owner): the value of \(field.name) has a line break or another control "
                    + "character.")
        }
        return HTTPField(field.name, value)
    }

    private static func grouped(_ fields: [HTTPField]) -> [HTTPField] {
        var names: [String] = []
        var groups: [String: [HTTPField]] = [:]
        for field in fields {
            let name = field.name.lowercased()
            if groups[name] == nil { names.append(name) }
            // One name has one spelling, so that it can be shown as one key.
            let spelling = groups[name]?.first?.name ?? field.name
            groups[name, default: []].append(HTTPField(spelling, field.value))
        }
        return names.flatMap { groups[$0] ?? [] }
    }
}
