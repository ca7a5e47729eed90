import HTTPWire

// For which exchanges a toxic is.

extension ToxicReading {
    /// Whether there is anything about it.
    private var hasMatch: Bool { has("match") || ToxicKeys.conditions.contains(where: has) }

    /// Conditions stand in `match`, or beside the other keys.
    ///
    /// - Returns: nil if nothing is asked.
    func match() throws(ToxicError) -> Match? {
        let flat = fields.filter { ToxicKeys.conditions.contains($0.name) && $0.value != .null }
        guard syntax != .words, let nested = try mapping("match") else {
            return try match(of: flat, [])
        }
        for field in nested where !ToxicKeys.conditions.contains(field.name) {
            try unknownKey(["match", field.name], of: "match", known: ToxicKeys.conditions)
        }
        guard flat.isEmpty else {
            throw ToxicError(
                [flat[0].name],
                .invalid("'\(flat[0].name)' is given beside match, too. Put all into match."))
        }
        return try match(of: nested, ["match"])
    }

    private func match(of fields: [ToxicField], _ path: [String]) throws(ToxicError) -> Match? {
        var match = Match()
        match.path = try pattern("path", of: fields, path)
        match.method = try pattern("method", of: fields, path)
        match.header = try header(of: fields, path)
        match.client = try client(of: fields, path)
        if let text = try text("request", of: fields, path, orNumber: true), !isNothing(text) {
            match.request = try Self.range(text, path + ["request"])
        }
        return match == Match() ? nil : match
    }

    /// Conditions beside the attributes change one by one, a mapping of them as a whole.
    func changed(_ match: Match?) throws(ToxicError) -> Match? {
        guard syntax == .words else { return hasMatch ? try self.match() : match }
        let kept = (match?.settings ?? []).filter { !has($0.name) }
        let fields = fields + kept.map { ToxicField($0.name, .text($0.value)) }
        return try ToxicReading(fields, as: .words).match()
    }

    private func pattern(
        _ key: String, of fields: [ToxicField], _ path: [String]
    ) throws(ToxicError) -> String? {
        guard let text = try text(key, of: fields, path), !isNothing(text) else { return nil }
        guard !text.isEmpty else {
            throw ToxicError(
                path + [key], "\(key) is empty and would match nothing. Leave it out to match all.")
        }
        try checkLength(text, path + [key])
        return text
    }

    private func checkLength(_ text: String, _ path: [String]) throws(ToxicError) {
        guard text.utf8.count <= Self.maximumText else {
            throw ToxicError(path, "a pattern has at most \(Self.maximumText) bytes.")
        }
    }

    /// An address, or a network in CIDR notation.
    private func client(
        of fields: [ToxicField], _ path: [String]
    ) throws(ToxicError) -> String? {
        guard let text = try text("client", of: fields, path), !isNothing(text) else { return nil }
        guard Match.isClientPattern(text) else {
            throw ToxicError(
                path + ["client"],
                "client '\(text)' is no address and no network. Write 127.0.0.1, 10.0.0.0/8 or "
                    + "2001:db8::/32.")
        }
        return text
    }

    // MARK: Header

    /// `{name: pattern}`, `name: pattern` as text, or a name alone; of what must be missing
    /// `{name: null}` or `!name`.
    private func header(
        of fields: [ToxicField], _ path: [String]
    ) throws(ToxicError) -> HeaderMatch? {
        let path = path + ["header"]
        let given = fields.last { $0.name == "header" && $0.value != .null }
        if case .mapping(let pairs)? = given?.value {
            guard let pair = pairs.first, pairs.count == 1 else {
                throw ToxicError(
                    path, .invalid("a toxic looks at one header field. Write {x-test: \"a*\"}."))
            }
            guard !pair.name.hasPrefix("!") else {
                throw ToxicError(
                    path, .invalid("what must be missing is null. Write {x-test: null}."))
            }
            if pair.value == .null {
                return HeaderMatch(absent: try fieldName(pair.name[...], path))
            }
            let value = try pattern(pair.name, of: pairs, path)
            return HeaderMatch(
                name: try fieldName(pair.name[...], path),
                value: value.map { String($0[...].trimmed) })
        }
        guard let text = try text("header", of: fields, Array(path.dropLast())), !isNothing(text)
        else { return nil }
        try checkLength(text, path)
        if text.hasPrefix("!") {
            return HeaderMatch(absent: try fieldName(text.dropFirst().trimmed, path))
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1].trimmed) : ""
        return HeaderMatch(
            name: try fieldName(parts[0].trimmed, path), value: value.isEmpty ? nil : value)
    }

    private func fieldName(_ name: Substring, _ path: [String]) throws(ToxicError) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy(\.isToken) else {
            throw ToxicError(
                path,
                "header '\(name)' is no name of a field. Write x-test, x-test:a* for some of its "
                    + "values, or !x-test for what must be missing.")
        }
        return String(name)
    }
}
