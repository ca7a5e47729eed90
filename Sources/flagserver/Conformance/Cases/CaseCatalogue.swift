import Faults

/// The cases that there are: each fault that says what a client should make of it.
enum CaseCatalogue {
    /// Of the program, in the order of the groups. Those without a group, an expectation or a level
    /// are none.
    static let all: [ConformanceCase] = {
        let cases = FaultType.allCases.compactMap(item)
        return FaultNote.Group.allCases.flatMap { group in cases.filter { $0.group == group } }
    }()

    private static func item(_ type: FaultType) -> ConformanceCase? {
        let note = type.note
        guard let group = note.group, let expect = note.expect, let level = note.level else {
            return nil
        }
        return ConformanceCase(
            group: group, fault: type.rawValue, expect: expect, level: level, needs: note.needs,
            given: note.given, sentence: type.summary, place: place(type))
    }

    /// Scripts and doors have all that they need; of the others the example is what is done.
    private static func place(_ type: FaultType) -> ConformanceCase.Place {
        if let script = type.script {
            // One that speaks before it is asked cannot be chosen by a URL.
            return script.beginning == .accept ? .toxic(type.rawValue) : .path(type.rawValue)
        }
        guard type.place == .exchange || type.place == .bytes else { return .toxic(type.rawValue) }
        // A case strikes every attempt.
        let values = type.example.split(separator: " ").dropFirst().filter {
            !$0.hasPrefix("toxicity=")
        }
        let fields = values.map { ";\($0.replacing("/s", with: ""))" }
        return .path(type.rawValue + fields.joined())
    }

    // MARK: In words

    /// `--list`: name, expectation, level and sentence.
    static func list(_ cases: [ConformanceCase]) -> String {
        let rows = cases.map { item in
            TextTable.Row(
                [item.name, item.expect.rawValue, item.level.rawValue], last: [item.sentence])
        }
        return TextTable(head: nil, rows: rows).text(columns: nil)
    }
}
