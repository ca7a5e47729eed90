/// Whose dialogue it is: that of one of the two editions of Fluent Python.
public enum CharfinderEdition: String, CaseIterable, Sendable {
    /// `tcp_charfinder.py`
    case first = "1"
    /// `tcp_mojifinder.py`
    case second = "2"

    /// What is said behind the results of a query.
    func status(_ count: Int, _ query: String) -> String {
        switch self {
        case .first: "\(Self.matches(count)) for \(query.quotedAsPython)"
        case .second: "\(String(repeating: "─", count: 66)) \(count) found"
        }
    }

    private static func matches(_ count: Int) -> String {
        switch count {
        case 0: "No match"
        case 1: "1 match"
        case let count: "\(count) matches"
        }
    }
}
