/// `v4-only`: connections over IPv6 are refused; IPv4 works.
public struct V4Only: ListenerFault {
    /// 0: without an end.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "v4-only"
    static let summary = "Over IPv6 connections are refused; IPv4 works."
    static let note: FaultNote = {
        var note = FaultNote(
            .listener, .accept, .medium, links: ["oven-sh/bun#9658", "agronholm/anyio#69"])
        note.needs = [.ipv6]
        return note
    }()

    var words: String { "refused over IPv6" }

    func door(isIPv6: Bool) -> Door { isIPv6 ? .refusing : .open }
}
