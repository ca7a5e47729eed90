/// How a record looks in a log.
public protocol RecordFormat {
    /// Appends the line of `record`, with its newline.
    mutating func append(_ record: ExchangeRecord, to line: inout [UInt8])
    /// Something else is written next: no line may be left open.
    mutating func interrupt(_ output: inout [UInt8])
    /// Nothing more is written for now.
    mutating func settle(_ output: inout [UInt8])
}

extension RecordFormat {
    public mutating func interrupt(_ output: inout [UInt8]) {}
    public mutating func settle(_ output: inout [UInt8]) {}
}
