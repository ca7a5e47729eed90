/// How a record looks in a log.
public protocol RecordFormat {
    /// Appends the line of `record`, with its newline.
    mutating func append(_ record: ExchangeRecord, to line: inout [UInt8])
}
