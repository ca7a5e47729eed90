extension String {
    /// As JSON, with its quotes.
    public var asJSON: String {
        var bytes: [UInt8] = []
        bytes.append(json: self)
        return String(decoding: bytes, as: UTF8.self)
    }
}
