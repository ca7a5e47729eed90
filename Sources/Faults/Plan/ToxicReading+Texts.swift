import HTTPWire

// Attributes that are no numbers: words, texts, and fields of a message.

extension ToxicReading {
    func text(
        _ field: ToxicField, _ attribute: Attribute, _ path: [String]
    ) throws(ToxicError) -> Quantity {
        switch field.value {
        case .text(let text): return try quantity(text, attribute, path)
        case .number(let digits) where attribute.unit == .word:
            return try quantity(digits, attribute, path)
        case .list(let lines) where attribute.unit == .fields:
            return .fields(
                try lines.map { line throws(ToxicError) in
                    try fields(line, attribute, path)
                }.flatMap(\.self))
        case .mapping(let members) where attribute.unit == .fields:
            return .fields(
                try members.map { member throws(ToxicError) in
                    try fields(member, path + [member.name])
                }.flatMap(\.self))
        case .number, .flag, .null, .list, .mapping:
            throw mismatch(field, path, attribute.unit == .fields ? .mapping : .text)
        }
    }

    private func quantity(
        _ text: String, _ attribute: Attribute, _ path: [String]
    ) throws(ToxicError) -> Quantity {
        do throws(FaultError) {
            return try attribute.quantity(text)
        } catch {
            throw ToxicError(path, error.description)
        }
    }

    /// `name: value`, a line of a list.
    private func fields(
        _ line: ToxicValue, _ attribute: Attribute, _ path: [String]
    ) throws(ToxicError) -> [HTTPField] {
        guard case .text(let text) = line,
            case .fields(let fields) = try quantity(text, attribute, path)
        else { throw ToxicError(path, .mismatch(found: line, wanted: .text)) }
        return fields
    }

    /// A name with its value, or with several.
    private func fields(
        _ member: ToxicField, _ path: [String]
    ) throws(ToxicError) -> [HTTPField] {
        let values = if case .list(let values) = member.value { values } else { [member.value] }
        return try values.map { value throws(ToxicError) in
            switch value {
            case .text(let text), .number(let text): HTTPField(member.name, text)
            case .flag, .null, .list, .mapping:
                throw ToxicError(path, .mismatch(found: value, wanted: .text))
            }
        }
    }
}
