extension ScriptExpression {
    typealias Kind = ScriptScope.Kind

    /// A sum in words of people: `40%`, `4096B`, `$at+1`, `50%-3`.
    ///
    /// - Parameters:
    ///   - offset: where the text begins in its line.
    ///   - kind: which literals there are.
    init(
        _ text: some StringProtocol, at offset: Int, _ kind: Kind, _ scope: ScriptScope,
        _ line: ScriptLine
    ) throws(ScriptError) {
        let bytes = Array(text.utf8)
        var (place, terms): (Int, [(Int64, Term)]) = (0, [])
        repeat {
            var sign: Int64 = 1
            if place < bytes.count, Self.isSign(bytes[place]) {
                sign = bytes[place] == UInt8(ascii: "-") ? -1 : 1
                place += 1
            }
            let end = bytes[place...].firstIndex(where: Self.isSign) ?? bytes.count
            do throws(FaultError) {
                terms.append((sign, try Self.term(bytes[place..<end], kind, scope)))
            } catch {
                throw line.error(at: offset + place, error.description)
            }
            place = end
        } while place < bytes.count
        guard terms.count <= Self.mostTerms else {
            throw line.error(at: offset, "A sum has at most \(Self.mostTerms) terms.")
        }
        self.init(terms: terms)
    }

    private static let mostTerms = 8

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    private static func term(
        _ bytes: ArraySlice<UInt8>, _ kind: Kind, _ scope: ScriptScope
    ) throws(FaultError) -> Term {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.first == UInt8(ascii: "$") else { return try literal(text, kind) }
        var name = bytes.dropFirst()
        if name.first == UInt8(ascii: "{"), name.last == UInt8(ascii: "}") {
            name = name.dropFirst().dropLast()
        }
        guard let found = try scope.variable(name), found.count == name.count else {
            throw FaultError("'\(text)' is no variable. Write $ and its name.")
        }
        try check(found.variable, text, kind, scope)
        return .variable(found.variable)
    }

    /// Whether a variable can stand for such a quantity.
    private static func check(
        _ variable: ScriptVariable, _ text: String, _ kind: Kind, _ scope: ScriptScope
    ) throws(FaultError) {
        let isTime: Bool
        if case .parameter(let index) = variable {
            let given = scope.parameters[index].kind
            guard given != .word else {
                throw FaultError("'\(text)' is a word. Here stands a \(kind.rawValue).")
            }
            isTime = given == .time
        } else {
            guard variable.isNumber, variable != .date else {
                throw FaultError("'\(text)' is a text. It stands in quotes only.")
            }
            isTime = false
        }
        guard isTime == (kind == .time) else {
            throw FaultError(
                isTime
                    ? "'\(text)' is a time. Here stands a \(kind.rawValue)."
                    : "'\(text)' is no time. Make it `param … time`.")
        }
    }

    static func literal(_ text: String, _ kind: Kind) throws(FaultError) -> Term {
        switch try literals[kind]?.quantity(text) {
        case .number(let number)?: return .number(number)
        case .fraction(let share)?: return .share(share)
        case .word?, .text?, .fields?, nil: throw FaultError("'\(text)' is no number.")
        }
    }

    /// As parameters are written, so are the values in a step.
    private static let literals: [Kind: Attribute] = [
        .position: .place("position", "", default: 0, isPercent: false),
        .bytes: .size("bytes", ""),
        .time: .milliseconds("time", ""),
        .count: .count("count", "", default: 0),
    ]
}
