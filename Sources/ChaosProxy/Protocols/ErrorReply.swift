import Records

/// An error in the words of a protocol, which a client takes for the reply to its request.
struct ErrorReply: Equatable {
    let bytes: [UInt8]
    /// Whether the connection has to end with it.
    var closes = false

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    init(closingWith bytes: [UInt8]) {
        (self.bytes, closes) = (bytes, true)
    }

    /// - Parameter refusal: nil for a fault's.
    static func reason(_ refusal: ExchangeRecord.Refusal?) -> String {
        refusal.map { "refused by flagserver: over the limit (\($0.rawValue))" }
            ?? "injected by flagserver"
    }
}
