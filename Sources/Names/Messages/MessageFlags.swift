/// The second 16 bits of a header (RFC 1035 §4.1.1).
struct MessageFlags: OptionSet, Sendable {
    var rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    static let response = MessageFlags(rawValue: 0x8000)
    static let authoritative = MessageFlags(rawValue: 0x0400)
    static let truncated = MessageFlags(rawValue: 0x0200)
    static let recursionDesired = MessageFlags(rawValue: 0x0100)

    /// From 0, a query, to 15.
    var operation: UInt16 {
        get { rawValue >> 11 & 15 }
        set { rawValue = rawValue & ~0x7800 | (newValue & 15) << 11 }
    }

    /// The four bits of a response code that are here.
    var code: UInt16 {
        get { rawValue & 15 }
        set { rawValue = rawValue & ~15 | newValue & 15 }
    }
}
