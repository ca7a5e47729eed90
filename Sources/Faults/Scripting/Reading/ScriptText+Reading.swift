import HTTPWire

extension ScriptText {
    /// What stood between quotes.
    init(
        _ word: ScriptLine.Word, _ scope: ScriptScope, _ line: ScriptLine
    ) throws(ScriptError) {
        var reader = Reader(bytes: Array(word.text.utf8), scope: scope)
        do throws(FaultError) {
            self.init(parts: try reader.read())
        } catch {
            throw line.error(at: word.offset + reader.place, error.description)
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        let scope: ScriptScope
        /// Where it is, and where it has met a mistake.
        var place = 0
        private var parts: [Part] = []
        private var literal: [UInt8] = []

        init(bytes: [UInt8], scope: ScriptScope) {
            (self.bytes, self.scope) = (bytes, scope)
        }

        mutating func read() throws(FaultError) -> [Part] {
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "\\"):
                    literal.append(try escape())
                case UInt8(ascii: "$"):
                    if try !readVariable() { keep() }
                default: keep()
                }
            }
            closeLiteral()
            return parts
        }

        private mutating func keep() {
            literal.append(bytes[place])
            place += 1
        }

        private mutating func closeLiteral() {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
        }

        private mutating func escape() throws(FaultError) -> UInt8 {
            let letter = place + 1 < bytes.count ? bytes[place + 1] : 0
            if letter == UInt8(ascii: "x") { return try hexadecimal() }
            let pairs: [(Character, UInt8)] = [
                ("r", 0x0d), ("n", 0x0a), ("t", 0x09), ("0", 0), ("\\", 0x5c), ("\"", 0x22),
            ]
            guard let pair = pairs.first(where: { $0.0.asciiValue == letter }) else {
                let rest = String(decoding: bytes[place...], as: UTF8.self).prefix(2)
                throw FaultError(
                    "'\(rest)' is no escape. There are \\r \\n \\t \\0 \\\\ \\\" and \\xNN.")
            }
            place += 2
            return pair.1
        }

        private mutating func hexadecimal() throws(FaultError) -> UInt8 {
            guard place + 3 < bytes.count, let high = Hexadecimal.value(of: bytes[place + 2]),
                let low = Hexadecimal.value(of: bytes[place + 3])
            else { throw FaultError("Two hexadecimal digits follow \\x, as in \\x0d.") }
            place += 4
            return high << 4 | low
        }

        /// - Returns: false for a `$` that means itself.
        private mutating func readVariable() throws(FaultError) -> Bool {
            let isBraced = place + 1 < bytes.count && bytes[place + 1] == UInt8(ascii: "{")
            let start = place + (isBraced ? 2 : 1)
            guard let found = try scope.variable(bytes[start...]) else { return false }
            var end = start + found.count
            let plus = try addend(found.variable, at: &end)
            if isBraced {
                guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else {
                    throw FaultError("A } is missing behind the name.")
                }
                end += 1
            }
            closeLiteral()
            parts.append(.variable(found.variable, plus: plus))
            place = end
            return true
        }

        /// `+5` behind a number, `+60s` behind a date; 0 if there is none.
        private func addend(
            _ variable: ScriptVariable, at end: inout Int
        ) throws(FaultError) -> Int64 {
            guard isNumber(variable), end + 1 < bytes.count, bytes[end + 1] &- 0x30 <= 9,
                bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-")
            else { return 0 }
            let isDate = variable == .date
            let stop =
                bytes[(end + 1)...].firstIndex { byte in
                    byte &- 0x30 > 9 && !(isDate && (byte | 0x20) &- UInt8(ascii: "a") < 26)
                } ?? bytes.count
            let text = String(decoding: bytes[end + 1..<stop], as: UTF8.self)
            let sign: Int64 = bytes[end] == UInt8(ascii: "-") ? -1 : 1
            guard
                case .number(let number) = try ScriptExpression.literal(
                    text, isDate ? .time : .count)
            else { return 0 }
            end = stop
            return sign * (isDate ? number / 1_000_000_000 : number)
        }

        private func isNumber(_ variable: ScriptVariable) -> Bool {
            guard case .parameter(let index) = variable else { return variable.isNumber }
            let kind = scope.parameters[index].kind
            return kind != .word && kind != .time
        }
    }
}
