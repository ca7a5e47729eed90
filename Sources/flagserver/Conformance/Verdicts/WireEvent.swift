/// Something that was seen on a connection of a case.
struct WireEvent: Equatable {
    enum Kind: String, CaseIterable {
        /// From the client, to the client.
        case received, sent
        /// How it ended: we closed it, or the client did.
        case closed, left
    }

    /// From the start of the command.
    let seconds: Double
    /// From 1, in the order in which they came.
    let connection: Int
    let kind: Kind
    /// How many bytes it were.
    let count: Int
    /// The first of them, as text: what is no visible ASCII stands as `\x00`.
    let text: String

    /// Of the bytes that are shown.
    static let maximumText = 256
    /// Events that are kept of a case.
    static let maximumEvents = 64

    /// Bytes so that all of them can be read.
    static func escaped(_ bytes: some Collection<UInt8>) -> String {
        bytes.prefix(maximumText).map { byte in
            switch byte {
            case 0x0d: "\\r"
            case 0x0a: "\\n"
            case 0x5c: "\\\\"
            case 0x20..<0x7f: String(Character(Unicode.Scalar(byte)))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
