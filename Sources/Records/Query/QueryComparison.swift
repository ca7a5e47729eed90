/// How a value of a record is held against the one in a filter.
enum QueryComparison: String, CaseIterable {
    case equal = ":"
    case more = ">"
    case atLeast = ">="
    case less = "<"
    case atMost = "<="

    func holds(_ value: UInt64, _ wanted: UInt64) -> Bool {
        switch self {
        case .equal: value == wanted
        case .more: value > wanted
        case .atLeast: value >= wanted
        case .less: value < wanted
        case .atMost: value <= wanted
        }
    }

    /// Before an amount; empty if it is just that.
    var words: String {
        switch self {
        case .equal: ""
        case .more: "over "
        case .atLeast: "at least "
        case .less: "under "
        case .atMost: "at most "
        }
    }

    /// Before a time of day.
    var wordsOfTime: String {
        switch self {
        case .equal: "at "
        case .more: "after "
        case .atLeast: "at or after "
        case .less: "before "
        case .atMost: "at or before "
        }
    }
}
