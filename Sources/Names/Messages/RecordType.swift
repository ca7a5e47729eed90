/// What a record says of its name (RFC 1035 §3.2.2), or what is asked for.
public struct RecordType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let address4 = RecordType(rawValue: 1)
    static let nameServer = RecordType(rawValue: 2)
    public static let canonicalName = RecordType(rawValue: 5)
    static let startOfAuthority = RecordType(rawValue: 6)
    static let pointer = RecordType(rawValue: 12)
    /// RFC 3596.
    public static let address6 = RecordType(rawValue: 28)
    /// RFC 6891.
    static let option = RecordType(rawValue: 41)
    static let any = RecordType(rawValue: 255)

    /// Kinds of questions that are about no records: OPT, and TKEY to MAILA (RFC 6895 §3.1).
    public var isMeta: Bool { self == .option || (249...254).contains(rawValue) }

    private static let words: [UInt16: String] = [
        1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA",
        33: "SRV", 35: "NAPTR", 41: "OPT", 43: "DS", 48: "DNSKEY", 64: "SVCB", 65: "HTTPS",
        251: "IXFR", 252: "AXFR", 255: "ANY", 257: "CAA",
    ]

    /// - Parameter text: `AAAA`, or `TYPE28` (RFC 3597 §5).
    public init?(_ text: String) {
        let text = text.uppercased()
        if let known = Self.words.first(where: { $0.value == text }) {
            self.init(rawValue: known.key)
        } else if text.hasPrefix("TYPE"), let number = UInt16(text.dropFirst(4)) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }

    public var description: String { Self.words[rawValue] ?? "TYPE\(rawValue)" }
}
