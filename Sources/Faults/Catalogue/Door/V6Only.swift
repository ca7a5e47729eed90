/// `v6-only`: connections over IPv4 are refused; IPv6 works.
public struct V6Only: ListenerFault {
    /// 0: without an end.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "v6-only"
    static let summary = "Over IPv4 connections are refused; IPv6 works."
    static let note: FaultNote = {
        var note = FaultNote(
            .listener, .accept, .medium, links: ["oven-sh/bun#9658", "agronholm/anyio#69"])
        note.needs = [.ipv6]
        return note
    }()

    var words: String { "refused over IPv4" }

    func door(isIPv6: Bool) -> Door { isIPv6 ? .open : .refusing }
}
