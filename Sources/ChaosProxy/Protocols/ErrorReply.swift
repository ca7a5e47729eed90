import Records

/// An error in the words of a protocol, which a client takes for the reply to its request.
struct ErrorReply: Equatable {
    let bytes: [UInt8]
    /// The code that it says, where replies have codes that are told as statuses.
    let status: UInt16?
    /// Whether the connection has to end with it.
    var closes = false

    init(_ text: String, status: UInt16? = nil) {
        (bytes, self.status) = (Array(text.utf8), status)
    }

    init(closingWith bytes: [UInt8]) {
        (self.bytes, closes, status) = (bytes, true, nil)
    }

    /// - Parameter refusal: nil for a fault's.
    static func reason(_ refusal: ExchangeRecord.Refusal?) -> String {
        refusal.map { "refused by flagserver: over the limit (\($0.rawValue))" }
            ?? "injected by flagserver"
    }
}
