/// `idle-close`: a connection that was kept alive is closed when no request has come for a while.
public struct IdleClose: CatalogueEntry {
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "idle-close"
    static let place = FaultPlace.connection
    static let needsHTTP = true
    static let summary =
        "A connection that was kept alive is closed (FIN) when no request comes for some time."
    static let note: FaultNote = {
        var note = FaultNote(.reuse, .accept, .high, links: ["aio-libs/aiohttp#13283"])
        note.needs = [.reuse]
        return note
    }()
    static let example = " after=2s"
    static let attributes = [
        Attribute.milliseconds("after", "how long behind an answer", default: 1000)
    ]
    static let explains = Explanation.ending

    init(_ values: AttributeValues) {
        self.init(time: values.time("after"))
    }

    var values: [(name: String, value: Quantity)] { [("after", .number(Int64(time)))] }
    var words: String { "FIN after \(Notation.readable(time)) without a request" }
    var idleLimit: Nanoseconds? { time }
}
