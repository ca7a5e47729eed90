/// `accept-close`: the connection is ended before a byte of it is read.
public struct AcceptClose: ArrivalEnd {
    public init() {}

    static let end = Cut.fin
    static let name = "accept-close"
    static let summary = "The connection is accepted and ended (FIN) at once."
    static let note = FaultNote(.connection, .error, .high)

    var words: String { "FIN at once" }
}
