// What a toxic's fault is made of.

extension ToxicReading {
    /// A value in base units and the keys that lead to it.
    typealias Given = (quantity: Quantity, path: [String])

    /// - Parameter kept: what holds where nothing else is given.
    func fault(_ type: FaultType, over kept: [String: Given]) throws(ToxicError) -> Fault {
        let given = try given(type)
        let hasWeights = given.keys.contains { type.attribute(named: $0)?.unit == .weight }
        let isWhole = hasWeights && hasCombined(type)
        let cleared = cleared(type)
        let rest = kept.filter {
            !cleared.contains($0.key)
                && (!isWhole || type.attribute(named: $0.key)?.unit != .weight)
        }
        let all = rest.merging(given) { $1 }
        do throws(FaultError) {
            return try Fault(type, all.mapValues(\.quantity))
        } catch {
            let path = culprit(error, type, given) ?? []
            throw ToxicError(path, .invalid(error.description))
        }
    }

    /// Words and texts are not kept where they are said to be nothing.
    private func cleared(_ type: FaultType) -> [String] {
        fields.compactMap { field in
            guard field.value == .null, let attribute = type.attribute(named: field.name) else {
                return nil
            }
            return attribute.unit.isNumber ? nil : attribute.name
        }
    }

    /// The attributes that a fault has.
    func kept(of fault: Fault) -> [String: Given] {
        var kept: [String: Given] = [:]
        for attribute in fault.attributes { kept[attribute.name] = (attribute.value, []) }
        return kept
    }

    /// The value that is wrong whatever the others are.
    private func culprit(
        _ error: FaultError, _ type: FaultType, _ given: [String: Given]
    ) -> [String]? {
        given.first { name, value in
            do throws(FaultError) {
                _ = try Fault(type, [name: value.quantity])
                return false
            } catch let other {
                return other == error
            }
        }?.value.path
    }

    // MARK: Keys

    /// As people are told of them.
    private func names(_ type: FaultType) -> [String] {
        type.attributes.filter { $0.unit != .weight }.map(\.name)
            + (type.entry.combined?.names.prefix(1) ?? [])
    }

    /// Those that stand beside the attributes.
    private var others: [String] {
        switch syntax {
        case .words: ToxicKeys.settings + ToxicKeys.conditions
        case .file, .json:
            ["type"] + ToxicKeys.settings + ["match", "attributes", "exact"] + ToxicKeys.conditions
        }
    }

    /// Beside the attributes they are not looked at.
    private func passed(_ type: FaultType) -> [String] {
        others + ["type"] + (syntax == .json ? ToxicKeys.peer : [])
            + (type == .script ? ToxicKeys.script : [])
    }

    private func hasCombined(_ type: FaultType) -> Bool {
        let names = type.entry.combined?.names ?? []
        let nested = (try? mapping("attributes")) ?? []
        return (nested + fields).contains { names.contains($0.name) }
    }

    func given(_ type: FaultType) throws(ToxicError) -> [String: Given] {
        var given: [String: Given] = [:]
        let passed = passed(type)
        for field in fields where !passed.contains(field.name) {
            guard syntax != .json || field.value != .null else { continue }
            let isWord = type.attribute(named: field.name).map { !$0.unit.isNumber } ?? false
            guard syntax != .json || !isLenient || type.isScript || isWord else {
                try unknownKey([field.name], of: type.rawValue, known: others)
                continue
            }
            try take(field, [], type, into: &given)
        }
        guard syntax != .words else { return given }
        for field in try mapping("attributes") ?? [] where field.value != .null {
            try take(field, ["attributes"], type, into: &given)
        }
        // What the units of `attributes` cannot say, as it was shown.
        var exact: [String: Given] = [:]
        for field in try mapping("exact") ?? [] where field.value != .null {
            try take(field, ["exact"], type, into: &exact)
        }
        // It wins over them unless they were changed since.
        return given.filter { name, value in
            guard let exact = exact[name], let attribute = type.attribute(named: name) else {
                return true
            }
            return attribute.shown(exact.quantity) != attribute.shown(value.quantity)
        }.merging(exact) { own, _ in own }
    }

    private func take(
        _ field: ToxicField, _ path: [String], _ type: FaultType, into given: inout [String: Given]
    ) throws(ToxicError) {
        let here = path + [field.name]
        if let combined = type.entry.combined, combined.names.contains(field.name) {
            for (name, weight) in try weights(field, here, combined, type) {
                try put(name, (weight, here), into: &given)
            }
        } else if let attribute = type.attribute(named: field.name) {
            let quantity = try quantity(field, attribute, here)
            try checkKept(quantity, of: attribute, type, here)
            try put(attribute.name, (quantity, here), into: &given)
        } else if let attribute = type.attribute(ofKey: field.name) {
            let quantity = try quantity(field, attribute, unitIn: here)
            try put(attribute.name, (quantity, here), into: &given)
        } else {
            let own = type == .script ? ToxicKeys.script : []
            let known = names(type) + (path.isEmpty ? own + others : [])
            try unknownKey(here, of: type.rawValue, known: known)
        }
    }

    private func put(
        _ name: String, _ value: Given, into given: inout [String: Given]
    ) throws(ToxicError) {
        // On the command line each field is said by itself.
        if syntax == .words, case .fields(let first)? = given[name]?.quantity,
            case .fields(let next) = value.quantity
        {
            return given[name] = (.fields(first + next), value.path)
        }
        // Go takes the last of several.
        if let first = given[name], syntax != .json || first.path.count != value.path.count {
            guard first.path.count == value.path.count else {
                throw ToxicError(
                    ["attributes"],
                    .invalid("'\(name)' is given beside attributes, too. Keep one."))
            }
            throw ToxicError(value.path, .invalid("'\(name)' is given twice."))
        }
        given[name] = value
    }

    // MARK: Values

    private func quantity(
        _ field: ToxicField, _ attribute: Attribute, _ path: [String]
    ) throws(ToxicError) -> Quantity {
        guard attribute.unit.isNumber else { return try text(field, attribute, path) }
        do throws(FaultError) {
            switch (field.value, syntax) {
            case (.flag(let isSet), _) where attribute.unit == .flag:
                return .number(isSet ? 1 : 0)
            // A status alone has the weight 1.
            case (.flag, .words) where attribute.unit == .weight: return .number(1)
            case (.text(let text), .words): return try attribute.quantity(text)
            case (.text(let text), _) where path[0] == "exact":
                return try attribute.quantity(text)
            case (.text(let text), .file):
                return path.count == 1
                    ? try attribute.quantity(text) : try attribute.quantity(plain: text)
            case (.text(let text), .json) where attribute.saysMore(text):
                return try attribute.quantity(text)
            // Without `attributes` there are units, as everywhere else.
            case (.number(let digits), .json) where path.count == 1:
                return try attribute.quantity(digits)
            case (.number(let digits), _):
                if let integer = Int64(digits) {
                    return try attribute.quantity(apiInteger: integer)
                }
                if attribute.unit == .fraction, let number = Double(digits), number.isFinite {
                    return try attribute.quantity(apiNumber: number)
                }
            case (.text, .json), (.flag, _), (.null, _), (.list, _), (.mapping, _): break
            }
        } catch {
            throw ToxicError(path, error.description)
        }
        throw mismatch(field, path, attribute.unit == .fraction ? .fraction : .whole)
    }

    /// `[418, 503]`, `{418: 3, 503: 1}` or `418=3,503=1`.
    private func weights(
        _ field: ToxicField, _ path: [String], _ combined: CombinedAttribute, _ type: FaultType
    ) throws(ToxicError) -> [(name: String, Quantity)] {
        let terms = Self.terms(field.value)
        let shown = (terms ?? []).joined(separator: ",")
        let wrong = ToxicError(path, .invalid("\(field.name) '\(shown)' \(combined.rule)"))
        guard let terms, !terms.isEmpty else { throw wrong }
        var weights: [(name: String, Quantity)] = []
        for term in terms {
            let parts = term.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let attribute = type.attribute(named: String(parts[0].trimmed)),
                attribute.unit == .weight,
                let weight = try? attribute.quantity(String((parts.last ?? "").trimmed))
            else { throw wrong }
            weights.append((attribute.name, parts.count == 1 ? .number(1) : weight))
        }
        return weights
    }

    /// Of each a name, or `name=weight`; nil if it is none of these notations.
    private static func terms(_ value: ToxicValue) -> [String]? {
        switch value {
        case .text(let text):
            plain(text[...]).split(separator: ",", omittingEmptySubsequences: false).map {
                String($0.trimmed)
            }
        case .number(let digits): [digits]
        case .list(let elements): all(elements.map { $0.scalar })
        case .mapping(let members):
            all(members.map { member in member.value.scalar.map { "\(member.name)=\($0)" } })
        case .flag, .null: nil
        }
    }

    /// `[418,503]` and `{"418":3}` as `418,503` and `418=3`.
    private static func plain(_ text: Substring) -> String {
        let isWrapped =
            text.hasPrefix("[") && text.hasSuffix("]") || text.hasPrefix("{") && text.hasSuffix("}")
        guard isWrapped else { return String(text) }
        return String(text.dropFirst().dropLast()).replacing("\"", with: "").replacing(
            ":", with: "=")
    }

    private static func all(_ terms: [String?]) -> [String]? {
        let found = terms.compactMap(\.self)
        return found.count == terms.count ? found : nil
    }
}

extension ToxicValue {
    /// The text of a value that is no list and no mapping.
    fileprivate var scalar: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .flag, .null, .list, .mapping: nil
        }
    }
}
