/// `v6-only`: connections over IPv4 are refused; IPv6 works.
public struct V6Only: CatalogueEntry {
    /// 0: without an end.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "v6-only"
    static let place = FaultPlace.listener
    static let summary = "Over IPv4 connections are refused; IPv6 works."
    static let note: FaultNote = {
        var note = FaultNote(
            .listener, .accept, .medium, links: ["oven-sh/bun#9658", "agronholm/anyio#69"])
        note.needs = [.ipv6]
        return note
    }()
    static let example = " for=10s"
    static let attributes = [Attribute.timeInForce]

    init(_ values: AttributeValues) {
        self.init(time: values.time("for"))
    }

    var values: [(name: String, value: Quantity)] { [("for", .number(Int64(time)))] }
    var words: String { "refused over IPv4" }
    var timeInForce: Nanoseconds? { time == 0 ? nil : time }

    func door(isIPv6: Bool) -> Door { isIPv6 ? .open : .refusing }
}
