// What a look at a record costs, so that no more is looked at than one turn of the loop has room
// for.
extension QueryTest {
    /// Of a client's address, each time that it is read.
    private static let stepsOfAddress = 600
    /// Of anything that is not looked at byte by byte.
    private static let fewSteps = 10

    /// In steps of about a nanosecond, at most.
    func steps(for record: ExchangeRecord, words: Int) -> Int {
        switch self {
        case .search: Self.fewSteps + words * record.target.utf8.count
        case .text(let field, _): Self.fewSteps + words * (field.text(in: record).utf8.count + 10)
        case .fault, .acted:
            record.faults.reduce(Self.fewSteps) { steps, met in
                let type = met.toxic.fault.type.rawValue
                return steps + words * (met.toxic.name.utf8.count + type.utf8.count + 20)
            }
        case .client(let patterns): patterns.count * Self.stepsOfAddress
        case .anyClient, .refused, .status, .mangled, .end, .number, .anyNumber: Self.fewSteps
        }
    }

    /// Of all its patterns together, as of a `TextPattern`.
    var words: Int {
        switch self {
        case .search(let pattern): pattern.words
        case .text(_, let patterns): patterns.reduce(0) { $0 + $1.words }
        case .fault(let patterns), .acted(let patterns): patterns.reduce(1) { $0 + $1.words }
        case .client, .anyClient, .refused, .status, .mangled, .end, .number, .anyNumber: 0
        }
    }
}
