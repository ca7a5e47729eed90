import Records

/// How often what failed.
enum FailureCounts {
    /// More kinds than these are only counted.
    private static let most = 8
    /// Longest name of a kind, in columns.
    private static let longest = 24

    /// `418: 12, 503: 9`
    static func text(_ failures: [(kind: String, count: Int)]) -> String {
        let parts = failures.prefix(most).map { kind, count in
            "\(kind.printable.cut(to: longest)): \(count)"
        }
        let rest = failures.count - parts.count
        return parts.joined(separator: ", ") + (rest > 0 ? " and \(rest) more kinds" : "")
    }

    /// An object, `{"418": 12, "503": 9}`; kinds that come twice are added up.
    static func json(_ failures: [(kind: String, count: Int)]) -> JSONText {
        var members: [(name: String, value: Int)] = []
        for (kind, count) in failures {
            if let index = members.firstIndex(where: { $0.name == kind }) {
                members[index].value &+= count
            } else {
                members.append((kind, count))
            }
        }
        return .object(members.map { ($0.name, .integer($0.value)) })
    }
}
