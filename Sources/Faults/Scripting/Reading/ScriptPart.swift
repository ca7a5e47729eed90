/// A part of a head, a body or a coded body.
struct ScriptRange: Equatable, Sendable {
    /// nil: from the start.
    var from: ScriptExpression?
    /// nil: to the end.
    var to: ScriptExpression?

    var variables: [ScriptVariable] { (from?.variables ?? []) + (to?.variables ?? []) }
}

/// What `body` and `chunk` send.
struct ScriptPart: Equatable, Sendable {
    var isOther = false
    var range = ScriptRange()
    var coding: StoredCoding?
    /// Of what has been coded.
    var codedRange = ScriptRange()
    /// How many bits are flipped.
    var flips: ScriptExpression?

    var variables: [ScriptVariable] {
        range.variables + codedRange.variables + (flips?.variables ?? [])
    }
}
