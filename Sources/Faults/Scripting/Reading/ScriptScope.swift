/// The names that may stand behind a `$` at a place in a script.
struct ScriptScope {
    enum Kind: String, CaseIterable, Sendable { case position, bytes, time, count, word }

    struct Parameter: Sendable {
        let name: String
        let kind: Kind
        let attribute: Attribute
    }

    var parameters: [Parameter] = []
    /// How many loops are open.
    var depth = 0

    typealias Found = (variable: ScriptVariable, count: Int)

    /// The variable whose name stands at the start of `bytes`.
    ///
    /// - Returns: with how many bytes the name has; nil if no name stands there.
    /// - Throws: that there is none of that name, without a place.
    func variable(_ bytes: ArraySlice<UInt8>) throws(FaultError) -> Found? {
        var end = Self.endOfName(bytes)
        guard end > bytes.startIndex else { return nil }
        let start = String(decoding: bytes[bytes.startIndex..<end], as: UTF8.self)
        // `$other.length` has a point; one behind another name ends a sentence.
        if end + 1 < bytes.endIndex, bytes[end] == UInt8(ascii: "."),
            ScriptVariable.all.contains(where: { $0.name.hasPrefix("\(start).") })
        {
            end = Self.endOfName(bytes[(end + 1)...])
        }
        let name = String(decoding: bytes[bytes.startIndex..<end], as: UTF8.self)
        return (try variable(named: name), end - bytes.startIndex)
    }

    private func variable(named name: String) throws(FaultError) -> ScriptVariable {
        if let index = parameters.firstIndex(where: { $0.name == name }) {
            return .parameter(index)
        }
        guard let variable = ScriptVariable.all.first(where: { $0.name == name })?.variable else {
            let known = parameters.map(\.name) + ScriptVariable.all.map(\.name)
            throw FaultError(
                "There is no variable '$\(name)'.\(Suggestion.hint(for: name, in: known)) "
                    + "A '$' that means itself is \\x24.")
        }
        guard variable != .round || depth > 0 else {
            throw FaultError("'$i' counts the rounds of a loop. It stands between repeat and done.")
        }
        return variable
    }

    private static func endOfName(_ bytes: ArraySlice<UInt8>) -> Int {
        var end = bytes.startIndex
        while end < bytes.endIndex, isOfName(bytes[end], isFirst: end == bytes.startIndex) {
            end += 1
        }
        return end
    }

    static func isOfName(_ byte: UInt8, isFirst: Bool) -> Bool {
        let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
        return isLetter || !isFirst && (byte &- 0x30 <= 9 || byte == UInt8(ascii: "_"))
    }
}
