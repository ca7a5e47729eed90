import HTTPWire

/// Up to where the honest body has been sent, from which follows what a part of it is.
struct ContentCursor {
    private var honest = 0
    private var lastCoded: (part: ScriptPart, end: Int)?
    private var isBehindLoss = false

    /// What harm has been done to a part: where it is, which of its bytes have been sent before.
    ///
    /// - Returns: how many of its first bytes are there again, and what the others are.
    mutating func advance(over part: Range<Int>) -> (repeated: Int, harm: Bytes.Harm) {
        guard !part.isEmpty else { return nothing }
        defer { honest = max(honest, part.upperBound) }
        return place(part, honest)
    }

    /// The same of a part of what has been coded.
    ///
    /// - Parameter content: which part of the body that is.
    mutating func advance(
        over part: Range<Int>, of content: Range<Int>, _ step: ScriptPart
    ) -> (repeated: Int, harm: Bytes.Harm) {
        guard !part.isEmpty else { return nothing }
        var key = step
        (key.codedRange, key.flips) = (ScriptRange(), nil)
        var end = 0
        if let lastCoded, lastCoded.part == key {
            end = lastCoded.end
        } else {
            if content.lowerBound > honest { isBehindLoss = true }
            honest = max(honest, content.upperBound)
        }
        defer { lastCoded = (key, max(end, part.upperBound)) }
        return place(part, end)
    }

    /// What is said of no bytes, which are sent nowhere.
    private var nothing: (repeated: Int, harm: Bytes.Harm) { (0, .none) }

    private mutating func place(
        _ part: Range<Int>, _ end: Int
    ) -> (repeated: Int, harm: Bytes.Harm) {
        if part.lowerBound > end { isBehindLoss = true }
        let repeated = min(max(end - part.lowerBound, 0), part.count)
        return (repeated, isBehindLoss ? .behindLoss : .none)
    }
}
