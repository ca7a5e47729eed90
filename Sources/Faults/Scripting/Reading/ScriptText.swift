/// A text in quotes, with its variables.
struct ScriptText: Equatable, Sendable {
    enum Part: Equatable, Sendable {
        case literal([UInt8])
        /// With what is added: seconds to a date.
        case variable(ScriptVariable, plus: Int64)
    }

    let parts: [Part]

    /// Its bytes if they are always the same; nil else.
    var constant: [UInt8]? {
        guard let first = parts.first else { return [] }
        guard parts.count == 1, case .literal(let bytes) = first else { return nil }
        return bytes
    }

    var variables: [ScriptVariable] {
        parts.compactMap { part in
            if case .variable(let variable, _) = part { variable } else { nil }
        }
    }
}
