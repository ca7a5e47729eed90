extension String {
    /// As JSON, with its quotes.
    public var asJSON: String {
        var bytes: [UInt8] = []
        bytes.append(json: self)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// As a value of `key=value` in a line of the log, in quotes where it needs them.
    public var asLogValue: String {
        var bytes: [UInt8] = []
        bytes.append(value: self)
        return String(decoding: bytes, as: UTF8.self)
    }
}
