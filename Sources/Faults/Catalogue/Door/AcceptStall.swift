/// `accept-stall`: nobody accepts any more, and the kernel's queue fills.
///
/// Linux completes one connection more than the queue is long, of each family, so that the first
/// clients connect and hear nothing; the SYNs of further ones are dropped, and sent again after 1,
/// 3, 7 … seconds. What waits in the queue is served when it ends.
public struct AcceptStall: CatalogueEntry {
    public let backlog: Int32
    /// 0: without an end.
    public let time: Nanoseconds

    public init(backlog: Int32, time: Nanoseconds) {
        (self.backlog, self.time) = (backlog, time)
    }

    static let name = "accept-stall"
    static let place = FaultPlace.listener
    static let summary =
        "Nobody accepts: the kernel still completes the first backlog + 1 connections, "
        + "further ones get no answer."
    static let note = FaultNote(
        .listener, .end, .high,
        links: [
            "postmanlabs/httpbin#720", "wiremock/wiremock#2519", "agentmail-to/agentmail-mcp#46",
            "ai-dynamo/dynamo#15080",
        ], aliases: ["connect-timeout", "backlog-full"])
    static let example = " backlog=0 for=10s"
    static let attributes = [
        Attribute("backlog", .count, "how many wait in the kernel's queue, and one more", 0...4096),
        Attribute.timeInForce,
    ]

    init(_ values: AttributeValues) {
        self.init(backlog: Int32(values.number("backlog")), time: values.time("for"))
    }

    var values: [(name: String, value: Quantity)] {
        [("backlog", .number(Int64(backlog))), ("for", .number(Int64(time)))]
    }
    var words: String { "nobody accepts, backlog \(backlog)" }
    var timeInForce: Nanoseconds? { time == 0 ? nil : time }

    func door(isIPv6: Bool) -> Door { .stalled(backlog: backlog) }
}
