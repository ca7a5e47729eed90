import Faults

/// What the program tells of a fault.
enum FaultText {
    /// In a few lines, the last of them to be pasted.
    static func schema(_ type: FaultType) -> String {
        let rows = type.attributes.map { attribute in
            [
                attribute.name, unit(attribute), range(attribute),
                "default \(standard(attribute))", attribute.summary,
            ]
        }
        return "\(type.rawValue)   acts on the \(type.place.rawValue), \(type.stream.rawValue)\n"
            + "  \(type.summary)\n" + table(rows, indent: 4) + "  --toxic '\(type.example)'\n"
    }

    /// With all that is known of it, and the text of a script.
    ///
    /// - Parameter types: variants of one fault, at least one.
    static func whole(_ types: [FaultType]) -> String {
        let told = types.map { schema($0) + table(note($0.note), indent: 2) }
        let text = types[0].script.map { ["\($0.text.indented)\n"] } ?? []
        return (told + text).joined(separator: "\n")
    }

    /// A heading, and a line for each fault: its name, its sentence, the names of its variants.
    ///
    /// - Returns: nil if there is none in it.
    static func group(_ group: FaultNote.Group, _ types: [FaultType]) -> String? {
        let types = types.filter { $0.note.group == group }
        guard !types.isEmpty else { return nil }
        var faults: [[FaultType]] = []
        for type in types {
            if faults.last?.first?.fault == type.fault {
                faults[faults.count - 1].append(type)
            } else {
                faults.append([type])
            }
        }
        let rows = faults.map { [String($0[0].fault), summary($0)] }
        return "\(group.rawValue)\n" + table(rows, indent: 2)
    }

    private static func summary(_ variants: [FaultType]) -> String {
        guard variants.count > 1 else { return variants[0].summary }
        let names = variants.map { $0.rawValue.dropFirst($0.fault.count) }
        return "\(variants[0].summary) (\(names.joined(separator: " ")))"
    }

    // MARK: Notes

    private static func note(_ note: FaultNote) -> [[String]] {
        var rows: [[String]] = []
        if let group = note.group { rows.append(["group", group.rawValue]) }
        if let expect = note.expect {
            rows.append(["expect", "\(expect.rawValue): \(words(expect))"])
        }
        if let level = note.level { rows.append(["level", level.rawValue]) }
        let needs = FaultNote.Need.allCases.filter(note.needs.contains).map(\.rawValue)
        if !needs.isEmpty { rows.append(["needs", needs.joined(separator: ", ")]) }
        if let given = note.given {
            let whose = given.isOther ? " of another flag" : ""
            rows.append(["given", "the first \(given.percent) %\(whose), from an earlier try"])
        }
        rows += note.sources.map { ["source", $0] } + note.links.map { ["link", $0] }
        if !note.aliases.isEmpty { rows.append(["alias", note.aliases.joined(separator: ", ")]) }
        return rows
    }

    private static func words(_ outcome: FaultNote.Outcome) -> String {
        switch outcome {
        case .error: "a good client reports an error, or tries again until the bytes are right"
        case .accept: "a good client has the right bytes"
        case .end: "a good client ends, whatever it says"
        case .observe: "clients differ, and none may crash"
        }
    }

    // MARK: Attributes

    private static func unit(_ attribute: Attribute) -> String {
        switch attribute.unit {
        case .flag: "flag"
        case .fraction: "fraction"
        case .weight: "weight"
        case .count: "count"
        case .word: "word"
        case .text: "text"
        case .fields: "fields"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .percent, .offset:
            attribute.unit.symbol
        }
    }

    private static func range(_ attribute: Attribute) -> String {
        switch attribute.unit {
        case .word where attribute.choices.isEmpty: "any"
        case .word: attribute.choices.joined(separator: " ")
        case .percent: "0 to 100, or bytes"
        case .text: "\(attribute.range.lowerBound) to \(attribute.range.upperBound) B"
        case .offset: "\(attribute.range.lowerBound) to \(attribute.range.upperBound), or a share"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .fraction, .flag, .weight,
            .count, .fields:
            "\(attribute.range.lowerBound) to \(attribute.range.upperBound)"
        }
    }

    private static func standard(_ attribute: Attribute) -> String {
        switch attribute.unit {
        case .word: attribute.defaultWord
        case .text, .fields: "none"
        case .milliseconds, .microseconds, .bytes, .kilobytesPerSecond, .fraction, .flag, .weight,
            .percent, .offset, .count:
            "\(attribute.defaultValue)"
        }
    }

    // MARK: Layout

    private static func table(_ rows: [[String]], indent: Int) -> String {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let margin = String(repeating: " ", count: indent)
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return (margin + cells.joined(separator: "   ")).trimmedEnd + "\n"
        }.joined()
    }
}

extension String {
    /// Each line that is not empty, by four blanks.
    fileprivate var indented: String {
        split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.isEmpty ? "" : "    \($0)"
        }.joined(separator: "\n").trimmedEnd
    }

    /// Without blanks and ends of lines at the end.
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " || text.last == "\n" { text.removeLast() }
        return text
    }
}
