/// What stands above the steps of a script, or of a variant of it.
struct ScriptHeader {
    var sentence = ""
    var note = FaultNote()
    var exchanges: ExchangeRange?
    var scope = ScriptScope()
    /// Where this block declares parameters, by their places among all.
    private(set) var places: [Int: (line: Int, column: Int)] = [:]
    /// Of the lists, those that this block has begun anew.
    private var begun: Set<Keyword> = []
    private var inherited = 0

    static let mostParameters = 16
    /// What a toxic has already, and what variables have before a point: `$other.length`. Any other
    /// variable gives way to a parameter of its name, so that a later one spoils no script.
    private static let reserved = ToxicKeys.taken.union(
        ScriptVariable.all.filter { $0.name.contains(".") }.map {
            String($0.name.prefix { $0 != "." })
        })

    /// A variant begins: what it says replaces what is said for all.
    mutating func beginVariant(isFirst: Bool) {
        (begun, places) = ([], [:])
        inherited = scope.parameters.count
        if !isFirst { note.aliases = [] }
    }

    /// Reads a line.
    ///
    /// - Throws: what is wrong with it.
    mutating func read(_ keyword: Keyword, _ line: ScriptLine) throws(ScriptError) {
        let start = line.text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
        guard !line.rest.isEmpty else {
            throw line.error(at: line.text.utf8.count, "Write \(keyword.form).")
        }
        do throws(FaultError) {
            switch keyword {
            case .group: note.group = try Self.choice(line.rest)
            case .expect: note.expect = try Self.choice(line.rest)
            case .level: note.level = try Self.choice(line.rest)
            case .needs: try readNeeds(line.rest)
            case .given: note.given = try Self.given(line.rest)
            case .exchanges: exchanges = try ExchangeRange(line.rest)
            case .source: add(line.rest, to: \.sources, keyword)
            case .link: add(line.rest, to: \.links, keyword)
            case .alias: add(line.rest, to: \.aliases, keyword)
            case .param, .variant: break
            }
        } catch {
            let place = start + line.first.utf8.count + 1
            throw line.error(at: Self.place(of: line, from: place), error.description)
        }
        if keyword == .param { try readParameter(line) }
    }

    private static func place(of line: ScriptLine, from start: Int) -> Int {
        let bytes = Array(line.text.utf8)
        return bytes[min(start, bytes.count)...].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? start
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ text: String
    ) throws(FaultError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let all = Choice.allCases.map(\.rawValue)
            throw FaultError(
                "'\(text)' is none of \(FaultError.listed(all))."
                    + Suggestion.hint(for: text, in: all))
        }
        return choice
    }

    private mutating func readNeeds(_ text: String) throws(FaultError) {
        if begun.insert(.needs).inserted { note.needs = [] }
        for word in text.split(separator: " ") { note.needs.insert(try Self.choice(String(word))) }
    }

    private mutating func add(
        _ text: String, to list: WritableKeyPath<FaultNote, [String]>, _ keyword: Keyword
    ) {
        if begun.insert(keyword).inserted, keyword != .alias { note[keyPath: list] = [] }
        note[keyPath: list].append(text)
    }

    private static func given(_ text: String) throws(FaultError) -> FaultNote.Given {
        let words = text.split(separator: " ")
        let digits = words.first?.dropFirst(2).dropLast() ?? ""
        guard let first = words.first, first.hasPrefix(".."), first.hasSuffix("%"),
            Notation.isDigits(digits), let percent = Int(digits), percent <= 100,
            words.count == 1 || words.dropFirst().elementsEqual(["of", "other"])
        else { throw FaultError("'\(text)' is no such part. Write \(Keyword.given.form).") }
        return FaultNote.Given(percent: percent, isOther: words.count > 1)
    }

    // MARK: Parameters

    private mutating func readParameter(_ line: ScriptLine) throws(ScriptError) {
        let (all, comment) = try line.words()
        guard all.count == 4 else {
            let place = all.count > 4 ? all[4].offset : line.text.utf8.count
            throw line.error(at: place, "Write \(Keyword.param.form).")
        }
        let (name, value, kind) = (all[1], all[2], all[3])
        try checkName(name, line)
        guard let kindOf = ScriptScope.Kind(rawValue: kind.text) else {
            let kinds = ScriptScope.Kind.allCases.map(\.rawValue)
            throw line.error(
                at: kind.offset,
                "'\(kind.text)' is no kind of parameter. There are \(FaultError.listed(kinds))."
                    + Suggestion.hint(for: kind.text, in: kinds))
        }
        let attribute: Attribute
        do throws(FaultError) {
            attribute = try Self.attribute(name.text, value, kindOf, comment)
        } catch {
            throw line.error(at: value.offset, error.description)
        }
        let parameter = ScriptScope.Parameter(name: name.text, kind: kindOf, attribute: attribute)
        let place = (line.number, line.error(at: name.offset, "").column)
        if let index = scope.parameters.firstIndex(where: { $0.name == name.text }) {
            guard index < inherited, places[index] == nil else {
                throw line.error(at: name.offset, "'\(name.text)' is there already.")
            }
            (scope.parameters[index], places[index]) = (parameter, place)
        } else {
            places[scope.parameters.count] = place
            scope.parameters.append(parameter)
        }
    }

    private func checkName(
        _ name: ScriptLine.Word, _ line: ScriptLine
    ) throws(ScriptError) {
        let bytes = Array(name.text.utf8)
        let isName = bytes.enumerated().allSatisfy { index, byte in
            ScriptScope.isOfName(byte, isFirst: index == 0) && byte & 0xe0 != 0x40 || byte == 0x5f
        }
        guard isName, !bytes.isEmpty, bytes[0] != 0x5f, bytes.count <= 32 else {
            throw line.error(
                at: name.offset,
                "'\(name.text)' is no name. It has small letters, digits and '_', at most 32.")
        }
        guard !Self.reserved.contains(name.text) else {
            throw line.error(
                at: name.offset, "'\(name.text)' means something else. Take another name.")
        }
        guard scope.parameters.count < Self.mostParameters else {
            throw line.error(
                at: name.offset, "A script has at most \(Self.mostParameters) parameters.")
        }
    }

    private static func attribute(
        _ name: String, _ value: ScriptLine.Word, _ kind: ScriptScope.Kind, _ summary: String
    ) throws(FaultError) -> Attribute {
        let text = value.text
        switch kind {
        case .word:
            let choices = value.isQuoted ? [text] : text.split(separator: "|").map(String.init)
            guard let first = choices.first else { throw FaultError("A word has a character.") }
            let attribute = Attribute(
                name, summary, default: first, choices: choices.count > 1 ? choices : [])
            _ = try attribute.word(first)
            return attribute
        case .position:
            let isPercent = text.hasSuffix("%")
            let digits = isPercent ? String(text.dropLast()) : text
            let plain = Attribute.place(name, summary, default: 0, isPercent: isPercent)
            guard
                case .number(let number) = isPercent ? try whole(digits) : try plain.quantity(text)
            else { throw FaultError("'\(text)' is no place.") }
            guard !isPercent || number <= 100 else {
                throw FaultError("\(text) is more than there is. A share lies from 0% to 100%.")
            }
            return Attribute.place(name, summary, default: number, isPercent: isPercent)
        case .bytes:
            return .size(name, summary, default: try number(Attribute.size(name, ""), text))
        case .time:
            let time = try number(Attribute.milliseconds(name, ""), text)
            guard time % 1000 == 0 else {
                throw FaultError("'\(text)' is no whole number of microseconds.")
            }
            // A bare number in the API is in the unit of the default.
            return time % 1_000_000 == 0
                ? .milliseconds(name, summary, default: time / 1_000_000)
                : .microseconds(name, summary, default: time / 1000)
        case .count: return .count(name, summary, default: try number(try whole(text)))
        }
    }

    private static func whole(_ digits: String) throws(FaultError) -> Quantity {
        try Attribute.count("", "", default: 0).quantity(digits)
    }

    private static func number(_ attribute: Attribute, _ text: String) throws(FaultError) -> Int64 {
        try number(try attribute.checked(try attribute.quantity(text)))
    }

    private static func number(_ quantity: Quantity) throws(FaultError) -> Int64 {
        guard case .number(let number) = quantity else { throw FaultError("This is no number.") }
        return number
    }
}
