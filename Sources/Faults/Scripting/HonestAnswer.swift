/// The answer that a request would have got, which a script changes.
public struct HonestAnswer: Sendable {
    /// Its head as it would go over the wire, with the empty line.
    public var head: [UInt8]
    /// Its body as it would be decoded, of no coding of ours; empty for HEAD, 204 and 304, the part
    /// for 206.
    public var body: [UInt8]

    public init(head: [UInt8], body: [UInt8]) {
        (self.head, self.body) = (head, body)
    }
}
