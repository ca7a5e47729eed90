/// What a filter cannot mean: what, why, and what to write instead.
public struct QueryError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
