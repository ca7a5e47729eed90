/// `accept-reset`: the connection is reset before a byte of it is read, 20 ms behind its beginning,
/// so that every client's connect succeeds.
public struct AcceptReset: ArrivalEnd {
    public init() {}

    static let end = Cut.rst
    static let name = "accept-reset"
    static let summary = "The connection is accepted and reset (RST) before a byte is read."
    static let note = FaultNote(.connection, .error, .high)

    var words: String { "RST at once" }
}
